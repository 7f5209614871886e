from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from campaign.htmx import wants_fragment
from campaign.templatetags.rostrum import ago

from . import posting, threads
from .forms import CommentForm
from .models import Comment, Discussion, State


@require_safe
def permalink(request, pk):
    """Lead to the comment in its page: the first page if that shows it, else the page of what is around it."""
    comment = get_object_or_404(Comment.objects.select_related("discussion"), pk=pk)
    if comment.state == State.ERASED:
        return render(request, "comments/gone.html", {"comment": comment}, status=410)
    if not comment.is_listed_for(request.user):
        raise Http404
    sort = request.GET.get("sort", threads.DEFAULT_SORT)
    if sort not in threads.SORTS:
        raise Http404
    query = {} if sort == threads.DEFAULT_SORT else {"sort": sort}
    if comment.shown_at is None or not threads.is_on_first_page(comment, sort):
        query["at"] = pk
    return redirect(f"{comment.discussion.url}{'?' if query else ''}{urlencode(query)}#c-{pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def create(request, pk):
    """Post a comment in a discussion, or a reply if the form names a parent; GET shows the form alone."""
    discussion = get_object_or_404(Discussion.objects.readable(), pk=pk)
    if request.method != "POST":
        return render(
            request, "comments/create.html", {"form": CommentForm(discussion=discussion), "discussion": discussion}
        )
    form = CommentForm(request.POST, discussion=discussion)
    status, wait = 422, 0
    if form.is_valid():
        words = form.cleaned_data
        try:
            comment = posting.post_comment(
                discussion=discussion,
                author=request.user,
                body=words["body"],
                parent=words["parent"],
                form_token=words["token"],
            )
        except posting.Refused as refusal:
            form.add_error(None, explain(refusal))
            if isinstance(refusal, posting.TooFast):
                status, wait = 429, refusal.seconds
        else:
            if wants_fragment(request):
                return HttpResponse(status=204, headers={"HX-Redirect": comment.get_absolute_url()})
            return redirect(comment)
    # The text comes back with the reason, whatever it was.
    template = "comments/_form.html" if wants_fragment(request) else "comments/create.html"
    answer = render(request, template, {"form": form, "discussion": discussion}, status=status)
    if wait:
        answer["Retry-After"] = wait
    return answer


@require_safe
@login_required
def reply(request, pk):
    """The form for a reply, on a page of its own or as a piece for htmx."""
    parent = get_object_or_404(Comment.objects.select_related("discussion", "author"), pk=pk)
    if not parent.discussion.is_readable or not parent.is_published:
        raise Http404
    form = CommentForm(discussion=parent.discussion, initial={"parent": parent})
    template = "comments/_form.html" if wants_fragment(request) else "comments/create.html"
    return render(request, template, {"form": form, "discussion": parent.discussion, "answering": parent})


def explain(refusal):
    """Why a comment was not posted, for its author, in one sentence."""
    match refusal:
        case posting.Closed():
            return _("This discussion takes no comments any more. Your text is kept below: copy it if you need it.")
        case posting.ParentGone():
            return _("The comment that you answer is no longer there. You can post your text on its own.")
        case posting.SaidBefore(first=first):
            return _("You posted the same words %(when)s.") % {"when": ago(first.posted_at)}
        case posting.TooFast(seconds=seconds):
            return ngettext(
                "That is a lot in a short time: try again in %d second.",
                "That is a lot in a short time: try again in %d seconds.",
                seconds,
            ) % (seconds,)
    raise refusal
