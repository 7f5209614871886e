"""The one path for side effects: after the commit, from a row, safe to repeat."""

from django.db import transaction


def after_commit(task, *args):
    """Run `task` (a django-tasks task) with `args` once the transaction has committed; at once if there is none.

    Pass ids, never objects: the task looks at what is true when it runs. A fault in it is logged and changes nothing
    about what was committed: the caller's answer stands.
    """

    def enqueue():
        task.enqueue(*args)

    transaction.on_commit(enqueue, robust=True)
