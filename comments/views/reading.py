from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaign.htmx import wants_fragment

from .. import orders, reading, threads
from ..editing import PURGE_AFTER
from ..models import Comment, Discussion, State

KEEP_NEWEST = 3_600  # seconds; until then under the version of the discussion


@require_safe
def permalink(request, pk):
    """Lead to the comment in its page: the first page if that shows it, else the page of what is around it."""
    comment = get_object_or_404(Comment.objects.select_related("discussion"), pk=pk)
    if comment.state == State.ERASED or is_due_for_purge(comment):
        return render(request, "comments/gone.html", {"comment": comment}, status=410)
    if not comment.is_listed_for(request.user):
        raise Http404
    sort = request.GET.get("sort", orders.DEFAULT_SORT)
    if sort not in orders.SORTS:
        raise Http404
    query = {} if sort == orders.DEFAULT_SORT else {"sort": sort}
    if comment.shown_at is None or not threads.is_on_first_page(comment, sort):
        query["at"] = pk
    return redirect(f"{comment.discussion.url}{'?' if query else ''}{urlencode(query)}#c-{pk}")


def is_due_for_purge(comment):
    since = comment.state_changed_at
    return comment.state == State.WITHDRAWN and since is not None and since < timezone.now() - PURGE_AFTER


@require_POST
@login_required
def read(request, pk):
    """Note that the member has the discussion before them."""
    discussion = get_object_or_404(Discussion.objects.readable(), pk=pk)
    reading.mark_read(request.user, discussion)
    return HttpResponse(status=204) if wants_fragment(request) else redirect(discussion)


@require_safe
def live(request, pk):
    """How many comments the discussion has now, and the newest: asked again and again by open pages. One query if unchanged."""
    discussion = get_object_or_404(Discussion.objects.readable().only("comment_count", "version"), pk=pk)
    etag = f'"{discussion.version}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    answer = {"count": discussion.comment_count, "newest": newest(discussion)}
    return JsonResponse(answer, headers={"ETag": etag})


live.for_all = True  # no session is looked up for it (accounts/preferences.py)


def newest(discussion):
    """Id of the newest published comment, or None; kept under the version, as it may take a walk through the table."""
    key = f"newest:{discussion.pk}:{discussion.version}"
    found = cache.get(key)
    if found is None:
        published = Comment.objects.filter(discussion=discussion, state=State.PUBLISHED)
        found = published.order_by("-pk").values_list("pk", flat=True).first() if discussion.comment_count else 0
        cache.set(key, found or 0, KEEP_NEWEST)
    return found or None
