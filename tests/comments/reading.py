"""Pages of comments as a reader gets them, and what they ought to hold, worked out anew from the rows."""

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import html5lib

from comments.models import Comment, Discussion


# What a page says ----------------------------------------------------------------------------------------------------
@dataclass
class Seen:
    """A comment as it stands on a page."""

    pk: int
    state: str
    text: str | None  # of .c-body; None: the page does not give it
    words: str  # all that its own list item says, replies left out
    inside: int | None  # the comment that its list stands in
    links: list = field(default_factory=list)


class Page:
    """An answer of the site, parsed as HTML5. With `strict` any error of the parser is an AssertionError."""

    def __init__(self, response, strict=True):
        self.response, self.source = response, response.content.decode()
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.tree = parser.parse(self.source)
        if strict and parser.errors:
            (line, column), code, values = parser.errors[0]
            text = self.source.splitlines()[line - 1][max(0, column - 120) : column + 20]
            raise AssertionError(f"not well-formed, line {line}: {code} {values}: {text}")
        self.comments, self.more, self.forms, self.ids = [], [], [], Counter()
        self.next = None
        self._walk(self.tree, None)

    def _walk(self, element, comment):
        if ident := element.get("id"):
            self.ids[ident] += 1
        if element.tag == "li" and (element.get("id") or "").startswith("c-"):
            body = next((e for e in own(element) if "c-body" in classes(e)), None)
            comment = Seen(
                pk=int(element.get("id")[2:]),
                state=element.get("data-state"),
                text=None if body is None else text_of(body).strip(),
                words=" ".join(" ".join(own_text(element)).split()),
                inside=comment.pk if comment else None,
            )
            self.comments.append(comment)
        if element.tag == "a" and element.get("href"):
            href = element.get("href")
            if "next" in (element.get("rel") or "").split():
                self.next = href
            elif comment:
                comment.links.append(href)
                if "at=" in href and (told := re.match(r"\s*([\d,]+) more (reply|replies)", text_of(element))):
                    self.more.append((comment.pk, href, int(told[1].replace(",", ""))))
        if element.tag == "form" and any(e.get("name") == "body" for e in element.iter("textarea")):
            self.forms.append(Form(element))
        for child in element:
            if isinstance(child.tag, str):
                self._walk(child, comment)

    def __getitem__(self, pk):
        return next(seen for seen in self.comments if seen.pk == getattr(pk, "pk", pk))

    def __contains__(self, pk):
        return any(seen.pk == getattr(pk, "pk", pk) for seen in self.comments)

    @property
    def order(self):
        return [seen.pk for seen in self.comments]

    @property
    def count(self):
        """What [data-comment-count] says."""
        return int(next(e.get("data-comment-count") for e in self.tree.iter() if e.get("data-comment-count")))

    @property
    def text(self):
        return text_of(self.tree)

    def elements(self, tag):
        return list(self.tree.iter(tag))


class Form:
    """A form for a comment."""

    def __init__(self, element):
        self.action = element.get("action")
        self.fields = {e.get("name"): e.get("value", "") for e in element.iter("input") if e.get("name")}
        self.body = next("".join(e.itertext()) for e in element.iter("textarea") if e.get("name") == "body")

    def data(self, body, **fields):
        return self.fields | {"body": body} | fields


def classes(element):
    return (element.get("class") or "").split()


def text_of(element):
    return "".join(element.itertext())


def own(element):
    """The elements of a comment's list item without the comments below it."""
    for child in element:
        if isinstance(child.tag, str) and not (child.tag == "li" and (child.get("id") or "").startswith("c-")):
            yield child
            yield from own(child)


def own_text(element):
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            if not (child.tag == "li" and (child.get("id") or "").startswith("c-")):
                yield from own_text(child)
            yield child.tail or ""


