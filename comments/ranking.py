"""The order "best": who recommended a comment, of the members who had the chance to read it.

The score is the lower bound of Wilson's interval at 80 % (Wilson, J. Am. Stat. Assoc. 22, 1927), so that a few readers who
agree weigh less than many, and a late comment can rise above an early one that more people have seen.
"""

from bisect import bisect_right
from datetime import timedelta
from math import sqrt

from django.db import transaction
from django.utils import timezone

from .models import Comment, Discussion, ReadMark

Z = 1.2816
FEWEST_READERS = 20  # a comment counts as shown to at least so many
SCALE = 1_000_000
ACTIVE_FOR = timedelta(hours=48)


def score(recommended, readers):
    """A whole number, at least 1, for a comment that `recommended` of `readers` members recommend."""
    shown = max(readers, recommended, FEWEST_READERS)
    share = recommended / shown
    centre = share + Z * Z / (2 * shown)
    margin = Z * sqrt((share * (1 - share) + Z * Z / (4 * shown)) / shown)
    return 1 + max(0, int(SCALE * (centre - margin) / (1 + Z * Z / shown)))


def readers_of(comment):
    """How many members have seen the discussion since the comment is there."""
    return ReadMark.objects.filter(discussion=comment.discussion_id, seen_at__gt=comment.posted_at).count()


def rank_again():
    """Recalculate the scores of threads in which something was said within ACTIVE_FOR. Return how many have changed."""
    since = timezone.now() - ACTIVE_FOR
    active = Comment.objects.filter(posted_at__gte=since).order_by().values_list("discussion_id", flat=True).distinct()
    return sum(map(rank_discussion, active))


def rank_discussion(discussion_id):
    # Those with a score of 2 or more, by the index of their order; recommended by nobody, a comment has 1.
    roots = list(
        Comment.objects.filter(discussion=discussion_id, parent=None, best_key__gte=2 * 2**32)
        .values_list("pk", "posted_at", "recommend_count", "score")
        .order_by("pk")
    )
    if not roots:
        return 0
    first = min(posted_at for _pk, posted_at, _count, _score in roots)
    seen = list(
        ReadMark.objects.filter(discussion=discussion_id, seen_at__gt=first)
        .order_by("seen_at")
        .values_list("seen_at", flat=True)
    )
    changed = [
        (pk, count, new)
        for pk, posted_at, count, old in roots
        if (new := score(count, len(seen) - bisect_right(seen, posted_at))) != old
    ]
    return store(discussion_id, changed) if changed else 0


@transaction.atomic
def store(discussion_id, scores):
    """Store [(id, recommend_count that it was worked out from, score)]; what was recommended since has a newer one."""
    done = sum(Comment.objects.filter(pk=pk, recommend_count=count).update(score=new) for pk, count, new in scores)
    Discussion.objects.filter(pk=discussion_id).show_anew()
    return done
