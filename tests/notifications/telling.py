"""What tests of notifications share: members in a discussion, and what reached them."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.utils import timezone

from comments import posting, states
from comments.models import State
from comments.tasks import tell_due, tell_of_comment
from notifications import inbox, mailing
from notifications.lines import lines_of
from notifications.models import Notification, Preference, Way

from ..factories import make_comment, make_user

LONG_AGO = timedelta(days=30)


def make_member(name="Nkemi Ashgrove", **fields):
    """A member who has been here for a while."""
    return make_user(name, **{"joined_at": timezone.now() - LONG_AGO} | fields)


def answer(parent=None, *, discussion=None, **fields):
    """A comment, told of to whom it concerns."""
    comment = make_comment(discussion, parent=parent, **fields)
    tell_of_comment(comment.pk)
    return comment


def say(body, *, discussion, author, parent=None):
    """Post through the door that members use, so that names become mentions; told of."""
    comment = posting.post_comment(
        discussion_id=discussion.pk, author=author, body=body, parent_id=parent and parent.pk
    )
    tell_due()
    return comment


def choose(member, way=Way.ONCE, *kinds):
    Preference.choose(member.pk, dict.fromkeys(kinds, way))


def told(member):
    """[kind] of all that the member was told of, the oldest first."""
    return list(Notification.objects.filter(recipient=member).order_by("pk").values_list("kind", flat=True))


def page_lines(member, tab=""):
    """The lines of the first page of the member's inbox."""
    return [line for _name, _heading, lines in inbox.page(member, tab).groups for line in lines]


def texts(member):
    return [line.text for line in page_lines(member)]


def line(note):
    return lines_of([Notification.objects.select_related("actor", "recipient").get(pk=note.pk)])[0]


def mails(later=timedelta(0)):
    """Write and return the mails that are due after a while."""
    before = len(mail.outbox)
    with time_machine.travel(timezone.now() + later, tick=False):
        mailing.send_due()
    return mail.outbox[before:]


def hide(comment):
    states.move(comment, to=State.HIDDEN, expected=State.PUBLISHED, hidden_under="Abuse")
