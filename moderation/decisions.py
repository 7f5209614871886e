"""What moderators decide about a comment. Each decision moves the comment and is one row, in one transaction."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaign.tasks import after_commit
from comments import states
from comments.models import State

from .models import Decision
from .tasks import tell_of_decision


class CannotDecide(Exception):
    """The decision was not made and nothing has changed. str() is a sentence for the moderator."""

    sentence = ""

    def __str__(self):
        return str(self.sentence)


class AlreadyHidden(CannotDecide):
    sentence = _("No reader sees this comment any more: it was hidden or removed before.")


class NotHidden(CannotDecide):
    sentence = _("This comment is not hidden.")


class NotPending(CannotDecide):
    sentence = _("This comment does not wait for review.")


class OwnComment(CannotDecide):
    sentence = _("This is your own comment, so a colleague decides.")


class AdministratorsComment(CannotDecide):
    sentence = _("An administrator wrote this comment, so an administrator decides.")


@transaction.atomic
def hide_comment(comment, *, moderator, rule, facts):
    """Put a tombstone in place of `comment`, published or pending.

    rule: the `Rule` it breaks; facts: plain text for its author, at most 5000 characters.
    Return the `Decision`. Raise AlreadyHidden if another moderator was faster or its author removed it, OwnComment,
    AdministratorsComment.
    """
    check_may_decide(comment, moderator)
    before = comment.state
    if before not in (State.PUBLISHED, State.PENDING) or not states.move(
        comment, to=State.HIDDEN, expected=before, hidden_under=rule.title
    ):
        raise AlreadyHidden
    return record(Decision.Action.HIDE, comment, moderator, before, rule=rule, facts=facts)


@transaction.atomic
def restore_comment(comment, *, moderator, facts=""):
    """Give `comment` the state back that it had when it was hidden, and name the decision that this one reverses.

    A hidden comment without a decision on record waits for review. Return the `Decision`; raise NotHidden, OwnComment,
    AdministratorsComment.
    """
    check_may_decide(comment, moderator)
    states.lock({*comment.ancestor_ids, comment.pk})  # the last hiding is read when no other can follow
    hiding = hiding_of(comment)
    to = hiding.state_before if hiding else State.PENDING
    if not states.move(comment, to=to, expected=State.HIDDEN):
        raise NotHidden
    return record(Decision.Action.RESTORE, comment, moderator, State.HIDDEN, facts=facts, reverses=hiding)


@transaction.atomic
def approve_comment(comment, *, moderator):
    """Publish a pending `comment`. Return the `Decision`; raise NotPending, OwnComment, AdministratorsComment."""
    check_may_decide(comment, moderator)
    if not states.move(comment, to=State.PUBLISHED, expected=State.PENDING):
        raise NotPending
    return record(Decision.Action.APPROVE, comment, moderator, State.PENDING)


def check_may_decide(comment, moderator):
    """Raise OwnComment or AdministratorsComment where `moderator` is the wrong person to judge `comment`."""
    if comment.author_id == moderator.pk:
        raise OwnComment
    if comment.author and comment.author.is_superuser and not moderator.is_superuser:
        raise AdministratorsComment


def hiding_of(comment):
    """The decision that hid `comment` last and that none has reversed, or None."""
    return comment.decisions.filter(action=Decision.Action.HIDE, reversed_by=None).first()


def record(action, comment, moderator, before, **fields):
    decision = Decision.objects.create(
        action=action, comment=comment, moderator=moderator, state_before=before, state_after=comment.state, **fields
    )
    after_commit(tell_of_decision, decision.pk)
    return decision
