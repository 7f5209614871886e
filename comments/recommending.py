"""Members recommend comments: each once, and not their own."""

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from campaign.tasks import after_commit

from . import ranking
from .models import Comment, Discussion, Recommendation, State
from .tasks import tell_of_recommendation

SHOWN_NAMES = 100


class NotRecommendable(Exception):
    """It is the member's own comment, readers do not see it, or the member takes no part at present."""


def recommend(comment, *, member):
    """Recommend `comment` in the name of `member`. Return whether that is new; raise NotRecommendable."""
    if not comment.is_recommendable_by(member):
        raise NotRecommendable
    readers = ranking.readers_of(comment)
    try:
        with transaction.atomic():
            Recommendation.objects.create(comment=comment, member=member)
            count(comment, 1, readers)
            after_commit(tell_of_recommendation, comment.pk, member.pk)
    except IntegrityError:
        return False  # recommended before
    return True


def unrecommend(comment, *, member):
    """Take a recommendation back. Return whether there was one; raise NotRecommendable."""
    if not comment.is_recommendable_by(member):
        raise NotRecommendable
    readers = ranking.readers_of(comment)
    with transaction.atomic():
        gone, _rows = Recommendation.objects.filter(comment=comment, member=member).delete()
        if gone:
            count(comment, -1, readers)
    return bool(gone)


def count(comment, change, readers):
    """Move the kept number by `change` (1, -1) and the score with it, in the transaction that stores or deletes the row."""
    there = Comment.objects.filter(
        pk=comment.pk,
        state=State.PUBLISHED,
        discussion__in=Discussion.objects.readable().filter(pk=comment.discussion_id),
    )
    # From here on the row is ours: what is read next is what the others leave us.
    if not there.update(recommend_count=F("recommend_count") + change):
        raise NotRecommendable
    comment.recommend_count = Comment.objects.values_list("recommend_count", flat=True).get(pk=comment.pk)
    comment.score = ranking.score(comment.recommend_count, readers)
    Comment.objects.filter(pk=comment.pk).update(score=comment.score)
    Discussion.objects.filter(pk=comment.discussion_id).show_anew()


def is_recommended(comment, member):
    return Recommendation.objects.filter(comment=comment, member=member).exists()


def recommenders(comment):
    """The members who recommend `comment`, newest first, at most SHOWN_NAMES."""
    return User.objects.filter(recommendations__comment=comment).order_by("-recommendations__pk")[:SHOWN_NAMES]


def forget(member):
    """Take back all that `member` recommended, whatever has become of it. Return how many."""
    given = Recommendation.objects.filter(member=member).select_related("comment").order_by("comment")
    return sum(forget_one(one.comment, one) for one in given.iterator(chunk_size=500))


@transaction.atomic
def forget_one(comment, given):
    if not Recommendation.objects.filter(pk=given.pk).delete()[0]:
        return False
    Comment.objects.filter(pk=comment.pk).update(recommend_count=F("recommend_count") - 1)
    left = Comment.objects.values_list("recommend_count", flat=True).get(pk=comment.pk)
    Comment.objects.filter(pk=comment.pk).update(score=ranking.score(left, ranking.readers_of(comment)))
    Discussion.objects.filter(pk=comment.discussion_id).show_anew()
    return True
