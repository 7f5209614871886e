"""Where a member is signed in: the list, and the end of the others. A session is noted at sign-in; reading writes nothing."""

import json
import re

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

KEPT = 50  # of one member; the oldest ends when there is one more
# The first that fits: most browsers also name those that they descend from.
BROWSERS = {
    "Edge": r"Edg(e|A|iOS)?/",
    "Opera": r"OPR/|Opera",
    "Samsung Internet": r"SamsungBrowser/",
    "Firefox": r"Firefox/|FxiOS/",
    "Chrome": r"Chrome/|CriOS/",
    "Safari": r"Safari/",
}
SYSTEMS = {
    "iPhone": r"iPhone",
    "iPad": r"iPad",
    "Android": r"Android",
    "ChromeOS": r"CrOS",
    "Windows": r"Windows",
    "macOS": r"Macintosh|Mac OS X",
    "Linux": r"Linux|X11",
}


def device(user_agent):
    """What a User-Agent header names, in words: "Firefox, Linux"."""
    found = [
        next((name for name, mark in names.items() if re.search(mark, user_agent)), "") for names in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or _("A browser that does not say what it is")


def of(user):
    """The sessions of `user` that still sign in, newest first."""
    return UserSession.objects.filter(live(), user=user).order_by("-created_at", "-pk")


def live():
    return Exists(Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now()))


def end_others(user, keep=None):
    """End all sessions of `user` but the one whose key is `keep`. Return how many ended."""
    return end(UserSession.objects.filter(user=user).exclude(session_key=keep))


def end_oldest(user):
    """Leave `user` the KEPT newest sessions."""
    newest = UserSession.objects.filter(user=user).order_by("-created_at", "-pk").values("pk")[:KEPT]
    end(UserSession.objects.filter(user=user).exclude(pk__in=list(newest.values_list("pk", flat=True))))


def end_unfinished(addresses):
    """End the sessions of whoever began to sign in or up with one of these addresses and never finished."""
    marks = [json.dumps(address) for address in addresses]
    rows = Session.objects.defer("expire_date").iterator(chunk_size=2_000)
    keys = [row.pk for row in rows if any(mark in json.dumps(row.get_decoded()) for mark in marks)]
    Session.objects.filter(pk__in=keys).delete()


def end(rows):
    """End the sessions that these rows note. Return how many were still alive."""
    alive, _rows = Session.objects.filter(session_key__in=rows.values("session_key")).delete()
    rows.delete()
    return alive


def forget_ended():
    """Drop what is stored of sessions that have run out or ended, visitors' too. Return how many were sessions of members."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
    return UserSession.objects.filter(~live()).delete()[0]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def index(request):
    """Where the member is signed in; POST ends all the others."""
    if request.method == "POST":
        end_others(request.user, keep=request.session.session_key)
        messages.success(request, _("You are signed out everywhere else."))
        return redirect("accounts:sessions")
    rows = list(of(request.user)[:KEPT])
    for row in rows:
        row.is_this = row.session_key == request.session.session_key
        row.device = device(row.user_agent)
    return render(request, "accounts/sessions.html", {"sessions": rows})
