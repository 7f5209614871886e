"""A member's words on the doors of this room."""

from typing import NamedTuple

from django.utils.html import strip_tags

from comments.models import Comment


class Voice(NamedTuple):
    comment: Comment
    words: str


def featured_voice():
    """The newest of the featured comments that is short enough to be read in passing, or None."""
    featured = Comment.objects.published().filter(featured_at__isnull=False)
    for comment in featured.select_related("author", "discussion").order_by("-featured_at")[:10]:
        words = strip_tags(comment.html.partition("</p>")[0]).strip()
        if 20 <= len(words) <= 160:
            return Voice(comment, words)
    return None
