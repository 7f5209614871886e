"""Until when members have read a discussion, so that what is new to them can be marked."""

from datetime import timedelta

from django.db.models import Case, F, When
from django.utils import timezone

from .models import ReadMark

SAME_VISIT = timedelta(minutes=10)  # views closer together are one visit
KEEP = timedelta(days=365)


def mark_read(member, discussion):
    """Note that `member` sees `discussion` now. The visit before this one is remembered beside it."""
    now = timezone.now()
    visit = ReadMark.objects.filter(member=member, discussion=discussion)
    known = visit.update(
        before_at=Case(When(seen_at__lt=now - SAME_VISIT, then=F("seen_at")), default=F("before_at")), seen_at=now
    )
    if not known:
        # On the first visit nothing is new; of two first views at once one is enough.
        first = ReadMark(member=member, discussion=discussion, before_at=now, seen_at=now)
        ReadMark.objects.bulk_create([first], ignore_conflicts=True)


def visits(member, discussion, this_one_since):
    """The member's mark, if there is one, as a queryset with `before`: when they were here before this visit.

    member, discussion: or their ids; this_one_since: start_of_visit().
    That is the same before mark_read() notes the view and, during the visit, after it.
    """
    # To the database, so that the page can ask it together with other things.
    this_one_is_noted = When(seen_at__gte=this_one_since, then=F("before_at"))
    marks = ReadMark.objects.filter(member=member, discussion=discussion)
    return marks.annotate(before=Case(this_one_is_noted, default=F("seen_at")))


def start_of_visit():
    """Views since then belong to the visit of now."""
    return timezone.now() - SAME_VISIT


def before(member, discussion):
    """When `member` was here before this visit: comments posted later are new to them. None on the first one."""
    return visits(member, discussion, start_of_visit()).values_list("before", flat=True).first()


def purge_old():
    """Forget where members who have not come back for a year had read until. Return how many marks."""
    old, _rows = ReadMark.objects.filter(seen_at__lt=timezone.now() - KEEP).delete()
    return old
