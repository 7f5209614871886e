"""Comments as HTML, at the price of a string format each.

`comments/_comment.html` and its sisters are ordinary templates. Rendering one costs far more than what changes from
comment to comment, so each is rendered once for every combination of what its {% if %} tags ask (a variant), with marks
where values belong; the result is a pattern that is then filled as often as there are comments. A value never reaches
an {% if %} but as part of the variant. docs/decisions/0004-patterns.md says more.
"""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from html import escape  # Django's marks its result as safe, which costs more than the escaping

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from campaign.templatetags.rostrum import ago

from .models import State, StateQuestions
from .threads import Node

# Where sections.py cuts in what belongs to one member. No text holds a NUL: forms and PostgreSQL refuse it.
CLASS_PLACE, ACTIONS_PLACE = "\0c", "\0a"
# Stands for a comment's id in a pattern: a number, so that {% url %} takes it.
NUMBER = 987_654_321_987_654_321
OUTLINE_LENGTH = 60  # characters


@dataclass(frozen=True)
class Variant(StateQuestions):
    """What the templates may ask about a comment."""

    state: str
    is_readable: bool  # by this viewer; else a tombstone stands there
    level: int = 0
    author: str = ""  # "" a guest without an account, "initials", "picture"
    badge: str = ""  # "host" (the page is theirs), "moderator", "staff"
    is_featured: bool = False
    is_edited: bool = False
    answers: str = ""  # "name", "gone": whom it answers, where the indent does not show it
    takes_replies: bool = False
    has_replies: bool = False
    moderates: bool = False  # does the viewer?

    pk = NUMBER  # as of the model, for the moderators' bar


# What a template may print: a mark in the pattern, then the value.
NAMES = (
    "name profile picture hue initials posted_iso posted_full posted_ago edited_iso edited_full changed_iso changed_day "
    "answers_url answers_name body rule page replies after more_label recommends earlier newer count excerpt"
).split()


@lru_cache(maxsize=2_048)
def pattern(template, language, variant):
    """A template as a %-pattern with named places; language: the active one, which the result depends on."""
    marks = {name: mark_safe(f"\ue000{name}\ue001") for name in NAMES}  # noqa: S308  private characters around a word
    places = {"number": NUMBER, "own_class": CLASS_PLACE, "own_actions": ACTIONS_PLACE}
    html = render_to_string(template, marks | places | {"comment": variant})
    html = re.sub(r"\s*\n\s*", "\n", html.strip()).replace("%", "%%").replace(str(NUMBER), "%(id)s")
    return re.sub("\ue000([a-z_]+)\ue001", r"%(\1)s", html)


def thread(page, discussion, *, now=None, moderates=False, hosts=(), moderators=(), inserts=None):
    """The nodes of a threads.Page as nested lists.

    now: the moment that "2 hours ago" counts from. hosts: ids of members whom the page belongs to. moderators: ids of
    those authors who are moderators. inserts: {id of a comment: HTML to stand after it}.
    """
    # Asked once: what is active in this thread of Python is found by a walk through several objects.
    language, zone = get_language(), timezone.get_current_timezone()
    view = View(language, zone, now or timezone.now(), discussion.is_open, moderates, hosts, moderators)
    address = escape(discussion.url)
    out = ['<ol class="thread" role="list">']
    for node in page.nodes:
        variant, values = describe(node, view)
        values["page"] = address
        out.append(pattern("comments/_comment.html", language, variant) % values)
        if inserts and node.comment.pk in inserts:
            out.append(inserts[node.comment.pk])
        if node.opens:
            out.append(pattern("comments/_branch.html", language, None) % values)
        else:
            out.append(more(node, language, address) + "</li>")
        for closing in node.closes:
            out.append("</ol>" + more(closing, language, address) + "</details></li>")
    out.append("</ol>")
    return mark_safe("".join(out))  # noqa: S308  patterns of our templates, filled with escaped values


def more(node: Node, language, address):
    """The way to replies that the page leaves out, or nothing."""
    if not node.more:
        return ""
    values = {
        "id": node.comment.pk,
        "page": address,
        "after": f"&amp;after={node.after}" if node.after else "",
        "more_label": ngettext("%d more reply", "%d more replies", node.more) % node.more,
    }
    return pattern("comments/_more.html", language, None) % values


