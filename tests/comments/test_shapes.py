"""What a page asks of the database depends on what it shows, not on the shape or the size of the discussion."""

from django.test import TestCase

from comments import threads

from ..factories import make_user
from . import trees
from .reading import read, without_fragment
from .test_cost import GUEST, MEMBER, queries

SHAPES = ["wide", "thread", "deep", "mixed"]
SMALL, LARGE = 10, 600
REDIRECT = 3  # queries of a guest's: the comment, the roots of the first page, their first replies


class QueriesByShapeTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.discussions = {(shape, n): trees.grow(trees.SHAPES[shape](n)) for shape in SHAPES for n in (SMALL, LARGE)}
        for comments in cls.discussions.values():
            for comment in comments:
                comment.refresh_from_db()
        cls.member = make_user("Reader Member")

    def numbers(self, address):
        self.client.get(address)  # patterns and permissions of content types are kept now
        return len(queries(self.client, address))

    def check_pages(self, most):
        """Follow rel=next and "more replies" from the first page of each."""
        first, following, more = {}, {}, {}
        for key, comments in self.discussions.items():
            url = comments[0].discussion.url
            page = read(self.client, url)
            first[key] = self.numbers(url)
            if page.next:
                following[key] = self.numbers(without_fragment(page.next))
            if page.more:
                more[key] = self.numbers(without_fragment(page.more[0][1]))
        for numbers in (first, following, more):
            self.assertEqual(len(set(numbers.values())), 1, numbers)
            self.assertLessEqual(max(numbers.values()), most)
        self.assertEqual(len(first), 2 * len(SHAPES))
        self.assertEqual({shape for shape, n in following if n == LARGE}, {"wide", "mixed"})
        self.assertGreaterEqual({shape for shape, n in more if n == LARGE}, {"thread", "deep"})

    def test_pages_of_a_guest(self):
        self.check_pages(GUEST)

    def test_pages_of_a_member(self):
        self.client.force_login(self.member)
        self.check_pages(MEMBER)

    def check_links(self, most):
        """The links to the oldest, the newest and the deepest comment: as many queries wherever one leads to such a page."""
        led, found = {}, {}
        for key, comments in self.discussions.items():
            by_place = {
                "oldest": comments[0],
                "newest": comments[-1],
                "deepest": max(comments, key=lambda comment: comment.depth),
            }
            for what, comment in by_place.items():
                link = comment.get_absolute_url()
                target = without_fragment(self.client.get(link)["Location"])
                is_first_page = "at=" not in target
                # How far the redirect has to look, and what the page has to load, by where the comment stands.
                way = (min(comment.depth, 3), is_first_page)
                shown = (comment.descendant_count > 0, comment.parent_id == comment.under_id)
                led.setdefault(way, {})[*key, what] = self.numbers(link)
                found.setdefault(is_first_page or shown, {})[*key, what] = self.numbers(target)
        for numbers in (*led.values(), *found.values()):
            with self.subTest(numbers=numbers):
                self.assertEqual(len(set(numbers.values())), 1)
        self.assertLessEqual(max(max(numbers.values()) for numbers in found.values()), most)
        return max(max(numbers.values()) for numbers in led.values())

    def test_links_of_a_guest(self):
        self.assertLessEqual(self.check_links(GUEST), REDIRECT)

    def test_links_of_a_member(self):
        self.client.force_login(self.member)
        self.check_links(MEMBER)

    def test_no_page_shows_more_than_its_window(self):
        for comments in self.discussions.values():
            self.assertLessEqual(len(read(self.client, comments[0].discussion.url).comments), threads.WINDOW)
