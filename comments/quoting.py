"""Quotes of other comments: they hold a link to their source, and lose its words when readers may not see it any more.

A quote is a Markdown quote with a permalink in it. Its words stand in the text and in the HTML of the comment that
quotes; wording.py makes the HTML anew when the source goes or comes back, and the text leaves the server by `shown_body`.
"""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from campaign import markup

from .models import Comment, Quote, State

LONGEST = 1_000  # characters that a form is filled with
PERMALINK = re.compile(r"/c/([0-9]{1,18})/\Z")
LABELLED = re.compile(
    r"\[(?:\\.|[^\[\]\\])*\](\([^()\s]*/c/([0-9]{1,18})/\))"
)  # a link to a comment: its target, its id
LINE_END = re.compile(r"\r\n|\r|\n")  # those of Markdown: str.splitlines() knows more, and its lines are other ones
SPECIAL = re.compile(r"([\\`*_\[\]<>&!()@#])")


# In the text --------------------------------------------------------------------------------------------------------
def as_quote(comment, selected=""):
    """What a reply that quotes `comment` begins with: its words, or those `selected`, and whose they are, with a link."""
    words = selected.strip() or own_words(shown_body(comment))
    if len(words) > LONGEST:
        words = words[:LONGEST].rsplit(None, 1)[0] + " …"
    name = SPECIAL.sub(r"\\\1", str(comment.name))
    lines = [*words.splitlines(), "", f"— [{name}]({comment.get_absolute_url()})"]
    return "".join(f"> {line}".rstrip() + "\n" for line in lines) + "\n"


def own_words(body):
    """A text without what it quotes itself."""
    lines = LINE_END.split(body)
    for start, end, depth, _pks in reversed(list(blocks(body))):
        if depth == 1:
            del lines[start:end]
    return "\n".join(lines).strip()


def quoted_ids(body):
    """Ids of the comments that a text quotes; there may be none with such an id."""
    return {pk for _start, _end, _depth, pks in blocks(body) for pk in pks}


def without(body, gone):
    """A text whose quotes of the comments with ids in `gone` say that these are gone, and nothing else."""
    lines, done = LINE_END.split(body), 0
    out = []
    for start, end, depth, pks in blocks(body) if gone else ():
        if start < done or not pks & set(gone):
            continue
        # With the quotes inside it: they are words of the source as well.
        out += [*lines[done:start], f"{'> ' * depth}*{_('The quoted comment is no longer there.')}*"]
        done = end
        if end < len(lines) and lines[end].strip():
            out.append(("> " * (depth - 1)).rstrip())  # else what follows would be taken into the quote
    return "\n".join([*out, *lines[done:]]) if out else body


def blocks(body):
    """The quotes in a text, in order: (first line, line after the last, depth, {ids of comments that it links to}).

    A link belongs to the innermost quote around it.
    """
    found, around = [], []
    if ">" not in body or len(body) > markup.MAX_COMMENT:
        return found
    for token in markup.markdown.parse(body):
        if token.type == "blockquote_open":
            found.append((*token.map, len(around) + 1, set()))
            around.append(found[-1])
        elif token.type == "blockquote_close":
            around.pop()
        elif token.type == "inline" and around:
            around[-1][3].update(linked_ids(token))
    return found


def linked_ids(line):
    """Ids of the comments that the links in a parsed line lead to."""
    here = urlsplit(settings.SITE_URL).netloc
    for token in line.children:
        if token.type != "link_open":
            continue
        try:
            address = urlsplit(token.attrGet("href") or "")
        except ValueError:  # no address at all
            continue
        if address.netloc in ("", here) and (match := PERMALINK.match(address.path)):
            yield int(match[1])


# In the database ----------------------------------------------------------------------------------------------------
def shown_body(comment):
    """The text of a comment as its author may see it again: without quotes of what readers may not see."""
    gone = comment.quotes.exclude(source__state=State.PUBLISHED).values_list("source_id", flat=True)
    return without(comment.body, set(gone))


def states_of(pks):
    """{id: state} of these comments, as far as there are any."""
    return dict(Comment.objects.filter(pk__in=pks).values_list("pk", "state")) if pks else {}


def presumed(body):
    """{id: state} of what a text quotes as if all of it were there; wording.settle() looks while it is held."""
    return dict.fromkeys(quoted_ids(body), State.PUBLISHED)


def gone_of(states):
    """Of {id: state}, the ids of those that readers do not see."""
    return {pk for pk, state in states.items() if state != State.PUBLISHED}


def remember(comment, pks):
    """Store that `comment` quotes those with the ids `pks`. What an edit takes out stays noted: an earlier text holds it."""
    quotes = [Quote(comment=comment, source_id=pk) for pk in sorted(set(pks) - {comment.pk})]
    Quote.objects.bulk_create(quotes, ignore_conflicts=True)


def quoting_ids(source):
    """Ids of the comments that quote `source`."""
    return set(Quote.objects.filter(source=source).values_list("comment_id", flat=True))
