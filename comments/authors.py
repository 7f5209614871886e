"""What discussions show of their authors."""

from . import wording
from .models import Comment

AT_ONCE = 500


def changed(member):
    """The member's name, picture or address has changed: let every discussion they wrote in be shown anew.

    Last in the transaction: who posts in one of these discussions waits for its end.
    """
    theirs = Comment.objects.filter(author=member).order_by("discussion_id").values_list("discussion_id", flat=True)
    theirs = list(theirs.distinct())
    for start in range(0, len(theirs), AT_ONCE):
        wording.raise_versions(theirs[start : start + AT_ONCE])
