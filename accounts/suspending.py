"""A member is suspended: until a day they read, but put nothing before others. What that closes asks `User.takes_part`.

Their sessions end: one of them may be the reason. Signed in anew they read, withdraw what they wrote, take away their data,
and leave if they like.
"""

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from . import sessions
from .models import User
from .preferences import as_preferred_by

REASON_LENGTH = User._meta.get_field("suspended_for").max_length


class CannotSuspend(Exception):
    """Nothing has changed. str() is a sentence for the moderator."""

    sentence = ""

    def __str__(self):
        return str(self.sentence)


class Oneself(CannotSuspend):
    sentence = _("This is you: nobody decides about themselves.")


class IsStaff(CannotSuspend):
    sentence = _("This member is staff, so an administrator decides.")


class Changed(CannotSuspend):
    sentence = _("Somebody else has decided about this member meanwhile. Look at it once more.")


@transaction.atomic
def suspend(member, *, until, reason, by):
    """Suspend `member`, or give their suspension another end; tell them by mail, and note it in the log of the admin.

    until: an aware datetime to come, UNTIL_LIFTED for none; reason: plain text for the member, at most REASON_LENGTH
    characters. Raise Oneself, IsStaff, or Changed if `member` is not as it was loaded.
    """
    check_may_decide(member, by)
    if member.is_staff or member.is_superuser:
        # Two administrators who suspend each other would leave none: one waits here, and finds that it is suspended.
        held = User.objects.administrators().select_for_update().order_by("pk")
        if by.pk not in [administrator.pk for administrator in held]:
            raise Changed
    change(member, until, reason)
    sessions.end_others(member)
    note(member, by, f"Suspended until {'lifted' if member.is_suspended_until_lifted else until.isoformat()}: {reason}")
    tell(member, "emails/suspended.txt", _("You are suspended"))


@transaction.atomic
def lift(member, *, by):
    """End the suspension of `member` before its time; tell them and note it. Raise Oneself, IsStaff or Changed."""
    check_may_decide(member, by)
    if not member.is_suspended:
        raise Changed
    change(member, None, "")
    note(member, by, "Suspension lifted")
    tell(member, "emails/suspension_lifted.txt", _("You are no longer suspended"))


def check_may_decide(member, by):
    """Raise Oneself or IsStaff where `by` is the wrong person to decide about `member`."""
    if member.pk == by.pk:
        raise Oneself
    if (member.is_staff or member.is_superuser) and not by.is_superuser:
        raise IsStaff


def change(member, until, reason):
    as_loaded = {name: getattr(member, name) for name in ("is_staff", "is_superuser", "suspended_until")}
    values = {"suspended_until": until, "suspended_for": reason}
    if not User.objects.filter(pk=member.pk, is_active=True, **as_loaded).update(**values):
        raise Changed
    vars(member).update(values)


def note(member, by, words):
    LogEntry.objects.log_actions(by.pk, [member], CHANGE, change_message=words, single_object=True)


def tell(member, template, subject):
    with as_preferred_by(member):
        context = {"member": member, "site_url": settings.SITE_URL, "site_name": settings.CAMPAIGN_SITE_NAME}
        EmailMessage(str(subject), render_to_string(template, context), to=[member.email]).send()
