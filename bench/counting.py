"""Which pages a discussion has, and how many queries each takes. Runs in the site's own process: `queries(…)` in its shell."""

import re
from html import unescape
from urllib.parse import urljoin
from uuid import uuid4

from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaign import keeping
from comments.models import Comment, Discussion

NEXT = re.compile(r'<a [^>]*rel="next"[^>]*>')
MORE = re.compile(r'<a [^>]*href="([^"]*at=[^"]*)"[^>]*>(\d+) more repl')
COMMENT = re.compile(r'<li id="c-(\d+)"')
HREF = re.compile(r'href="([^"]+)"')


def reader(session=""):
    client = Client(SERVER_NAME="127.0.0.1")
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


def get(client, path):
    return client.get(path.partition("#")[0])


def following(path, html):
    """The address of the next page, or None."""
    found = NEXT.search(html)
    return found and urljoin(path, unescape(HREF.search(found[0])[1]))


def after(path, number):
    """The address that `number` links rel=next from `path` lead to, or None if they end before."""
    client = reader()
    for _step in range(number):
        path = following(path, get(client, path).content.decode())
        if path is None:
            return None
    return path


def most_replies(path):
    """The address behind "more replies" that leaves out most, where the threads with most replies come first, or None."""
    busiest = f"{path}?sort=busy"
    links = MORE.findall(get(reader(), busiest).content.decode())
    if not links:
        return None
    href, _number = max(links, key=lambda link: int(link[1]))
    return urljoin(path, unescape(href))


def pages(path):
    """{kind of page: its address} of the discussion at `path`; a kind that it has none of is left out."""
    more = most_replies(path)
    comments = Comment.objects.filter(discussion=Discussion.objects.get(url=path)).order_by("pk")
    deepest = comments.order_by("-depth", "-pk").first()
    found = {
        "first page": path,
        "most replies first": f"{path}?sort=busy",  # the fullest page
        "40th page": after(path, 39),
        "more replies": more,
        "40th page of replies": more and after(more, 39),
        "link to the oldest": f"/c/{comments.first().pk}/",
        "link to the newest": f"/c/{comments.last().pk}/",
        "link to the deepest": f"/c/{deepest.pk}/" if deepest.depth else None,
    }
    return {kind: address.partition("#")[0] for kind, address in found.items() if address}


def cold(client, path):
    """(response, number of queries) of a request while nothing is kept anywhere."""
    keeping.forget_all()
    for name in settings.CACHES:
        caches[name].clear()
    with CaptureQueriesContext(connection) as asked:
        response = get(client, path)
    return response, len(asked)


def queries(path, session):
    """What each kind of page takes a guest and a member of this session.

    {kind: {"path", "page" that a link leads to, "rendered" comments, "guest", "member": [queries of the redirect, of
    the page]}}
    """
    counted = {}
    for kind, address in pages(path).items():
        counted[kind] = row = {"path": address}
        for who, client in {"guest": reader(), "member": reader(session)}.items():
            get(client, path)  # permissions and content types are known now
            response, led = cold(client, address)
            row["page"] = address if response.status_code == 200 else urljoin(address, response["Location"])
            if response.status_code == 302:
                response, asked = cold(client, row["page"])
            else:
                led, asked = 0, led
            if response.status_code != 200:
                raise SystemExit(f"{row['page']} answers {response.status_code}")
            row[who] = [led, asked]
            row["rendered"] = len(COMMENT.findall(response.content.decode()))
        row["page"] = row["page"].partition("#")[0]
    return counted


def place_of(discussion):
    """What bench.posting must know to write below the oldest comment."""
    root = Comment.objects.filter(discussion=discussion).order_by("pk").first()
    return {"discussion": discussion.pk, "root": root.pk, "name": root.name, "handle": root.author.handle}


def posts(path, session):
    """{kind of post (bench.posting.KINDS): [queries of the site's database, of the cache's]} below the article at `path`."""
    from bench import posting

    discussion = Discussion.objects.get(url=path)
    place = place_of(discussion)
    client, counted = reader(session), {}
    for kind, words in posting.KINDS.items():
        for _time in range(2):  # the first one makes what is made once
            data = words(place) | {"token": uuid4()}
            address = reverse("comments:create", args=[discussion.pk])
            with CaptureQueriesContext(connection) as asked, CaptureQueriesContext(connections["cache"]) as cached:
                response = client.post(address, data)
            if response.status_code != 302:
                raise SystemExit(f"{kind}: {response.status_code}")
        counted[kind] = [len(asked), len(cached)]
    return counted
