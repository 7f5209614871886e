"""Follow a discussion or one thread of it, to be told of what is new there: verbs, and the page they stand on."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaign.htmx import wants_fragment

from .models import Comment, Discussion, Follow


def follow(member, discussion, thread=None):
    """Tell `member` of new comments in `discussion`, or in one `thread` of it (a root comment). Done twice, it is done."""
    Follow.objects.bulk_create([Follow(member=member, discussion=discussion, thread=thread)], ignore_conflicts=True)


def unfollow(member, discussion, thread=None):
    """Tell `member` of it no more."""
    Follow.objects.filter(member=member, discussion=discussion, thread=thread).delete()


def is_followed(member, discussion, thread=None):
    """Does `member` follow the discussion, or this thread?"""
    return Follow.objects.filter(member=member, discussion=discussion, thread=thread).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def follow_discussion(request, pk):
    """Follow a discussion, or with `stop` in the form no more; GET shows the button."""
    return change(request, get_object_or_404(Discussion.objects.readable(), pk=pk), None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def follow_thread(request, pk):
    """Follow the thread that a comment belongs to, or with `stop` in the form no more; GET shows the button."""
    comment = get_object_or_404(Comment.objects.select_related("discussion", "thread"), pk=pk)
    if not comment.is_listed_for(request.user):
        raise Http404
    return change(request, comment.discussion, comment.thread or comment)


def change(request, discussion, thread):
    way_back = request.POST.get("next") or request.GET.get("next") or ""
    if not get_adapter().is_safe_url(way_back):
        way_back = (thread or discussion).get_absolute_url()
    is_post = request.method == "POST"
    if is_post:
        verb = unfollow if request.POST.get("stop") else follow
        verb(request.user, discussion, thread)
    context = {
        "discussion": discussion,
        "thread": thread,
        "followed": is_followed(request.user, discussion, thread),
        "way_back": way_back,
    }
    if is_post and wants_fragment(request):
        return render(request, "comments/follow_button.html", context)
    if is_post:
        messages.success(request, _("You follow it now.") if context["followed"] else _("You follow it no more."))
        return redirect(way_back)
    return render(request, "comments/follow.html", context)
