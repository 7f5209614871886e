from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from campaign.htmx import wants_fragment
from comments import standing
from comments.models import Comment

from . import decisions, verbs


def decide(request, pk, verb):
    """Show the comment with the form of `verb`; on POST decide and lead to the comment.

    409 with what was decided first, and with the typed text, where somebody was faster.
    """
    comment = get_object_or_404(Comment.objects.select_related("author", "discussion"), pk=pk)
    form = verb.form(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                verb.act(comment, moderator=request.user, **form.cleaned_data)
            except (decisions.OwnComment, decisions.AdministratorsComment):
                status = 403
            except decisions.CannotDecide:
                comment.refresh_from_db(fields=["state", "hidden_under"])
                status = 409
            else:
                messages.success(request, verb.done)
                if wants_fragment(request):
                    # The place to answer with the comment itself, once a thread can swap one.
                    return HttpResponse(status=204, headers={"HX-Redirect": comment.get_absolute_url()})
                return redirect(comment)
    context = {
        "comment": comment,
        "verb": verb,
        "form": form,
        "obstacle": verb.obstacle(comment, request.user),
        "standing": standing.of(comment.author) if comment.author else None,
        "first": comment.decisions.select_related("moderator", "rule").first(),
        "typed": form.data.get("facts", ""),
    }
    return render(request, "moderation/decide.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("moderation.add_decision", raise_exception=True)
def hide(request, pk):
    """Hide a comment under a rule of the house."""
    return decide(request, pk, verbs.HIDE)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("moderation.add_decision", raise_exception=True)
def restore(request, pk):
    """Bring a hidden comment back as it was."""
    return decide(request, pk, verbs.RESTORE)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("moderation.add_decision", raise_exception=True)
def approve(request, pk):
    """Let a comment that waits appear."""
    return decide(request, pk, verbs.APPROVE)
