"""A member as others see them, and what they alone see of themselves."""

from datetime import UTC, datetime, timedelta

from django.db.models import Count, Prefetch, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import muting
from accounts.models import User
from comments import standing
from comments.models import UNSEEN, Comment, Discussion, Follow

A_PAGE = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROLES = {"Editors": _("Editor"), "Moderators": _("Moderator")}


@require_safe
def member(request, handle):
    """A member as others see them, with their published comments, newest first."""
    person = get_object_or_404(User, handle=handle, is_active=True)
    own = Comment.objects.published().filter(author=person).select_related("discussion", "parent__author")
    return render(request, "accounts/member.html", head(request, person) | page_of(own, request.GET.get("before")))


@require_safe
def unseen(request, handle):
    """A member's comments that others do not see, with the reason; for nobody but them."""
    person = get_object_or_404(User, handle=handle, is_active=True)
    if request.user != person:
        raise Http404
    hidings = Prefetch("decisions", to_attr="all_decisions")  # moderation's; newest first
    own = Comment.objects.filter(author=person, state__in=UNSEEN).select_related("discussion").prefetch_related(hidings)
    return render(request, "accounts/unseen.html", head(request, person) | page_of(own, request.GET.get("before")))


@require_safe
def following(request, handle):
    """Which discussions and threads a member follows, if they show it."""
    person = get_object_or_404(User, handle=handle, is_active=True)
    if not (person.shows_follows or request.user == person):
        raise Http404
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 19):
        raise Http404
    follows = Follow.objects.filter(member=person, discussion__in=Discussion.objects.readable())
    if before:
        follows = follows.filter(pk__lt=before)
    page = list(follows.select_related("discussion", "thread__author").order_by("-pk")[: A_PAGE + 1])
    listed = {"follows": page[:A_PAGE], "older": page[A_PAGE - 1].pk if len(page) > A_PAGE else ""}
    return render(request, "accounts/following.html", head(request, person) | listed)


def head(request, person):
    """What stands above every page of a profile."""
    is_own = request.user == person
    published = Comment.objects.published()
    context = {
        "person": person,
        "roles": [ROLES[name] for name in person.groups.values_list("name", flat=True) if name in ROLES]
        if person.is_staff
        else [],
        "is_own": is_own,
        "is_muted": muting.is_muted(request.user, person),
        "reply_count": published.filter(under__author=person).exclude(author=person).count(),
        **published.filter(author=person).aggregate(comment_count=Count("pk"), featured_count=Count("featured_at")),
    }
    if is_own or person.shows_follows:
        readable = Discussion.objects.readable()
        context["follow_count"] = Follow.objects.filter(member=person, discussion__in=readable).count()
    if request.user.has_perm("moderation.add_decision"):
        context["standing"] = standing.of(person)
    if is_own:
        context["unseen_count"] = Comment.objects.filter(author=person, state__in=UNSEEN).count()
    return context


def page_of(comments, before):
    """A page of them, newest first: {"comments": …, "older": the cursor of the next page, or ""}. Raise Http404 for no cursor."""
    page = list(comments.filter(older_than(before)).order_by("-posted_at", "-pk")[: A_PAGE + 1])
    return {"comments": page[:A_PAGE], "older": cursor(page[A_PAGE - 1]) if len(page) > A_PAGE else ""}


def cursor(comment):
    """Where a page of comments ended: its time in microseconds, and its number."""
    return f"{(comment.posted_at - EPOCH) // timedelta(microseconds=1)}-{comment.pk}"


def older_than(text):
    """The condition for comments after the one that the cursor names. Raise Http404 for what is no cursor."""
    if not text:
        return Q()
    try:
        time, number = map(int, text.split("-"))
        when = EPOCH + timedelta(microseconds=time)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    return Q(posted_at__lte=when) & (Q(posted_at__lt=when) | Q(pk__lt=number))
