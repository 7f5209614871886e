from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from .. import featuring
from ..models import Comment


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("comments.feature_comment", raise_exception=True)
def feature(request, pk):
    """Feature a comment, or with `to` "off" no more; GET shows the button.

    409 where readers do not see it any more, or its text is no longer the `revision` that the button stood under.
    """
    comment = find(request, pk)
    status = 200
    if request.method == "POST" and request.POST.get("to") == "off":
        featuring.unfeature(comment)
        return done(request, comment, _("Featured no more."))
    if request.method == "POST":
        status = 409 if comment.is_featurable_by(request.user) or not comment.is_published else 403
        if status == 409 and request.POST.get("revision", "") in ("", str(comment.revision)):
            try:
                featuring.feature(comment)
                return done(request, comment, _("Featured."))
            except featuring.NotFeaturable:
                comment = find(request, pk)
    context = {
        "comment": comment,
        "is_featurable": comment.is_featurable_by(request.user),
        "is_changed": status == 409,
    }
    return render(request, "comments/feature.html", context, status=status)


def find(request, pk):
    comment = get_object_or_404(Comment.objects.select_related("author", "discussion"), pk=pk)
    if not comment.is_listed_for(request.user):
        raise Http404
    return comment


def done(request, comment, sentence):
    messages.success(request, sentence)
    return redirect(comment)
