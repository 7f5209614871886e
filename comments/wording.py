"""A member's words as HTML: Markdown, members named in it as links, quotes without the words of what is gone."""

from dataclasses import dataclass

from campaign import markup

from . import mentions, quoting
from .models import Comment, Discussion


@dataclass(frozen=True)
class Words:
    html: str
    quoted: dict  # {id: state} of the comments that the text quotes, as the HTML was made


def render(body, *, author, at, quoted=None):
    """Return the Words of a text that `author` wrote in a comment posted `at`; at most two queries.

    quoted: {id: state} of what it quotes, where it is known. Raise markup.TooLong.
    """
    if quoted is None:
        quoted = quoting.states_of(quoting.quoted_ids(body))
    html = markup.render_comment(quoting.without(body, quoting.gone_of(quoted)))
    return Words(mentions.link(html, author=author, at=at), quoted)


def fields(words, body):
    """What a Comment stores of its words."""
    return {"body": body, "html": words.html, "markup_version": markup.VERSION}


def settle(comment, words, found):
    """Store what a comment just written quotes, in the transaction that holds those comments.

    found: {id: state} as held. If one of them has gone or come back since the HTML was made, make it anew.
    """
    states = {pk: found[pk] for pk in words.quoted if pk in found}
    if quoting.gone_of(states) != quoting.gone_of(words.quoted):
        comment.html = render(comment.body, author=comment.author, at=comment.posted_at, quoted=states).html
        Comment.objects.filter(pk=comment.pk).update(html=comment.html)
    quoting.remember(comment, states)


def renew_quotes_of(source):
    """Take the words out of the quotes of `source`, or give them back, as its state is now.

    In the transaction that changes the state and holds the comments that quote it. Return the ids of their discussions.
    """
    changed = set()
    # Held again: one that was posted while the state was changing quotes it as well.
    quoting_it = Comment.objects.filter(quotes__source=source).order_by("pk")
    for comment in quoting_it.select_related("author").select_for_update(of=["self"], no_key=True):
        words = render(comment.body, author=comment.author, at=comment.posted_at)
        Comment.objects.filter(pk=comment.pk).update(html=words.html)
        changed.add(comment.discussion_id)
    return changed


def forget_words_of(source):
    """Take the words of `source` out of the texts that quote it, earlier versions too, for ever; their HTML has lost them.

    In the transaction that holds those comments: an edit meanwhile would be undone.
    """
    quoting_it = Comment.objects.filter(quotes__source=source).order_by("pk")
    for comment in quoting_it.select_related("author").select_for_update(of=["self"], no_key=True):
        Comment.objects.filter(pk=comment.pk).update(body=quoting.without(comment.body, {source.pk}))
        for version in comment.versions.all():
            version.body = quoting.without(version.body, {source.pk})
            version.html = render(version.body, author=comment.author, at=comment.posted_at).html
            version.save(update_fields=["body", "html"])


def raise_versions(discussion_ids):
    """Let the pages of these discussions be made anew. Held in id order: two that take several do not wait in a ring."""
    held = Discussion.objects.filter(pk__in=discussion_ids).order_by("pk").select_for_update(no_key=True)
    Discussion.objects.filter(pk__in=list(held.values_list("pk", flat=True))).show_anew()
