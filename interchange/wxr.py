"""What a WordPress export (WXR) holds: its parts, and how each is made from the fields of the file.

Format: the export of WordPress 2.x to 6.x, https://github.com/WordPress/wordpress-develop, wp-admin/includes/export.php.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .html_tree import unquoted


@dataclass(frozen=True, slots=True)
class Channel:
    """The site that was exported. address: of its front page; "" where the file has none.

    dropped: how many control characters were left out, which XML does not allow.
    """

    title: str
    address: str
    dropped: int


@dataclass(frozen=True, slots=True)
class Author:
    login: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Term:
    """What posts are filed under. kind: "category", "tag", or "term" for all else (menus, a plugin's taxonomies)."""

    kind: str
    slug: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class WxrComment:
    """id, parent, user_id: WordPress's numbers, 0 for none. approved: "1", "0", "spam", "trash", "post-trashed" or "".

    type: "" or "comment" for what people wrote, "pingback" and "trackback" for what other sites sent.
    """

    id: int
    author: str
    email: str
    url: str
    date: datetime | None
    content: str
    approved: str
    type: str
    parent: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Item:
    """A post, page, attachment, menu entry …: `type` says which, in WordPress's word, "" where the file does not.

    post_id, parent, thumbnail_id: WordPress's numbers, 0 for none. status: publish, future, draft, pending, private, trash,
    inherit … published_at: aware, in UTC, None where the file has no date. terms: (domain, slug, name), domain
    "category", "post_tag" or a plugin's. alt: the alternative text of an attachment. line: where the item starts.
    """

    type: str
    post_id: int
    parent: int
    title: str
    slug: str
    link: str
    guid: str
    creator: str
    published_at: datetime | None
    status: str
    password: str
    content: str
    excerpt: str
    comment_status: str
    terms: tuple[tuple[str, str, str], ...]
    attachment_url: str
    thumbnail_id: int
    alt: str
    comments: tuple[WxrComment, ...]
    line: int


class BrokenExport(Exception):
    """The file cannot be read. The text says which file, in which line, and why."""

    def __init__(self, message, path, line=None):
        super().__init__(f"{path}, line {line}: {message}" if line else f"{path}: {message}")
        self.message, self.path, self.line = message, path, line


def make_channel(fields, dropped):
    get = _getter(fields)
    return Channel(get("title"), get("wp:base_blog_url") or get("link") or get("wp:base_site_url"), dropped)


def make_author(part):
    get = _getter(part)
    full_name = f"{get('wp:author_first_name')} {get('wp:author_last_name')}".strip()
    login = get("wp:author_login")
    return Author(login, get("wp:author_email"), get("wp:author_display_name") or full_name or login)


def make_term(kind, part):
    get = _getter(part)
    slug, name = ("category_nicename", "cat_name") if kind == "category" else (f"{kind}_slug", f"{kind}_name")
    return Term(kind, unquoted(get(f"wp:{slug}")), get(f"wp:{name}"), get(f"wp:{kind}_description"))


def make_comment(detail):
    get = _getter(detail, "wp:comment_")
    return WxrComment(
        id=_number(get("id")),
        author=get("author"),
        email=get("author_email"),
        url=get("author_url"),
        date=_date(get("date_gmt")) or _date(get("date")),
        content=get("content"),
        approved=get("approved"),
        type=get("type"),
        parent=_number(get("parent")),
        user_id=_number(get("user_id")),
    )


def make_item(part, terms, meta, comments, line):
    get = _getter(part)
    return Item(
        type=get("wp:post_type"),
        post_id=_number(get("wp:post_id")),
        parent=_number(get("wp:post_parent")),
        title=get("title"),
        slug=unquoted(get("wp:post_name")),
        link=get("link"),
        guid=get("guid"),
        creator=get("dc:creator") or get("wp:author"),
        published_at=_published_at(part),
        status=get("wp:status"),
        password=get("wp:post_password"),
        content=get("content:encoded"),
        excerpt=get("excerpt:encoded"),
        comment_status=get("wp:comment_status"),
        terms=tuple(terms),
        attachment_url=get("wp:attachment_url"),
        thumbnail_id=_number(meta.get("_thumbnail_id", "")),
        alt=meta.get("_wp_attachment_image_alt", ""),
        comments=tuple(comments),
        line=line,
    )


def _getter(part, prefix=""):
    return lambda name: part.get(prefix + name, "")


def _number(text):
    """Return what a database's big integer can hold, else 0."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def _published_at(part):
    gmt = part.get("wp:post_date_gmt", "")
    if gmt:  # where it is all zeros, pubDate was made from it and means nothing
        return _date(gmt) or _date(part.get("wp:post_date", ""))
    pub_date = part.get("pubDate", "")
    # The year before 1 stands for no date; the parser of mail dates would take it for 2000.
    published_at = None if "-0001" in pub_date else _date(pub_date, parsedate_to_datetime)
    return published_at or _date(part.get("wp:post_date", ""))


def _date(text, parse=datetime.fromisoformat):
    """Return an aware UTC datetime, None for "0000-00-00 00:00:00" and all else that is no date."""
    try:
        date = parse(text)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None
