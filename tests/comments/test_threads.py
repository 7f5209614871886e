"""The order of comments, and the way from page to page."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from django.test import TestCase
from django.utils import timezone

from . import trees
from .reading import Rows, differences, read, walk

SORTS = ["best", "newest", "oldest", "busy"]
UNSEEN = ("hidden", "withdrawn", "erased")
WINDOW = 200  # comments of a page (T3)


def address(comment, **query):
    """The page of a comment's discussion."""
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return comment.discussion.url + (f"?{words}" if words else "")


class WalkTests(TestCase):
    """Whatever the shape, following the links of the pages shows every listed comment exactly once, in order."""

    def check(self, comments, sort="best"):
        discussion = comments[0].discussion
        self.assertEqual(differences(discussion), [])
        rows = Rows(discussion)
        seen, roots, replies = set(), [], {}
        for here, focus, page in walk(self.client, address(comments[0], sort=sort)):
            self.assertLessEqual(len(page.comments), WINDOW, here)
            repeated = [ident for ident, number in page.ids.items() if number > 1]
            self.assertEqual(repeated, [], here)
            on_the_way = {focus, *rows.above(rows.all[focus])} if focus else set()
            if focus:
                self.assertIn(focus, page, here)
            for comment in page.comments:
                if comment.pk in on_the_way:
                    continue
                self.assertNotIn(comment.pk, seen, f"{here} shows {comment.pk} again")
                seen.add(comment.pk)
                self.assertEqual(comment.state, rows.all[comment.pk].state)
                self.assertEqual(comment.text is not None, comment.state == "published")
                under = rows.all[comment.pk].under_id
                (replies.setdefault(under, []) if under else roots).append(comment.pk)
                if under:
                    self.assertIn(
                        under, page.order[: page.order.index(comment.pk)], "a reply without what it stands under"
                    )
        self.assertEqual(seen, rows.listed())
        self.assertEqual(roots, rows.roots(sort))
        for under, order in replies.items():
            self.assertEqual(order, rows.replies(under), f"below {under}")

    def check_all_sorts(self, comments):
        for sort in SORTS:
            with self.subTest(sort=sort):
                self.check(comments, sort)

    def test_many_roots(self):
        self.check_all_sorts(trees.grow(trees.wide(90)))

    def test_many_replies_to_one(self):
        self.check_all_sorts(trees.grow(trees.thread(160)))

    def test_chains_deeper_than_places(self):
        self.check_all_sorts(trees.grow(trees.deep(125)))

    def test_a_mixture(self):
        self.check_all_sorts(trees.grow(trees.mixed(220)))

    def test_a_mixture_in_all_states(self):
        self.check_all_sorts(trees.grow(trees.mixed(260, seed=5), state=trees.some_states(others=UNSEEN)))

    def test_chains_in_all_states(self):
        self.check(trees.grow(trees.deep(120), state=trees.some_states(6, others=UNSEEN)))

    def test_one_root_with_its_first_half_hidden(self):
        self.check_all_sorts(trees.grow(trees.holes(100), state=trees.hidden_first_half(100)))

    def test_a_chain_of_150(self):
        self.check(trees.grow([None, *range(149)]))

    def test_replies_that_all_stand_at_the_greatest_depth(self):
        chain = [None, *range(32)]  # the last one has depth 32
        dice = random.Random(8)
        self.check(trees.grow([*chain, *(dice.randrange(31, n) for n in range(33, 120))]))

    def test_everything_at_the_same_moment(self):
        moment = timezone.now() - timedelta(hours=2)
        self.check_all_sorts(trees.grow(trees.mixed(150, seed=7), posted_at=lambda n: moment))

    def test_times_that_do_not_follow_the_ids(self):
        dice, start = random.Random(9), timezone.now() - timedelta(days=40)
        minutes = [dice.randrange(60) for _ in range(150)]  # many ties
        self.check_all_sorts(
            trees.grow(trees.mixed(150, seed=9), posted_at=lambda n: start + timedelta(minutes=minutes[n]))
        )

    def test_scores_with_ties(self):
        dice = random.Random(10)
        self.check(trees.grow(trees.mixed(180, seed=10), score=lambda n: dice.randrange(1, 5)), "best")

    def test_times_long_ago(self):
        start = datetime(1995, 5, 1, tzinfo=UTC)
        self.check_all_sorts(trees.grow(trees.wide(45), posted_at=lambda n: start + timedelta(microseconds=n // 2)))

    def test_a_few_hundred_more(self):
        self.check(trees.grow(trees.mixed(900, seed=11), state=trees.some_states(12, others=UNSEEN)), "busy")

    def test_where_what_waits_has_replies(self):
        """A comment can wait again after an edit, or come so from an import, while its replies are published."""
        self.check(trees.grow(trees.mixed(150, seed=15), state=trees.some_states(16, others=("pending",))))


class MoreRepliesTests(TestCase):
    """The number beside "more replies" is the number of comments that a reader finds there."""

    def check(self, comments):
        rows = Rows(comments[0].discussion)
        for here, _focus, page in walk(self.client, address(comments[0])):
            shown, left_out = set(page.order), Counter()
            for comment in rows.all.values():
                if comment.state == "published" and comment.pk not in shown:
                    left_out[next((pk for pk in rows.above(comment) if pk in shown), None)] += 1
            for pk, href, number in page.more:
                self.assertTrue(set(read(self.client, href).order) - shown, f"{here}: {href} shows nothing more")
                if "after=" not in here:
                    self.assertEqual(number, left_out[pk], f"{here}: {href}")

    def test_in_a_mixture(self):
        self.check(trees.grow(trees.mixed(200, seed=13), state=trees.some_states(14, others=("hidden", "withdrawn"))))

    def test_below_one_root(self):
        self.check(trees.grow(trees.thread(150)))

    def test_in_chains(self):
        self.check(trees.grow(trees.deep(80)))
