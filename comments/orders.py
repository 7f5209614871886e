"""The orders in which a discussion is read, and the ids of one page in each: by key, never by OFFSET."""

from datetime import timedelta
from functools import lru_cache

from django.db.models import BigIntegerField, DateTimeField, Q
from django.utils.translation import gettext_lazy as _

from campaign.prepared import Prepared

from .models import FLOOR, Comment, State

# Their names stay: addresses have them, and readers' browsers remember one.
SORTS = {
    "best": _("Conversation"),
    "newest": _("Newest"),
    "oldest": _("Oldest"),
    "busy": _("Most replies"),
    "featured": _("Featured"),  # those comments alone, wherever they stand
}
DEFAULT_SORT = "best"


class BadKey(ValueError):
    """The `after` of an address is not one that a page gave out."""


# A key of a page names its last comment by what the order looks at.
def time_key(comment_id, at):
    return f"{(at - FLOOR) // timedelta(microseconds=1)}-{comment_id}"


def read_time_key(key):
    try:
        microseconds, pk = key.split("-")
        return {"at": FLOOR + timedelta(microseconds=int(microseconds)), "pk": whole(pk)}
    except (ValueError, OverflowError) as error:
        raise BadKey(key) from error


def read_number_key(key):
    try:
        return {"number": whole(key)}
    except ValueError as error:
        raise BadKey(key) from error


def whole(word):
    """A number that a column can hold. Raise ValueError."""
    number = int(word)
    if not 0 <= number < 2**63:
        raise ValueError(word)
    return number


# Each order has one lower bound, on the column it sorts by: with two, SQLite starts at the first.
def oldest_first(column):
    def ordered(queryset, at=FLOOR, pk=None):
        bound = {f"{column}__gte" if pk else f"{column}__gt": at}
        later = [Q(**{f"{column}__gt": at}) | Q(pk__gt=pk)] if pk else []
        return queryset.filter(*later, **bound).order_by(column, "pk")

    return ordered


def latest_first(column):
    def ordered(queryset, at=None, pk=None):
        earlier = [Q(**{f"{column}__lt": at}) | Q(pk__lt=pk), Q(**{f"{column}__lte": at})] if pk else []
        return queryset.filter(*earlier, **{f"{column}__gt": FLOOR}).order_by(f"-{column}", "-pk")

    return ordered


def largest_first(column):
    def ordered(queryset, number=None):
        smaller = {f"{column}__lt": number} if number else {}
        return queryset.filter(**{f"{column}__gt": 0}, **smaller).order_by(f"-{column}")

    return ordered


BY_TIME = (read_time_key, {"at": DateTimeField(), "pk": BigIntegerField()})
BY_NUMBER = (read_number_key, {"number": BigIntegerField()})
# Name: column, order, how its keys are read, what they hold.
ORDERS = {
    "best": ("best_key", largest_first("best_key"), *BY_NUMBER),
    "newest": ("shown_at", latest_first("shown_at"), *BY_TIME),
    "oldest": ("shown_at", oldest_first("shown_at"), *BY_TIME),
    "busy": ("busy_key", largest_first("busy_key"), *BY_NUMBER),
    "featured": ("featured_at", latest_first("featured_at"), *BY_TIME),
}


def roots(discussion):
    return Comment.objects.filter(discussion=discussion, parent=None)


def featured(discussion):
    return Comment.objects.filter(discussion=discussion, state=State.PUBLISHED)


def replies(comment):
    return Comment.objects.filter(under=comment)


def heads(among, holder, sort, after, number):
    """Return ([ids], key of the next page or ""): `number` ids at most, after the key `after`.

    among: roots or featured, with the id of a discussion as `holder`, or replies, with that of a comment. Raise BadKey.
    """
    _column, _ordered, read, _fields = ORDERS[sort]
    values = read(after) if after else {}
    rows = statement(among, sort, bool(after), number + 1)(holder=holder, **values)
    following = ""
    if len(rows) > number:
        pk, value = rows[number - 1]
        following = str(value) if read is read_number_key else time_key(pk, value)
    return [pk for pk, _value in rows[:number]], following


@lru_cache(maxsize=64)
def statement(among, sort, continued, number):
    """The Prepared of a page: first, or continued after a key."""
    column, ordered, _read, fields = ORDERS[sort]

    def build(holder, **key):
        return ordered(among(holder), **key).values_list("pk", column)[:number]

    return Prepared(build, holder=BigIntegerField(), **(fields if continued else {}))
