"""Members named in a comment: @handle becomes a link to the profile, on the way in."""

import re

from django.db.models import Exists, OuterRef, Q
from django.utils.html import escape

from accounts.models import User
from campaign import markup

from .models import Comment, State
from .standing import NEW_FOR

MOST, MOST_OF_NEW = 5, 2  # members in one comment
SUGGESTED = 8

# Not inside an address or a path; handles as accounts/handles.py allows them.
NAMED = re.compile(r"(?<![\w@/.+-])@([A-Za-z0-9][A-Za-z0-9-]{0,28}[A-Za-z0-9])(?![\w-])")
LINKED = re.compile(r'<a class="mention" href="/members/([a-z0-9-]{2,30})/">')
TAG = re.compile(r"(<[^>]*>)")


def link(html, *, author, at):
    """Link the members that a comment's HTML names, at most MOST, of a new `author` MOST_OF_NEW: one query, or none.

    html: from campaign.markup; names in quotes and links stay as they are. at: when it was posted.
    """
    if "@" not in html:
        return html
    parts = TAG.split(html)
    texts = list(open_texts(parts))
    wanted = {name.lower() for index in texts for name in NAMED.findall(parts[index])}
    if not wanted:
        return html
    known = {user.handle: user for user in User.objects.filter(handle__in=wanted, is_active=True).only("handle")}
    room = MOST_OF_NEW if author and at - author.joined_at < NEW_FOR else MOST
    linked = set()

    def linked_name(found):
        user = known.get(found[1].lower())
        if user is None or (user.pk not in linked and len(linked) >= room):
            return found[0]
        linked.add(user.pk)
        return f'<a class="mention" href="{escape(user.get_absolute_url())}">{found[0]}</a>'

    for index in texts:
        parts[index] = NAMED.sub(linked_name, parts[index])
    return "".join(parts)


def open_texts(parts):
    """Yield the places of texts in `parts` (HTML, split at its tags) that stand in no link and in no quote."""
    inside = 0
    for index, part in enumerate(parts):
        if index % 2 == 0:
            if not inside:
                yield index
        elif part.startswith(("<a ", "<blockquote")):
            inside += 1
        elif part in ("</a>", "</blockquote>"):
            inside -= 1


def mentioned(comment):
    """The members whom a comment names, its author left out; a User queryset of at most MOST."""
    handles = LINKED.findall(markup.without_quotes(comment.html))[:MOST]
    return User.objects.filter(handle__in=handles, is_active=True).exclude(pk=comment.author_id)


def suggest(discussion, start, *, besides):
    """At most SUGGESTED members whose handle or first name begins with `start`: those in the discussion first.

    start: a word; besides: the member who asks. Names that members do not show are not searched.
    """
    # No space: only the first word of a name is public to all.
    if not start or " " in start:
        return []
    members = User.objects.filter(
        Q(handle__startswith=start.lower()) | Q(display_name__istartswith=start), is_active=True
    ).exclude(pk=besides.pk)
    said = Comment.objects.filter(discussion=discussion, author=OuterRef("pk"), state=State.PUBLISHED)
    found = list(members.filter(Exists(said)).order_by("handle")[:SUGGESTED])
    if len(found) < SUGGESTED:
        others = members.exclude(pk__in=[user.pk for user in found]).order_by("handle")
        found += others[: SUGGESTED - len(found)]
    return found
