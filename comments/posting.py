"""What members do with their own words: post and reply, within limits."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from campaign import limits, markup

from . import states
from .models import MAX_DEPTH, Comment, Discussion, State

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

    The same author and form_token again return the comment of the first time. Raise Closed, ParentGone, SaidBefore
    or TooFast.
    """
    # Look-ups stand outside the transaction: while it lasts nobody else writes to SQLite.
    if form_token and (first := Comment.objects.filter(author=author, form_token=form_token).first()):
        return first
    if not discussion.is_open:
        raise Closed
    if parent and parent.discussion_id != discussion.pk:
        raise ParentGone
    since = timezone.now() - SAME_TEXT_WITHIN
    if first := Comment.objects.filter(author=author, posted_at__gte=since, body=body, discussion=discussion).first():
        raise SaidBefore(first)
    if seconds := limits.seconds_to_wait("post", author.pk, settings.CAMPAIGN_COMMENT_RATES):
        raise TooFast(seconds)
    comment = Comment(
        discussion=discussion,
        author=author,
        body=body,
        html=markup.render_comment(body),
        markup_version=markup.VERSION,
        form_token=form_token,
        **place(parent),
    )
    try:
        insert(comment)
    except IntegrityError:
        # The same form, sent twice at the same moment: the other one was first.
        return Comment.objects.get(author=author, form_token=form_token)
    return comment


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
def insert(comment):
    """Store a published comment: its row, the counts above it, and last the discussion's, if that still takes comments."""
    comment.save(force_insert=True)
    if comment.parent_id:
        found = states.lock({*comment.ancestor_ids, comment.parent_id})
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
