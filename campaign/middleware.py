"""What every request passes through, beside Django's own."""

import logging
import secrets
import time

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import get_template
from django.utils.cache import patch_cache_control, patch_vary_headers

from . import logs

logger = logging.getLogger("campaign.request")


def request_log(get_response):
    """Give the request an id, answer it with the id as X-Request-ID, and log one line: method, path, status, time."""

    def middleware(request):
        token = logs.request_id.set(secrets.token_hex(8))
        started = time.perf_counter()
        try:
            response = get_response(request)
            logger.info(
                "request",
                extra={
                    "method": request.method,
                    "path": request.path,  # without the query: it may hold a token
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - started) * 1000),
                },
            )
            response["X-Request-ID"] = logs.request_id.get()
            return response
        finally:
            logs.request_id.reset(token)

    return middleware


def database_faults(get_response):
    """Turn a database that is away or full into a plain 503 with Retry-After; reading and writing go on when it is back."""

    def middleware(request):
        return get_response(request)

    def process_exception(request, error):
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        logger.error("database fault: %s", error)
        return HttpResponse(get_template("503.html").render(), status=503, headers={"Retry-After": "10"})

    middleware.process_exception = process_exception
    return middleware


def cache_policy(get_response):
    """Let shared caches keep what guests get, for as long as it is unchanged, and nothing that a member or a form gets.

    A view that sets Cache-Control itself is left alone.
    """

    def middleware(request):
        response = get_response(request)
        if response.has_header("Cache-Control"):
            return response
        for_one_reader = (
            request.method not in ("GET", "HEAD")
            or response.status_code not in (200, 301, 302, 304, 404, 410)
            or response.cookies
            or request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
            or (hasattr(request, "user") and request.user.is_authenticated)
        )
        if for_one_reader:
            patch_cache_control(response, private=True, no_store=True)
        else:
            patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
            patch_vary_headers(response, ["Cookie"])
        return response

    return middleware
