"""Staff feature comments: each also stands in a block above its discussion, and among the voices of the front page."""

from django.db import transaction
from django.utils import timezone

from campaign.tasks import after_commit

from .models import Comment, Discussion, State
from .tasks import tell_of_featuring


class NotFeaturable(Exception):
    """Readers do not see the comment, or not any more, or its text has changed since it was read."""


@transaction.atomic
def feature(comment):
    """Feature `comment`. It keeps its place in the thread. Return whether that is new; raise NotFeaturable."""
    # A hidden or withdrawn comment keeps the mark, and whatever shows featured comments asks for their state as well.
    there = Comment.objects.filter(
        pk=comment.pk,
        state=State.PUBLISHED,
        revision=comment.revision,
        discussion__in=Discussion.objects.readable().filter(pk=comment.discussion_id),
    )
    if not there.filter(featured_at=None).update(featured_at=timezone.now()):
        if not there.exists():
            raise NotFeaturable
        return False
    Discussion.objects.filter(pk=comment.discussion_id).show_anew()
    after_commit(tell_of_featuring, comment.pk)
    return True


@transaction.atomic
def unfeature(comment):
    """Feature `comment` no more, whatever its state. Return whether it was featured."""
    if not Comment.objects.filter(pk=comment.pk, featured_at__isnull=False).update(featured_at=None):
        return False
    Discussion.objects.filter(pk=comment.discussion_id).show_anew()
    return True
