"""HTML that people and programs left somewhere, as a small tree, read as a browser would."""

import re
from html import escape
from html.parser import HTMLParser
from posixpath import basename
from urllib.parse import unquote

MAX_DEPTH = 60  # elements inside one another; deeper ones lose their tags, not their text
BLOCKS = set(
    "address article aside blockquote caption center dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav noscript ol p pre section summary table tbody td tfoot th thead "
    "tr ul wp-block".split()
)
VOID = set("area base br col embed hr img input link meta param source track wbr".split())
DROPPED = set(
    "button canvas form math noscript script select style svg template textarea title".split()
)  # all they hold
MEDIA = {"audio", "embed", "iframe", "object", "video"}
INLINE = {
    **{"strong": "strong", "b": "strong", "em": "em", "i": "em", "var": "em", "dfn": "em", "cite": "cite"},
    **{"code": "code", "kbd": "code", "samp": "code", "tt": "code", "sub": "sub", "sup": "sup"},
    **{"s": "s", "strike": "s", "del": "s", "u": "u", "ins": "u"},
}
HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}  # the title is the page's h1
ENDED_BY_THE_NEXT = {  # where HTML lets people leave out the end tag: what a tag ends, and in what it looks no further
    "a": ({"a"}, BLOCKS),
    "li": ({"li"}, {"ul", "ol", "menu"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
    "tr": ({"tr"}, {"table"}),
    "td": ({"td", "th"}, {"tr", "table"}),
    "th": ({"td", "th"}, {"tr", "table"}),
}
BLOCK_COMMENT = re.compile(r"\s*(/?)wp:([a-z0-9/_-]+)(.*)", re.DOTALL)
BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
BARE_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


class Node:
    __slots__ = ("attributes", "children", "has_blocks", "tag")

    def __init__(self, tag, attributes=(), children=()):
        self.tag, self.attributes, self.children, self.has_blocks = tag, dict(attributes), list(children), False

    def get(self, name):
        return self.attributes.get(name) or ""

    def is_a(self, word):
        return word in self.get("class").split()

    def find(self, *tags):
        """Yield the elements inside this one, in order; what is inside those not again."""
        for child in self.children:
            if isinstance(child, Node):
                if child.tag in tags:
                    yield child
                else:
                    yield from child.find(*tags)


class Tree(HTMLParser):
    """WordPress's block comments are elements here, <wp-block>. In blocks a new line is a space, outside it counts."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Node("div")
        self.stack = [self.root]

    def handle_starttag(self, tag, attributes):
        if tag in ENDED_BY_THE_NEXT:
            self._end_open(*ENDED_BY_THE_NEXT[tag])
        if tag in BLOCKS:
            self._end_open({"p"}, BLOCKS - {"p"})
        node = Node(tag, attributes)
        if len(self.stack) > MAX_DEPTH and tag not in VOID:
            return
        self.stack[-1].children.append(node)
        if tag in BLOCKS:
            for outer in reversed(self.stack):
                if outer.has_blocks:
                    break
                outer.has_blocks = True
        if tag not in VOID:
            self.stack.append(node)

    def handle_endtag(self, tag):
        self._end_open({tag}, set() if tag in BLOCKS else BLOCKS - {"p"})

    def handle_data(self, data):
        tags = {node.tag for node in self.stack}
        if "wp-block" in tags and "pre" not in tags:
            data = re.sub(r"[ \t\r\n\f]+", " ", data)
        self.stack[-1].children.append(data)

    def _end_open(self, tags, within):
        """End the innermost open element of `tags`, unless one of `within` is further inside."""
        for index in range(len(self.stack) - 1, 0, -1):
            if self.stack[index].tag in tags:
                del self.stack[index:]
                return
            if self.stack[index].tag in within:
                return


def parse(content):
    """Return the root of the tree. Takes time in proportion to the text, whatever it is."""
    pieces, at = [], 0
    while (start := content.find("<!--", at)) >= 0 and (end := content.find("-->", start)) >= 0:
        pieces += [content[at:start], _block_tag(content[start + 4 : end])]
        at = end + 3
    html = "".join([*pieces, content[at:].replace("<!--", "")]).replace("\r\n", "\n")
    html = re.sub(r"<[!?][^>]*>?", "", html)
    # html.parser looks for the end of each open tag again and again: without ">" ahead there is none.
    last = html.rfind(">") + 1
    tree = Tree()
    tree.feed(html[:last] + html[last:].replace("<", "&lt;"))
    tree.close()
    return tree.root


def _block_tag(comment):
    block = BLOCK_COMMENT.fullmatch(comment)
    if not block:
        return "\n\n" if comment.strip().startswith(("more", "nextpage")) else ""
    closing, name, rest = block.groups()
    if closing:
        return "</wp-block>"
    if rest.rstrip().endswith("/"):  # nothing inside: WordPress makes it when it shows the page
        return f'<wp-block name="{name}"></wp-block>'
    return "<wp-block>"


def text_of(node):
    """Return all text in a node, lines as they are."""
    if isinstance(node, str):
        return node
    if node.tag in DROPPED:
        return ""
    return "\n" if node.tag == "br" else "".join(map(text_of, node.children))


def is_element(child, *tags):
    return isinstance(child, Node) and child.tag in tags


def is_block(child):
    return isinstance(child, Node) and (child.tag in BLOCKS or (child.has_blocks and child.tag not in MEDIA))


def unwrapped(children):
    """Yield children, with what <wp-block> and <div> hold in their place."""
    for child in children:
        if is_element(child, "wp-block", "div"):
            yield from unwrapped(child.children)
        else:
            yield child


def file_name(address):
    return unquoted(basename(re.split(r"[?#]", address)[0])) or address


def unquoted(text):
    """Return a piece of an address without its %XX, and without what cannot be seen: PostgreSQL keeps no %00."""
    return "".join(filter(str.isprintable, unquote(text)))


def html_attributes(**values):
    """Return attributes as a start tag holds them, without the empty ones."""
    return "".join(f' {name}="{escape(" ".join(value.split()))}"' for name, value in values.items() if value)
