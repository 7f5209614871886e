from .comment import (
    DELETED_MEMBER,
    EDIT_WITHIN,
    FLOOR,
    LISTED,
    MAX_DEPTH,
    UNMARKED_WITHIN,
    UNSEEN,
    Comment,
    CommentQuerySet,
    State,
    StateQuestions,
)
from .discussion import Discussion, DiscussionQuerySet
from .marks import Follow, ReadMark, Recommendation
from .quotes import Quote
from .versions import CommentVersion

__all__ = [
    "DELETED_MEMBER",
    "EDIT_WITHIN",
    "FLOOR",
    "LISTED",
    "MAX_DEPTH",
    "UNMARKED_WITHIN",
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
    "StateQuestions",
]
