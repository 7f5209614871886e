"""Write the mails that are due: what happened in one thread, or the summary of a day. `manage.py run_due` calls it.

A mail and the mark that it was written are one transaction with the outbox, so each leaves once; what the outbox does
with it is its own matter (outbox.py).
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import Error as DatabaseFault
from django.db import transaction
from django.db.models import F, Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.preferences import as_preferred_by

from . import unsubscribing
from .lines import lines_of
from .models import BY_EMAIL, Notification, Preference

logger = logging.getLogger(__name__)
THREAD_PAUSE = timedelta(minutes=15)  # between two mails about one thread
AN_HOUR = 12  # mails to one member in an hour, summaries aside; more wait
LISTED = 30  # lines in one mail
READ = 200  # rows for one mail; what is more comes with the next
ATTEMPTS = 5  # then a row is parked and staff see it
RETRY = timedelta(minutes=5)


def send_due(limit=100):
    """Write at most `limit` mails of each sort. Return how many were written. Safe to run anywhere at once."""
    due = Notification.objects.to_mail().order_by()
    threads = list(due.filter(is_daily=False).values_list("recipient_id", "thread").distinct()[:limit])
    summaries = list(due.filter(is_daily=True).values_list("recipient_id", flat=True).distinct()[:limit])
    return sum(write(pk, thread=thread) for pk, thread in threads) + sum(write(pk) for pk in summaries)


def write(recipient_id, thread=None):
    """Write one mail, of a thread or (None) the summary, if there is something to say. Return whether it was written."""
    rows = Notification.objects.to_mail().filter(recipient_id=recipient_id, is_daily=thread is None)
    if thread is not None:
        rows = rows.filter(thread=thread)
    notes = list(rows.select_related("recipient", "actor").order_by("due_at", "pk")[:READ])
    if not notes:
        return False
    try:
        recipient = notes[0].recipient
        with as_preferred_by(recipient):
            lines = wanted(recipient, notes)
            return bool(lines) and keep(compose(recipient, lines, is_summary=thread is None), recipient, lines, thread)
    except DatabaseFault:
        raise
    except Exception as fault:  # one mail that cannot be written stops no other
        logger.exception("no mail could be written of %d notifications", len(notes))
        fail([note.pk for note in notes], fault)
        return False


def wanted(recipient, notes):
    """The lines to send. Forget the mail of what may not be read any more or is not wanted by mail any more."""
    ways = Preference.ways_of(recipient)
    muted = set(recipient.mutes.values_list("muted_id", flat=True))
    reachable = recipient.is_active and recipient.emailaddress_set.filter(email=recipient.email, verified=True).exists()
    lines, faults = [], []
    for line in lines_of(notes):
        note = line.note
        is_by_muted = note.count == 1 and note.actor_id in muted
        if line.fault:
            faults.append(line)
        elif reachable and not line.is_gone and not is_by_muted and ways[note.kind] in BY_EMAIL:
            lines.append(line)
    for line in faults:
        fail([line.note.pk], line.fault)
    left_out = {note.pk for note in notes} - {line.note.pk for line in [*lines, *faults]}
    Notification.objects.filter(pk__in=left_out, mailed_at=None).update(mail_at=None)
    return lines


def keep(message, recipient, lines, thread):
    """Put `message` in the outbox and mark the rows of its `lines`; not if the member just had one. Return whether."""
    with transaction.atomic():
        # One writer at a time for one member: the second one sees what the first one marked.
        list(User.objects.select_for_update(no_key=True).filter(pk=recipient.pk).values_list("pk"))
        now = timezone.now()
        pks = [line.note.pk for line in lines]
        rows = Notification.objects.filter(pk__in=pks, mailed_at=None, read_at=None, mail_at__lte=now)
        if thread is not None and (later := pause(recipient.pk, thread, now)):
            rows.update(mail_at=later)
            return False
        if rows.update(mailed_at=now) != len(pks):
            transaction.set_rollback(True)  # somebody was faster, or it was read just now: look again next time
            return False
        message.send()
    return True


def pause(recipient_id, thread, now):
    """Until when the member gets no mail about `thread`; None if one may leave now."""
    mailed = Notification.objects.filter(recipient=recipient_id, is_daily=False)
    last = mailed.filter(thread=thread, mailed_at__gt=now - THREAD_PAUSE).aggregate(last=Max("mailed_at"))["last"]
    if last:
        return last + THREAD_PAUSE
    hour = timedelta(hours=1)
    # A mail is what left about one thread at one moment.
    of_an_hour = mailed.filter(mailed_at__gt=now - hour).values_list("mailed_at", "thread").distinct()
    times = [moment for moment, _thread in of_an_hour.order_by("-mailed_at")[:AN_HOUR]]
    return times[-1] + hour if len(times) == AN_HOUR else None


def fail(pks, fault):
    """Try these rows again later; after ATTEMPTS park them, for staff to see."""
    rows = Notification.objects.filter(pk__in=pks, mailed_at=None)
    rows.update(attempts=F("attempts") + 1, last_error=repr(fault)[:300], mail_at=timezone.now() + RETRY)
    rows.filter(attempts__gte=ATTEMPTS).update(mail_at=None)


def compose(recipient, lines, *, is_summary):
    """The message of these lines, with a link that ends such mails by one click."""
    kinds = [unsubscribing.SUMMARY] if is_summary else sorted({line.note.kind for line in lines})
    token = unsubscribing.token_for(recipient.pk, kinds)
    unsubscribe_url = settings.SITE_URL + reverse("notifications:unsubscribe", args=[token])
    if is_summary:
        subject = ngettext(
            "{number} thing happened on {site}", "{number} things happened on {site}", len(lines)
        ).format(number=len(lines), site=settings.CAMPAIGN_SITE_NAME)
    elif len(lines) == 1:
        subject = lines[0].text
    else:
        subject = _("{first}, and more").format(first=lines[0].text)
    context = {
        "recipient": recipient,
        "lines": lines[:LISTED],
        "more": len(lines[LISTED:]),
        "heading": subject,
        "is_summary": is_summary,
        "kinds": unsubscribing.labels(kinds),
        "unsubscribe_url": unsubscribe_url,
        "site_name": settings.CAMPAIGN_SITE_NAME,
        "site_url": settings.SITE_URL,
    }
    message = EmailMultiAlternatives(
        subject=shortened_subject(subject),
        body=render_to_string("emails/notification.txt", context),
        to=[recipient.email],
        headers={
            "List-Unsubscribe": f"<{unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("emails/notification.html", context), "text/html")
    return message


def shortened_subject(text):
    return text if len(text) <= 120 else f"{text[:119]}…"
