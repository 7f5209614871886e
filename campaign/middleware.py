"""What every request passes through, beside Django's own. The order stands in settings.MIDDLEWARE."""

import logging
import secrets
import time

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import get_template
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.defaults import bad_request

from . import logs

logger = logging.getLogger("campaign.request")
HEALTH = ("/healthz", "/readyz")  # asked all day long: told when something is wrong
# What no page of ours uses, nor anything that might one day stand in one.
PERMISSIONS = ", ".join(f"{name}=()" for name in "camera display-capture geolocation microphone payment usb".split())


def request_log(get_response):
    """Give the request an id, answer it with the id as X-Request-ID, and log one line: method, path, status, time."""

    def middleware(request):
        token = logs.request_id.set(secrets.token_hex(8))
        started = time.perf_counter()
        try:
            response = get_response(request)
            response["X-Request-ID"] = logs.request_id.get()
            if request.path_info not in HEALTH or response.status_code >= 400:
                say(request, response, round((time.perf_counter() - started) * 1000))
            return response
        finally:
            logs.request_id.reset(token)

    def say(request, response, milliseconds):
        # Without the query, which may hold what somebody searched, and without the address of whoever asked.
        path = logs.shown_path(request)
        told = {"method": request.method, "path": path, "status": response.status_code, "ms": milliseconds}
        logger.info("%s %s %d", request.method, path, response.status_code, extra=told)

    return middleware


# What a cache takes from "304 Not Modified"; all else it has from the answer that it keeps (RFC 9110, 15.4.5).
OF_UNCHANGED = {"etag", "cache-control", "vary", "content-location", "expires", "last-modified", "x-request-id"}


def unchanged(get_response):
    """Say no more than that, where nothing has changed: open pages ask twice a minute, and the policies are most of an answer."""

    def middleware(request):
        response = get_response(request)
        if response.status_code == 304:
            for name in [name for name in response.headers if name.lower() not in OF_UNCHANGED]:
                del response.headers[name]
        return response

    return middleware


def permissions_policy(get_response):
    """Browsers need to open nothing for us."""

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response

    return middleware


def cache_policy(get_response):
    """Let shared caches keep what guests get, for as long as it is unchanged, and nothing that a member or a form gets.

    A view that sets Cache-Control itself is left alone. Asks no database: whoever brings a session is a member.
    """

    def middleware(request):
        response = get_response(request)
        if response.has_header("Cache-Control"):
            return response
        for_one_reader = (
            request.method not in ("GET", "HEAD")
            or response.status_code not in (200, 301, 302, 304, 404, 410)
            or response.cookies
            or request.META.get("CSRF_COOKIE_NEEDS_UPDATE")  # the page holds a form's token
            or settings.SESSION_COOKIE_NAME in request.COOKIES
        )
        if for_one_reader:
            patch_cache_control(response, private=True, no_store=True)
        else:
            patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
            patch_vary_headers(response, ["Cookie"])
        return response

    return middleware


def bounds(get_response):
    """Refuse at once what no view should have to think of: bodies too large to take, NUL where databases choke on it."""

    def middleware(request):
        if too_large(request):
            return HttpResponse(get_template("413.html").render(), status=413)
        if holds_nul(request):
            return bad_request(request, None)
        return get_response(request)

    return middleware


def too_large(request):
    """Judge by the length that is announced; a body without one is empty to Django."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return False
    with_files = request.content_type == "multipart/form-data"
    return length > (settings.CAMPAIGN_UPLOAD_BYTES if with_files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def holds_nul(request):
    """PostgreSQL takes no NUL in a text, and no text of ours holds one. Forms refuse it in their fields by themselves."""
    query = request.META.get("QUERY_STRING", "")
    return "\0" in request.path or "%00" in query or "\0" in query or any("\0" in v for v in request.COOKIES.values())
