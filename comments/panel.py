"""The discussion as part of another room's page: what `comments/_discussion.html` prints."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string

from . import rendering, threads
from .forms import CommentForm
from .models import Comment


def panel(request, discussion, hosts=()):
    """Return the template's context. hosts: ids of members whom the page belongs to; their comments say "Author".

    Reads from the query: `sort`; `after`, the key of a page; `at`, a comment to show with what is around it; `reply`,
    a comment to answer. Raise Http404 for what no page of ours links to.
    """
    viewer = request.user if request.user.is_authenticated else None
    sort = request.GET.get("sort", threads.DEFAULT_SORT)
    after = request.GET.get("after", "")
    answering = find(discussion, request.GET.get("reply"), request.user)
    focus = find(discussion, request.GET.get("at"), request.user)
    if answering and not focus and not threads.is_on_first_page(answering, sort):
        focus = answering
    try:
        if focus:
            page = threads.page_around(focus, after, viewer)
        else:
            page = threads.page_of_roots(discussion, sort, after, viewer)
    except (threads.BadKey, KeyError) as error:
        raise Http404 from error
    form = CommentForm(discussion=discussion, initial={"parent": answering}) if viewer else None
    context = {
        "discussion": discussion,
        "page": page,
        "sort": sort,
        "sorts": threads.SORTS,
        "after": after,
        "focus": focus,
        "answering": answering,
        "form": form,
    }
    inserts = {}
    if answering:
        inserts[answering.pk] = render_to_string("comments/_answer.html", context, request)
    moderates = bool(viewer) and viewer.has_perm("moderation.add_decision")
    context["thread"] = rendering.thread(page, discussion, moderates=moderates, hosts=hosts, inserts=inserts)
    return context


def find(discussion, pk, user):
    """The comment of `discussion` with this id, from an address, if it has a place there that `user` may open."""
    if not pk:
        return None
    if not pk.isdecimal() or len(pk) > 18:
        raise Http404
    comment = get_object_or_404(Comment.objects.select_related("author"), discussion=discussion, pk=pk)
    comment.discussion = discussion
    if not comment.is_listed_for(user):
        raise Http404
    return comment