def read(client, address, status=200, strict=True):
    """Fetch an address as a browser would, without its fragment, and parse it."""
    parts = urlsplit(urljoin("http://testserver/", address))
    response = client.get(parts.path + (f"?{parts.query}" if parts.query else ""))
    assert response.status_code == status, f"{address}: {response.status_code}"
    return Page(response, strict)


def walk(client, address, limit=10_000, strict=True):
    """Follow every rel=next and "more replies" link from `address`; yield (address, the comment it is about, Page).

    Each link is followed once.
    """
    waiting, known = [(address, None)], {without_fragment(address)}
    while waiting:
        here, focus = waiting.pop(0)
        page = read(client, here, strict=strict)
        yield here, focus, page
        # On the page around a comment the way to the rest of its replies is rel=next.
        links = [(pk, href) for pk, href, _number in page.more if pk != focus]
        if page.next:
            links.append((focus, page.next))
        for pk, href in links:
            if without_fragment(href) not in known:
                known.add(without_fragment(href))
                waiting.append((href, pk))
        limit -= 1
        assert limit, "the links go on for ever"


def without_fragment(address):
    return address.partition("#")[0]


# What the rows say ---------------------------------------------------------------------------------------------------
class Rows:
    """All comments of a discussion, counted and ordered by hand: slow, simple and no code of the product's."""

    def __init__(self, discussion):
        self.all = {c.pk: c for c in Comment.objects.filter(discussion=discussion)}
        self.below = Counter()
        for comment in self.all.values():
            if comment.state == "published":
                for pk in self.above(comment):
                    self.below[pk] += 1
        self.published = sum(comment.state == "published" for comment in self.all.values())

    def above(self, comment):
        """What a comment stands under, nearest first."""
        found = []
        while comment.under_id:
            found.append(comment.under_id)
            comment = self.all[comment.under_id]
        return found

    def is_listed(self, comment):
        return comment.state == "published" or self.below[comment.pk] > 0

    def listed(self):
        return {pk for pk, comment in self.all.items() if self.is_listed(comment)}

    def roots(self, sort):
        """Ids of the listed roots in this order."""
        roots = [c for c in self.all.values() if c.under_id is None and self.is_listed(c)]
        key, reverse = {
            "newest": (lambda c: (c.posted_at, c.pk), True),
            "oldest": (lambda c: (c.posted_at, c.pk), False),
            "busy": (lambda c: (self.below[c.pk], c.pk), True),
            "best": (lambda c: (c.state == "published", c.score * (c.state == "published"), c.pk), True),
        }[sort]
        return [c.pk for c in sorted(roots, key=key, reverse=reverse)]

    def replies(self, pk):
        """Ids of the listed comments right below this one, in order."""
        below = [c for c in self.all.values() if c.under_id == pk and self.is_listed(c)]
        return [c.pk for c in sorted(below, key=lambda c: (c.posted_at, c.pk))]


def differences(discussion):
    """Every kept number and place of a discussion's comments that is not what the rows say."""
    rows, wrong = Rows(discussion), []
    kept = Discussion.objects.get(pk=discussion.pk)
    if kept.comment_count != rows.published:
        wrong.append(f"discussion counts {kept.comment_count}, has {rows.published}")
    for pk, comment in rows.all.items():
        above = rows.above(comment)[::-1]
        facts = {
            "descendant_count": rows.below[pk],
            "path": "".join(f"{n:010d}" for n in [*above, pk]),
            "above": "".join(f"{n:010d}" for n in above),
            "thread_id": above[0] if above else None,
            "depth": min(len(above), 32),
            "shown_at": comment.posted_at if rows.is_listed(comment) else None,
        }
        for name, right in facts.items():
            if (got := getattr(comment, name)) != right:
                wrong.append(f"comment {pk}: {name} is {got}, should be {right}")
        if (comment.parent_id is None) != (comment.under_id is None):
            wrong.append(f"comment {pk} stands under {comment.under_id}, answers {comment.parent_id}")
    return wrong
