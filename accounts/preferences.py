"""How a member wants pages: language, time zone, theme. Guests get the site's own, since their pages are kept for all."""

import zoneinfo
from contextlib import ExitStack, contextmanager
from functools import cache

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
THEMES = [("auto", _("As on my device")), ("light", _("Light")), ("dark", _("Dark"))]


class preferred:  # noqa: N801  the name of a middleware
    """Answer members in their language and time zone. Asks nothing for a request without a session, nor for a view that
    says `for_all`: that it answers everybody the same."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with ExitStack() as request.preferred:
            return self.get_response(request)

    def process_view(self, request, view, _args, _kwargs):
        asks = settings.SESSION_COOKIE_NAME in request.COOKIES and not getattr(view, "for_all", False)
        if asks and request.user.is_authenticated:
            request.preferred.enter_context(as_preferred_by(request.user))


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
