"""How many bytes a guest loads for the largest page that a discussion has."""

import itertools
import json
import re
from pathlib import Path

import brotli
from django.conf import settings
from django.test import TestCase

from articles.pages import BROTLI_QUALITY
from campaign import markup
from comments import threads
from comments.models import Comment

from ..factories import make_article, make_user
from .trees import grow

LENGTH = 250  # characters of an ordinary comment
FIRST, LAST = "Ilse Dov Brisa Gwil Zeynab Pavo Aroha Emre", "Marrow Harkin Colton Orchard Rostani"


def full_window():
    """Whom each comment answers, so that the first page holds as many as a page may."""
    parents = [None] * threads.ROOTS
    for root in range(threads.ROOTS):
        for _reply in range(threads.REPLIES):
            parents.append(root)
            parents += [len(parents) - 1] * threads.NESTED
    return parents


def ordinary_texts(number):
    """Texts of LENGTH characters, none twice: those of the demo, cut anew."""
    content = Path(settings.BASE_DIR, "demo/content")
    discussions = json.loads((content / "discussions.json").read_text())
    said = [comment["body"] for comments in discussions.values() for comment in comments]
    said += [markup.plain(path.read_text()) for path in sorted((content / "articles").glob("*.html"))]
    text = re.sub(r"\s+", " ", " ".join(said))
    return [text[start : start + LENGTH] for start in range(0, number * LENGTH, LENGTH)]


class WeightTests(TestCase):
    """Of a page with as many comments as a page may have."""

    def test_a_full_window_is_light(self):
        article = make_article()
        authors = [make_user(" ".join(name)) for name in itertools.product(FIRST.split(), LAST.split())]
        comments = grow(full_window(), article=article, authors=authors)
        self.assertEqual(len(comments), threads.WINDOW)
        for comment, text in zip(comments, ordinary_texts(len(comments)), strict=True):
            comment.body, comment.html = text, markup.render_comment(text)
        Comment.objects.bulk_update(comments, ["body", "html"], batch_size=100)
        page = self.client.get(article.get_absolute_url())
        self.assertLessEqual(len(page.content), 240_000)
        # The words of the comments alone are 21 kB of it.
        self.assertLessEqual(len(brotli.compress(page.content, quality=BROTLI_QUALITY)), 30 * 1_024)
