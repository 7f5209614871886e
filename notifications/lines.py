"""Notifications in words: what a line of the page or of a mail says, asked of the subjects at this moment.

A line whose subject may not be read any more is gone: nothing of it is shown or sent, neither words nor names.

A subject is a comment, or looks like one (`is_readable_by(user)`, `discussion`, `html`, `get_absolute_url()`). Where a kind
is about the member alone, it has `is_readable_by(user)` and `told()`, which returns the fields of a Line. `told_with` of its
model, if there is one, names the relations to load it with.
"""

import logging
from dataclasses import dataclass
from itertools import groupby

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import Error as DatabaseFault
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaign import markup

from .models import Kind, Notification

logger = logging.getLogger(__name__)
ANYBODY = AnonymousUser()
ABOUT_THE_MEMBER = (Kind.DECISION, Kind.REPORT)  # may be read by nobody else; all other subjects are public
FOLLOWED = (Kind.DISCUSSION, Kind.THREAD)
QUOTED = 240  # characters
GLYPHS = {
    Kind.FEATURED: ("star", "star"),
    Kind.RECOMMENDED: ("up", ""),
}


@dataclass
class Line:
    """What one notification says now. If it is gone, `note` alone is set."""

    note: Notification
    words: str = ""  # with {who}, {where} and so on in it
    names: dict = None
    quote: str = ""
    url: str = ""  # a path of this site
    icon: str = ""  # "" where the picture of a person stands
    look: str = ""
    fault: Exception | None = None  # why it could not be put in words

    @property
    def is_gone(self):
        return not self.words

    @property
    def is_unread(self):
        return self.note.read_at is None

    @property
    def text(self):
        """The line as plain text, in one line."""
        return " ".join(self.words.format(**{name: str(value) for name, value in self.names.items()}).split())

    @property
    def html(self):
        """The line with its names in bold, kept apart from the words around them."""
        return format_html(self.words, **{name: bold(value) for name, value in self.names.items()})


def bold(value):
    return value if isinstance(value, int) else format_html("<b><bdi>{}</bdi></b>", value)


def lines_of(notifications):
    """Return a Line for each of `notifications`, in order. One query for each kind of subject.

    notifications: with their actors, and their recipients if decisions are among them.
    """
    subjects = subjects_of(notifications)
    lines = []
    for note in notifications:
        try:
            lines.append(line_of(note, subjects.get((note.subject_type_id, note.subject_id))))
        except DatabaseFault:
            raise
        except Exception as fault:  # one that cannot be said stops no other
            logger.exception("notification %s cannot be put in words", note.pk)
            lines.append(Line(note, fault=fault))
    return lines


def subjects_of(notifications):
    """{(type, id): subject}, each with what it always has, or with the relations that its model names in `told_with`."""
    found = {}
    keys = sorted({(note.subject_type_id, note.subject_id) for note in notifications})
    for type_id, group in groupby(keys, key=lambda key: key[0]):
        model = ContentType.objects.get_for_id(type_id).model_class()
        if model is None:
            continue  # of a room that is not installed any more
        always = [field.name for field in model._meta.fields if field.many_to_one and not field.null]
        rows = model._default_manager.select_related(*getattr(model, "told_with", always))
        for pk, subject in rows.in_bulk([pk for _type, pk in group]).items():
            found[type_id, pk] = subject
    return found


def line_of(note, subject):
    """The Line of one notification; gone if `subject` is, or if its reader may not read it."""
    if subject is None:
        return Line(note)
    many = note.kind in FOLLOWED and note.count > 1
    if many:  # of several comments the first one may have gone; what is named is their discussion
        if not subject.discussion.is_readable:
            return Line(note)
    elif not subject.is_readable_by(note.recipient if note.kind in ABOUT_THE_MEMBER else ANYBODY):
        return Line(note)
    if note.kind in ABOUT_THE_MEMBER:
        return Line(note, **subject.told())
    icon, look = GLYPHS.get(note.kind, ("", ""))
    names = {"where": subject.discussion.title, "who": note.actor.public_name if note.actor else _("A guest")}
    if many:
        url, quote = subject.discussion.get_absolute_url(), ""
    else:
        # Its own words: what it quotes may be those of the reader, or gone by now.
        url, quote = subject.get_absolute_url(), shortened(markup.plain(markup.without_quotes(subject.html)))
    if many:
        icon = "talk"
    if many or note.count > 1:
        names["number"] = note.count if many else note.count - 1
    return Line(note, sentence(note), names, quote, url, icon, look)


def sentence(note):
    """What happened, with places for names. A bundle says of how many."""
    others = note.count - 1
    match note.kind:
        case Kind.REPLY:
            return _("{who} replied to you in {where}")
        case Kind.MENTION:
            return _("{who} mentioned you in {where}")
        case Kind.RECOMMENDED if others:
            return ngettext(
                "{who} and {number} other member recommended your comment in {where}",
                "{who} and {number} other members recommended your comment in {where}",
                others,
            )
        case Kind.RECOMMENDED:
            return _("{who} recommended your comment in {where}")
        case Kind.FEATURED:
            return _("Your comment was featured by the editors in {where}")
        case Kind.THREAD if others:
            return _("{number} new replies in a thread that you follow in {where}")
        case Kind.THREAD:
            return _("{who} replied in a thread that you follow in {where}")
        case Kind.DISCUSSION if others:
            return _("{number} new comments in {where}")
        case Kind.DISCUSSION:
            return _("{who} commented on {where}, which you follow")
    raise ValueError(f"no words for {note.kind}")


def shortened(text):
    """The beginning of `text` in one line, cut between words."""
    text = " ".join(text.split())
    if len(text) <= QUOTED:
        return text
    return f"{text[:QUOTED].rpartition(' ')[0] or text[:QUOTED]}…"
