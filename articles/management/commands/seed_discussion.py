import random
from datetime import timedelta

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from accounts.models import User
from articles.models import Article
from articles.publishing import publish
from campaign import markup
from comments import posting
from comments.models import MAX_DEPTH, Comment, Discussion

BATCH = 2_000
WORDS = (
    "water board river street house letter answer school winter pump road meeting field garden report question neighbour "
    "bridge market council record promise window morning paper village harbour season account witness number station"
).split()


class Command(BaseCommand):
    help = "Make a new open article with a synthetic discussion, for benchmarks and load tests, and print its address."

    def add_arguments(self, parser):
        parser.add_argument("--comments", type=int, required=True, metavar="N")
        parser.add_argument("--shape", choices=SHAPES, default="mixed")
        parser.add_argument("--seed", type=int, default=1, help="of the random numbers; the same gives the same shape")

    def handle(self, *, comments, shape, seed, **options):
        dice = random.Random(seed)  # noqa: S311  nothing secret
        article = self.article(comments, shape)
        members = self.members()
        texts = [text(dice) for _ in range(200)]
        started = timezone.now() - timedelta(days=20)
        step = timedelta(days=19) / max(comments, 1)
        parents, batches = plan(comments, shape, dice)
        below = counts(parents)
        made = []
        progress = tqdm(total=comments, unit="comment", disable=None)
        with transaction.atomic():
            for size in batches:
                batch = []
                for number in range(len(made), len(made) + size):
                    body, html = dice.choice(texts)
                    parent = parents[number]
                    batch.append(
                        Comment(
                            discussion_id=article.discussion_id,
                            author_id=dice.choice(members).pk,
                            body=body,
                            html=html,
                            markup_version=markup.VERSION,
                            posted_at=started + step * number,
                            descendant_count=below[number],
                            **posting.place(None if parent is None else made[parent]),
                        )
                    )
                made += [with_path(comment) for comment in Comment.objects.bulk_create(batch)]
                progress.update(len(batch))
            Discussion.objects.filter(pk=article.discussion_id).update(comment_count=len(made), version=1)
        progress.close()
        self.stdout.write(article.get_absolute_url())

    def article(self, comments, shape):
        number = Article.objects.filter(slug__startswith="seeded-").count() + 1
        article = Article(
            title=f"A seeded discussion, {shape}, {comments:,} comments",
            slug=f"seeded-{shape}-{comments}-{number}",
            standfirst="Made by seed_discussion for measuring.",
            comments_close_after=0,
        )
        article.set_body("<p>" + "</p><p>".join(" ".join(WORDS) for _ in range(6)) + "</p>")
        publish(article, timezone.now() - timedelta(days=20))
        return article

    def members(self):
        names = [f"Seeded {word.title()}" for word in WORDS]
        known = {user.handle: user for user in User.objects.filter(handle__startswith="seeded-")}
        return [
            known.get(f"seeded-{word}")
            or User.objects.create_user(f"seeded-{word}@example.org", display_name=name, handle=f"seeded-{word}")
            for word, name in zip(WORDS, names, strict=True)
        ]


def text(dice):
    """One comment of 5 to 90 words: (Markdown, HTML)."""
    words = [dice.choice(WORDS) for _ in range(dice.randint(5, 90))]
    body = " ".join(words).capitalize() + "."
    return body, markup.render_comment(body)


def with_path(comment):
    """Fill in what the database generated, which bulk_create does not bring back everywhere."""
    comment.path = f"{comment.above}{comment.pk:010d}"
    return comment


def plan(comments, shape, dice):
    """Return ([the number of the comment that each one answers, or None], [how many of them are stored at once])."""
    answers, at_once = SHAPES[shape]
    parents, batches = [], []
    while len(parents) < comments:
        # A reply needs its parent's place, so the size of a batch grows with what is stored.
        stored = len(parents)
        size = max(1, min(BATCH, at_once(stored, comments), comments - stored))
        parents += [answers(number, comments, stored, dice) for number in range(stored, stored + size)]
        batches.append(size)
    return parents, batches


def counts(parents):
    """How many comments stand below each: what posting.place() makes of these parents, counted before they are stored."""
    under, depths, below = [], [], [0] * len(parents)
    for parent in parents:
        at_the_bottom = parent is not None and depths[parent] == MAX_DEPTH
        under.append(under[parent] if at_the_bottom else parent)
        depths.append(0 if parent is None else min(depths[parent] + 1, MAX_DEPTH))
    for number in reversed(range(len(parents))):
        if under[number] is not None:
            below[under[number]] += 1 + below[number]
    return below


# Each shape: whom comment `number` of `total` answers, given how many are stored, and how many may be stored at once.
def wide(number, total, stored, dice):
    return None


def thread(number, total, stored, dice):
    """Replies to one root, some with a reply of their own."""
    if not stored:
        return None
    return 0 if dice.random() < 0.9 else dice.randrange(stored)


def deep(number, total, stored, dice):
    """Chains of 33, growing side by side."""
    chains = max(1, total // 33)
    return number - chains if number >= chains else None


def mixed(number, total, stored, dice):
    """A third new threads; the rest answer, mostly what came lately."""
    if not stored or dice.random() < 0.33:
        return None
    recent = max(0, stored - 400)
    return dice.randrange(recent, stored) if dice.random() < 0.8 else dice.randrange(stored)


SHAPES = {
    "wide": (wide, lambda stored, total: BATCH),
    "thread": (thread, lambda stored, total: stored),
    "deep": (deep, lambda stored, total: total // 33),
    "mixed": (mixed, lambda stored, total: stored // 4),
}
