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
from comments.models import Comment, Discussion

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
        made = []  # the comments so far that a shape may reply to, all stored
        progress = tqdm(total=comments, unit="comment", disable=None)
        answers, at_once = SHAPES[shape]
        with transaction.atomic():
            while len(made) < comments:
                # A reply needs its parent's place, so the size of a batch grows with what is stored.
                size = max(1, min(BATCH, at_once(len(made), comments), comments - len(made)))
                batch = []
                for number in range(len(made), len(made) + size):
                    body, html = dice.choice(texts)
                    batch.append(
                        Comment(
                            discussion=article.discussion,
                            author=dice.choice(members),
                            body=body,
                            html=html,
                            markup_version=markup.VERSION,
                            posted_at=started + step * number,
                            **posting.place(answers(number, comments, made, dice)),
                        )
                    )
                made += [with_path(comment) for comment in Comment.objects.bulk_create(batch)]
                progress.update(len(batch))
            count(made)
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


def count(comments):
    """Store descendant_count of all, counted from their places."""
    below = {}
    for comment in comments:
        for pk in comment.ancestor_ids:
            below[pk] = below.get(pk, 0) + 1
    counted = [comment for comment in comments if comment.pk in below]
    for comment in counted:
        comment.descendant_count = below[comment.pk]
    Comment.objects.bulk_update(counted, ["descendant_count"], batch_size=500)


# Each shape: whom comment `number` of `total` answers, given those stored, and how many may be stored at once.
def wide(number, total, made, dice):
    return None


def thread(number, total, made, dice):
    """Replies to one root, some with a reply of their own."""
    if not made:
        return None
    return made[0] if dice.random() < 0.9 else dice.choice(made)


def deep(number, total, made, dice):
    """Chains of 33, growing side by side."""
    chains = max(1, total // 33)
    return made[number - chains] if number >= chains else None


def mixed(number, total, made, dice):
    """A third new threads; the rest answer, mostly what came lately."""
    if not made or dice.random() < 0.33:
        return None
    recent = max(0, len(made) - 400)
    return made[dice.randrange(recent, len(made))] if dice.random() < 0.8 else dice.choice(made)


SHAPES = {
    "wide": (wide, lambda stored, total: BATCH),
    "thread": (thread, lambda stored, total: stored),
    "deep": (deep, lambda stored, total: total // 33),
    "mixed": (mixed, lambda stored, total: stored // 4),
}
