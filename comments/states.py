"""The one way a comment's state changes, whoever asks: counters and version move in the same transaction."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from . import quoting, wording
from .models import Comment, Discussion, State


@transaction.atomic
def move(comment, *, to, expected, hidden_under=""):
    """Change the state of `comment` from `expected` to `to`; keep the counts above it and the discussion's version.

    hidden_under: the rule, in words, that a tombstone shows. Return whether it happened: of two racing callers one
    wins. The instance passed then has its new state.
    """
    appears = (to == State.PUBLISHED) - (expected == State.PUBLISHED)
    # In id order, so ancestors before the comment: a reply being posted locks from above as well, and the other way
    # round the two wait for each other until one is thrown out.
    quoting_it = quoting.quoting_ids(comment) if appears else set()
    lock({*comment.ancestor_ids, comment.pk, *quoting_it})
    now = timezone.now()
    values = {"state": to, "hidden_under": hidden_under, "state_changed_at": now}
    if not Comment.objects.filter(pk=comment.pk, state=expected).update(**values):
        return False
    vars(comment).update(values)
    if appears and (changed := wording.renew_quotes_of(comment)):
        wording.raise_versions(changed | {comment.discussion_id})
    count(comment, appears)
    return True


def lock(ids):
    """Hold these comments until the end of the transaction; return their states by id. SQLite holds all of it anyway."""
    rows = Comment.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    return dict(rows.values_list("pk", "state"))


def count(comment, change):
    """Add `change` (-1, 0, 1) to what is counted above `comment`, and let its discussion's version rise: last of all,
    since every writer of the discussion waits for that row."""
    if change and comment.depth:
        Comment.objects.filter(pk__in=comment.ancestor_ids).update(descendant_count=F("descendant_count") + change)
    Discussion.objects.filter(pk=comment.discussion_id).show_anew(comment_count=F("comment_count") + change)
