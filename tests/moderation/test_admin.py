from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from comments.admin import MAX_AT_ONCE
from comments.models import Comment, State
from moderation import decisions
from moderation.models import Decision, Rule
from tests.factories import (
    make_admin,
    make_comment,
    make_discussion,
    make_editor,
    make_moderator,
    make_rule,
    make_user,
)

COMMENTS = "/admin/comments/comment/"
DECISIONS = "/admin/moderation/decision/"
RULES = "/admin/moderation/rule/"


class CommentActionTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.moderator = make_moderator()
        cls.rule = Rule.objects.first()

    def setUp(self):
        self.client.force_login(self.moderator)

    def act(self, action, comments, **fields):
        data = {"action": action, "_selected_action": [comment.pk for comment in comments], **fields}
        return self.client.post(COMMENTS, data, follow=True)

    def hide(self, comments, **fields):
        return self.act("hide", comments, **({"decided": "1", "rule": self.rule.pk, "facts": "Adverts."} | fields))

    def test_asks_for_the_rule_first(self):
        comment = make_comment(body="Buy my filters.")
        response = self.act("hide", [comment])
        self.assertContains(response, "Buy my filters.")
        self.assertContains(response, self.rule.text)
        self.assertFalse(Decision.objects.exists())

    def test_makes_one_decision_for_each(self):
        discussion = make_discussion()
        comments = [make_comment(discussion) for _ in range(3)]
        self.assertContains(self.hide(comments), "3 comments.")
        self.assertEqual(set(Comment.objects.values_list("state", flat=True)), {State.HIDDEN})
        self.assertEqual(
            sorted(Decision.objects.values_list("comment", "facts")),
            [(comment.pk, "Adverts.") for comment in comments],
        )

    def test_without_a_rule_nothing_is_decided_and_the_words_stay(self):
        response = self.hide([make_comment()], rule="", facts="My words.")
        self.assertContains(response, "My words.", status_code=422)
        self.assertFalse(Decision.objects.exists())

    def test_leaves_out_what_is_not_theirs_to_decide_and_says_why(self):
        own, hidden, other = make_comment(author=self.moderator), make_comment(state=State.HIDDEN), make_comment()
        response = self.act("hide", [own, hidden, other])
        self.assertContains(response, "a colleague decides")
        self.assertContains(response, "hidden or removed before")
        self.assertNotContains(response, f'name="_selected_action" value="{own.pk}"')
        self.assertContains(response, f'name="_selected_action" value="{other.pk}"')

    def test_decides_the_rest_where_somebody_was_faster(self):
        first, second = make_comment(), make_comment()
        decisions.hide_comment(first, moderator=make_moderator(), rule=self.rule, facts="")
        response = self.hide([first, second])
        self.assertContains(response, "1 comment.")
        self.assertContains(response, "hidden or removed before")
        self.assertEqual(Decision.objects.count(), 2)

    def test_restores_and_approves(self):
        hidden, pending = make_comment(), make_comment(state=State.PENDING)
        self.hide([hidden])
        self.act("restore", [hidden], decided="1", facts="")
        self.act("approve", [pending], decided="1")
        self.assertEqual(set(Comment.objects.values_list("state", flat=True)), {State.PUBLISHED})

    def test_takes_at_most_a_hundred(self):
        discussion, author = make_discussion(), make_user()
        comments = [make_comment(discussion, author=author) for _ in range(MAX_AT_ONCE + 1)]
        self.assertContains(self.hide(comments), "Choose at most 100 comments.")
        self.assertFalse(Decision.objects.exists())

    def test_nobody_without_the_right_gets_the_actions(self):
        comment = make_comment()
        self.client.force_login(make_editor())
        self.assertEqual(self.hide([comment]).status_code, 403)
        self.client.force_login(make_user())
        self.hide([comment])
        self.assertFalse(Decision.objects.exists())


class DecisionAdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.comment = make_comment()
        cls.decision = decisions.hide_comment(
            cls.comment, moderator=make_moderator(), rule=make_rule(), facts="<b>About</b> tennis."
        )

    def test_moderators_and_administrators_read_it(self):
        for user in (make_moderator(), make_admin()):
            self.client.force_login(user)
            self.assertContains(self.client.get(DECISIONS), "&lt;b&gt;About&lt;/b&gt; tennis.")
            self.assertContains(self.client.get(f"{DECISIONS}?comment__id__exact={self.comment.pk}"), "1 result")
            self.assertEqual(self.client.get(f"{DECISIONS}{self.decision.pk}/change/").status_code, 200)

    def test_nobody_adds_changes_or_deletes_one(self):
        self.client.force_login(make_admin())
        self.assertEqual(self.client.get(f"{DECISIONS}add/").status_code, 403)
        for path in (f"{DECISIONS}{self.decision.pk}/change/", f"{DECISIONS}{self.decision.pk}/delete/"):
            self.assertEqual(self.client.post(path, {"facts": "Other.", "post": "yes"}).status_code, 403)
        self.client.post(
            DECISIONS, {"action": "delete_selected", "_selected_action": [self.decision.pk], "post": "yes"}
        )
        self.assertEqual(Decision.objects.get().facts, "<b>About</b> tennis.")

    def test_more_rows_cost_no_more_queries(self):
        self.client.force_login(make_moderator())
        self.client.get(DECISIONS)

        numbers = []
        for rows in (10, 50):
            while Decision.objects.count() < rows:
                decisions.hide_comment(make_comment(), moderator=make_moderator(), rule=make_rule(), facts="More.")
            with CaptureQueriesContext(connection) as captured:
                self.client.get(DECISIONS)
            numbers.append(len(captured))
        self.assertEqual(*numbers)


class RuleAdminTests(TestCase):
    def test_administrators_edit_and_moderators_read(self):
        rule = Rule.objects.first()
        self.client.force_login(make_moderator())
        self.assertContains(self.client.get(RULES), rule.title)
        self.assertEqual(self.client.post(f"{RULES}{rule.pk}/change/", {"title": "Mine"}).status_code, 403)
        self.client.force_login(make_admin())
        data = {"title": "Renamed", "text": rule.text, "code": rule.code, "position": 1, "is_active": "on"}
        self.client.post(f"{RULES}{rule.pk}/change/", data)
        rule.refresh_from_db()
        self.assertEqual(rule.title, "Renamed")

    def test_nobody_deletes_one(self):
        self.client.force_login(make_admin())
        self.assertEqual(
            self.client.post(f"{RULES}{Rule.objects.first().pk}/delete/", {"post": "yes"}).status_code, 403
        )
