"""Recommending: one per member, not one's own, and the kept numbers agree with the rows whoever is faster."""

from datetime import timedelta
from functools import partial
from unittest.mock import patch

import time_machine
from django.test import Client, TestCase
from django.utils import timezone

from comments import ranking, reading, recommending, states
from comments.models import Comment, Discussion, ReadMark, Recommendation, State

from ..factories import make_article, make_comment, make_user
from .reading import read
from .test_races import ROUNDS, RaceCase, at_once


class RecommendingCase(TestCase):
    def setUp(self):
        self.discussion = make_article().discussion
        self.author, self.member = make_user("Ilse Marrow"), make_user("Nkemi Ashgrove")
        self.comment = make_comment(self.discussion, author=self.author)
        self.client.force_login(self.member)

    def fresh(self):
        return Comment.objects.select_related("discussion", "author").get(pk=self.comment.pk)

    def post(self, comment=None, **data):
        return self.client.post(f"/comments/{(comment or self.comment).pk}/recommend/", data)

    def assert_counts(self, number):
        self.assertEqual(self.fresh().recommend_count, number)
        self.assertEqual(Recommendation.objects.filter(comment=self.comment).count(), number)


class RecommendTests(RecommendingCase):
    def test_readers_see_the_number(self):
        version = self.discussion.version
        self.assertRedirects(self.post(), f"/c/{self.comment.pk}/", fetch_redirect_response=False)
        self.assert_counts(1)
        self.assertGreater(self.fresh().discussion.version, version)
        self.client.logout()
        self.assertIn("Recommend1", read(self.client, self.discussion.url)[self.comment].words.replace(" ", ""))

    def test_again_takes_it_back(self):
        self.post()
        self.post()
        self.assert_counts(0)

    def test_a_form_that_says_which_may_be_sent_twice(self):
        for to, number in (("on", 1), ("on", 1), ("off", 0), ("off", 0)):
            self.assertEqual(self.post(to=to).status_code, 302)
            self.assert_counts(number)

    def test_not_ones_own(self):
        self.client.force_login(self.author)
        self.assertEqual(self.post().status_code, 403)
        self.assert_counts(0)

    def test_only_what_readers_see(self):
        for state in (State.PENDING, State.HIDDEN, State.WITHDRAWN):
            states.move(self.comment, to=state, expected=self.fresh().state)
            self.assertEqual(self.post().status_code, 404)
            with self.assertRaises(recommending.NotRecommendable):
                recommending.recommend(self.fresh(), member=self.member)
        self.assert_counts(0)

    def test_not_on_a_page_that_is_not_public(self):
        Discussion.objects.update(opens_at=None)
        self.assertEqual(self.post().status_code, 404)

    def test_also_where_the_discussion_has_closed(self):
        Discussion.objects.update(mode="locked")
        self.assertEqual(self.post().status_code, 302)

    def test_a_visitor_signs_in_first(self):
        self.client.logout()
        self.assertIn("/accounts/login/", self.post()["Location"])
        self.assert_counts(0)

    def test_members_see_who(self):
        recommending.recommend(self.comment, member=make_user("Dov Harkin"))
        recommending.recommend(self.fresh(), member=make_user("Pavo Linde", shows_full_name=True))
        page = self.client.get(f"/comments/{self.comment.pk}/recommend/")
        self.assertContains(page, "Dov H.")
        self.assertNotContains(page, "Harkin")
        self.assertContains(page, "Pavo Linde")
        self.assertContains(page, "2 recommendations")

    def test_the_member_sees_which_are_theirs(self):
        other = make_comment(self.discussion)
        self.post()
        page = self.client.get(self.discussion.url).text
        self.assertIn(f'id="c-{self.comment.pk}" class="c is-recommended', page)
        self.assertNotIn(f'id="c-{other.pk}" class="c is-recommended', page)

    def test_for_the_script(self):
        response = self.client.post(f"/comments/{self.comment.pk}/recommend/", headers={"HX-Request": "true"})
        self.assertEqual(response.json(), {"recommended": True, "count": 1})

    def test_too_many_in_a_minute(self):
        with time_machine.travel(timezone.now(), tick=False):
            statuses = [self.post().status_code for _ in range(61)]
        self.assertEqual(statuses, [302] * 60 + [429])

    def test_hidden_and_restored_it_keeps_them(self):
        self.post()
        states.move(self.comment, to=State.HIDDEN, expected=State.PUBLISHED)
        states.move(self.comment, to=State.PUBLISHED, expected=State.HIDDEN)
        self.assert_counts(1)


