/* What our rich-text editor has beyond its library: the box of facts beside a story, <aside class="facts">.
   Loaded by the editor itself (articles/widgets.py). */
import { Node } from "django-prose-editor/editor";

export const Facts = Node.create({
  name: "facts",
  group: "block",
  content: "block+",
  defining: true,
  parseHTML: () => [{ tag: "aside" }],
  renderHTML: () => ["aside", { class: "facts" }, 0],
  addCommands() {
    return { toggleFacts: () => ({ commands }) => commands.toggleWrap(this.name) };
  },
  addMenuItems({ buttons, menu }) {
    menu.defineItem({
      name: "facts",
      groups: "nodes",
      button: buttons.text("Facts"),
      command: (editor) => editor.chain().focus().toggleFacts().run(),
      active: (editor) => editor.isActive("facts"),
    });
  },
});
