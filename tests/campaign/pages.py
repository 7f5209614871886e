"""A small site of pages that misbehave, with the real site's settings, middleware and fault pages."""

from django.db import OperationalError
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import include, path
from django.views.decorators.cache import cache_control

import campaign.urls


def plain(request):
    return HttpResponse("plain")


def token(request):
    return HttpResponse(get_token(request))


def cookie(request):
    response = HttpResponse("chosen")
    response.set_cookie("theme", "dark")
    return response


@cache_control(public=True, max_age=60)
def own_policy(request):
    return HttpResponse("own")


def database_away(request):
    raise OperationalError("no route to host\nDETAIL: 10.0.0.1")


def broken(request, key=""):
    raise ZeroDivisionError


def writes_session(request):
    request.session["seen"] = 1
    return HttpResponse("kept")


def echo(request):
    return HttpResponse(request.POST.get("text", ""))


urlpatterns = [
    path("plain/", plain),
    path("token/", token),
    path("cookie/", cookie),
    path("own-policy/", own_policy),
    path("database-away/", database_away),
    path("broken/", broken),
    path("broken/<key>/", broken),
    path("writes-session/", writes_session),
    path("echo/", echo),
    path("", include(campaign.urls)),
]
handler500 = campaign.urls.handler500
