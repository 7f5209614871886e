"""Whose code runs while a page is made. In the site's own process: `shares(…)` in its shell.

A second thread looks a thousand times a second where the first one is. What runs counts for the innermost of PLACES around
it, so escaping a text counts for the template that prints it.
"""

import sys
import threading
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from comments.models import Discussion

from . import counting, posting

EVERY = 0.001  # seconds
# Part of a file's path: what it is there for. Before these come files of our own rooms, by name.
PLACES = {
    "django/db/backends/sqlite3/base": "waiting for the database",
    "psycopg": "waiting for the database",
    "django/db/": "the ORM",
    "django/template/": "templates",
    "crispy_forms/": "templates",
    "django/forms/": "forms",
    "markdown_it/": "Markdown",
    "django/contrib/": "session and member",
    "django/core/handlers/": "middleware and routes",
    "django/utils/deprecation": "middleware and routes",
    "whitenoise/": "middleware and routes",
    "csp/": "middleware and routes",
}
ROOMS = "accounts articles campaign comments moderation notifications petitions search".split()


def shares(path, session, seconds=3):
    """{what is asked: {place: share of the time, 0 to 1}} for the article at `path`; seconds: for each."""
    discussion = Discussion.objects.get(url=path)
    place = counting.place_of(discussion)
    guest, member = counting.reader(), counting.reader(session)
    address = reverse("comments:create", args=[discussion.pk])

    def change():
        Discussion.objects.filter(pk=discussion.pk).show_anew()

    requests = {
        "guest, just changed": (lambda: guest.get(path), change),
        "member, just changed": (lambda: member.get(path), change),
        "member, shared part kept": (lambda: member.get(path), None),
        "a reply": (lambda: member.post(address, posting.reply(place) | {"token": uuid4()}), None),
    }
    return {name: watched(*request, seconds) for name, request in requests.items()}


def watched(request, before, seconds):
    """{place: share of the time} of calling `request` again and again; before: called ahead of each, not watched."""
    request()
    ours, seen = threading.get_ident(), Counter()
    working, over = threading.Event(), threading.Event()

    def watch():
        while not over.wait(EVERY):
            if working.is_set():
                seen[place_of(sys._current_frames()[ours])] += 1

    switch = sys.getswitchinterval()
    sys.setswitchinterval(EVERY / 10)
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if before:
                before()
            working.set()
            request()
            working.clear()
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(switch)
    return {place: round(times / seen.total(), 3) for place, times in seen.most_common()}


def place_of(frame):
    while frame:
        file = frame.f_code.co_filename
        if file.startswith(str(settings.BASE_DIR)):
            room, *rest = Path(file).relative_to(settings.BASE_DIR).parts
            if room in ROOMS and "middleware" not in file:
                return "/".join([room, *rest])
        for part, place in PLACES.items():
            if part in file:
                return place
        frame = frame.f_back
    return "the rest"
