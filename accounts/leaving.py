"""A member goes, or takes back what they wrote: asked for, a day to think it over, then done for good."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import Error as DatabaseFault
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from campaign import personal_data, wiping

from . import sessions
from .models import Leaving, User
from .preferences import as_preferred_by

logger = logging.getLogger(__name__)
TIME_TO_THINK = timedelta(hours=24)
LAST_ACTS = timedelta(minutes=1)  # what was sent before the account closed is stored by then, and erased with the rest
RETRY = timedelta(minutes=10)
AT_ONCE = 10


class LastAdministrator(Exception):
    """Nobody would be left who can give others their rights."""


@transaction.atomic
def ask(member, *, name, words):
    """Have the account of `member` deleted (name), what they wrote (words), or both, in a day; tell them by mail.

    Asked again, the newer choice holds, and the day begins anew. Return the Leaving; raise LastAdministrator.
    """
    if name and is_last(member, User.objects.administrators().exclude(leaving__removes_name=True)):
        raise LastAdministrator
    now = timezone.now()
    values = {"removes_name": name, "removes_words": words, "asked_at": now, "due_at": now + TIME_TO_THINK}
    leaving, _new = Leaving.objects.update_or_create(member=member, defaults=values)
    tell(leaving)
    return leaving


def stay(member):
    """Forget that the member wanted to go. Return whether it was not too late."""
    open_still = Leaving.objects.filter(member=member, due_at__gt=timezone.now(), member__is_active=True)
    return bool(open_still.delete()[0])


def is_last(member, administrators):
    """Is `member` an administrator, and nobody else among these?"""
    return member.is_superuser and not administrators.exclude(pk=member.pk).exists()


def erase_due():
    """Do what members asked for a day ago. Return how many were done. `run_due` calls it."""
    due = Leaving.objects.filter(due_at__lte=timezone.now()).select_related("member").order_by("due_at")[:AT_ONCE]
    done = sum(map(erased, list(due)))
    if done:
        wiping.wipe()
    return done


def erased(leaving):
    """Erase for good. Return whether; what fails is tried again, and stops nobody else.

    An account is closed first and erased LAST_ACTS later.
    """
    member, pk = leaving.member, leaving.pk
    try:
        if leaving.removes_name and member.is_active:
            later = LAST_ACTS if closed(member) else TIME_TO_THINK
            Leaving.objects.filter(pk=pk).update(due_at=timezone.now() + later)
            return False
        personal_data.erase(member, name=leaving.removes_name, words=leaving.removes_words)
        Leaving.objects.filter(pk=pk).delete()
    except DatabaseFault:
        raise
    except Exception:
        logger.exception("member %d could not be erased", pk)
        Leaving.objects.filter(pk=pk).update(due_at=timezone.now() + RETRY)
        return False
    logger.info("member %d erased: name %s, words %s", pk, leaving.removes_name, leaving.removes_words)
    return True


@transaction.atomic
def closed(member):
    """Let nobody act as `member` any more. Return whether: the last administrator stays."""
    if member.is_superuser:
        # Two who go at once would leave none: one waits here, and finds that the other has gone.
        administrators = User.objects.administrators()
        list(administrators.select_for_update().order_by("pk"))
        if is_last(member, administrators):
            logger.warning("member %d is the last administrator and stays for another day", member.pk)
            return False
    User.objects.filter(pk=member.pk).update(is_active=False)
    sessions.end_others(member)
    return True


def tell(leaving):
    """Mail the member what will happen when, and how to stop it."""
    with as_preferred_by(leaving.member):
        context = {"leaving": leaving, "site_url": settings.SITE_URL, "site_name": settings.CAMPAIGN_SITE_NAME}
        body = render_to_string("emails/leaving.txt", context)
        subject = _("Your account will be deleted") if leaving.removes_name else _("What you wrote will be deleted")
        EmailMessage(subject, body, to=[leaving.member.email]).send()
