from .comment import FLOOR, LISTED, MAX_DEPTH, UNSEEN, Comment, CommentQuerySet, State
from .discussion import Discussion, DiscussionQuerySet
from .marks import Follow, ReadMark, Recommendation
from .quotes import Quote
from .versions import CommentVersion

__all__ = [
    "FLOOR",
    "LISTED",
    "MAX_DEPTH",
    "UNSEEN",
    "Comment",
    "CommentQuerySet",
    "CommentVersion",
    "Discussion",
    "DiscussionQuerySet",
    "Follow",
    "Quote",
    "ReadMark",
    "Recommendation",
    "State",
]
