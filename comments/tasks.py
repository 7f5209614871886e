"""Who is told of what happens to comments. Each may run twice, at any time after the commit; it tells once.

Of a new comment `manage.py run_due` tells, a second later: whoever posts waits for no follower.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_tasks import task

from notifications.models import Kind, Notification
from notifications.telling import tell

from . import mentions
from .models import Comment, Follow, Recommendation

logger = logging.getLogger(__name__)
AGAIN_AFTER = timedelta(minutes=1)  # at least


def tell_due(limit=100):
    """Tell of the comments that have appeared and were not told of yet. Return of how many. Safe to run anywhere at once.

    One that waits for review is told of when it is published: `tell_at` stays with it until then.
    """
    due = Comment.objects.published().filter(tell_at__lte=timezone.now()).order_by("tell_at")
    appeared = due.values_list("pk", Coalesce("state_changed_at", "posted_at"))
    return sum(tell_once(pk, appeared_at) for pk, appeared_at in appeared[:limit])


def tell_once(comment_id, appeared_at):
    """Tell of a comment and take its `tell_at` away, both or neither. Return whether it was done here."""
    waiting = Comment.objects.filter(pk=comment_id, tell_at__isnull=False)
    try:
        with transaction.atomic():
            if not waiting.update(tell_at=None):
                return False  # somebody else tells
            if not tell_of_comment(comment_id):
                transaction.set_rollback(True)  # it left this moment: it waits until it is back
                return False
    except Exception:  # one that cannot be told of stops no other; it waits as long again as it has waited
        logger.exception("comment %d could not be told of", comment_id)
        now = timezone.now()
        waiting.update(tell_at=now + max(AGAIN_AFTER, now - appeared_at))
        return False
    return True


def tell_of_comment(comment_id):
    """Tell of a comment: whom it answers, whom it names, who follows its thread or its discussion.

    Each of them once, as the first of these that they are. Return whether readers see it; if not, nobody is told.
    """
    comment = Comment.objects.published().select_related("author", "parent", "discussion").filter(pk=comment_id).first()
    if comment is None:
        return False
    followers = {None: set(), comment.root_id: set()}
    here = Q(discussion=comment.discussion, thread=None) | Q(thread=comment.root_id)
    for thread, member in Follow.objects.filter(here).values_list("thread", "member"):
        followers[thread].add(member)
    whom = {
        Kind.REPLY: {comment.parent.author_id} if comment.parent else set(),
        Kind.MENTION: set(mentions.mentioned(comment).values_list("pk", flat=True)) if "@" in comment.html else set(),
        Kind.THREAD: followers[comment.root_id],
        Kind.DISCUSSION: followers[None],
    }
    told = {None, comment.author_id}
    for kind, members in whom.items():
        if members := members - told:
            told |= members
            tell(
                members,
                kind=kind,
                subject=comment,
                actor=comment.author,
                key=f"comment {comment_id}",
                **places(kind, comment),
            )
    return True


@task()
def tell_of_edit(comment_id):
    """Tell members whom an edit of a comment names anew. Who was told of the comment before is not told again."""
    told = Comment.objects.published().filter(tell_at=None)  # of another one tell_due() will, as it reads then
    comment = told.select_related("author", "discussion").filter(pk=comment_id).first()
    if comment is None or "@" not in comment.html:
        return
    event = f"comment {comment_id}"
    told = set(Notification.objects.filter(key=event, kind=Kind.MENTION).values_list("recipient", flat=True))
    named = mentions.mentioned(comment).exclude(pk__in=told).values_list("pk", flat=True)
    # However often it is edited, it names no more members than one comment may.
    room = max(0, mentions.MOST - len(told))
    tell(
        named[:room],
        kind=Kind.MENTION,
        subject=comment,
        actor=comment.author,
        key=event,
        **places(Kind.MENTION, comment),
    )


@task()
def tell_of_recommendation(comment_id, member_id):
    """Tell the author that a member recommends their comment. Given, taken back and given again, it is told once."""
    given = Recommendation.objects.filter(
        comment=comment_id, member=member_id, comment__in=Comment.objects.published()
    ).select_related("member", "comment__discussion")
    if recommendation := given.first():
        tell(
            [recommendation.comment.author_id],
            kind=Kind.RECOMMENDED,
            subject=recommendation.comment,
            actor=recommendation.member,
            key=f"recommendation {comment_id} {member_id}",
            **places(Kind.RECOMMENDED, recommendation.comment),
        )


@task()
def tell_of_featuring(comment_id):
    """Tell the author that the editors featured their comment; once for each comment."""
    featured = Comment.objects.published().filter(featured_at__isnull=False)
    if comment := featured.select_related("discussion").filter(pk=comment_id).first():
        tell(
            [comment.author_id],
            kind=Kind.FEATURED,
            subject=comment,
            key=f"featured {comment_id}",
            **places(Kind.FEATURED, comment),
        )


def places(kind, comment):
    """Where a notification about `comment` belongs: to which discussion, in which mail, in which bundle."""
    thread = f"thread {comment.root_id}"
    if kind == Kind.DISCUSSION:
        thread = f"discussion {comment.discussion_id}"
    bundle = {
        Kind.RECOMMENDED: f"recommended {comment.pk}",
        Kind.THREAD: f"in {thread}",
        Kind.DISCUSSION: f"in {thread}",
    }
    return {"discussion_id": comment.discussion_id, "thread": thread, "bundle": bundle.get(kind, "")}
