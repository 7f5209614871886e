"""Discussions of a given shape, stored in bulk: their places and counts are worked out here, not by the product."""

import random
from collections import Counter
from datetime import timedelta

from django.utils import timezone

from campaign import markup
from comments.models import Comment, Discussion

from ..factories import make_article, make_user


def grow(parents, *, article=None, authors=None, state=None, posted_at=None, score=None):
    """Store a comment for each entry of `parents` (the index of what it answers, or None) and return them in order.

    state, posted_at, score: functions of the index. The article is open; its discussion is `comments[0].discussion`.
    """
    article = article or make_article()
    authors = authors or [make_user(f"Member Nr{n}") for n in range(3)]
    started = timezone.now() - timedelta(days=1)
    depths, under = [], []
    for parent in parents:
        if parent is None:
            depths.append(0), under.append(None)
        elif depths[parent] < 32:
            depths.append(depths[parent] + 1), under.append(parent)
        else:
            depths.append(32), under.append(under[parent])
    made = [None] * len(parents)
    for depth in range(max(depths, default=0) + 1):
        # At the greatest depth a parent may stand in the same batch.
        waiting = [n for n, d in enumerate(depths) if d == depth]
        while waiting:
            now = [n for n in waiting if parents[n] is None or made[parents[n]]]
            batch = [
                Comment(
                    discussion=article.discussion,
                    author=authors[n % len(authors)],
                    body=f"Comment number {n}.",
                    html=f"<p>Comment number {n}.</p>\n",
                    markup_version=markup.VERSION,
                    parent=made[parents[n]] if parents[n] is not None else None,
                    under=made[under[n]] if under[n] is not None else None,
                    thread_id=made[under[n]].root_id if under[n] is not None else None,
                    above=path(made[under[n]]) if under[n] is not None else "",
                    depth=depth,
                    state=state(n) if state else "published",
                    posted_at=posted_at(n) if posted_at else started + timedelta(seconds=n),
                    score=score(n) if score else 1,
                )
                for n in now
            ]
            for n, comment in zip(now, Comment.objects.bulk_create(batch, batch_size=500), strict=True):
                made[n] = comment
            waiting = [n for n in waiting if made[n] is None]
    recount(made)
    return made


def path(comment):
    return f"{comment.above}{comment.pk:010d}"


def recount(comments):
    """Store the counts that the states of these comments, all of a discussion, make right."""
    below, known = Counter(), {comment.pk: comment for comment in comments}
    for comment in comments:
        up = comment.under_id if comment.state == "published" else None
        while up:
            below[up] += 1
            up = known[up].under_id
    counted = [comment for comment in comments if comment.pk in below]
    for comment in counted:
        comment.descendant_count = below[comment.pk]
    Comment.objects.bulk_update(counted, ["descendant_count"], batch_size=300)
    Discussion.objects.filter(pk=comments[0].discussion_id).update(
        comment_count=sum(comment.state == "published" for comment in comments), version=1
    )


# Shapes: whom each of n comments answers -----------------------------------------------------------------------------
def wide(n):
    return [None] * n


def thread(n, seed=2):
    """One root; most answer it, some answer an answer."""
    dice = random.Random(seed)
    return [None] + [0 if dice.random() < 0.8 else dice.randrange(number) for number in range(1, n)]


def deep(n):
    """Chains of 40, side by side."""
    return [None if number % 40 == 0 else number - 1 for number in range(n)]


def mixed(n, seed=3):
    dice = random.Random(seed)
    return [
        None if number == 0 or dice.random() < 0.3 else dice.randrange(max(0, number - 30), number)
        for number in range(n)
    ]


def holes(n):
    """One root and its replies; hide the first half by `state=in_first_half(n)`."""
    return [None] + [0] * (n - 1)


SHAPES = {"wide": wide, "thread": thread, "deep": deep, "mixed": mixed, "holes": holes}


def hidden_first_half(n):
    return lambda number: "hidden" if 0 < number <= n // 2 else "published"


def some_states(seed=4, others=("hidden", "withdrawn", "pending")):
    """A state for each index: two thirds published."""
    dice = random.Random(seed)
    chosen = {}
    states = ["published"] * 2 * len(others) + list(others)
    return lambda number: chosen.setdefault(number, dice.choice(states))
