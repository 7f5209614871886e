from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from articles import editions
from campaign import limits
from campaign.context_processors import theme
from campaign.images import BadPicture
from comments import authors
from comments.models import Comment

from . import avatars, handles, muting
from .forms import AppearanceForm, ProfileForm
from .models import User

COMMENTS_A_PAGE = 20
PICTURE_RATES = [(10, 3_600)]  # (number, seconds) per member
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROLES = {"Editors": gettext_lazy("Editor"), "Moderators": gettext_lazy("Moderator")}


@require_safe
def member(request, handle):
    """A member as others see them, with their published comments, newest first."""
    person = get_object_or_404(User, handle=handle, is_active=True)
    published = Comment.objects.published()
    own = published.filter(author=person)
    page = list(
        own.filter(older_than(request.GET.get("before")))
        .select_related("discussion")
        .order_by("-posted_at", "-pk")[: COMMENTS_A_PAGE + 1]
    )
    context = {
        "person": person,
        "roles": [ROLES[name] for name in person.groups.values_list("name", flat=True) if name in ROLES]
        if person.is_staff
        else [],
        "is_own": request.user == person,
        "is_muted": muting.is_muted(request.user, person),
        "comments": page[:COMMENTS_A_PAGE],
        "older": cursor(page[COMMENTS_A_PAGE - 1]) if len(page) > COMMENTS_A_PAGE else "",
        "reply_count": published.filter(under__author=person).exclude(author=person).count(),
        **own.aggregate(comment_count=Count("pk"), featured_count=Count("featured_at")),
    }
    return render(request, "accounts/member.html", context)


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


class Voice(NamedTuple):
    comment: Comment
    words: str


def featured_voice():
    """The newest of the featured comments that is short enough to be read in passing, or None."""
    featured = Comment.objects.published().filter(featured_at__isnull=False)
    for comment in featured.select_related("author", "discussion").order_by("-featured_at")[:10]:
        words = strip_tags(comment.html.partition("</p>")[0]).strip()
        if 20 <= len(words) <= 160:
            return Voice(comment, words)
    return None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile_edit(request):
    """What a member tells others about themselves."""
    # Not request.user itself: a refused form leaves its marks on the instance, and the page prints the user.
    person = User.objects.get(pk=request.user.pk)
    if request.method != "POST":
        return render(request, "accounts/profile_edit.html", {"form": ProfileForm(instance=person)})
    too_many = "picture" in request.FILES and limits.seconds_to_wait("avatar", person.pk, PICTURE_RATES)
    form = ProfileForm(request.POST, None if too_many else request.FILES, instance=person)
    if too_many:
        form.add_error("picture", _("Too many pictures in a short time. Try again in an hour."))
    if form.is_valid():
        try:
            with avatars.stored(form.cleaned_data["picture"]) as avatar, transaction.atomic():
                form.save(avatar)
                if form.changes_what_pages_show:
                    editions.bump()
                    authors.changed(person)
        except IntegrityError:  # somebody else was faster
            form.add_error("handle", handles.TAKEN)
        except BadPicture as problem:
            form.add_error("picture", problem)
        else:
            messages.success(request, _("Your profile is saved."))
            return redirect("accounts:profile_edit")
    return render(request, "accounts/profile_edit.html", {"form": form}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def appearance(request):
    """Light, dark, or as on the device: kept in a cookie, so that it holds without an account; of members in the account too."""
    way_back = request.POST.get("next") or request.GET.get("next") or ""
    if not get_adapter().is_safe_url(way_back):
        way_back = ""
    person = request.user if request.user.is_authenticated else None
    initial = {"theme": theme(request) or "auto"}
    if person:
        initial |= {"language": person.language, "time_zone": person.time_zone}
    form = AppearanceForm(
        request.POST if request.method == "POST" else None, initial=initial, is_member=person is not None
    )
    if not form.is_valid():
        context = {"form": form, "way_back": way_back}
        return render(request, "accounts/appearance.html", context, status=422 if form.is_bound else 200)
    chosen = form.cleaned_data["theme"].removeprefix("auto")
    if person:
        User.objects.filter(pk=person.pk).update(**form.cleaned_data | {"theme": chosen})
    response = HttpResponseRedirect(way_back or reverse("accounts:appearance"))
    if chosen:
        year = timedelta(days=365)
        cookie = {"max_age": year, "samesite": "Lax", "secure": settings.HTTPS, "httponly": True}
        response.set_cookie("theme", chosen, **cookie)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
