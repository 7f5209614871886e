"""A member's notifications in the page: a page of them at a time, what is new, what is read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import BigIntegerField, Count, DateTimeField, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaign.prepared import Prepared

from .lines import lines_of
from .models import Kind, Notification

A_PAGE = 20
MANY = 99  # as far as the masthead counts
TABS = {
    "": (_("All"), list(Kind)),
    "replies": (_("Replies"), [Kind.REPLY, Kind.MENTION]),
    "following": (_("Following"), [Kind.THREAD, Kind.DISCUSSION]),
    "praise": (_("Praise"), [Kind.RECOMMENDED, Kind.FEATURED]),
    "decisions": (_("Decisions"), [Kind.DECISION, Kind.REPORT]),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadCursor(ValueError):
    """The `before` of an address is not one that a page gave out."""


@dataclass
class Page:
    groups: list  # of (name, heading, lines), newest first; none is empty
    older: str  # cursor of the next page, or ""
    until: str  # cursor that stands before everything listed: what came later has not been seen


def unread(member):
    """{"count": how many notifications the member has not read, "shown": the same in few characters}.

    One query over an index of unread ones; they are counted up to MANY.
    """
    count = len(unread_ids(member=member.pk, now=timezone.now()))
    return {"count": min(count, MANY), "shown": f"{MANY}+" if count > MANY else count}


unread_ids = Prepared(
    lambda member, now: Notification.objects.shown_to(member, now).unread().order_by().values_list("pk")[: MANY + 1],
    member=BigIntegerField(),
    now=DateTimeField(),
)


def page(member, tab="", before=""):
    """Return a Page of what is shown to `member`. Raise KeyError for no tab of ours, BadCursor."""
    rows = Notification.objects.shown_to(member).filter(kind__in=TABS[tab][1]).filter(older_than(before))
    rows = list(rows.select_related("actor").order_by("-due_at", "-pk")[: A_PAGE + 1])
    listed = rows[:A_PAGE]
    for note in listed:
        note.recipient = member
    # Nothing is said of what is gone; only that something was, while the masthead still counts it.
    lines = [line for line in lines_of(listed) if line.is_unread or not line.is_gone]
    return Page(
        groups=grouped(lines),
        older=cursor(listed[-1].due_at, listed[-1].pk) if len(rows) > A_PAGE else "",
        until=cursor(timezone.now(), 0),
    )


def tabs(member):
    """[(name, label, number of unread ones)] of every tab: one query."""
    counted = Notification.objects.shown_to(member).unread().order_by().values_list("kind").annotate(Count("pk"))
    unread = dict(counted)
    return [(name, label, sum(unread.get(kind, 0) for kind in kinds)) for name, (label, kinds) in TABS.items()]


def mark_read(member, until=""):
    """Mark as read all that was due until then (a Page's `until`, or all). Return how many. Raise BadCursor."""
    shown = Notification.objects.shown_to(member)
    return (shown.filter(older_than(until)) if until else shown).mark_read()


def grouped(lines):
    """[(name, heading, lines)]: those of today, of the six days before, and older ones."""
    today = timezone.localdate()
    groups = {"today": (_("Today"), []), "week": (_("Earlier this week"), []), "older": (_("Older"), [])}
    for line in lines:
        day = timezone.localdate(line.note.due_at)
        name = "today" if day >= today else "week" if day > today - timedelta(days=7) else "older"
        groups[name][1].append(line)
    return [(name, heading, lines) for name, (heading, lines) in groups.items() if lines]


def cursor(moment, pk):
    return f"{(moment - EPOCH) // timedelta(microseconds=1)}-{pk}"


def older_than(text):
    """The condition for what stands behind the row that the cursor names."""
    if not text:
        return Q()
    try:
        time, pk = text.split("-")
        if len(text) > 40 or not (time.isascii() and time.isdecimal() and pk.isascii() and pk.isdecimal()):
            raise BadCursor(text)
        moment = EPOCH + timedelta(microseconds=int(time))
    except (ValueError, OverflowError) as error:
        raise BadCursor(text) from error
    return Q(due_at__lte=moment) & (Q(due_at__lt=moment) | Q(pk__lt=min(int(pk), 2**63 - 1)))
