"""What other systems store as the text of a comment, as our small Markdown."""

import re

from .html_tree import (
    BARE_ADDRESS,
    BLANK_LINES,
    DROPPED,
    HEADINGS,
    INLINE,
    MEDIA,
    Node,
    file_name,
    is_block,
    parse,
    text_of,
    unwrapped,
)

MAX_MARKDOWN_DEPTH = 8  # lists and quotes inside one another

MARKS = {"strong": "**", "em": "*", "cite": "*"}


def comment_to_markdown(content):
    """Return the text of a comment in our small Markdown: paragraphs, bold, italic, links, quotes, lists."""
    return "\n\n".join(_Markdown().blocks(parse(content).children))


class _Markdown:
    """Writes a tree as Markdown, which campaign/markup.py reads: a new line breaks the line, there is no code, no HTML."""

    def blocks(self, children, depth=0):
        """Return [block] of text, lists and quotes."""
        found, run = [], []
        for child in [*children, Node("hr")]:
            if not is_block(child):
                run.append(child)
                continue
            found += self.paragraphs(run)
            run = []
            found += self.block(child, depth)
        return found

    def block(self, node, depth):
        tag = node.tag
        if tag in DROPPED or tag == "hr":
            return []
        if tag == "pre":
            return self.paragraphs([re.sub(r"\n\s*\n", "\n", text_of(node))])
        if tag in HEADINGS:
            text = self.span(node.children).replace("\n", " ").strip()
            return [f"**{text}**"] if text and "**" not in text else [text] * bool(text)
        if tag in {"ul", "ol"} and depth < MAX_MARKDOWN_DEPTH:
            return self.list(node, depth)
        if tag == "tr":
            cells = (" ".join(self.blocks([cell], depth)) for cell in node.children if not isinstance(cell, str))
            return [" | ".join(filter(None, cells))]
        inner = self.blocks(node.children, depth + (tag == "blockquote"))
        if tag == "blockquote" and inner and depth < MAX_MARKDOWN_DEPTH:
            return ["\n".join(f"> {line}".rstrip() for line in "\n\n".join(inner).split("\n"))]
        return inner

    def list(self, node, depth):
        items = []
        for child in unwrapped(node.children):
            inside = child.children if isinstance(child, Node) and child.tag == "li" else [child]
            text = "\n".join(self.blocks(inside, depth + 1))
            mark = f"{len(items) + 1}. " if node.tag == "ol" else "- "
            if text:
                items.append(mark + text.replace("\n", "\n" + " " * len(mark)))
        return ["\n".join(items)] if items else []

    def paragraphs(self, run):
        text = self.span(run, blank_lines=True)
        paragraphs = (paragraph.strip().split("\n") for paragraph in BLANK_LINES.split(text))
        return ["\n".join(_line_start(line.strip()) for line in lines) for lines in paragraphs if lines != [""]]

    def span(self, children, blank_lines=False):
        """Return inline text. Inside bold or a link a blank line would end it: there it is one new line."""
        texts = [self.inline(child) for child in children]
        for index, child in enumerate(children):
            mark = "" if isinstance(child, str) else MARKS.get(INLINE.get(child.tag), "")
            if mark:
                before, after = "".join(texts[index - 1 : index])[-1:], "".join(texts[index + 1 : index + 2])[:1]
                texts[index] = _marked(texts[index], mark, before, after)
        text = "".join(texts)
        return text if blank_lines else BLANK_LINES.sub("\n", text)

    def inline(self, child):
        if isinstance(child, str):
            return _escaped(child)
        tag = child.tag
        if tag in DROPPED:
            return ""
        if tag == "br":
            return "\n"
        if tag in MEDIA or tag == "img":
            source = child.get("src")
            return _markdown_link(source, _escaped(child.get("alt") or file_name(source)))
        text = self.span(child.children)
        if tag == "q":
            return f"“{text}”"
        if tag == "a":
            address = child.get("href").strip()
            return f"<{address}>" if _is_autolink(address, text_of(child)) else _markdown_link(address, text)
        return text


def _marked(text, mark, before, after):
    """Return text in bold or italics; as it is where Markdown would take the marks for asterisks."""
    core = text.strip()
    if not core or "*" in core.replace(r"\*", "") or "*" in before + after:
        return text
    start = text.index(core)
    end = start + len(core)
    if (not start and before.isalnum() and not core[0].isalnum()) or (
        end == len(text) and after.isalnum() and not core[-1].isalnum()
    ):
        return text
    return f"{text[:start]}{mark}{core}{mark}{text[end:]}"


def _is_autolink(address, text):
    return address == text.strip() and bool(BARE_ADDRESS.fullmatch(address))


def _markdown_link(address, text):
    text = text.replace("\n", " ").strip()
    if not re.match(r"https?://|mailto:", address, re.IGNORECASE) or "](" in text or not text:
        return text
    address = re.sub(r"[\s()<>\\]", lambda match: f"%{ord(match[0]):02X}", address)
    text = re.sub(r"(?<!\\)([\[\]])", r"\\\1", text)
    return f"[{text}]({address})"


def _escaped(text):
    """Return text in which nothing means anything in Markdown, addresses left whole."""
    pieces = re.split(rf"({BARE_ADDRESS.pattern})", text)
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            piece = re.sub(r"\\(?=[\W_]|$)", r"\\\\", piece)
            piece = piece.replace("*", r"\*")
            piece = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", piece)
            pieces[index] = re.sub(r"(\](?=[(:])|&(?=#?\w{1,32};)|<(?=[a-zA-Z][\w+.-]{1,32}:|$))", r"\\\1", piece)
        elif not pieces[index + 1][:1].isspace() or re.search(r"[*_\\\[\]`]|&#?\w{1,32};", piece):
            end = len(piece.rstrip(".,;:!?)*_"))
            pieces[index] = f"<{piece[:end]}>{_escaped(piece[end:])}"
    return "".join(pieces)


def _line_start(line):
    """Return a line of text that begins no list and no quote."""
    return re.sub(r"^(?:(\d{1,9})(?=[.)](?:\s|$))|(?=>|[-+](?:\s|$)))", r"\1\\", line)
