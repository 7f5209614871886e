"""See that comments are in the state that their last decision gave them. For `manage.py check_integrity`."""

from itertools import groupby

from comments.models import State

from .models import Decision

# What becomes of a comment without a moderator: its author's, or the law's, doing.
WITHOUT_DECISION = {State.WITHDRAWN, State.ERASED}


def differences():
    """Yield a line for each decision that does not follow from the one before, or that its comment does not obey."""
    rows = Decision.objects.order_by("comment_id", "pk").values_list(
        "comment_id", "pk", "action", "state_before", "state_after", "comment__state"
    )
    for comment, decisions in groupby(rows.iterator(chunk_size=2_000), key=lambda row: row[0]):
        after = state = None
        for _comment, pk, action, before, next_after, now in decisions:
            if after is not None and before != after and before not in WITHOUT_DECISION:
                yield f"decision {pk} ({action}): found comment {comment} {before}; the one before left it {after}"
            after, state = next_after, now
        if state != after and state not in WITHOUT_DECISION:
            yield f"comment {comment}: is {state}, its last decision made it {after}"
    for pk, own, other in Decision.objects.exclude(reverses=None).values_list(
        "pk", "comment_id", "reverses__comment_id"
    ):
        if own != other:
            yield f"decision {pk}: reverses one about comment {other}, not {own}"