class ScoreTests(TestCase):
    def test_is_the_lower_bound_of_wilsons_interval(self):
        # By hand: p = 5/20, z = 1.2816: (p + z²/2n − z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)
        self.assertEqual(ranking.score(5, 20), 1 + int(1_000_000 * 0.148184))

    def test_of_nothing_is_one(self):
        self.assertEqual(ranking.score(0, 0), 1)
        self.assertEqual(ranking.score(0, 10_000), 1)

    def test_rises_with_recommendations_and_falls_with_readers(self):
        self.assertTrue(ranking.score(1, 20) < ranking.score(2, 20) < ranking.score(20, 20))
        self.assertTrue(ranking.score(10, 2_000) < ranking.score(10, 200) < ranking.score(10, 20))

    def test_a_few_readers_count_as_twenty(self):
        self.assertEqual(ranking.score(3, 3), ranking.score(3, 20))

    def test_more_recommendations_than_readers_are_possible(self):
        self.assertGreater(ranking.score(100, 20), ranking.score(99, 99))

    def test_a_late_comment_can_rise_above_one_that_more_have_seen(self):
        self.assertGreater(ranking.score(8, 20), ranking.score(12, 200))


class RankTests(RecommendingCase):
    def seen(self, number, at):
        for _ in range(number):
            ReadMark.objects.create(member=make_user(), discussion=self.discussion, before_at=at, seen_at=at)

    def test_moves_with_each_recommendation(self):
        recommending.recommend(self.comment, member=self.member)
        self.assertEqual(self.fresh().score, ranking.score(1, 0))
        recommending.unrecommend(self.fresh(), member=self.member)
        self.assertEqual(self.fresh().score, 1)

    def test_counts_members_who_were_here_after_it(self):
        self.seen(30, self.comment.posted_at + timedelta(seconds=1))
        self.seen(9, self.comment.posted_at - timedelta(seconds=1))
        recommending.recommend(self.comment, member=self.member)
        self.assertEqual(self.fresh().score, ranking.score(1, 30))

    def test_sorts_the_conversation(self):
        other = make_comment(self.discussion)
        self.assertEqual(read(self.client, self.discussion.url).order, [other.pk, self.comment.pk])
        recommending.recommend(self.comment, member=self.member)
        self.assertEqual(read(self.client, self.discussion.url).order, [self.comment.pk, other.pk])

    def test_again_when_more_members_have_come(self):
        recommending.recommend(self.comment, member=self.member)
        before, version = self.fresh().score, self.fresh().discussion.version
        self.assertEqual(ranking.rank_again(), 0)
        self.assertEqual(self.fresh().discussion.version, version)
        self.seen(50, timezone.now() + timedelta(seconds=1))
        self.assertEqual(ranking.rank_again(), 1)
        self.assertLess(self.fresh().score, before)
        self.assertEqual(self.fresh().score, ranking.score(1, 50))
        self.assertGreater(self.fresh().discussion.version, version)

    def test_not_where_nobody_has_spoken_for_two_days(self):
        recommending.recommend(self.comment, member=self.member)
        self.seen(50, timezone.now() + timedelta(seconds=1))
        with time_machine.travel(timezone.now() + timedelta(hours=49)):
            self.assertEqual(ranking.rank_again(), 0)

    def test_costs_the_same_for_one_and_for_many(self):
        def statements():
            with self.assertNumQueries(3):  # which discussions, their roots, their readers
                ranking.rank_again()

        recommending.recommend(self.comment, member=self.member)
        statements()
        for _ in range(10):
            recommending.recommend(make_comment(self.discussion), member=self.member)
        ranking.rank_again()
        statements()

    def test_a_visit_counts_in_time(self):
        recommending.recommend(self.comment, member=self.member)
        for _ in range(25):
            reading.mark_read(make_user(), self.discussion)
        ranking.rank_again()
        self.assertEqual(self.fresh().score, ranking.score(1, 25))


