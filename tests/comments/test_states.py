"""Changing state: what is counted and what is listed follows at once, and comes back exactly as it was."""

import random
from io import StringIO

from django.core.management import call_command
from django.test import TestCase
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisCase

from comments import posting, states
from comments.models import Comment, Discussion

from ..conftest import LONG
from ..factories import make_article, make_comment, make_user
from . import trees
from .reading import Rows, differences, read, walk

MOVES = [
    ("published", "hidden"),
    ("hidden", "published"),
    ("published", "withdrawn"),
    ("published", "pending"),
    ("pending", "published"),
    ("pending", "hidden"),
    ("hidden", "pending"),
    ("hidden", "withdrawn"),
    ("withdrawn", "erased"),
]
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("post"), st.integers(0, 200)),
        st.tuples(st.sampled_from(MOVES), st.integers(0, 200)),
    ),
    min_size=1,
    max_size=40,
)


class AnyMixTests(HypothesisCase):
    """After any mix of posts and changes every kept number is what a recount says."""

    @settings(
        max_examples=300 if LONG else 50,
        deadline=None,
        derandomize=not LONG,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(acts=ACTS)
    def test_counts_and_places_agree_with_a_recount(self, acts):
        author = make_user()
        discussion = make_article().discussion
        comments, moved = [make_comment(discussion, author=author)], 0
        for act, choice in acts:
            chosen = comments[choice % len(comments)]
            if act == "post":
                parent = chosen if choice % 3 else None
                try:
                    comments.append(make_comment(discussion, author=author, parent=parent and fresh(parent)))
                except posting.ParentGone:
                    self.assertNotEqual(fresh(parent).state, "published")
            else:
                before, after = act
                was = fresh(chosen).state
                happened = states.move(fresh(chosen), to=after, expected=before)
                self.assertEqual(happened, was == before)
                self.assertEqual(fresh(chosen).state, after if happened else was)
                moved += happened
            if len(comments) > 60:
                break
        self.assertEqual(differences(discussion), [])
        self.assertEqual(Discussion.objects.get(pk=discussion.pk).version, len(comments) + moved)


def fresh(comment):
    return Comment.objects.select_related("discussion", "author").get(pk=comment.pk)


class RandomWalkTests(TestCase):
    """A long walk in one discussion; now and then what a reader finds is compared with the rows."""

    def test_a_reader_always_finds_what_is_listed(self):
        dice = random.Random(20)
        author, article = make_user(), make_article()
        comments = [make_comment(article.discussion, author=author) for _ in range(4)]
        for step in range(600 if LONG else 240):
            chosen = fresh(dice.choice(comments))
            if dice.random() < 0.45:
                parent = chosen if dice.random() < 0.8 else None
                if parent is None or parent.is_published:
                    comments.append(make_comment(article.discussion, author=author, parent=parent))
            else:
                before, after = dice.choice(MOVES[:4])
                states.move(chosen, to=after, expected=before)
            if step % 60 == 59:
                self.assertEqual(differences(article.discussion), [])
                rows, seen = Rows(article.discussion), set()
                for _here, _focus, page in walk(self.client, article.get_absolute_url()):
                    seen |= set(page.order)
                    self.assertEqual(page.count, rows.published)
                self.assertEqual(seen, rows.listed())


class MoveTests(TestCase):
    def test_tells_whether_it_happened(self):
        comment = make_comment()
        self.assertTrue(states.move(fresh(comment), to="hidden", expected="published"))
        self.assertFalse(states.move(fresh(comment), to="hidden", expected="published"))
        self.assertEqual(differences(comment.discussion), [])

    def test_a_move_that_did_not_happen_changes_nothing(self):
        comment = make_comment(parent=make_comment(), state="hidden", hidden_under="Off topic")
        before = [list(model.objects.order_by("pk").values()) for model in (Comment, Discussion)]
        self.assertFalse(states.move(fresh(comment), to="withdrawn", expected="published"))
        self.assertEqual([list(model.objects.order_by("pk").values()) for model in (Comment, Discussion)], before)

    def test_the_instance_knows_its_new_state(self):
        comment = make_comment()
        states.move(comment, to="hidden", expected="published", hidden_under="Abuse")
        self.assertEqual((comment.state, comment.hidden_under), ("hidden", "Abuse"))

    def test_hide_and_restore_leaves_all_but_time_and_version_as_it_was(self):
        comments = trees.grow(trees.mixed(40), state=trees.some_states())
        target = next(c for c in comments if c.state == "published" and c.descendant_count and c.depth)

        def rows():
            return {
                c.pop("id"): c | {"state_changed_at": None}
                for c in Comment.objects.filter(discussion=target.discussion).values()
            }

        before = rows()
        states.move(fresh(target), to="hidden", expected="published", hidden_under="Off topic")
        self.assertNotEqual(rows(), before)
        states.move(fresh(target), to="published", expected="hidden")
        self.assertEqual(rows(), before)

    def test_the_version_rises_with_each_visible_change(self):
        comment = make_comment()
        versions = [Discussion.objects.get(pk=comment.discussion_id).version]
        for before, after in (("published", "hidden"), ("hidden", "published"), ("published", "withdrawn")):
            states.move(fresh(comment), to=after, expected=before)
            versions.append(Discussion.objects.get(pk=comment.discussion_id).version)
        self.assertEqual(versions, [1, 2, 3, 4])

    def test_replies_to_the_hidden_keep_their_counts(self):
        root = make_comment()
        middle = make_comment(parent=root)
        make_comment(parent=middle)
        states.move(fresh(middle), to="hidden", expected="published")
        self.assertEqual(fresh(root).descendant_count, 1)
        self.assertEqual(fresh(middle).descendant_count, 1)


class TombstoneTests(TestCase):
    """L4: a tombstone stays as long as something visible stands below it."""

    def setUp(self):
        self.article = make_article()
        self.chain = [make_comment(self.article.discussion)]
        for _ in range(5):
            self.chain.append(make_comment(parent=self.chain[-1]))

    def listed(self):
        found = set()
        for _here, _focus, page in walk(self.client, self.article.get_absolute_url()):
            found |= set(page.order)
        return [comment.pk in found for comment in self.chain]

    def hide(self, *numbers):
        for number in numbers:
            self.assertTrue(states.move(fresh(self.chain[number]), to="hidden", expected="published"))

    def restore(self, *numbers):
        for number in numbers:
            self.assertTrue(states.move(fresh(self.chain[number]), to="published", expected="hidden"))

    def test_a_leaf_is_not_listed(self):
        self.hide(5)
        self.assertEqual(self.listed(), [True] * 5 + [False])

    def test_one_with_replies_is(self):
        self.hide(2)
        self.assertEqual(self.listed(), [True] * 6)

    def test_a_chain_vanishes_with_its_last_visible_reply_and_returns_with_it(self):
        self.hide(0, 1, 2, 3, 4)
        self.assertEqual(self.listed(), [True] * 6)
        make_comment(self.article.discussion)  # so that the page has something
        self.hide(5)
        self.assertEqual(self.listed(), [False] * 6)
        self.restore(5)
        self.assertEqual(self.listed(), [True] * 6)

    def test_the_part_below_the_last_visible_one_vanishes(self):
        self.hide(5, 4, 3)
        self.assertEqual(self.listed(), [True] * 3 + [False] * 3)
        self.restore(4)
        self.assertEqual(self.listed(), [True] * 5 + [False])

    def test_a_tombstone_without_replies_keeps_its_address(self):
        make_comment(self.article.discussion)
        self.hide(5)
        response = self.client.get(self.chain[5].get_absolute_url())
        page = read(self.client, response["Location"])
        self.assertEqual(page[self.chain[5]].state, "hidden")
        self.assertIsNone(page[self.chain[5]].text)

    def test_tombstones_stand_last_in_best(self):
        hidden = make_comment(self.article.discussion)
        make_comment(parent=hidden)
        Comment.objects.filter(pk=hidden.pk).update(score=10**6)
        newest = make_comment(self.article.discussion)
        states.move(fresh(hidden), to="hidden", expected="published")
        roots = [
            pk
            for pk in read(self.client, self.article.get_absolute_url()).order
            if pk in (hidden.pk, newest.pk, self.chain[0].pk)
        ]
        self.assertEqual(roots, [newest.pk, self.chain[0].pk, hidden.pk])


class BuilderTests(TestCase):
    """The tests' own builder of discussions and the product's way to post make the same rows."""

    def test_both_agree(self):
        parents = [None, 0, 1, 1, None, 3, *range(5, 45)]
        built = trees.grow(parents)
        posted, discussion = [], make_article().discussion
        for parent in parents:
            posted.append(make_comment(discussion, parent=None if parent is None else fresh(posted[parent])))
        for one, other in zip(built, posted, strict=True):
            one, other = fresh(one), fresh(other)
            self.assertEqual(one.depth, other.depth)
            self.assertEqual(one.descendant_count, other.descendant_count)
            self.assertEqual(len(one.path), len(other.path))
        self.assertEqual(differences(built[0].discussion) + differences(discussion), [])

    def test_seed_discussion_makes_sound_rows(self):
        for shape in ("wide", "thread", "deep", "mixed"):
            out = StringIO()
            call_command("seed_discussion", "--comments", "200", "--shape", shape, stdout=out, stderr=StringIO())
            discussion = Discussion.objects.get(url=out.getvalue().strip().splitlines()[-1])
            self.assertEqual(Comment.objects.filter(discussion=discussion).count(), 200)
            self.assertEqual(differences(discussion), [])
