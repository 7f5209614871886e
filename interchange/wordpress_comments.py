"""The comments of a WordPress post as what comment_loading brings: key, state, name, date."""

from hashlib import sha256

from django.utils import timezone

from comments.models import State

from .comment_loading import Incoming
from .members import members_of
from .names import guest_name

PINGS = {"pingback", "trackback"}
LEFT_OUT = {"spam": "spam", "trash": "trash comment", "post-trashed": "trash comment"}


def incoming(item, key, *, source, posted_at, report):
    """Return [Incoming] of an item's comments, in the order of the file, each once.

    key: the item's own, with which comment numbers begin. posted_at: for comments without a date.
    """
    now = timezone.now()
    # An address that a guest types in proves nothing. WordPress gives one only to the accounts that it knows itself.
    members = members_of({comment.email for comment in item.comments if comment.user_id})
    found, keys, texts = [], set(), set()
    for comment in item.comments:
        text = comment.id, comment.author, comment.date, comment.content
        if text in texts:
            report.skip("repeated comment")
            continue
        texts.add(text)
        own = f"{key}#{comment.id}"
        if own in keys or not comment.id:  # no number, or that of another one
            own += f"-{sha256(repr(text).encode()).hexdigest()[:16]}"
        keys.add(own)
        found.append(
            Incoming(
                key=own,
                parent=f"{key}#{comment.parent}" if comment.parent else "",
                left_out="ping" if comment.type in PINGS else LEFT_OUT.get(comment.approved, ""),
                author_id=members.get(comment.email) if comment.user_id else None,
                name=guest_name(comment.author, source),
                posted_at=min(comment.date or posted_at, now),
                html=comment.content,
                # What is no clear yes waits for a moderator.
                state=State.PUBLISHED if comment.approved == "1" else State.PENDING,
            )
        )
    return found
