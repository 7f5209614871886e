"""What this room holds of a member: export and erasure (campaign/personal_data.py)."""

import re

from campaign.personal_data import Held
from notifications import outbox

from . import forgetting, recommending
from .models import Comment, Follow, ReadMark

HELD = [
    Held(
        "comments.Comment",
        of="author",
        told="id discussion__title discussion__url parent body state hidden_under posted_at edited_at revision featured_at "
        "recommend_count",
        untold="discussion under thread depth above author guest_name html markup_version state_changed_at form_token tell_at "
        "descendant_count score path shown_at busy_key best_key",
    ),
    Held(
        "comments.CommentVersion",
        of="comment__author",
        told="comment revision body written_at replaced_at",
        untold="id html markup_version",
    ),
    Held("comments.Quote", of="comment__author", told="comment source", untold="id"),
    Held("comments.Recommendation", of="member", told="comment given_at", untold="id member"),
    Held("comments.ReadMark", of="member", told="discussion__title before_at seen_at", untold="id member discussion"),
    Held("comments.Follow", of="member", told="discussion__title thread since", untold="id member discussion"),
]
NOTHING = ["comments.Discussion"]


def erase(member, *, name, words):
    """Take back what they wrote (words); take their name off what stays and out of what others wrote (name)."""
    own = {str(pk) for pk in Comment.objects.filter(author=member).values_list("pk", flat=True)}
    forgetting.forget_words(member, unseen_only=not words)
    if name:
        recommending.forget(member)
        ReadMark.objects.filter(member=member).delete()
        Follow.objects.filter(member=member).delete()
        forgetting.forget_name(member)
    outbox.forget_notices(lambda text: not own.isdisjoint(re.findall(r"/c/([0-9]+)/", text)))
