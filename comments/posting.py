"""What members do with their own words: post and reply, within limits. Whom it concerns is told by tasks.tell_due()."""

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from campaign import limits

from . import quoting, standing, states, wording
from .models import MAX_DEPTH, Comment, Discussion, State

SAME_TEXT_WITHIN = timedelta(minutes=10)


class Refused(Exception):
    """The comment was not posted. Nothing is stored; the text is still the caller's to give back."""


class TakesNoPart(Refused):
    """The member is suspended, or has no confirmed address."""


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


def post_comment(*, discussion_id, author, body, parent_id=None, form_token=None):
    """Post `body` (Markdown) in a discussion, below the comment `parent_id` if given, and return the Comment.

    The same author and form_token again return the comment of the first time, but other words by that form are a
    comment of their own. Raise TakesNoPart, Closed, ParentGone, SaidBefore or TooFast.
    """
    if not author.takes_part:
        raise TakesNoPart
    # Outside the transaction: while it lasts nobody else writes to SQLite.
    parent, of_form, said = look(parent_id=parent_id, author=author, body=body, form_token=form_token)
    if of_form:
        if of_form.body == body or of_form.revision > 1:
            return of_form
        form_token = uuid4()  # back in the browser, and something else written
    if parent_id and (parent is None or parent.discussion_id != discussion_id):
        raise ParentGone
    # What is answered has brought its discussion with it.
    discussion = parent.discussion if parent else Discussion.objects.filter(pk=discussion_id).first()
    if discussion is None or not discussion.is_open:
        raise Closed
    if said:
        raise SaidBefore(said)
    check_rate(author)
    if parent and not parent.is_published:
        raise ParentGone
    now = timezone.now()
    words = wording.render(body, author=author, at=now, quoted=quoting.presumed(body))
    comment = Comment(
        discussion=discussion,
        author=author,
        posted_at=now,
        tell_at=now,
        form_token=form_token,
        **wording.fields(words, body),
        **place(parent),
    )
    try:
        insert(comment, words)
    except IntegrityError:
        if not form_token or not Comment.objects.filter(author=author, form_token=form_token).exists():
            raise
        # The same form, sent twice at the same moment: the other one was first, and is found now.
        return post_comment(
            discussion_id=discussion_id, author=author, body=body, parent_id=parent_id, form_token=form_token
        )
    return comment


def look(*, parent_id, author, body, form_token):
    """Return the comments that decide about a new one, each or None: what it answers, what its form has become, and the
    same words of its author a moment ago. One query: three ranges of three indexes."""
    since = timezone.now() - SAME_TEXT_WITHIN
    wanted = Q(author=author, posted_at__gte=since, body=body)
    if form_token:
        wanted |= Q(author=author, form_token=form_token)
    if parent_id:
        wanted |= Q(pk=parent_id)
    found = list(Comment.objects.filter(wanted).select_related("discussion"))
    own = [comment for comment in found if comment.author_id == author.pk]
    return (
        next((comment for comment in found if comment.pk == parent_id), None),
        next((comment for comment in own if form_token and comment.form_token == form_token), None),
        next((comment for comment in own if comment.body == body and comment.posted_at >= since), None),
    )


def check_rate(author):
    """Count a post of `author`, or raise TooFast."""
    if seconds := limits.seconds_to_wait(
        "post",
        author.pk,
        settings.CAMPAIGN_COMMENT_RATES,
        stricter=settings.CAMPAIGN_NEW_MEMBER_RATES,
        holds=lambda: standing.is_new(author),
    ):
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
    counted = still_open.filter(pk=comment.discussion_id).show_anew(comment_count=F("comment_count") + 1)
    if not counted:
        raise Closed
