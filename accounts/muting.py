"""A member does not want to read another one: verbs, and the pages they stand on. Nobody else can see whom they mute."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from .models import Mute, User

LISTED = 500


class Oneself(ValueError):
    """Nobody mutes themselves."""


def mute(member, other):
    """Let `member` hear nothing of `other` any more. Done twice, it is done. Raise Oneself."""
    if member.pk == other.pk:
        raise Oneself
    Mute.objects.bulk_create([Mute(member=member, muted=other)], ignore_conflicts=True)


def unmute(member, other):
    """Let `member` hear of `other` again."""
    Mute.objects.filter(member=member, muted=other).delete()


def is_muted(member, other):
    """Does `member`, perhaps a guest, mute `other`?"""
    return member.is_authenticated and Mute.objects.filter(member=member, muted=other).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mute_member(request, handle):
    """Mute a member; GET shows what that means, with the button."""
    return change(request, handle, mute, _("Muted. You find everybody whom you muted in your settings."))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def unmute_member(request, handle):
    """Hear of a member again; GET shows the button."""
    return change(request, handle, unmute, _("No longer muted."))


def change(request, handle, verb, done):
    # Whom one mutes can be unmuted, whatever became of their account.
    people = User.objects.filter(Q(is_active=True) | Q(muted_by__member=request.user)).distinct()
    person = get_object_or_404(people, handle=handle)
    way_back = request.POST.get("next") or request.GET.get("next") or ""
    if not get_adapter().is_safe_url(way_back):
        way_back = ""
    status = 200
    if request.method == "POST":
        try:
            verb(request.user, person)
        except Oneself:
            status = 403
        else:
            messages.success(request, done)
            return redirect(way_back or person)
    context = {"person": person, "is_muted": is_muted(request.user, person), "way_back": way_back}
    context["is_own"] = person == request.user
    return render(request, "accounts/mute.html", context, status=status)


@require_safe
@login_required
def muted(request):
    """Whom the member mutes, newest first."""
    mutes = Mute.objects.filter(member=request.user).select_related("muted").order_by("-since", "-pk")[:LISTED]
    return render(request, "accounts/muted.html", {"mutes": mutes})
