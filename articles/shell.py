"""What stands around the thread on an article's page: rendered once for many readers, with places for what is one's own.

Rendering the templates takes several times as long as all else that a page needs, and what they print for two members
differs in a name, a picture, a token. So a page is rendered once for each combination of what its {% if %} tags ask, with a
mark at each place, and filled from then on. docs/decisions/0006-shells.md says more.
"""

import re
import uuid
from types import SimpleNamespace

from django.contrib.messages import get_messages
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe

from campaign import keeping
from campaign.context_processors import theme
from comments.forms import CommentForm
from comments.panel import Place
from notifications import inbox

from . import editions

TEMPLATE = "articles/article.html"
kept = keeping.Kept(max_bytes=4 * 2**20)
PLACE = re.compile("\0([a-z_]+)\0")


def mark(name):
    # No text holds a NUL: forms and PostgreSQL refuse it.
    return mark_safe(f"\0{name}\0")  # noqa: S308  a word of ours


def page(request, context):
    """The HTML of an article's page. context: of views.article_context()."""
    reader = request.user
    # Staff see more, by their permissions; who takes no part reads why; a reply's form stands in the thread; a message is
    # said once.
    takes_part = not reader.is_authenticated or reader.takes_part
    if reader.is_staff or not takes_part or context["answering"] or len(get_messages(request)):
        return render_to_string(TEMPLATE, context, request)
    unread = inbox.unread(reader) if reader.is_authenticated else None
    key = key_of(request, context, unread)
    shell = kept.get(key)
    if shell is None:
        shell = PLACE.split(render_to_string(TEMPLATE, marked(context, reader, unread), request))
        kept.put(key, shell, sum(map(len, shell)))
    values = values_of(request, context, unread)
    return "".join(values[part] if at % 2 else part for at, part in enumerate(shell))


def key_of(request, context, unread):
    """All that the templates ask or print, but what has a place."""
    article, place, section, reader = context["article"], context["place"], context["section"], request.user
    discussion = article.discussion
    return (
        article.pk,
        article.updated_at,
        editions.of(article),
        discussion.standing,
        discussion.closes_at,
        place.sort,
        bool(place.after),
        bool(place.focus),
        context["counted"]["any"],
        bool(section.pieces),
        bool(section.next),
        bool(section.featured),
        bool(context["new"]),
        context["followed"],
        reader.is_authenticated and (bool(reader.avatar), bool(unread["count"])),
        keeping.reader(),
        theme(request),
    )


def marked(context, reader, unread):
    """The context with a mark in each place."""
    place, section = context["place"], context["section"]
    member = {}
    if reader.is_authenticated:
        member = {
            "user": SimpleNamespace(
                is_authenticated=True,
                is_staff=False,
                takes_part=True,
                avatar=SimpleNamespace(url=mark("picture")) if reader.avatar else None,
                unread={"count": mark("unread"), "shown": mark("unread_shown")} if unread["count"] else unread,
                get_absolute_url=mark("profile"),
                get_short_name=mark("short_name"),
                **{name: mark(name) for name in ("pk", "display_name", "hue", "initials")},
            ),
            "form": CommentForm(initial={"token": mark("token")}),
            "csrf_token": mark("csrf_token"),
            "messages": (),
        }
    return (
        context
        | member
        | {
            "story": mark("story"),
            "read_next": mark("read_next"),
            "thread": mark("thread"),
            "counted": {"number": mark("number"), "label": mark("label"), "any": context["counted"]["any"]},
            "new": context["new"] and {"label": mark("new_label"), "first": mark("new_first")},
            "place": Place(place.sort, place.after, place.focus and SimpleNamespace(pk=mark("focus"))),
            "section": SimpleNamespace(
                pieces=section.pieces,
                outline=mark("outline"),
                featured=section.featured and mark("featured"),
                next=section.next and mark("next"),
            ),
        }
    )


def values_of(request, context, unread):
    """What stands in the places, as HTML."""
    place, section, counted, reader = context["place"], context["section"], context["counted"], request.user
    values = {
        "story": context["story"],
        "read_next": context["read_next"],
        "thread": context["thread"],
        "outline": section.outline,
        "featured": section.featured,
        "next": section.next,
        "focus": str(place.focus.pk) if place.focus else "",
        "number": str(counted["number"]),
        "label": counted["label"],
    }
    if new := context["new"]:
        values |= {"new_label": new["label"], "new_first": str(new["first"])}
    if reader.is_authenticated:
        values |= {
            "csrf_token": get_token(request),
            "token": str(uuid.uuid4()),
            "unread": str(unread["count"]),
            "unread_shown": str(unread["shown"]),
            "picture": escape(reader.avatar.url.removesuffix(".webp")) if reader.avatar else "",
            "profile": escape(reader.get_absolute_url()),
            "short_name": escape(reader.get_short_name()),
            "pk": str(reader.pk),
            "display_name": escape(reader.display_name),
            "hue": str(reader.hue),
            "initials": escape(reader.initials),
        }
    return values
