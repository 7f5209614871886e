"""What moderators can do with a comment, as pages and admin actions show it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from comments.models import State

from . import decisions, forms


@dataclass(frozen=True)
class Verb:
    """One decision: its words, its form, the function that makes it, and from which states."""

    name: str
    heading: str
    many: str  # the heading over several comments
    button: str
    done: str
    form: type
    act: Callable
    starts_from: tuple
    too_late: type  # the error where a comment is in no such state

    def obstacle(self, comment, user):
        """Why `user` cannot do this to `comment` now, as a CannotDecide, or None."""
        try:
            decisions.check_may_decide(comment, user)
        except decisions.CannotDecide as reason:
            return reason
        return None if comment.state in self.starts_from else self.too_late()


HIDE = Verb(
    "hide",
    _("Hide this comment"),
    _("Hide these comments"),
    _("Hide"),
    _("Hidden."),
    forms.HideForm,
    decisions.hide_comment,
    (State.PUBLISHED, State.PENDING),
    decisions.AlreadyHidden,
)
RESTORE = Verb(
    "restore",
    _("Restore this comment"),
    _("Restore these comments"),
    _("Restore"),
    _("Restored."),
    forms.RestoreForm,
    decisions.restore_comment,
    (State.HIDDEN,),
    decisions.NotHidden,
)
APPROVE = Verb(
    "approve",
    _("Approve this comment"),
    _("Approve these comments"),
    _("Approve"),
    _("Approved."),
    forms.ApproveForm,
    decisions.approve_comment,
    (State.PENDING,),
    decisions.NotPending,
)
