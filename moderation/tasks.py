"""Who is told of what moderators decide."""

from datetime import timedelta

from django.db import transaction
from django_tasks import task

from notifications.models import Kind
from notifications.telling import once, take_back, tell

from .models import Decision

# So long a notice waits. A decision that is reversed before was a slip: nobody hears of it.
HELD = timedelta(seconds=60)


@task()
def tell_of_decision(decision_id):
    """Tell the author what was decided on their comment."""
    decision = Decision.objects.select_related("comment__author", "reverses").get(pk=decision_id)
    with transaction.atomic():
        if once(event(decision)) and not is_slip(decision):
            tell(
                [decision.comment.author_id],
                kind=Kind.DECISION,
                subject=decision,
                key=event(decision),
                discussion_id=decision.comment.discussion_id,
                thread="decisions",
                wait=HELD,
            )


def event(decision):
    return f"decision {decision.pk}"


def is_slip(decision):
    """Was another decision reversed by this one before anybody heard of it? Then nobody does."""
    first = decision.reverses
    if first is None or decision.decided_at - first.decided_at >= HELD:
        return False
    # Either its notice was not given yet, and now never will be; or it is held, and goes.
    return once(event(first)) or bool(take_back(event(first)))
