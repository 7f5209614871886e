"""What WordPress stores as the text of a post, as plain HTML.

The result is sensible, not yet safe: campaign/markup.py cleans it afterwards, as it cleans what people write here.
WordPress's own rules: wpautop and do_shortcode in wp-includes/formatting.php and shortcodes.php.
"""

import re
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import urljoin

from .html_tree import (
    BARE_ADDRESS,
    BLANK_LINES,
    BLOCKS,
    DROPPED,
    HEADINGS,
    INLINE,
    MEDIA,
    Node,
    file_name,
    html_attributes,
    is_block,
    is_element,
    parse,
    text_of,
    unwrapped,
)
from .wordpress_shortcodes import replace_shortcodes

NOTED = {"form", "script"}  # of these: leaving them out may matter


@dataclass(frozen=True, slots=True)
class Converted:
    """html: not yet safe. notes: what was left out, as in "gallery", "block calendar", "shortcode [map]", each once.

    images: the addresses of pictures elsewhere, which are links in the html.
    """

    html: str
    notes: tuple[str, ...]
    images: tuple[str, ...]


def to_html(content, pictures=None, base="", gallery=None):
    """Return the Converted text of a post, classic or in blocks.

    pictures: {address: our own address}, for those that were brought along; sizes and queries in addresses do not
    matter. Other pictures, players and frames become links. base: the post's address, for relative links in it.
    gallery: called with the attributes of a [gallery]; returns its pictures as [(address, alternative text)].
    """
    article = _Article(pictures or {}, base)
    html = article.flow(parse(replace_shortcodes(content, article.note, gallery)).children)
    return Converted(html, tuple(article.notes), tuple(article.images))


def to_text(content):
    """Return a title or caption without marks, on one line."""
    return " ".join(text_of(parse(content)).split())


def picture_addresses(address):
    """Return the addresses that a picture may have as it was uploaded: cut.jpg?w=300 and cut-300x200.jpg are cut.jpg."""
    bare = re.split(r"[?#]", address)[0]
    full = re.sub(r"-\d{1,5}x\d{1,5}(\.\w+)$", r"\1", bare)
    return address, bare, full, re.sub(r"(\.\w+)$", r"-scaled\1", full)


def as_caption(link):
    """Return a link to a picture that is elsewhere, in the place of the picture."""
    return f"<figure><figcaption>{link}</figcaption></figure>"


