"""What people write, as safe HTML. Done once, on the way in; the only place whose result templates may mark as safe.

Comments are a small Markdown: paragraphs, bold, italic, links, quotes, lists. Articles are the HTML of an editor.
After a change here raise VERSION; `manage.py render_again` brings stored HTML up to date.
"""

import re
from dataclasses import dataclass
from html import unescape

import nh3
from django.conf import settings
from markdown_it import MarkdownIt

VERSION = 2
MAX_COMMENT = (
    20_000  # characters; a parser's worst case grows faster than its text, so longer ones are refused unparsed
)
MAX_ARTICLE = 500_000
SCHEMES = {"http", "https", "mailto"}

COMMENT_TAGS = {"p", "br", "strong", "em", "a", "blockquote", "ul", "ol", "li"}
ARTICLE_TAGS = COMMENT_TAGS | set(
    "h2 h3 h4 hr pre code sub sup s u b i cite abbr figure figcaption img aside footer table caption thead tbody tfoot "
    "tr th td dl dt dd".split()
)
ARTICLE_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "blockquote": {"class"},
    "aside": {"class"},
    "ol": {"start"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "abbr": {"title"},
}
CLASSES = {("blockquote", "pull"), ("aside", "facts")}


class TooLong(ValueError):
    """The text is longer than the parser may be given."""


@dataclass(frozen=True)
class Rendered:
    html: str
    word_count: int


def _parser():
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": 20})
    parser.enable("linkify")
    parser.disable(["image", "heading", "lheading", "hr", "code", "fence", "html_block", "html_inline", "backticks"])
    # A reference is written once and used without end: a short text would become a very long page.
    parser.disable("reference")
    return parser


markdown = _parser()


def render_comment(source):
    """Return the HTML of a comment's Markdown. Raise TooLong over MAX_COMMENT characters."""
    if len(source) > MAX_COMMENT:
        raise TooLong
    return nh3.clean(
        markdown.render(source),
        tags=COMMENT_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="ugc nofollow noopener",
    )


def _article_attribute(tag, name, value):
    if name == "class":
        return value if (tag, value) in CLASSES else None
    if (tag, name) == ("img", "src"):
        # Another server's picture would tell it who reads this article.
        return value if value.startswith(settings.MEDIA_URL) and ".." not in value else None
    return value


def render_article(source):
    """Return an editor's HTML made safe, with an id on each second-level heading. Raise TooLong over MAX_ARTICLE."""
    if len(source) > MAX_ARTICLE:
        raise TooLong
    html = nh3.clean(
        source,
        tags=ARTICLE_TAGS,
        attributes=ARTICLE_ATTRIBUTES,
        attribute_filter=_article_attribute,
        url_schemes=SCHEMES,
        link_rel="noopener",
    )
    html = re.sub(r'<img(?:\s+(?!src=)[\w-]+="[^"]*")*\s*/?>', "", html)  # a picture without a source
    number = iter(range(1, html.count("<h2>") + 1))
    html = re.sub("<h2>", lambda _match: f'<h2 id="s-{next(number)}">', html)
    return Rendered(html, len(plain(html).split()))


def outline(html):
    """Return [(id, heading)] of an article's HTML, in order."""
    return [(ident, plain(text).strip()) for ident, text in re.findall(r'<h2 id="(s-\d+)">(.*?)</h2>', html, re.DOTALL)]


def plain(html):
    """Return the text of HTML that this module made, without marks: for excerpts, mail and counting."""
    return unescape(re.sub(r"<[^>]*>", " ", html))


def without_quotes(html):
    """Return a comment's HTML without what it quotes."""
    while "<blockquote>" in html:
        before, _tag, after = html.rpartition("<blockquote>")
        html = before + after.partition("</blockquote>")[2]
    return html
