"""How a member wants pages: language, time zone, theme. Guests get the site's own, since their pages are kept for all."""

import zoneinfo
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
THEMES = [("auto", _("As on my device")), ("light", _("Light")), ("dark", _("Dark"))]


def preferred(get_response):
    """Answer members in their language and time zone. Asks nothing for a request without a session."""

    def middleware(request):
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return get_response(request)
        with as_preferred_by(request.user):
            return get_response(request)

    return middleware


@contextmanager
def as_preferred_by(member):
    """A context in which words are in the member's language and times in their time zone."""
    known = dict(settings.LANGUAGES)
    language = member.language if member.language in known else settings.LANGUAGE_CODE
    zone = member.time_zone if member.time_zone in zones() else None
    with translation.override(language), timezone.override(zone):
        yield


@cache
def zones():
    """Names of the time zones that a member may choose, in order."""
    return sorted(name for name in zoneinfo.available_timezones() if name.partition("/")[0] in AREAS)
