"""Tell members what happened: each of one event once, in the way they chose.

Rooms above call `tell` from their tasks, after the commit. Nothing here looks at words: whether something may be read is
asked when it is shown and when it is mailed (lines.py, mailing.py).
"""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from accounts.models import User

from .models import DEFAULT_WAYS, Notification, Preference, Told, Way

AT_ONCE = 500  # recipients in one statement
KEPT = timedelta(days=180)


def tell(recipients, *, kind, subject, key, actor=None, discussion_id=None, thread="", bundle="", wait=timedelta(0)):
    """Tell `recipients` (ids of members) of one event; again with the same key, and nothing happens.

    Left out are who did it, who muted whoever did it, and who wants to hear nothing of this kind.

    key: names the event. One that is told to somebody as two kinds reaches them as the first.
    thread: of all that has the same, a member gets one mail at a time.
    bundle: events with the same one are counted in one row until the member has read it or a mail has left.
    wait: how long nobody sees it, so that `take_back` can still undo it.
    """
    ids = sorted(set(recipients) - {actor.pk if actor else None, None})
    ways = {}
    for start in range(0, len(ids), AT_ONCE):
        ways |= ways_of(ids[start : start + AT_ONCE], kind, actor)
    moment = timezone.now() + wait
    shared = {
        "kind": kind,
        "subject_type": ContentType.objects.get_for_model(subject),
        "subject_id": subject.pk,
        "actor": actor,
        "discussion_id": discussion_id,
        "key": key,
        "thread": thread,
        "bundle": bundle,
        "due_at": moment,
    }
    rows = [
        Notification(recipient_id=pk, **shared, **mail_of(way, moment)) for pk, way in ways.items() if way != Way.OFF
    ]
    if not rows:
        return
    with transaction.atomic():
        if bundle and not once(f"{kind} {key}"):
            return
        for start in range(0, len(rows), AT_ONCE):
            add = grow if bundle else insert
            add(rows[start : start + AT_ONCE])


def ways_of(ids, kind, actor):
    """{id: way} of these members; without those who muted `actor` or have no account any more. One query."""
    chosen = Preference.objects.filter(member=OuterRef("pk"), kind=kind).values("way")
    members = User.objects.filter(pk__in=ids, is_active=True).annotate(way=Subquery(chosen))
    if actor:
        members = members.exclude(mutes__muted=actor)
    return {pk: way or DEFAULT_WAYS[kind] for pk, way in members.values_list("pk", "way")}


def mail_of(way, moment):
    """The fields that say when what is told at `moment` is mailed."""
    if way == Way.ONCE:
        return {"mail_at": moment}
    return {"mail_at": next_digest(moment), "is_daily": True} if way == Way.DAILY else {}


def next_digest(moment):
    """When the next daily mail leaves after `moment`."""
    local = timezone.localtime(moment)
    today = timezone.make_aware(datetime.combine(local, time(settings.CAMPAIGN_DIGEST_HOUR)))
    if today > moment:
        return today
    return timezone.make_aware(datetime.combine(local + timedelta(days=1), time(settings.CAMPAIGN_DIGEST_HOUR)))


def insert(rows):
    """Store `rows` but those whose event their recipient was told of: the constraint decides, whoever else runs this."""
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def grow(rows):
    """Count the event of `rows`, one a recipient, in the growing bundle of each, or begin one with the row."""
    rows = {row.recipient_id: row for row in rows}
    for _attempt in range(3):
        some = next(iter(rows.values()))
        growing = Notification.objects.growing().filter(recipient__in=list(rows), bundle=some.bundle)
        # Held until the end of the transaction: none is read or mailed between this look and the count.
        held = dict(growing.select_for_update(no_key=True).values_list("recipient_id", "pk"))
        if held:
            Notification.objects.filter(pk__in=held.values()).update(count=F("count") + 1, due_at=some.due_at)
            rows = {pk: row for pk, row in rows.items() if pk not in held}
        if not rows:
            return
        insert(rows.values())
        begun = Notification.objects.filter(recipient__in=list(rows), key=some.key).values_list(
            "recipient_id", flat=True
        )
        for pk in begun:
            del rows[pk]
        if not rows:
            return
        # Another event began their bundles at this very moment: they are there now, so count this one in them.


def once(key):
    """Mark the event `key` as told. Return False if it was. In a transaction the mark goes back with it."""
    try:
        with transaction.atomic():
            Told.objects.create(key=key)
    except IntegrityError:
        return False
    return True


def take_back(key):
    """Undo what was told under `key` where nobody has seen it yet. Return how many rows went."""
    return Notification.objects.filter(key=key, due_at__gt=timezone.now()).delete()[0]


def forget_old():
    """Delete what was told long ago. Return how many rows went."""
    before = timezone.now() - KEPT
    old = Notification.objects.filter(due_at__lt=before)
    Told.objects.filter(at__lt=before).delete()
    return old.delete()[0] if old.exists() else 0
