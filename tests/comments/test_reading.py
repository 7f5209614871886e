"""Until when members have read, and what is marked as new to them."""

from datetime import timedelta
from functools import partial

import time_machine
from django.test import TestCase
from django.utils import timezone

from comments import reading
from comments.models import Discussion, ReadMark

from ..factories import make_article, make_comment, make_user
from .reading import read
from .test_races import ROUNDS, RaceCase, at_once


class MarkCase(TestCase):
    def setUp(self):
        self.discussion = make_article().discussion
        self.member = make_user("Nkemi Ashgrove")
        self.client.force_login(self.member)
        self.start = timezone.now()

    def at(self, **since):
        return time_machine.travel(self.start + timedelta(**since), tick=False)

    def visit(self, **since):
        with self.at(**since):
            reading.mark_read(self.member, self.discussion)

    def before(self, **since):
        with self.at(**since):
            return reading.before(self.member, self.discussion)


class MarkTests(MarkCase):
    def test_on_the_first_visit_nothing_is_new(self):
        self.assertIsNone(self.before())
        self.visit()
        self.assertEqual(self.before(), self.start)

    def test_views_within_ten_minutes_are_one_visit(self):
        self.visit()
        for minutes in (9, 18, 27):
            self.visit(minutes=minutes)
        self.assertEqual(self.before(minutes=28), self.start)

    def test_the_next_visit_knows_when_the_last_one_ended(self):
        self.visit()
        self.visit(minutes=5)
        self.visit(hours=3)
        self.assertEqual(self.before(hours=3, minutes=1), self.start + timedelta(minutes=5))

    def test_before_the_view_is_noted_it_is_the_same_as_after(self):
        self.visit()
        before = self.before(hours=3)
        self.visit(hours=3)
        self.assertEqual(self.before(hours=3), before)

    def test_each_member_and_each_discussion_has_its_own(self):
        self.visit()
        other = make_article().discussion
        self.assertIsNone(reading.before(self.member, other))
        self.assertIsNone(reading.before(make_user(), self.discussion))

    def test_is_forgotten_after_a_year_away(self):
        self.visit()
        with self.at(days=364):
            self.assertEqual(reading.purge_old(), 0)
        with self.at(days=366):
            self.assertEqual(reading.purge_old(), 1)
        self.assertFalse(ReadMark.objects.exists())

    def test_costs_one_statement_after_the_first_time(self):
        self.visit()
        with self.assertNumQueries(1):
            self.visit(hours=1)


class PageTests(MarkCase):
    def page(self, **since):
        with self.at(**since):
            self.client.force_login(self.member)
            return read(self.client, self.discussion.url)

    def comment(self, **since):
        with self.at(**since):
            return make_comment(self.discussion, author=make_user("Dov Harkin"))

    def new(self, page):
        marked = [e for e in page.elements("li") if "is-new" in (e.get("class") or "").split()]
        return {int(e.get("id")[2:]) for e in marked}

    def post(self, **since):
        with self.at(**since):
            return self.client.post(f"/discussions/{self.discussion.pk}/read/")

    def test_what_came_since_is_marked_and_can_be_jumped_to(self):
        old = self.comment()
        self.assertEqual(self.new(self.page(minutes=1)), set())
        self.post(minutes=1)
        first, second = self.comment(hours=1), self.comment(hours=2)
        page = self.page(hours=3)
        self.assertEqual(self.new(page), {first.pk, second.pk})
        self.assertIn("2 new since your last visit", page.text)
        # In the order of the page, each leads to its neighbours.
        upper, lower = [pk for pk in page.order if pk != old.pk]
        self.assertIn(f"#c-{lower}", page[upper].links)
        self.assertIn(f"#c-{upper}", page[lower].links)
        self.post(hours=3)
        self.assertEqual(self.new(self.page(hours=3, minutes=9)), {first.pk, second.pk})
        self.assertEqual(self.new(self.page(hours=4)), set())

    def test_ones_own_are_not_new(self):
        self.comment()
        self.post(minutes=1)
        with self.at(hours=1):
            make_comment(self.discussion, author=self.member)
        self.assertEqual(self.new(self.page(hours=2)), set())

    def test_reading_the_page_alone_moves_nothing(self):
        self.comment()
        self.page()
        self.assertFalse(ReadMark.objects.exists())

    def test_by_a_button_and_by_the_script(self):
        self.comment()
        self.assertRedirects(self.post(), self.discussion.get_absolute_url(), fetch_redirect_response=False)
        response = self.client.post(f"/discussions/{self.discussion.pk}/read/", headers={"HX-Request": "true"})
        self.assertEqual((response.status_code, response.content), (204, b""))

    def test_not_where_nobody_may_read(self):
        Discussion.objects.update(opens_at=None)
        self.assertEqual(self.post().status_code, 404)


class MarkRaces(RaceCase):
    def test_first_views_at_once(self):
        for _ in range(ROUNDS):
            member = make_user()
            results = at_once(*[partial(reading.mark_read, member, self.discussion)] * 4)
            self.assert_all_well(results)
            self.assertEqual(ReadMark.objects.filter(member=member).count(), 1)

    def test_later_views_at_once_remember_the_visit_before(self):
        start = timezone.now()
        for number in range(ROUNDS):
            with time_machine.travel(start + timedelta(hours=number), tick=False):
                results = at_once(*[partial(reading.mark_read, self.first, self.discussion)] * 4)
                self.assert_all_well(results)
                mark = ReadMark.objects.get(member=self.first)
                self.assertEqual(mark.seen_at, start + timedelta(hours=number))
                self.assertEqual(mark.before_at, start + timedelta(hours=max(0, number - 1)))
