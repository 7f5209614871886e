"""Pages that belong to no room: health, uploaded files, faults."""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils._os import safe_join
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

MEDIA_TYPES = {".webp": "image/webp"}  # all that campaign/images.py writes
FREE_BYTES = 100 * 2**20  # below that the site is not ready: SQLite needs room for its log


@require_safe
@never_cache
def healthz(request):
    """The process lives. Asks nothing else, so that a database fault restarts no worker."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request):
    """The site can serve: database, migrations, cache, disk. Names what fails in one word, nothing more."""
    failing = [name for name, works in READY.items() if not works_quietly(works)]
    return HttpResponse(" ".join(failing) or "ok", status=503 if failing else 200, content_type="text/plain")


def works_quietly(check):
    try:
        return check()
    except Exception:  # whatever it is, the answer is no
        return False


def database_answers():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def migrations_done():
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


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
    except (ValueError, KeyError, OSError) as error:
        raise Http404 from error
    return FileResponse(
        file,
        content_type=kind,
        headers={
            # Names are random and never used again.
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def csrf_failure(request, reason=""):
    """The form's token is missing or old: say so, with a way back; what was typed is still in the previous page."""
    return render(request, "csrf_failure.html", status=403)
