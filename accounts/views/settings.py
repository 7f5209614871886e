"""What members say about themselves and how they want pages."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import avatars, handles
from accounts.forms import AppearanceForm, PrivacyForm, ProfileForm
from accounts.models import User
from articles import editions
from campaign import limits
from campaign.context_processors import theme
from campaign.images import BadPicture
from comments import authors

PICTURE_RATES = [(10, 3_600)]  # (number, seconds) per member


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
                    show_anew(person)
        except IntegrityError:  # somebody else was faster
            form.add_error("handle", handles.TAKEN)
        except BadPicture as problem:
            form.add_error("picture", problem)
        else:
            messages.success(request, _("Your profile is saved."))
            return redirect("accounts:profile_edit")
    return render(request, "accounts/profile_edit.html", {"form": form}, status=422)


def show_anew(person):
    """Let all pages be made anew that show the member's name or picture. Last in the transaction."""
    editions.bump()
    authors.changed(person)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request):
    """How much of themselves a member shows, and the way to all that is stored of them."""
    person = User.objects.get(pk=request.user.pk)
    form = PrivacyForm(request.POST if request.method == "POST" else None, instance=person)
    if not form.is_valid():
        return render(request, "accounts/privacy.html", {"form": form}, status=422 if form.is_bound else 200)
    with transaction.atomic():
        person.save(update_fields=form.Meta.fields)
        if "shows_full_name" in form.changed_data:
            show_anew(person)
    messages.success(request, _("Saved."))
    return redirect("accounts:privacy")


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
