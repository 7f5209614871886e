from django.test import TestCase
from django.urls import reverse

from comments.models import Comment, State
from moderation import decisions
from moderation.models import Decision, Rule
from tests.factories import make_admin, make_comment, make_editor, make_moderator, make_rule, make_user


class VerbCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.moderator = make_moderator()
        cls.rule = Rule.objects.get(code="advertising")
        cls.comment = make_comment(body="Buy my filters.")

    def setUp(self):
        self.client.force_login(self.moderator)

    def url(self, verb, comment=None):
        return reverse(f"moderation:{verb}", args=[(comment or self.comment).pk])

    def hide(self, comment=None, **fields):
        return self.client.post(self.url("hide", comment), {"rule": self.rule.pk, "facts": "An advert."} | fields)

    def state(self, comment=None):
        return Comment.objects.get(pk=(comment or self.comment).pk).state


class RoleTests(VerbCase):
    VERBS = ("hide", "restore", "approve")

    def test_guests_are_led_to_sign_in(self):
        self.client.logout()
        for verb in self.VERBS:
            for method in (self.client.get, self.client.post):
                response = method(self.url(verb))
                self.assertRedirects(
                    response, f"{reverse('account_login')}?next={self.url(verb)}", fetch_redirect_response=False
                )

    def test_members_and_editors_are_refused(self):
        for user in (make_user(), self.comment.author, make_editor()):
            self.client.force_login(user)
            for verb in self.VERBS:
                with self.subTest(user=user, verb=verb):
                    self.assertEqual(self.client.get(self.url(verb)).status_code, 403)
                    self.assertEqual(self.client.post(self.url(verb), {"rule": self.rule.pk}).status_code, 403)
        self.assertEqual(self.state(), State.PUBLISHED)
        self.assertFalse(Decision.objects.exists())

    def test_moderators_and_administrators_get_the_page(self):
        for user in (self.moderator, make_admin()):
            self.client.force_login(user)
            for verb in self.VERBS:
                self.assertEqual(self.client.get(self.url(verb)).status_code, 200)
        self.assertFalse(Decision.objects.exists())

    def test_an_unknown_comment_is_not_found(self):
        self.assertEqual(self.client.get("/comments/999999/hide/").status_code, 404)


class HideTests(VerbCase):
    def test_shows_the_comment_and_the_rules_with_their_texts(self):
        make_rule(title="Out of use", is_active=False)
        response = self.client.get(self.url("hide"))
        self.assertContains(response, "Buy my filters.")
        self.assertContains(response, self.rule.text)
        self.assertNotContains(response, "Out of use")

    def test_hides_and_leads_to_the_comment(self):
        self.assertRedirects(self.hide(), self.comment.get_absolute_url(), fetch_redirect_response=False)
        self.assertEqual(self.state(), State.HIDDEN)
        self.assertEqual(Decision.objects.get().facts, "An advert.")

    def test_answers_htmx_without_a_page(self):
        response = self.client.post(self.url("hide"), {"rule": self.rule.pk}, headers={"HX-Request": "true"})
        self.assertEqual((response.status_code, response["HX-Redirect"]), (204, self.comment.get_absolute_url()))

    def test_without_words_its_author_is_told_the_rule(self):
        self.hide(facts=" \r\n ")
        self.assertEqual(Decision.objects.get().facts, self.rule.text)

    def test_counts_a_line_break_as_one_character(self):
        self.hide(facts="First.\r\nSecond.")
        self.assertEqual(Decision.objects.get().facts, "First.\nSecond.")

    def test_needs_a_rule_and_keeps_what_was_typed(self):
        response = self.hide(rule="")
        self.assertContains(response, "Choose the rule.", status_code=422)
        self.assertContains(response, "An advert.", status_code=422)
        self.assertContains(response, "<title>Error:", status_code=422)
        self.assertEqual(self.state(), State.PUBLISHED)

    def test_takes_no_rule_that_is_out_of_use(self):
        self.assertEqual(self.hide(rule=make_rule(is_active=False).pk).status_code, 422)

    def test_refuses_words_beyond_the_limit(self):
        self.assertEqual(self.hide(facts="x" * 5_001).status_code, 422)

    def test_the_slower_of_two_sees_the_first_decision_and_keeps_the_words(self):
        decisions.hide_comment(
            self.comment, moderator=make_moderator(), rule=make_rule(title="Off topic"), facts="About tennis."
        )
        response = self.hide(facts="I wrote this.")
        self.assertEqual(response.status_code, 409)
        for words in ("Moss Tarrow", "Off topic", "About tennis.", "I wrote this."):
            self.assertContains(response, words, status_code=409)
        self.assertEqual(Decision.objects.count(), 1)

    def test_shows_no_form_for_ones_own_comment(self):
        own = make_comment(author=self.moderator)
        response = self.client.get(self.url("hide", own))
        self.assertContains(response, "a colleague decides")
        self.assertNotContains(response, 'name="rule"')
        self.assertEqual(self.hide(own).status_code, 403)
        self.assertEqual(self.state(own), State.PUBLISHED)

    def test_refuses_an_administrators_comment(self):
        comment = make_comment(author=make_admin())
        self.assertEqual(self.hide(comment).status_code, 403)
        self.assertEqual(self.state(comment), State.PUBLISHED)

    def test_shows_no_text_that_its_author_removed(self):
        comment = make_comment(body="Regretted words.", state=State.WITHDRAWN)
        self.assertNotContains(self.client.get(self.url("hide", comment)), "Regretted words.")

    def test_hostile_text_is_printed_as_text(self):
        comment = make_comment(body="<script>alert(1)</script>", author=make_user('<img src=x onerror="a()">'))
        page = self.client.get(self.url("hide", comment)).content.decode()
        self.assertNotIn("<script>alert", page)
        self.assertNotIn("<img src=x", page)


class RestoreTests(VerbCase):
    def test_restores_and_leads_to_the_comment(self):
        self.hide()
        response = self.client.post(self.url("restore"), {"facts": "A mistake."})
        self.assertRedirects(response, self.comment.get_absolute_url(), fetch_redirect_response=False)
        self.assertEqual(self.state(), State.PUBLISHED)

    def test_a_comment_that_is_not_hidden_is_a_conflict(self):
        response = self.client.post(self.url("restore"), {"facts": "Kept words."})
        self.assertContains(response, "Kept words.", status_code=409)


class ApproveTests(VerbCase):
    def test_publishes_and_leads_to_the_comment(self):
        comment = make_comment(state=State.PENDING)
        response = self.client.post(self.url("approve", comment))
        self.assertRedirects(response, comment.get_absolute_url(), fetch_redirect_response=False)
        self.assertEqual(self.state(comment), State.PUBLISHED)

    def test_a_comment_that_does_not_wait_is_a_conflict(self):
        self.assertEqual(self.client.post(self.url("approve")).status_code, 409)
