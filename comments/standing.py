"""How far a member is known here, from what they did. It sets limits; moderators alone are shown it."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models import Comment, State

NEW_FOR = timedelta(days=7)
NEW_UNTIL = 3  # comments stand
TRUSTED_FROM = 25  # comments stand
TRUSTED_AFTER = timedelta(days=60)


class Standing(models.TextChoices):
    NEW = "new", _("New member")
    MEMBER = "member", _("Member")
    TRUSTED = "trusted", _("Trusted member")
    STAFF = "staff", _("Staff")


def of(member):
    """The Standing of a member: at most two queries, which read no more rows than the answer needs.

    New is whoever has been here for less than NEW_FOR, or of whom fewer than NEW_UNTIL comments stand. Trusted is whoever
    has been here for TRUSTED_AFTER, with TRUSTED_FROM comments, none of which moderators hid in that time.
    """
    if member.is_staff:
        return Standing.STAFF
    age = timezone.now() - member.joined_at
    if age < NEW_FOR:
        return Standing.NEW
    theirs = Comment.objects.filter(author=member).order_by()
    standing = theirs.filter(state=State.PUBLISHED)[:TRUSTED_FROM].count()
    if standing < NEW_UNTIL:
        return Standing.NEW
    if age < TRUSTED_AFTER or standing < TRUSTED_FROM:
        return Standing.MEMBER
    hidden = theirs.filter(state=State.HIDDEN, state_changed_at__gt=timezone.now() - TRUSTED_AFTER)
    return Standing.MEMBER if hidden.exists() else Standing.TRUSTED


def is_new(member):
    return of(member) == Standing.NEW
