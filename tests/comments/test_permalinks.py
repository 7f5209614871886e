"""The way to one comment: its address leads to a page that holds it, whatever its state, place and the reader's order."""

import random
from urllib.parse import urlsplit

from django.test import TestCase

from articles.publishing import withdraw
from comments import states
from comments.models import Comment

from ..factories import make_article, make_comment, make_editor, make_moderator, make_user
from . import trees
from .reading import Rows, read

SORTS = ["best", "newest", "oldest", "busy", "featured"]


class PermalinkTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author, cls.member, cls.moderator = make_user("Author Own"), make_user("Reader Other"), make_moderator()
        cls.comments = trees.grow(trees.mixed(500), state=trees.some_states(), authors=[cls.author, make_user("B C")])
        cls.rows = Rows(cls.comments[0].discussion)

    def follow(self, comment, sort=None):
        """Open the address of a comment and return the page that it leads to."""
        response = self.client.get(comment.get_absolute_url() + (f"?sort={sort}" if sort else ""))
        self.assertEqual(response.status_code, 302)
        self.assertEqual(urlsplit(response["Location"]).fragment, f"c-{comment.pk}")
        return read(self.client, response["Location"])

    def check_found(self, comment, sort=None):
        page = self.follow(comment, sort)
        self.assertEqual(page.order.count(comment.pk), 1)
        # What it stands under is there as well, in order.
        above = self.rows.above(comment)[::-1]
        places = [page.order.index(pk) for pk in [*above, comment.pk]]
        self.assertEqual(places, sorted(places))
        self.assertEqual([ident for ident, number in page.ids.items() if number > 1], [])
        return page

    def published(self):
        return [c for c in self.comments if c.state == "published"]

    def test_first_middle_last_and_deepest_in_every_sort(self):
        published = self.published()
        deepest = max(published, key=lambda c: c.depth)
        for comment in (published[0], published[len(published) // 2], published[-1], deepest):
            for sort in (None, *SORTS):
                with self.subTest(comment=comment.pk, depth=comment.depth, sort=sort):
                    self.assertEqual(self.check_found(comment, sort)[comment].text, comment.body)

    def test_a_hundred_at_random(self):
        dice = random.Random(1)
        for comment in dice.sample(self.published(), 100):
            with self.subTest(comment=comment.pk):
                self.check_found(comment, dice.choice(SORTS))

    def test_in_a_chain_of_150(self):
        chain = trees.grow([None, *range(149)])
        self.rows = Rows(chain[0].discussion)
        for comment in (chain[0], chain[31], chain[32], chain[33], chain[90], chain[149]):
            with self.subTest(comment=comment.pk):
                self.check_found(comment)

    def test_far_down_below_one_root(self):
        replies = trees.grow(trees.holes(300))
        self.rows = Rows(replies[0].discussion)
        for comment in (replies[0], replies[3], replies[4], replies[150], replies[299]):
            for sort in SORTS:
                with self.subTest(comment=comment.pk, sort=sort):
                    self.check_found(comment, sort)

    def test_still_lands_after_the_order_changed(self):
        comment = self.published()[7]
        addresses = [self.client.get(f"{comment.get_absolute_url()}?sort={sort}")["Location"] for sort in SORTS]
        Comment.objects.filter(discussion=comment.discussion, parent=None).update(score=5)
        states.move(self.published()[20], to="hidden", expected="published")
        make_comment(comment.discussion)
        for address in addresses:
            if "at=" in address:
                self.assertIn(comment.pk, read(self.client, address))
        self.check_found(comment)

    def places(self):
        """A comment without visible replies and one with, in each state that is not published."""
        for state in ("hidden", "withdrawn"):
            for has_replies in (False, True):
                yield next(
                    c
                    for c in self.comments
                    if c.state == state
                    and c.depth
                    and bool(self.rows.below[c.pk]) == has_replies
                    and c.author == self.author
                )

    def test_a_tombstone_is_there_for_everybody_else(self):
        for comment in self.places():
            for viewer in (None, self.member):
                if viewer:
                    self.client.force_login(viewer)
                with self.subTest(state=comment.state, replies=comment.descendant_count, viewer=viewer):
                    page = self.check_found(comment)
                    self.assertIsNone(page[comment].text)
                    self.assertEqual(page[comment].state, comment.state)
                    self.assertNotIn(comment.body, page.source)
            self.client.logout()

    def test_its_author_reads_what_is_hidden(self):
        self.client.force_login(self.author)
        for comment in self.places():
            with self.subTest(state=comment.state, replies=comment.descendant_count):
                page = self.check_found(comment)
                self.assertEqual(page[comment].text, comment.body if comment.state == "hidden" else None)

    def test_a_moderator_reads_what_is_hidden(self):
        self.client.force_login(self.moderator)
        for comment in self.places():
            with self.subTest(state=comment.state, replies=comment.descendant_count):
                page = self.check_found(comment)
                self.assertEqual(page[comment].text, comment.body if comment.state == "hidden" else None)

    def test_what_waits_has_no_place_for_others(self):
        waiting = next(c for c in self.comments if c.state == "pending" and not self.rows.below[c.pk])
        for viewer in (None, self.member):
            if viewer:
                self.client.force_login(viewer)
            self.assertEqual(self.client.get(waiting.get_absolute_url()).status_code, 404)
            for name in ("at", "reply"):
                self.assertEqual(self.client.get(f"{waiting.discussion.url}?{name}={waiting.pk}").status_code, 404)

    def test_what_waits_and_has_replies_is_a_tombstone_for_others(self):
        waiting = next(c for c in self.comments if c.state == "pending" and self.rows.below[c.pk])
        page = read(self.client, f"{waiting.discussion.url}?at={waiting.pk}")
        self.assertIsNone(page[waiting].text)
        self.assertGreater(len(page.comments), 1)
        self.check_found(waiting)

    def test_what_waits_is_there_for_its_author_and_moderators(self):
        for has_replies in (False, True):
            waiting = next(
                c
                for c in self.comments
                if c.state == "pending" and bool(self.rows.below[c.pk]) == has_replies and c.author == self.author
            )
            for viewer in (self.author, self.moderator):
                with self.subTest(viewer=viewer, replies=has_replies):
                    self.client.force_login(viewer)
                    page = self.check_found(waiting)
                    self.assertEqual(page[waiting].text, waiting.body)
                    self.assertIn("Waiting for review", page[waiting].words)

    def test_a_page_around_says_that_it_is_not_the_first_address_of_its_words(self):
        deep = max(self.published(), key=lambda c: c.depth)
        page = self.follow(deep)
        canonical = [e.get("href") for e in page.elements("link") if e.get("rel") == "canonical"]
        self.assertEqual([urlsplit(href).path + urlsplit(href).query for href in canonical], [deep.discussion.url])

    def test_without_an_account_too_and_by_head(self):
        comment = self.published()[3]
        self.assertEqual(self.client.head(comment.get_absolute_url()).status_code, 302)
        self.assertEqual(self.client.post(comment.get_absolute_url()).status_code, 405)

    def test_no_comment_no_page(self):
        self.assertEqual(self.client.get("/c/999999999/").status_code, 404)
        self.assertEqual(self.client.get("/c/99999999999999999999999999/").status_code, 404)
        self.assertEqual(self.client.get(f"/c/{self.comments[0].pk}/?sort=loudest").status_code, 404)

    def test_erased_is_gone(self):
        comment = make_comment(self.comments[0].discussion, state="erased", body="Nothing is left of this.")
        page = read(self.client, comment.get_absolute_url(), status=410)
        self.assertNotIn("Nothing is left", page.source)


class ChainOfHiddenTests(TestCase):
    """Members who talk to themselves, and moderators who look: each comment once, however many are hidden."""

    def make_chain(self, length, author):
        return trees.grow([None, *range(length)], authors=[author], state=lambda n: "published" if n == 0 else "hidden")

    def check(self, viewer, author, length):
        chain = self.make_chain(length, author)
        self.client.force_login(viewer)
        for comment in (chain[1], chain[-1]):
            page = read(self.client, f"{comment.discussion.url}?at={comment.pk}")
            self.assertEqual(sorted(page.order), sorted(set(page.order)))
            self.assertIn(comment, page)
            self.assertLessEqual(len(page.comments), 200)
        page = read(self.client, chain[0].discussion.url)
        self.assertEqual(sorted(page.order), sorted(set(page.order)))

    def test_one_hidden_reply_for_a_moderator(self):
        self.check(make_moderator(), make_user(), 1)

    def test_one_hidden_reply_for_its_author(self):
        author = make_user()
        self.check(author, author, 1)

    def test_a_short_chain(self):
        self.check(make_moderator(), make_user(), 5)

    def test_a_long_chain(self):
        self.check(make_moderator(), make_user(), 12)  # 32 doubles the work of each level, where a level is doubled


class DraftTests(TestCase):
    """A comment on what is not public has no address for readers."""

    def setUp(self):
        article = make_article(slug="a-secret-slug")
        states = ("published", "hidden", "pending", "withdrawn", "erased")
        self.comments = {state: make_comment(article.discussion, state=state) for state in states}
        withdraw(article)

    def test_none_of_its_comments_leads_anywhere(self):
        for viewer in (None, make_user(), make_moderator()):
            if viewer:
                self.client.force_login(viewer)
            for state in ("published", "hidden", "pending", "withdrawn"):
                with self.subTest(viewer=viewer, state=state):
                    self.assertEqual(self.client.get(self.comments[state].get_absolute_url()).status_code, 404)

    def test_nor_says_what_it_is_called(self):
        for comment in self.comments.values():
            response = self.client.get(comment.get_absolute_url())
            self.assertNotIn("a-secret-slug", response.content.decode() + str(response.headers))

    def test_an_editor_is_led_there(self):
        self.client.force_login(make_editor())
        self.assertEqual(self.client.get(self.comments["published"].get_absolute_url()).status_code, 302)