@dataclass(frozen=True)
class View:
    """What is the same for all comments of a page."""

    language: str
    zone: tzinfo
    now: datetime
    is_open: bool  # the discussion: does it take replies?
    moderates: bool  # does the viewer?
    hosts: frozenset  # ids of members whom the page belongs to
    moderators: frozenset  # ids of those authors who are moderators


def badge(comment, view):
    """The role in which its author speaks, a word for Variant.badge."""
    if comment.author_id in view.hosts:
        return "host"
    if comment.author_id in view.moderators:
        return "moderator"
    return "staff" if comment.author and comment.author.is_staff else ""


def describe(node, view):
    """Return (Variant, values) of a node. All values are safe to print."""
    comment, author, answers = node.comment, node.comment.author, node.answers
    variant = Variant(
        state=comment.state,
        is_readable=node.is_readable,
        level=node.level,
        author="" if author is None else "picture" if author.avatar else "initials",
        badge=badge(comment, view),
        is_featured=comment.featured_at is not None and comment.state == State.PUBLISHED,
        is_edited=comment.edited_at is not None,
        answers="" if answers is None else "name" if answers.is_published else "gone",
        takes_replies=view.is_open and comment.state == State.PUBLISHED,
        has_replies=comment.descendant_count > 0,
        moderates=view.moderates,
    )
    # Of a tombstone's replies, those below it on the page.
    below = comment.descendant_count or len(node.replies)
    values = {"id": comment.pk, "replies": replies(below, view.language), "name": escape(str(comment.name))}
    if not node.is_readable:
        # Nothing of a tombstone but its rule and day: no name, no text.
        changed = comment.state_changed_at or comment.posted_at
        values |= {
            "name": _("a removed comment"),
            "rule": escape(comment.hidden_under),
            "changed_iso": changed.isoformat(timespec="seconds"),
            "changed_day": day(changed.date(), view.language),
        }
        return variant, values
    values |= {
        "profile": profile_of(author.handle) if author else "",
        "picture": escape(author.avatar.url) if author and author.avatar else "",
        "hue": author.hue if author else "",
        "initials": escape(author.initials) if author else "",
        "posted_iso": comment.posted_at.isoformat(timespec="minutes"),  # seconds are a fiftieth of a page as it is sent
        "posted_full": full(comment.posted_at, view),
        "posted_ago": ago(comment.posted_at, view.now),
        "body": comment.html,
        "recommends": comment.recommend_count or "",
        "rule": escape(comment.hidden_under),
    }
    if comment.edited_at:
        values |= {
            "edited_iso": comment.edited_at.isoformat(timespec="seconds"),
            "edited_full": full(comment.edited_at, view),
        }
    if answers:
        values |= {"answers_url": f"/c/{answers.pk}/", "answers_name": escape(str(answers.name))}
    return variant, values


def outline(page):
    """The threads of a page, by author and first words: [(id of the root's author, HTML of its line)]."""
    line = pattern("comments/_outline.html", get_language(), None)
    out = []
    for comment in (node.comment for node in page.nodes if node.level == 0 and node.comment.is_published):
        values = {"id": comment.pk, "name": escape(str(comment.name)), "count": comment.descendant_count}
        values["excerpt"] = escape(shortened(comment.excerpt, OUTLINE_LENGTH))
        out.append((comment.author_id, line % values))
    return out


def shortened(text, length):
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


# What repeats on every page is worded once.
@lru_cache(maxsize=4_096)
def profile_of(handle):
    return escape(reverse("accounts:member", args=[handle]))


@lru_cache(maxsize=1_024)
def replies(number, language):
    return ngettext("%d reply", "%d replies", number) % number


@lru_cache(maxsize=4_096)
def day(date, language):
    return escape(date_format(date, "DATE_FORMAT"))


def full(moment, view):
    """A moment as "22 November 2026, 09:12": the day, which repeats, is formatted once."""
    local = moment.astimezone(view.zone)
    return f"{day(local.date(), view.language)}, {local.hour:02}:{local.minute:02}"