class RecommendingRaces(RaceCase):
    def act(self, verb, comment, member):
        comment = self.fresh(comment)
        return lambda: verb(comment, member=member)

    def assert_agrees(self, comment, number=None):
        there, rows = self.fresh(comment), Recommendation.objects.filter(comment=comment).count()
        self.assertEqual(there.recommend_count, rows)
        self.assertEqual(there.score, ranking.score(rows, 0))
        if number is not None:
            self.assertEqual(rows, number)

    def test_one_member_many_times(self):
        comment = make_comment(self.discussion)
        for _ in range(ROUNDS):
            results = at_once(*[self.act(recommending.recommend, comment, self.first) for _ in range(4)])
            self.assert_all_well(results)
            self.assertEqual(results.count(True), 1)
            self.assert_agrees(comment, 1)
            results = at_once(*[self.act(recommending.unrecommend, comment, self.first) for _ in range(4)])
            self.assert_all_well(results)
            self.assertEqual(results.count(True), 1)
            self.assert_agrees(comment, 0)

    def test_twenty_requests_of_one_member(self):
        with patch("comments.views.recommending.RATES", []):
            for number in range(max(3, ROUNDS // 5)):
                comment = make_comment(self.discussion)
                for to, rows in (("on", 1), ("", None), ("off", 0)):
                    clients = [Client() for _ in range(20)]
                    for client in clients:
                        client.force_login(self.first)
                    path = f"/comments/{comment.pk}/recommend/"
                    results = at_once(*[partial(client.post, path, {"to": to}) for client in clients])
                    self.assert_all_well(results)
                    self.assertEqual({result.status_code for result in results}, {302}, number)
                    self.assert_agrees(comment, rows)

    def test_many_members_at_once(self):
        members = [make_user(f"Member Nr{n}") for n in range(8)]
        for _ in range(max(3, ROUNDS // 5)):
            comment = make_comment(self.discussion)
            self.assert_all_well(at_once(*[self.act(recommending.recommend, comment, m) for m in members]))
            self.assert_agrees(comment, 8)

    def test_given_and_taken_back(self):
        comment = make_comment(self.discussion)
        for _ in range(ROUNDS):
            acts = [self.act(verb, comment, self.first) for verb in (recommending.recommend, recommending.unrecommend)]
            self.assert_all_well(at_once(*acts, self.act(recommending.recommend, comment, self.second)))
            self.assert_agrees(comment)

    def test_while_it_is_hidden(self):
        for _ in range(ROUNDS):
            comment = make_comment(self.discussion)
            given, hidden = results = at_once(
                self.act(recommending.recommend, comment, self.first), self.move(comment, "hidden", "published")
            )
            self.assert_all_well(results, recommending.NotRecommendable)
            self.assertIs(hidden, True)
            self.assert_agrees(comment, 1 if given is True else 0)

    def test_while_the_order_is_worked_out_anew(self):
        comment = make_comment(self.discussion)
        recommending.recommend(self.fresh(comment), member=make_user("Before All"))
        for _ in range(ROUNDS):
            self.assert_all_well(
                at_once(
                    self.act(recommending.recommend, comment, self.first),
                    ranking.rank_again,
                    self.act(recommending.unrecommend, comment, self.second),
                )
            )
            self.assert_agrees(comment)
            recommending.unrecommend(self.fresh(comment), member=self.first)
            recommending.recommend(self.fresh(comment), member=self.second)
