"""What WordPress stores as the text of a post or comment, as plain HTML or as our Markdown.

The result is sensible, not yet safe: campaign/markup.py cleans it afterwards, as it cleans what people write here.
WordPress's own rules: wpautop and do_shortcode in wp-includes/formatting.php and shortcodes.php.
"""

import re
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser
from posixpath import basename
from urllib.parse import unquote, urljoin

MAX_DEPTH = 60  # elements inside one another; deeper ones lose their tags, not their text
MAX_MARKDOWN_DEPTH = 8  # lists and quotes inside one another

BLOCKS = set(
    "address article aside blockquote caption center dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav noscript ol p pre section summary table tbody td tfoot th thead "
    "tr ul wp-block".split()
)
VOID = set("area base br col embed hr img input link meta param source track wbr".split())
DROPPED = set(
    "button canvas form math noscript script select style svg template textarea title".split()
)  # all they hold
NOTED = {"form", "script"}  # of these: leaving them out may matter
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
KNOWN = {"caption", "wp_caption", "gallery", "playlist", "audio", "video", "embed"}
MARKS = {"strong": "**", "em": "*", "cite": "*"}
ADDRESSES = ("src", "url", "href", "mp3", "m4a", "ogg", "wav", "mp4", "m4v", "webm", "ogv")

SHORTCODE = re.compile(
    r"<(?P<end>/?)(?P<verbatim>pre|code)\b[^<>]*>|<[^<>]*>|"
    r"(?P<left>\[?)\[(?P<close>/?)(?P<name>[a-zA-Z][\w-]*)"
    r"(?P<rest>(?:\s+(?:https?://[^\s\]\"'<>]+|(?:[\w-]+\s*=\s*)?(?:\"[^\"\]]*\"|'[^'\]]*'|[^\s\]\"'<>=\[]+))){0,40}+)"
    r"\s*/?\](?P<right>\]?)"
)
ATTRIBUTE = re.compile(r"([\w-]{1,50})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))|(https?://\S+)")
BLOCK_COMMENT = re.compile(r"\s*(/?)wp:([a-z0-9/_-]+)(.*)", re.DOTALL)
BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
BARE_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Converted:
    """html: not yet safe. notes: what was left out, as in "gallery", "block calendar", "shortcode [map]", each once.

    images: the addresses of pictures elsewhere, which are links in the html.
    """

    html: str
    notes: tuple[str, ...]
    images: tuple[str, ...]


def to_html(content, pictures=None, base=""):
    """Return the Converted text of a post, classic or in blocks.

    pictures: {address: our own address}, for those that were brought along; sizes and queries in addresses do not
    matter. Other pictures, players and frames become links. base: the post's address, for relative links in it.
    """
    article = _Article(pictures or {}, base)
    html = article.flow(_parse(article.replace_shortcodes(content)).children)
    return Converted(html, tuple(article.notes), tuple(article.images))


def to_text(content):
    """Return a title or caption without marks, on one line."""
    return " ".join(_text(_parse(content)).split())


def comment_to_markdown(content):
    """Return the text of a comment in our small Markdown: paragraphs, bold, italic, links, quotes, lists."""
    return "\n\n".join(_Markdown().blocks(_parse(content).children))


# A small tree, as a browser would read it


class _Node:
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
            if isinstance(child, _Node):
                if child.tag in tags:
                    yield child
                else:
                    yield from child.find(*tags)


