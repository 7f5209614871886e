"""What of a page of a discussion is the same for everybody, made once per version of it; and what belongs to one member.

A section is kept in the process under the discussion's version, so a hide holds for the next request everywhere. In its
HTML two places are left open at each comment: the end of its class, and the end of its actions. For a guest they
stay empty; for a member they are filled from a few facts about each comment, without rendering anything.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from accounts.models import User
from campaign import keeping

from . import rendering, threads

kept = keeping.Kept(max_bytes=12 * 2**20)
PLACES = re.compile(f"{rendering.CLASS_PLACE}|{rendering.ACTIONS_PLACE}")


@dataclass(frozen=True)
class Piece:
    """What the overlay of a member asks about a comment."""

    pk: int
    author_id: int | None
    posted_at: datetime
    state: str
    is_root: bool
    is_featured: bool


@dataclass
class Section:
    parts: list  # of the HTML, between the places: two for each piece, and one more
    pieces: list  # in document order, those whose text is shown
    lines: Sequence  # of the outline, each with the id of its author
    above: Sequence  # the comments of the block above, the last featured first
    featured: str  # that block, "" where there is none
    next: str  # key of the next page, or ""
    step: int  # seconds for which its times in words stay true
    turn: int  # in which of those steps it was made

    @property
    def is_current(self):
        return int(time.time() // self.step) == self.turn

    def without(self, authors):
        """The same, with no words of members with these ids in the block above and in the outline."""
        above = [comment for comment in self.above if comment.author_id not in authors]
        lines = [line for line in self.lines if line[0] not in authors]
        if len(above) == len(self.above) and len(lines) == len(self.lines):
            return self
        return replace(self, lines=lines, above=above, featured=block(above))

    @property
    def outline(self):
        return mark_safe("".join(html for _author, html in self.lines))  # noqa: S308  as rendered

    def for_guests(self):
        return mark_safe("".join(self.parts))  # noqa: S308  as rendered

    def for_member(self, describe):
        """Fill the places; describe: Piece → (classes, actions as HTML)."""
        out = [self.parts[0]]
        for index, piece in enumerate(self.pieces):
            classes, actions = describe(piece)
            out += (classes, self.parts[2 * index + 1], actions, self.parts[2 * index + 2])
        return mark_safe("".join(out))  # noqa: S308  as rendered; what is cut in is made by members.py


def section(discussion, *, sort, after="", focus=None, moderates=False, hosts=frozenset()):
    """Return the Section of one page of `discussion`, made anew if its version has risen or its times have aged.

    discussion: as just read: its version must not be younger than the comments. Raise orders.BadKey.
    """
    key = (
        discussion.pk,
        discussion.version,
        sort,
        after,
        focus.pk if focus else None,
        keeping.reader(),
        moderates,
        discussion.standing,
        hosts,
    )
    found = kept.get(key)
    if found is None or not found.is_current:
        page = (
            threads.page_around(focus, after, moderates)
            if focus
            else threads.page_of_roots(discussion, sort, after, moderates)
        )
        found = make(page, discussion, moderates=moderates, hosts=hosts)
        kept.put(key, found, sum(map(len, found.parts)) + 200 * len(found.pieces))
    return found


def make(page, discussion, *, moderates=False, hosts=frozenset(), inserts=None):
    """Render a threads.Page as a Section."""
    youngest = max((node.comment.posted_at for node in page.nodes), default=datetime.min.replace(tzinfo=UTC))
    step = step_of(time.time() - youngest.timestamp())
    turn = int(time.time() // step)
    # Times in words are those of the beginning of the step, so that all of it is true to the step for as long as it is kept.
    now = datetime.fromtimestamp(turn * step, UTC)
    html = rendering.thread(
        page, discussion, now=now, moderates=moderates, hosts=hosts, moderators=moderators_on(page), inserts=inserts
    )
    shown = [node for node in page.nodes if node.is_readable]
    return Section(
        parts=PLACES.split(html),
        pieces=[
            Piece(c.pk, c.author_id, c.posted_at, c.state, c.depth == 0, c.featured_at is not None)
            for c in (node.comment for node in shown)
        ],
        lines=rendering.outline(page),
        above=page.featured,
        featured=block(page.featured),
        next=page.next,
        step=step,
        turn=turn,
    )


def block(comments):
    """The block above a discussion as HTML, "" without any."""
    return render_to_string("comments/_featured.html", {"comments": comments}) if comments else ""


def moderators_on(page):
    """Ids of the moderators who speak on a page: no query where nobody of the staff does, else one."""
    authors = {node.comment.author for node in page.nodes if node.comment.author}
    staff = [author.pk for author in authors if author.is_staff]
    if not staff:
        return frozenset()
    return frozenset(User.objects.filter(pk__in=staff, groups__name="Moderators").values_list("pk", flat=True))


def step_of(age):
    """How finely the times of a page are worded: to five minutes, an hour, a day. age: of its youngest comment, seconds."""
    return 300 if age < 3_600 else 3_600 if age < 86_400 else 86_400