class _Article:
    """Writes a tree as HTML. What leaves nothing to see becomes ""."""

    def __init__(self, pictures, base):
        self.pictures, self.base = pictures, base
        self.notes, self.images = {}, {}  # the keys alone, in order
        self.in_link = self.in_caption = False

    def note(self, text):
        self.notes[text] = None
        return ""

    # Blocks

    def flow(self, children, tight=False):
        """Return blocks as HTML. tight: a text of one paragraph stays bare, as in a list."""
        blocks = self.blocks(children)
        if not tight:
            blocks = self.listed(blocks)
        loose = [index for index, block in enumerate(blocks) if block.startswith("<p>")]
        if tight and len(loose) == 1:
            blocks[loose[0]] = blocks[loose[0]].removeprefix("<p>").removesuffix("</p>")
        return "\n".join(blocks)

    def listed(self, blocks):
        """Return [block] in which a picture that became a link stands as a caption, and several in a row as a list."""
        found, run = [], []
        for block in [*blocks, ""]:
            link = re.fullmatch(r'<p>(<a href="([^"]*)">[^<]*</a>)</p>', block)
            if link and unescape(link[2]) in self.images:
                run.append(link[1])
                continue
            if len(run) > 1:
                found.append("<ul>" + "\n".join(f"<li>{one}</li>" for one in run) + "</ul>")
            elif run:
                found.append(as_caption(run[0]))
            found.append(block)
            run = []
        return found[:-1]

    def blocks(self, children):
        """Return [block]: what stands loose between blocks becomes paragraphs."""
        blocks, run = [], []
        for child in children:
            if is_block(child):
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
            text = text_of(node).strip("\n")
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
        for child in unwrapped(node.children):
            is_item = is_element(child, "li")
            html = self.flow(child.children if is_item else [child], tight=True)
            if items and not is_item:  # a list right inside a list belongs to the item before it
                items[-1] += html
            elif html:
                items.append(html)
        lines = "\n".join(f"<li>{item}</li>" for item in items)
        if node.tag != "ol":
            return _wrapped("ul", lines)
        return _wrapped("ol", lines, html_attributes(start=node.get("start") if node.get("start").isdecimal() else ""))

    def definitions(self, node):
        parts = []
        for child in unwrapped(node.children):
            if is_element(child, "dt", "dd"):
                parts.append(_wrapped(child.tag, self.flow(child.children, tight=True)))
            else:
                parts.append(_wrapped("dd", self.flow([child], tight=True)))
        return _wrapped("dl", "".join(parts))

    def table(self, node):
        """Return a table, or a part of one, in which all text stands in cells."""
        parts = []
        for child in unwrapped(node.children):
            if is_element(child, "thead", "tbody", "tfoot", "tr"):
                parts.append(self.table(child))
            elif is_element(child, "caption"):
                parts.append(_wrapped("caption", self.flow(child.children, tight=True)))
            else:
                cell = self.cell(child)
                parts.append(cell if node.tag == "tr" else _wrapped("tr", cell))
        return _wrapped(node.tag, "".join(parts))

    def cell(self, child):
        if not is_element(child, "td", "th"):
            return _wrapped("td", self.flow([child], tight=True))
        spans = {key: child.get(key) for key in ("colspan", "rowspan") if child.get(key).isdecimal()}
        return f"<{child.tag}{html_attributes(**spans)}>{self.flow(child.children, tight=True)}</{child.tag}>"

    def quote(self, node):
        text = self.flow([child for child in node.children if not is_element(child, "cite", "footer")])
        sources = [self.line(child) for child in node.children if is_element(child, "cite", "footer")]
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
            body = self.blocks([Node("a", links[0].attributes, pictures)] if links else pictures)
            self.in_caption = True  # the caption is all but the pictures
            caption = self.flow([*parse(node.get("title")).children, *node.children], tight=True)
            self.in_caption = False
        else:
            parts = list(unwrapped(node.children))
            body = self.blocks(child for child in parts if not is_element(child, "figcaption"))
            captions = [inside for child in parts if is_element(child, "figcaption") for inside in child.children]
            caption = self.flow(captions, tight=True)
        return self.captioned(body, caption, is_picture=bool(pictures)) if caption else body

    def captioned(self, body, caption, is_picture):
        """Return [block]; a caption that only repeats the text of the link above it becomes that link."""
        link = re.fullmatch(r'<p><a href="([^"]*)">([^<]*)</a></p>', "".join(body))
        if link and "<a " not in caption:
            address, text = link.groups()
            if text in {address, escape(file_name(unescape(address))), _bare(caption)}:
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
            return _wrapped("abbr", inner, html_attributes(title=child.get("title")))
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
        return f"<a{html_attributes(href=self.absolute(href))}>{inner}</a>"

    def image(self, node):
        sources = (node.get(name).strip() for name in ("src", "data-src", "data-lazy-src", "data-orig-file"))
        source = next((source for source in sources if source and not source.startswith("data:")), "")
        if not source or self.in_caption:
            return ""
        source = self.absolute(source)
        ours = self.ours(source)
        if ours:
            return f'<img{html_attributes(src=ours)} alt="{escape(node.get("alt"))}">'
        self.images[source] = None
        return self.link_out(source, node.get("alt") or node.get("title") or file_name(source))

    def media(self, node):
        inner = [node, *node.find("source", "embed", "param")]
        sources = (one.get(name).strip() for one in inner for name in ("src", "data-src", "data", "value"))
        source = next((self.absolute(one) for one in sources if one and not one.startswith(("data:", "about:"))), "")
        if not source or node.is_a("wp-embedded-content") or node.is_a("wp-block-file__embed"):
            return ""
        text = file_name(source) if node.tag in {"audio", "video"} else source
        return self.link_out(source, node.get("title") or text)

    def link_out(self, address, text):
        text = escape(" ".join(text.split()), quote=False)
        return text if self.in_link else f"<a{html_attributes(href=address)}>{text}</a>"

    def ours(self, address):
        return next((self.pictures[one] for one in picture_addresses(address) if one in self.pictures), "")

    def absolute(self, address):
        if address.startswith("//"):
            return f"https:{address}"
        try:
            return urljoin(self.base, address)
        except ValueError:  # not an address at all
            return address


def _wrapped(tag, html, attributes=""):
    return html and f"<{tag}{attributes}>{html}</{tag}>"


def _bare(html):
    return re.sub(r"<[^>]*>", "", html)
