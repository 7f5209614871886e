"""What authors do with a comment that stands: change its text, take it back."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from campaign import limits
from campaign.tasks import after_commit

from . import posting, quoting, states, wording
from .models import UNMARKED_WITHIN, Comment, CommentVersion, Discussion, State
from .tasks import tell_of_edit

RATES = [(20, 600)]  # edits per member, even free ones: (number, seconds)
FREE_WITHIN = timedelta(minutes=15)  # of posting, if nobody has answered: an edit does not count as a post
PURGE_AFTER = timedelta(days=30)
PURGED_AT_ONCE = 200


class NotEditable(Exception):
    """The time for it is over, its author takes no part, or the comment is hidden or removed. Nothing has changed."""


class Changed(Exception):
    """The comment has another text than the one that was edited: `comment`, as it is now."""

    def __init__(self, comment):
        self.comment = comment


class NotWithdrawable(Exception):
    """Moderators have hidden the comment, or it is removed already."""


def edit_comment(comment, *, body, revision):
    """Give `comment` the text `body` for its author; the earlier one stays as a CommentVersion.

    revision: of the text that was edited. The edit leaves a mark unless it comes within UNMARKED_WITHIN of posting and
    nobody has answered. Raise NotEditable, Changed, posting.SaidBefore or posting.TooFast.
    """
    if not comment.is_editable_by(comment.author):
        raise NotEditable
    if comment.revision != revision:
        raise Changed(comment)
    if body == comment.body:
        return
    since = timezone.now() - posting.SAME_TEXT_WITHIN
    same = Comment.objects.filter(author=comment.author, posted_at__gte=since, body=body).exclude(pk=comment.pk)
    if first := same.first():
        raise posting.SaidBefore(first)
    now = timezone.now()
    if wait := limits.seconds_to_wait("edit", comment.author_id, RATES):
        raise posting.TooFast(wait)
    if is_answered(comment) or now - comment.posted_at >= FREE_WITHIN:
        posting.check_rate(comment.author)
    words = wording.render(body, author=comment.author, at=comment.posted_at, quoted=quoting.presumed(body))
    replace(comment, body, words, now=now)


def leaves_mark(comment):
    """Will readers see that it was edited, if it is edited now?"""
    late = timezone.now() - comment.posted_at >= UNMARKED_WITHIN
    return late or comment.edited_at is not None or is_answered(comment)


def is_answered(comment):
    return Comment.objects.filter(under=comment).exists()


@transaction.atomic
def replace(comment, body, words, *, now):
    """Put a new text in the place of the one that `comment` was loaded with, if nothing has happened to it since."""
    # With what it quotes, in id order: states.move() takes them the same way.
    found = states.lock({comment.pk, *words.quoted})
    # Its text as it is now, not as it was loaded: a quote may have lost its words meanwhile, for ever.
    there = Comment.objects.select_related("author", "discussion").get(pk=comment.pk)
    # Asked while it is held: whoever answers before the edit has answered the earlier text.
    edited_at = now if leaves_mark(comment) else None
    # What staff featured is the text that they have read.
    values = wording.fields(words, body) | {
        "revision": comment.revision + 1,
        "edited_at": edited_at,
        "featured_at": None,
    }
    as_loaded = Comment.objects.filter(pk=comment.pk, state=comment.state, revision=comment.revision)
    if not as_loaded.update(**values):
        raise NotEditable if there.revision == comment.revision else Changed(there)
    last = comment.versions.order_by("-revision").values_list("replaced_at", flat=True).first()
    CommentVersion.objects.create(
        comment=comment,
        revision=there.revision,
        body=there.body,
        html=there.html,
        markup_version=there.markup_version,
        written_at=last or there.posted_at,
        replaced_at=now,
    )
    vars(comment).update(values)
    wording.settle(comment, words, found)
    Discussion.objects.filter(pk=comment.discussion_id).show_anew()
    after_commit(tell_of_edit, comment.pk)


def withdraw_comment(comment):
    """Take `comment` back for its author. Raise NotWithdrawable if moderators hid it, or it is gone already."""
    for expected in (comment.state, State.PUBLISHED, State.PENDING):
        if expected in (State.PUBLISHED, State.PENDING) and states.move(comment, to=State.WITHDRAWN, expected=expected):
            return
    raise NotWithdrawable


def purge_withdrawn():
    """Take what was withdrawn PURGE_AFTER ago off the disk, earlier texts and quotes too. Return how many comments."""
    due = Comment.objects.filter(state=State.WITHDRAWN, state_changed_at__lt=timezone.now() - PURGE_AFTER)
    return sum(map(purge, due.order_by("state_changed_at")[:PURGED_AT_ONCE]))


@transaction.atomic
def purge(comment, expected=State.WITHDRAWN):
    """Leave nothing of a comment in the state `expected` but its place. Return whether it was still in it."""
    # All at once, in id order, as whoever else takes several.
    states.lock({*comment.ancestor_ids, comment.pk, *quoting.quoting_ids(comment)})
    if not states.move(comment, to=State.ERASED, expected=expected):
        return False
    wording.forget_words_of(comment)
    comment.versions.all().delete()
    comment.quotes.all().delete()
    Comment.objects.filter(pk=comment.pk).update(body="", html="", featured_at=None, form_token=None)
    return True
