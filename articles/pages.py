"""An article's page for guests: made once per version of all that it shows, kept in the process, answered with 304."""

import hashlib
import time

import brotli
from django.http import HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language

from campaign.context_processors import theme
from campaign.keeping import Kept

from . import editions

kept = Kept(max_bytes=24 * 2**20)
BROTLI_QUALITY = 5  # better ones take longer than many readers save


class GuestPage:
    """One page as bytes, with its ETag and until when its times in words are true."""

    def __init__(self, html, step):
        self.body = html.encode()
        self.compressed = None
        # Weak, since it names the page and not its bytes, which may come compressed.
        self.etag = f'W/"{hashlib.blake2b(self.body, digest_size=16).hexdigest()}"'
        self.step, self.turn = step, int(time.time() // step)
        self.hits = 0

    @property
    def is_current(self):
        return int(time.time() // self.step) == self.turn

    def response(self, request):
        self.hits += 1
        if self.etag in parse_etags(request.headers.get("If-None-Match", "")):
            answer = HttpResponseNotModified()
        elif self.hits > 1 and "br" in request.headers.get("Accept-Encoding", ""):
            # From the second reader on: a page that changes with every comment is not worth compressing.
            self.compressed = self.compressed or brotli.compress(self.body, quality=BROTLI_QUALITY)
            answer = HttpResponse(self.compressed, headers={"Content-Encoding": "br"})
        else:
            answer = HttpResponse(self.body)
        answer["ETag"] = self.etag
        answer["Cache-Control"] = "public, max-age=0, must-revalidate"
        patch_vary_headers(answer, ["Accept-Encoding", "Cookie"])
        return answer


def for_guests(request, article, place, context):
    """Answer with the kept page, or with a new one from what `context()` returns.

    The key names everything that the page shows: the article, its discussion, the lists beside it, the reader's
    choices. None of it is younger than what is read afterwards.
    """
    discussion = article.discussion
    key = (
        article.pk,
        article.updated_at,
        discussion.version,
        discussion.standing,
        editions.of(article),
        place.sort,
        place.after,
        place.focus and place.focus.pk,
        place.answering and place.answering.pk,
        get_language(),
        theme(request),
    )
    page = kept.get(key)
    if page is None or not page.is_current:
        values = context()
        html = render_to_string("articles/article.html", values, request)
        page = GuestPage(html, min(values["section"].step, 3_600))
        kept.put(key, page, 2 * len(page.body))
    return page.response(request)
