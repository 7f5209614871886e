"""The one path for side effects: after the commit, from a row, safe to repeat."""

from functools import partial

from django.db import transaction


def after_commit(task, *args):
    """Run `task` (a django-tasks task) with `args` once the transaction has committed; at once if there is none.

    Pass ids, never objects: the task looks at what is true when it runs.
    """
    transaction.on_commit(partial(task.enqueue, *args))
