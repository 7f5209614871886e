from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from campaign import limits
from campaign.htmx import wants_fragment

from .. import recommending
from ..models import Comment

RATES = [(60, 60), (600, 3_600)]  # (number, seconds) per member


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def recommend(request, pk):
    """Who recommends a comment, with the form to do so. POST does it or takes it back: `to` is "on", "off", or the other one.

    htmx gets {"recommended", "count"} instead of the page.
    """
    comment = get_object_or_404(Comment.objects.select_related("author", "discussion"), pk=pk)
    if not comment.is_published or not comment.is_readable_by(request.user):
        raise Http404
    was = recommending.is_recommended(comment, request.user)
    takes_part = request.user.takes_part
    if request.method == "POST" and takes_part:
        if wait := limits.seconds_to_wait("recommend", request.user.pk, RATES):
            answer = render(request, "429.html", status=429)
            answer["Retry-After"] = wait
            return answer
        to = {"on": True, "off": False}.get(request.POST.get("to"), not was)
        verb = recommending.recommend if to else recommending.unrecommend
        try:
            verb(comment, member=request.user)
        except recommending.NotRecommendable as error:
            raise PermissionDenied from error
        if not wants_fragment(request):
            return redirect(comment)
        comment.refresh_from_db(fields=["recommend_count"])
        return JsonResponse({"recommended": to, "count": comment.recommend_count})
    names = list(recommending.recommenders(comment))
    context = {
        "comment": comment,
        "is_recommended": was,
        "may_recommend": comment.is_recommendable_by(request.user),
        "members": names,
        "others": comment.recommend_count - len(names),
    }
    status = 200 if takes_part or request.method != "POST" else 403
    return render(request, "comments/recommend.html", context, status=status)
