from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from campaign.htmx import wants_fragment
from comments.models import Comment

from . import decisions, forms


@dataclass(frozen=True)
class Verb:
    """One decision as a page: its words, its form, and the function that makes it."""

    name: str
    heading: str
    button: str
    done: str
    form: type
    act: callable


HIDE = Verb("hide", _("Hide this comment"), _("Hide"), _("Hidden."), forms.HideForm, decisions.hide_comment)
RESTORE = Verb(
    "restore", _("Restore this comment"), _("Restore"), _("Restored."), forms.RestoreForm, decisions.restore_comment
)
APPROVE = Verb(
    "approve", _("Approve this comment"), _("Approve"), _("Approved."), forms.ApproveForm, decisions.approve_comment
)


def decide(request, pk, verb):
    """Show the comment with the form of `verb`; on POST decide and lead to the comment.

    409 with what was decided first, and with the typed text, where somebody was faster.
    """
    comment = get_object_or_404(Comment.objects.select_related("author", "discussion"), pk=pk)
    posted = request.method == "POST"
    form = verb.form(request.POST if posted else None)
    status = 200
    if posted and form.is_valid():
        try:
            verb.act(comment, moderator=request.user, **form.cleaned_data)
        except (decisions.OwnComment, decisions.AdministratorsComment):
            status = 403
        except decisions.CannotDecide:
            comment.refresh_from_db(fields=["state", "hidden_under", "state_changed_at"])
            status = 409
        else:
            messages.success(request, verb.done)
            if wants_fragment(request):
                # The place to answer with the changed comment itself, once the page of a thread can swap one.
                return HttpResponse(status=204, headers={"HX-Redirect": comment.get_absolute_url()})
            return redirect(comment)
    elif posted:
        status = 422
    context = {
        "comment": comment,
        "verb": verb,
        "form": form,
        "obstacle": obstacle(comment, request.user, verb),
        "first": comment.decisions.select_related("moderator", "rule").first(),
        "typed": form.data.get("facts", "") if status == 409 else "",
    }
    return render(request, "moderation/decide.html", context, status=status)


def obstacle(comment, user, verb):
    """Why `user` cannot make this decision now, in one sentence, or None."""
    try:
        decisions.check_may_decide(comment, user)
    except decisions.CannotDecide as reason:
        return reason
    if verb is HIDE and not (comment.is_published or comment.is_pending):
        return decisions.AlreadyHidden()
    if verb is RESTORE and not comment.is_hidden:
        return decisions.NotHidden()
    if verb is APPROVE and not comment.is_pending:
        return decisions.NotPending()
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("moderation.add_decision", raise_exception=True)
def hide(request, pk):
    """Hide a comment under a rule of the house."""
    return decide(request, pk, HIDE)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("moderation.add_decision", raise_exception=True)
def restore(request, pk):
    """Bring a hidden comment back as it was."""
    return decide(request, pk, RESTORE)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("moderation.add_decision", raise_exception=True)
def approve(request, pk):
    """Let a comment that waits appear."""
    return decide(request, pk, APPROVE)
