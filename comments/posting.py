"""What members do with their own words: post and reply, within limits."""

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from campaign import limits
from campaign.tasks import after_commit

from . import states, wording
from .models import MAX_DEPTH, Comment, Discussion, State
from .tasks import tell_of_comment

SAME_TEXT_WITHIN = timedelta(minutes=10)


class Refused(Exception):
    """The comment was not posted. Nothing is stored; the text is still the caller's to give back."""


class Closed(Refused):
    """The discussion takes no comments: closed, locked or not public."""


class ParentGone(Refused):
    """The comment to reply to is no longer published, or belongs to another discussion."""


class SaidBefore(Refused):
    """The member posted the same text a moment ago: `first` is that comment."""

    def __init__(self, first):
        self.first = first


class TooFast(Refused):
    """The member posts faster than the limits allow: try again in `seconds`."""

    def __init__(self, seconds):
        self.seconds = seconds


def post_comment(*, discussion, author, body, parent=None, form_token=None):
    """Post `body` (Markdown) in `discussion`, below `parent` if given, and return the Comment.

    The same author and form_token again return the comment of the first time, but other words by that form are a
    comment of their own. Raise Closed, ParentGone, SaidBefore or TooFast.
    """
    # Look-ups stand outside the transaction: while it lasts nobody else writes to SQLite.
    if form_token and (first := Comment.objects.filter(author=author, form_token=form_token).first()):
        if first.body == body or first.revision > 1:
            return first
        form_token = uuid4()  # back in the browser, and something else written
    if not discussion.is_open:
        raise Closed
    if parent and parent.discussion_id != discussion.pk:
        raise ParentGone
    try:
        check_new(body, author=author)
    except SaidBefore as said:
        if form_token and said.first.form_token == form_token:
            return said.first  # stored since the look above: the same form, sent twice at the same moment
        raise
    check_rate(author)
    now = timezone.now()
    words = wording.render(body, author=author, at=now)
    comment = Comment(
        discussion=discussion,
        author=author,
        posted_at=now,
        form_token=form_token,
        **wording.fields(words, body),
        **place(parent),
    )
    try:
        insert(comment, words)
    except IntegrityError:
        if form_token is None:
            raise
        # The same form, sent twice at the same moment: the other one was first.
        return Comment.objects.get(author=author, form_token=form_token)
    after_commit(tell_of_comment, comment.pk)
    return comment


def check_new(body, *, author, besides=None):
    """Raise SaidBefore if `author` posted the same text a moment ago, anywhere; besides: the comment being edited."""
    since = timezone.now() - SAME_TEXT_WITHIN
    same = Comment.objects.filter(author=author, posted_at__gte=since, body=body)
    if first := same.exclude(pk=besides.pk if besides else None).first():
        raise SaidBefore(first)


def check_rate(author):
    """Count a post of `author`, or raise TooFast."""
    if seconds := limits.seconds_to_wait("post", author.pk, settings.CAMPAIGN_COMMENT_RATES):
        raise TooFast(seconds)


def place(parent):
    """Where a reply to `parent` stands; at MAX_DEPTH beside it. parent: a Comment, or None for the top level."""
    if parent is None:
        return {}
    if parent.depth < MAX_DEPTH:
        under, above = parent.pk, parent.path
    else:
        under, above = parent.under_id, parent.above
    return {
        "parent": parent,
        "under_id": under,
        "above": above,
        "thread_id": parent.root_id,
        "depth": min(parent.depth + 1, MAX_DEPTH),
    }


@transaction.atomic
def insert(comment, words=None):
    """Store a published comment: its row, the counts above it, and last the discussion's, if that still takes comments.

    words: the wording.Words that its HTML is from, if it may quote others.
    """
    comment.save(force_insert=True)
    quoted = words.quoted if words else {}
    # All of them at once, in id order: states.move() takes them the same way.
    held = {*comment.ancestor_ids, comment.parent_id, *quoted} - {None}
    found = states.lock(held) if held else {}
    if quoted:
        wording.settle(comment, words, found)
    if comment.parent_id:
        if found.get(comment.parent_id) != State.PUBLISHED:
            raise ParentGone
        Comment.objects.filter(pk__in=comment.ancestor_ids).update(descendant_count=F("descendant_count") + 1)
    now = timezone.now()
    still_open = Discussion.objects.readable().filter(
        Q(closes_at=None) | Q(closes_at__gt=now), Q(mode=Discussion.Mode.OPEN) | Q(mode_until__lte=now)
    )
    counted = still_open.filter(pk=comment.discussion_id).update(
        comment_count=F("comment_count") + 1, version=F("version") + 1
    )
    if not counted:
        raise Closed
