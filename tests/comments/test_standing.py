"""How far a member is known: from what they did, for limits, and for moderators' eyes alone."""

from datetime import timedelta

from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import posting, standing
from comments.models import Comment, State
from comments.standing import Standing
from tests.factories import make_comment, make_discussion, make_editor, make_moderator, make_user


def ago(**since):
    return timezone.now() - timedelta(**since)


class StandingTests(TestCase):
    def setUp(self):
        self.discussion = make_discussion()

    def member(self, days, comments, **fields):
        member = make_user(joined_at=ago(days=days))
        for _number in range(comments):
            make_comment(self.discussion, author=member, **fields)
        return member

    def test_is_what_time_and_comments_make_it(self):
        for days, comments, expected in (
            (0, 0, Standing.NEW),
            (6, 9, Standing.NEW),
            (8, 2, Standing.NEW),
            (8, 3, Standing.MEMBER),
            (59, 25, Standing.MEMBER),
            (61, 24, Standing.MEMBER),
            (61, 25, Standing.TRUSTED),
        ):
            with self.subTest(days=days, comments=comments):
                self.assertEqual(standing.of(self.member(days, comments)), expected)
        self.assertEqual(standing.of(make_editor()), Standing.STAFF)

    def test_comments_that_do_not_stand_do_not_count(self):
        for state in (State.PENDING, State.HIDDEN, State.WITHDRAWN):
            self.assertEqual(standing.of(self.member(30, 5, state=state)), Standing.NEW)

    def test_a_hidden_comment_costs_the_trust_for_a_time(self):
        member = self.member(100, 25)
        hidden = make_comment(self.discussion, author=member, state=State.HIDDEN)
        self.assertEqual(standing.of(member), Standing.MEMBER)
        Comment.objects.filter(pk=hidden.pk).update(state_changed_at=ago(days=61))
        self.assertEqual(standing.of(member), Standing.TRUSTED)

    def test_more_comments_cost_no_more_queries(self):
        for number in (25, 60):
            member = self.member(100, number)
            with self.assertNumQueries(2):
                standing.of(member)

    def test_moderators_alone_are_shown_it(self):
        member = self.member(100, 3)
        comment = member.comments.first()
        for reader, shown in ((None, False), (member, False), (make_editor(), False), (make_moderator(), True)):
            if reader:
                self.client.force_login(reader)
            page = self.client.get(member.get_absolute_url())
            self.assertEqual("which moderators alone see" in page.text, shown)
        self.assertContains(self.client.get(f"/comments/{comment.pk}/hide/"), "· Member</p>")


@override_settings(CAMPAIGN_COMMENT_RATES=[(100, 60), (100, 3_600)], CAMPAIGN_NEW_MEMBER_RATES=[(2, 3_600)])
class LimitTests(TestCase):
    def post(self, member, *words):
        for word in words:
            posting.post_comment(discussion_id=self.discussion.pk, author=member, body=f"A word about {word}.")

    def setUp(self):
        self.discussion = make_discussion()

    def test_a_new_member_posts_less(self):
        member = make_user()
        self.post(member, "pipes", "wells")
        with self.assertRaises(posting.TooFast) as refused:
            self.post(member, "taps")
        self.assertLessEqual(refused.exception.seconds, 3_601)

    def test_a_known_one_is_asked_about_only_beyond_that(self):
        member = make_user(joined_at=ago(days=30))
        for _number in range(3):
            make_comment(self.discussion, author=member)
        statements = []
        for _number in range(4):
            with CaptureQueriesContext(connection) as captured:
                posting.check_rate(member)
            statements.append(len(captured))
        self.assertEqual(statements, [0, 0, 1, 1])

    @override_settings(CAMPAIGN_COMMENT_RATES=[(3, 3_600)])
    def test_the_limits_of_all_hold_for_known_ones(self):
        member = make_user(joined_at=ago(days=30))
        for _number in range(3):
            make_comment(self.discussion, author=member)
        self.post(member, "pipes", "wells", "taps")
        with self.assertRaises(posting.TooFast):
            posting.check_rate(member)
