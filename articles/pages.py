"""An article's page for guests: made once per version of all that it shows, kept in the process, answered ahead of all else.

Asking whether a kept page still holds is one small statement, and most of what guests ask for ends there. So it stands at
the door, as a middleware, and what it keeps is the whole answer, with every header that the others gave it.
"""

import hashlib
import re
import time

import brotli
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, connection
from django.http import HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language

from campaign.context_processors import theme
from campaign.keeping import Kept
from comments.panel import ADDRESS

from . import editions, shell

kept = Kept(max_bytes=12 * 2**20)
BROTLI_QUALITY = 8  # 9 takes five times as long
PATH = re.compile(r"/articles/([-\w]+)/\Z")
# All that a page shows comes with a change of one of these, or in its time (`until`). The ORM takes longer to say it than
# the rest of the answer together.
STATE = (
    "SELECT a.updated_at, d.version, d.opens_at, d.closes_at, d.mode, d.mode_until, e.number FROM articles_article a "
    "JOIN comments_discussion d ON d.id = a.discussion_id LEFT JOIN articles_edition e ON e.id = 1 "
    "WHERE a.slug = %s AND a.state = 'published'"
)


class KeptPage:
    """A whole answer, the state of the database that it shows, and until when it is true."""

    def __init__(self, response, state):
        self.body = response.content
        self.headers = {name: value for name, value in response.items() if name != "Content-Length"}
        self.state, self.until = state, response.kept_until
        self.compressed = None
        self.hits = 0

    def answer(self, request):
        self.hits += 1
        if self.headers["ETag"] in parse_etags(request.headers.get("If-None-Match", "")):
            return HttpResponseNotModified(headers=self.headers)
        # From the second reader on: a page that changes with every comment is not worth compressing.
        if "br" in request.headers.get("Accept-Encoding", "") and self.hits > 1:
            self.compressed = self.compressed or brotli.compress(self.body, quality=BROTLI_QUALITY)
            return HttpResponse(self.compressed, headers={**self.headers, "Content-Encoding": "br"})
        return HttpResponse(self.body, headers=self.headers)


def kept_pages(get_response):
    """Answer a guest who reads an article with the kept page, if what it shows has not changed; keep a new one."""

    def middleware(request):
        asked = PATH.match(request.path_info)
        if not asked or request.method not in ("GET", "HEAD") or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return get_response(request)
        try:
            place = tuple(map(request.GET.get, ADDRESS))
            state = state_of(asked[1])  # before the page is made, which then is none the older
        except (DatabaseError, SuspiciousOperation):
            return get_response(request)  # it meets the same fault, and says so with every header
        # The scheme and host as sent: those that Django refuses or redirects never come to be kept.
        key = (request.scheme, request.META.get("HTTP_HOST"), asked[1], place, get_language(), theme(request))
        page = kept.get(key)
        if page is None or page.state != state or page.until <= time.time():
            response = get_response(request)
            if getattr(response, "kept_until", None) is None or state is None:
                return response
            page = KeptPage(response, state)
            kept.put(key, page, 2 * len(page.body))
        return page.answer(request)

    return middleware


def state_of(slug):
    """What changes when the page of the published article changes, or None if there is no such article."""
    with connection.cursor() as cursor:
        cursor.execute(STATE, [slug])
        return cursor.fetchone()


def for_guests(request, article, context):
    """Render a guest's page of a published article, and say in `kept_until` (seconds since 1970) how long it holds."""
    response = HttpResponse(shell.page(request, context))
    response.kept_until = until(article, context["section"])
    # Weak, since it names the page and not its bytes, which may come compressed.
    response["ETag"] = f'W/"{hashlib.blake2b(response.content, digest_size=16).hexdigest()}"'
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    return response


def until(article, section):
    """When the page changes by itself: its times in words, a discussion that opens or closes, a story that comes out."""
    discussion, now = article.discussion, timezone.now()
    moments = (discussion.closes_at, discussion.mode_until, editions.next_of(article))
    step = min(section.step, 3_600)  # the stories beside it say their hour
    turns = (time.time() // step + 1) * step
    return min([turns, *(moment.timestamp() for moment in moments if moment and moment > now)])