class _Tree(HTMLParser):
    """WordPress's block comments are elements here, <wp-block>. In blocks a new line is a space, outside it counts."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = _Node("div")
        self.stack = [self.root]

    def handle_starttag(self, tag, attributes):
        if tag in ENDED_BY_THE_NEXT:
            self._end_open(*ENDED_BY_THE_NEXT[tag])
        if tag in BLOCKS:
            self._end_open({"p"}, BLOCKS - {"p"})
        node = _Node(tag, attributes)
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


def _parse(content):
    """Return the root of the tree. Takes time in proportion to the text, whatever it is."""
    pieces, at = [], 0
    while (start := content.find("<!--", at)) >= 0 and (end := content.find("-->", start)) >= 0:
        pieces += [content[at:start], _block_tag(content[start + 4 : end])]
        at = end + 3
    html = "".join([*pieces, content[at:].replace("<!--", "")]).replace("\r\n", "\n")
    html = re.sub(r"<[!?][^>]*>?", "", html)
    # html.parser looks for the end of each open tag again and again: without ">" ahead there is none.
    last = html.rfind(">") + 1
    tree = _Tree()
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


def _text(node):
    """Return all text in a node, lines as they are."""
    if isinstance(node, str):
        return node
    if node.tag in DROPPED:
        return ""
    return "\n" if node.tag == "br" else "".join(map(_text, node.children))


def _is(child, *tags):
    return isinstance(child, _Node) and child.tag in tags


def _is_block(child):
    return isinstance(child, _Node) and (child.tag in BLOCKS or (child.has_blocks and child.tag not in MEDIA))


def _unwrapped(children):
    """Yield children, with what <wp-block> and <div> hold in their place."""
    for child in children:
        if _is(child, "wp-block", "div"):
            yield from _unwrapped(child.children)
        else:
            yield child


def _attributes(**values):
    return "".join(f' {name}="{escape(" ".join(value.split()))}"' for name, value in values.items() if value)


def _wrapped(tag, html, attributes=""):
    return html and f"<{tag}{attributes}>{html}</{tag}>"


# Posts


class _Article:
    """Writes a tree as HTML. What leaves nothing to see becomes ""."""

    def __init__(self, pictures, base):
        self.pictures, self.base = pictures, base
        self.notes, self.images = {}, {}  # the keys alone, in order
        self.in_link = self.in_caption = False
        self.verbatim = 0  # open <pre> and <code>

    def note(self, text):
        self.notes[text] = None
        return ""

    # Shortcodes

    def replace_shortcodes(self, content):
        """Return `content` with HTML in the place of shortcodes. "[sic]" and the like are words and stay."""
        closed = set(re.findall(r"\[/([a-zA-Z][\w-]*)\]", content))
        return SHORTCODE.sub(lambda match: self.shortcode(match, closed), content)

    def shortcode(self, match, closed):
        name = match["name"]
        if match["verbatim"]:
            self.verbatim = max(0, self.verbatim + (-1 if match["end"] else 1))
        if not name or self.verbatim:
            return match[0]
        if not (name in KNOWN or name in closed or "_" in name or re.search(r"[\w-]\s*=", match["rest"])):
            return match[0]
        if match["left"] or match["right"]:  # [[gallery]] is how WordPress writes of a shortcode
            return match[0][len(match["left"]) : len(match[0]) - len(match["right"])]
        values = {}
        for key, *texts, bare in ATTRIBUTE.findall(unescape(match["rest"])):
            values.setdefault(key.lower() or "url", bare or "".join(texts))
        if name in {"caption", "wp_caption"} and name in closed:
            caption = _attributes(title=values.get("caption", ""))
            return "</figure>" if match["close"] else f'<figure class="wp-caption"{caption}>'
        return self.replacement(name, bool(match["close"]), values)

    def replacement(self, name, is_end, values):
        if name in {"gallery", "playlist"}:
            return self.note(name)
        if name == "embed" and not values.get("src"):  # the address between its tags becomes a line of its own
            return "\n\n"
        if name not in {"audio", "video", "embed"}:
            self.note(f"shortcode [{name}]")
        address = next((values[key] for key in ADDRESSES if values.get(key, "").startswith(("http", "/"))), "")
        return f"<p><a{_attributes(href=address)}>{escape(address)}</a></p>" if address and not is_end else ""

    # Blocks

    def flow(self, children, tight=False):
        """Return blocks as HTML. tight: a text of one paragraph stays bare, as in a list."""
        blocks = self.blocks(children)
        loose = [index for index, block in enumerate(blocks) if block.startswith("<p>")]
        if tight and len(loose) == 1:
            blocks[loose[0]] = blocks[loose[0]].removeprefix("<p>").removesuffix("</p>")
        return "\n".join(blocks)

    def blocks(self, children):
        """Return [block]: what stands loose between blocks becomes paragraphs."""
        blocks, run = [], []
        for child in children:
            if _is_block(child):
                blocks += [*self.paragraphs(run), *self.block(child)]
                run = []
            else:
                run.append(child)
        return [block for block in [*blocks, *self.paragraphs(run)] if block]

    def paragraphs(self, run):
        """Return [paragraph] of inline nodes: blank lines part them, single new lines break the line."""
        paragraphs = [[]]
        for child in run:
            first, *others = BLANK_LINES.split(child) if isinstance(child, str) else [child]
            paragraphs[-1].append(self.inline(first))
            paragraphs += [[self.inline(other)] for other in others]
        return [self.paragraph("".join(pieces)) for pieces in paragraphs]

    def paragraph(self, text):
        text = re.sub(r"[ \t]+", " ", text.strip())
        text = re.sub(r" ?(?:<br> ?\n?|\n) ?", "<br>", text)
        text = re.sub(r"(?:<br>){3,}", "<br><br>", text)
        text = re.sub(r"^(?:<br>)+|(?:<br>)+$", "", text).strip()
        if BARE_ADDRESS.fullmatch(text):
            text = f'<a href="{text}">{text}</a>'
        if re.fullmatch(r"<img [^>]*>", text):
            return f"<figure>{text}</figure>"
        return f"<p>{text}</p>" if "<img " in text or _bare(text).strip() else ""

    def block(self, node):
        """Return [block] for a node; what only groups others leaves no trace."""
        tag = node.tag
        if tag in DROPPED:
            return [self.note(tag)] if tag in NOTED else []
        if tag in HEADINGS:
            return [_wrapped(HEADINGS[tag], self.line(node))]
        if tag == "hr":
            return ["<hr>"]
        if tag == "pre":
            text = _text(node).strip("\n")
            return [_wrapped("pre", escape(text, quote=False) if text.strip() else "")]
        if tag == "summary":
            return [_wrapped("p", _wrapped("strong", self.line(node)))]
        if tag in {"ul", "ol", "menu"} and not node.is_a("blocks-gallery-grid"):
            return [self.list(node)]
        if tag == "dl":
            return [self.definitions(node)]
        if tag == "table":
            return [self.table(node)]
        if tag == "blockquote":
            return [self.quote(node)]
        if tag == "wp-block" and node.get("name") not in {"", "spacer"}:
            return [self.note(f"block {node.get('name')}")]
        if tag == "figure" or node.is_a("wp-caption"):
            return self.figure(node)
        return self.blocks(node.children)

    def list(self, node):
        items = []
        for child in _unwrapped(node.children):
            is_item = _is(child, "li")
            html = self.flow(child.children if is_item else [child], tight=True)
            if items and not is_item:  # a list right inside a list belongs to the item before it
                items[-1] += html
            elif html:
                items.append(html)
        lines = "\n".join(f"<li>{item}</li>" for item in items)
        if node.tag != "ol":
            return _wrapped("ul", lines)
        return _wrapped("ol", lines, _attributes(start=node.get("start") if node.get("start").isdecimal() else ""))

    def definitions(self, node):
        parts = []
        for child in _unwrapped(node.children):
            if _is(child, "dt", "dd"):
                parts.append(_wrapped(child.tag, self.flow(child.children, tight=True)))
            else:
                parts.append(_wrapped("dd", self.flow([child], tight=True)))
        return _wrapped("dl", "".join(parts))

    def table(self, node):
        """Return a table, or a part of one, in which all text stands in cells."""
        parts = []
        for child in _unwrapped(node.children):
            if _is(child, "thead", "tbody", "tfoot", "tr"):
                parts.append(self.table(child))
            elif _is(child, "caption"):
                parts.append(_wrapped("caption", self.flow(child.children, tight=True)))
            else:
                cell = self.cell(child)
                parts.append(cell if node.tag == "tr" else _wrapped("tr", cell))
        return _wrapped(node.tag, "".join(parts))

    def cell(self, child):
        if not _is(child, "td", "th"):
            return _wrapped("td", self.flow([child], tight=True))
        spans = {key: child.get(key) for key in ("colspan", "rowspan") if child.get(key).isdecimal()}
        return f"<{child.tag}{_attributes(**spans)}>{self.flow(child.children, tight=True)}</{child.tag}>"

    def quote(self, node):
        text = self.flow([child for child in node.children if not _is(child, "cite", "footer")])
        sources = [self.line(child) for child in node.children if _is(child, "cite", "footer")]
        footer = _wrapped("footer", " ".join(filter(None, sources)))
        pull = any(node.is_a(word) for word in ("pull", "pullquote", "wp-block-pullquote"))
        return _wrapped("blockquote", text and text + footer, ' class="pull"' if pull else "")

    def figure(self, node):
        if node.is_a("wp-block-pullquote"):
            for quote in node.find("blockquote"):
                quote.attributes["class"] = "pull"
        if node.is_a("wp-block-pullquote") or any(node.find("figure")):  # the latter is a gallery
            return self.blocks(node.children)
        pictures = list(node.find("img"))
        if node.is_a("wp-caption"):
            links = [link for link in node.find("a") if any(link.find("img"))][:1]
            body = self.blocks([_Node("a", links[0].attributes, pictures)] if links else pictures)
            self.in_caption = True  # the caption is all but the pictures
            caption = self.flow([*_parse(node.get("title")).children, *node.children], tight=True)
            self.in_caption = False
        else:
            parts = list(_unwrapped(node.children))
            body = self.blocks(child for child in parts if not _is(child, "figcaption"))
            captions = [inside for child in parts if _is(child, "figcaption") for inside in child.children]
            caption = self.flow(captions, tight=True)
        return self.captioned(body, caption, is_picture=bool(pictures)) if caption else body

    def captioned(self, body, caption, is_picture):
        """Return [block]; a caption that only repeats the text of the link above it becomes that link."""
        link = re.fullmatch(r'<p><a href="([^"]*)">([^<]*)</a></p>', "".join(body))
        if link and "<a " not in caption:
            address, text = link.groups()
            if text in {address, escape(_file_name(unescape(address))), _bare(caption)}:
                caption, body = f'<a href="{address}">{caption}</a>', []
        if link and not is_picture:
            return [*body, f"<p>{caption}</p>"]
        if len(body) == 1:  # no paragraph around a lone picture, no figure in the figure
            body = [re.sub(r"^<(p|figure)>(.*)</\1>$", r"\2", body[0], flags=re.DOTALL)]
        return [f"<figure>{''.join(body)}<figcaption>{caption}</figcaption></figure>"]

    # Inside a line

    def line(self, node):
        """Return what a node holds, on one line."""
        return re.sub(r"\s*\n\s*", " ", "".join(map(self.inline, node.children)).replace("<br>", "\n")).strip()

    def inline(self, child):
        if isinstance(child, str):
            return escape(child, quote=False)
        tag = child.tag
        if tag in DROPPED:
            return self.note(tag) if tag in NOTED else ""
        if tag == "br":
            return "<br>"
        if tag == "a":
            return self.link(child)
        if tag == "img":
            return self.image(child)
        if tag in MEDIA:
            return self.media(child)
        inner = "".join(map(self.inline, child.children))
        if tag == "q":
            return f"“{inner}”"
        if tag in {"abbr", "acronym"}:
            return _wrapped("abbr", inner, _attributes(title=child.get("title")))
        if tag in INLINE:
            return _wrapped(INLINE[tag], inner) if inner.strip() else inner
        return f" {inner} " if tag in BLOCKS else inner

    def link(self, node):
        href = node.get("href").strip()
        outer, self.in_link = self.in_link, self.in_link or bool(href)
        inner = "".join(map(self.inline, node.children))
        self.in_link = outer
        if node.is_a("wp-block-file__button"):  # it repeats the link before it
            return ""
        if not href or href.startswith("#") or outer or not inner.strip():
            return inner
        if "<img " in inner and re.search(r"\.(jpe?g|png|gif|webp|avif)$", href.partition("?")[0], re.IGNORECASE):
            return inner
        return f"<a{_attributes(href=self.absolute(href))}>{inner}</a>"

    def image(self, node):
        sources = (node.get(name).strip() for name in ("src", "data-src", "data-lazy-src", "data-orig-file"))
        source = next((source for source in sources if source and not source.startswith("data:")), "")
        if not source or self.in_caption:
            return ""
        source = self.absolute(source)
        ours = self.ours(source)
        if ours:
            return f'<img{_attributes(src=ours)} alt="{escape(node.get("alt"))}">'
        self.images[source] = None
        return self.link_out(source, node.get("alt") or node.get("title") or _file_name(source))

    def media(self, node):
        inner = [node, *node.find("source", "embed", "param")]
        sources = (one.get(name).strip() for one in inner for name in ("src", "data-src", "data", "value"))
        source = next((self.absolute(one) for one in sources if one and not one.startswith(("data:", "about:"))), "")
        if not source or node.is_a("wp-embedded-content") or node.is_a("wp-block-file__embed"):
            return ""
        text = _file_name(source) if node.tag in {"audio", "video"} else source
        return self.link_out(source, node.get("title") or text)

    def link_out(self, address, text):
        text = escape(" ".join(text.split()), quote=False)
        return text if self.in_link else f"<a{_attributes(href=address)}>{text}</a>"

    def ours(self, address):
        """Return our copy of a picture, whatever its size here: cut.jpg?w=300 and cut-300x200.jpg are cut.jpg."""
        bare = re.split(r"[?#]", address)[0]
        full = re.sub(r"-\d{1,5}x\d{1,5}(\.\w+)$", r"\1", bare)
        return next((self.pictures[one] for one in (address, bare, full) if one in self.pictures), "")

    def absolute(self, address):
        if address.startswith("//"):
            return f"https:{address}"
        try:
            return urljoin(self.base, address)
        except ValueError:  # not an address at all
            return address


def _file_name(address):
    return unquote(basename(re.split(r"[?#]", address)[0])) or address


def _bare(html):
    return re.sub(r"<[^>]*>", "", html)


# Comments


class _Markdown:
    """Writes a tree as Markdown, which campaign/markup.py reads: a new line breaks the line, there is no code, no HTML."""

    def blocks(self, children, depth=0):
        """Return [block] of text, lists and quotes."""
        found, run = [], []
        for child in [*children, _Node("hr")]:
            if not _is_block(child):
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
            return self.paragraphs([re.sub(r"\n\s*\n", "\n", _text(node))])
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
        for child in _unwrapped(node.children):
            inside = child.children if isinstance(child, _Node) and child.tag == "li" else [child]
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
            return _markdown_link(source, _escaped(child.get("alt") or _file_name(source)))
        text = self.span(child.children)
        if tag == "q":
            return f"“{text}”"
        if tag == "a":
            address = child.get("href").strip()
            return f"<{address}>" if _is_autolink(address, _text(child)) else _markdown_link(address, text)
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
