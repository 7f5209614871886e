"""Pages that belong to no room: health, uploaded files, faults."""

import logging
import shutil
import sys
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import SuspiciousFileOperation
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import FileResponse, Http404, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.template.loader import get_template
from django.utils._os import safe_join
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .logs import DATABASE_FAULTS

logger = logging.getLogger(__name__)
MEDIA_TYPES = {".webp": "image/webp", ".avif": "image/avif"}  # all that campaign/images.py writes
MEDIA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
FREE_BYTES = 100 * 2**20  # below that the site is not ready: SQLite needs room for its log


@require_safe
@never_cache
def healthz(request):
    """The process lives. Asks nothing else, so that a database fault restarts no worker."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request):
    """The site can serve: database, migrations, cache, disk. What fails stands in the log; only this machine is told here."""
    failing = [name for name, works in READY.items() if not works_quietly(works)]
    if failing:
        logger.error("not ready: %s", " ".join(failing))
    beside = request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
    text = " ".join(failing) if failing and beside else "not ready" if failing else "ok"
    return HttpResponse(text, status=503 if failing else 200, content_type="text/plain")


def works_quietly(check):
    try:
        return check()
    except Exception:  # whatever it is, the answer is no
        return False


def database_answers():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


migrated = False  # this process has seen it: its code needs no migration more, and looking is dear


def migrations_done():
    global migrated
    if migrated:
        return True
    executor = MigrationExecutor(connection)
    migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return migrated


def cache_keeps():
    cache.set("readyz", 1, 10)
    return cache.get("readyz") == 1


def disk_has_room():
    return shutil.disk_usage(settings.DATA_DIR).free > FREE_BYTES


READY = {"database": database_answers, "migrations": migrations_done, "cache": cache_keeps, "disk": disk_has_room}


@require_safe
def media(request, path):
    """An uploaded file, as the one type it can be. A server in front may do this instead (README)."""
    try:
        full = Path(safe_join(settings.MEDIA_ROOT, path))
        kind = MEDIA_TYPES[full.suffix]
        file = full.open("rb")
    except (SuspiciousFileOperation, ValueError, KeyError, OSError) as error:
        raise Http404 from error
    return FileResponse(
        file,
        content_type=kind,
        headers={
            # Names are random and never used again.
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": MEDIA_POLICY,
        },
    )


def server_error(request):
    """Something broke. If it is the database, away or full: a pause, 503. Else our fault, 500. Both pages ask nothing of it.

    Django calls this wherever it broke, in a view or in a middleware that loads or saves the session.
    """
    fault = sys.exc_info()[1]
    if isinstance(fault, UnreadablePostError):  # whoever sent it has hung up
        return HttpResponse(status=400)
    status = 503 if isinstance(fault, DATABASE_FAULTS) else 500
    try:
        page = get_template(f"{status}.html").render()
    except Exception:  # a page about a fault must not have one
        page = "<!doctype html><title>Rostrum</title><h1>A fault on our side</h1><p>Try again in a minute."
    return HttpResponse(page, status=status, headers={"Retry-After": "10"} if status == 503 else None)


def csrf_failure(request, reason=""):
    """The form's token is missing or old: say so, with a way back; what was typed is still in the previous page."""
    return render(request, "csrf_failure.html", status=403)
