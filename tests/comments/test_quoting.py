"""Quotes: whose words they are, and that they go when their source goes, and come back with it."""

from datetime import timedelta
from unittest.mock import patch

import time_machine
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from comments import editing, posting, quoting, states
from comments.models import Comment, Discussion, Quote, State

from ..factories import make_article, make_comment, make_user
from .reading import Page, differences, read
from .test_races import ROUNDS, RaceCase, at_once

SECRET = "quernstone"
GONE = "The quoted comment is no longer there."


def quote(source, words="Even so."):
    return quoting.as_quote(source) + words


@override_settings(CAMPAIGN_COMMENT_RATES=[])
class QuotingCase(TestCase):
    def setUp(self):
        self.discussion = make_article().discussion
        self.source = make_comment(
            self.discussion, author=make_user("Ilse Marrow"), body=f"We carry the {SECRET} uphill."
        )
        self.member = make_user("Nkemi Ashgrove")
        self.client.force_login(self.member)

    def post(self, body, discussion=None):
        return posting.post_comment(discussion_id=(discussion or self.discussion).pk, author=self.member, body=body)

    def fresh(self, comment):
        return Comment.objects.select_related("discussion", "author").get(pk=comment.pk)

    def move(self, comment, to):
        comment = self.fresh(comment)
        self.assertTrue(states.move(comment, to=to, expected=comment.state))


class FormTests(QuotingCase):
    def filled(self, source=None):
        return read(self.client, f"/comments/{(source or self.source).pk}/reply/?quote=1").forms[0].body.lstrip("\n")

    def test_begins_with_the_words_and_whose_they_are(self):
        wanted = f"> We carry the {SECRET} uphill.\n>\n> — [Ilse M.](/c/{self.source.pk}/)\n\n"
        self.assertEqual(self.filled(), wanted)
        page = read(self.client, f"{self.discussion.url}?reply={self.source.pk}&quote=1")
        self.assertEqual(page.forms[0].body.lstrip("\n"), wanted)
        self.assertEqual(page.forms[0].fields["parent"], str(self.source.pk))

    def test_as_it_is_posted(self):
        form = read(self.client, f"/comments/{self.source.pk}/reply/?quote=1").forms[0]
        self.client.post(form.action, form.data(form.body.lstrip("\n") + "Even so."))
        comment = Comment.objects.get(author=self.member)
        self.assertEqual(
            comment.html,
            f"<blockquote>\n<p>We carry the {SECRET} uphill.</p>\n"
            f'<p>— <a href="/c/{self.source.pk}/" rel="ugc nofollow noopener">Ilse M.</a></p>\n</blockquote>\n<p>Even so.</p>\n',
        )
        self.assertEqual(Quote.objects.get().source, self.source)

    def test_leaves_out_what_the_source_quotes_itself(self):
        second = self.post(quote(self.source, "A second thought.\n\n> mine alone\n\nAnd a third."))
        filled = self.filled(second)
        self.assertIn("> A second thought.", filled)
        self.assertIn("> And a third.", filled)
        self.assertNotIn(SECRET, filled)
        self.assertNotIn("mine alone", filled)

    def test_of_much_only_the_beginning(self):
        long = make_comment(self.discussion, body="word " * 900)
        self.assertLess(len(self.filled(long)), 1_200)
        self.assertIn(" …\n", self.filled(long))

    def test_names_are_words(self):
        odd = make_comment(self.discussion, author=make_user("[*x*](/c/1/) `y`", shows_full_name=True))
        html = self.post(quote(odd)).html
        self.assertNotIn("<em>", html)
        self.assertEqual(quoting.quoted_ids(quote(odd)), {odd.pk})

    def test_of_what_has_gone_there_is_nothing(self):
        self.move(self.source, State.HIDDEN)
        for address in (self.discussion.url + "?quote=1&reply=%d", "/comments/%d/reply/?quote=1"):
            self.assertNotIn(SECRET, self.client.get(address % self.source.pk).text)


class TextTests(TestCase):
    """The Markdown alone: no database."""

    def cut(self, body, *gone):
        return quoting.without(body, set(gone))

    def test_which_comments_a_text_quotes(self):
        for body, ids in (
            ("> words\n> — [A](/c/7/)\n\nmore", {7}),
            ("> words /c/7/", set()),  # no link
            ("> <http://127.0.0.1:8000/c/7/>", {7}),
            ("> http://127.0.0.1:8000/c/7/", {7}),
            ("> [x](http://evil.example/c/7/)", set()),
            ("> [x](/c/7/#top) [y](/c/8/?a=b)", {7, 8}),
            ("[A](/c/7/) outside", set()),
            ("> a [1](/c/1/)\n\n> b [2](/c/2/)", {1, 2}),
            ("> > deep [1](/c/1/)\n>\n> less [2](/c/2/)", {1, 2}),
            ("- > in a list [1](/c/1/)", {1}),
            ("> [x](/c/99999999999999999999/)", set()),
            ("> [x](/c/1/edit/)", set()),
            ("> [x](http://[/c/1/)", set()),
            ("nothing", set()),
        ):
            with self.subTest(body):
                self.assertEqual(quoting.quoted_ids(body), ids)

    def test_takes_out_one_quote_and_leaves_the_others(self):
        body = "Before.\n\n> one [1](/c/1/)\n\nBetween.\n\n> two [2](/c/2/)\n\nAfter."
        self.assertEqual(self.cut(body, 1), f"Before.\n\n> *{GONE}*\n\nBetween.\n\n> two [2](/c/2/)\n\nAfter.")
        self.assertEqual(self.cut(body), body)
        self.assertEqual(self.cut(body, 3), body)

    def test_takes_what_a_gone_comment_quoted_itself(self):
        body = "> > inner [1](/c/1/)\n>\n> outer [2](/c/2/)\n\nMine."
        self.assertEqual(self.cut(body, 2), f"> *{GONE}*\n\nMine.")
        inner = self.cut(body, 1)
        self.assertNotIn("inner", inner)
        self.assertIn("outer", inner)
        self.assertEqual(quoting.quoted_ids(inner), {2})

    def test_takes_lines_that_go_on_without_a_mark(self):
        for body in (f"> a {SECRET}\n{SECRET} b [1](/c/1/)\n\nMine.", f"> [1](/c/1/)\n{SECRET}\n{SECRET}\n\nMine."):
            self.assertNotIn(SECRET, self.cut(body, 1))
            self.assertIn("Mine.", self.cut(body, 1))

    def test_takes_all_of_it_whatever_ends_a_line(self):
        for end in ("\n", "\r\n", "\r"):
            body = end.join([f"> {SECRET}", "> — [1](/c/1/)", "", "Mine."])
            self.assertNotIn(SECRET, self.cut(body, 1))
        for odd in "\u2028\u2029\x0b\x0c\x1c\x85":
            body = f"One.{odd}Two.\n\n> {SECRET}{odd}{SECRET}\n> [1](/c/1/)\n\nMine."
            self.assertNotIn(SECRET, self.cut(body, 1))
            self.assertIn("Mine.", self.cut(body, 1))

    def test_what_follows_at_once_stays_outside(self):
        body = f"> {SECRET} [1](/c/1/)\n- a list\n- of mine"
        self.assertNotIn(SECRET, self.cut(body, 1))
        self.assertIn("- a list", self.cut(body, 1))
        self.assertEqual(len(quoting.blocks(self.cut(body, 1))), 1)

    def test_in_a_list(self):
        self.assertNotIn(SECRET, self.cut(f"- mine\n- > {SECRET} [1](/c/1/)\n- mine too", 1))

    def test_hostile_text(self):
        for body in (">" * 5_000, "> " * 2_500, "> [x](/c/1/)\n\n" * 350, "> " * 1_000 + "[1](/c/1/)"):
            self.cut(body, 1)


class GoneTests(QuotingCase):
    def test_what_readers_see_of_it_goes_and_comes_back(self):
        comment = self.post(quote(self.source))
        html, version = comment.html, self.fresh(comment).discussion.version
        for state in (State.HIDDEN, State.WITHDRAWN, State.PENDING):
            self.move(self.source, state)
            self.assertNotIn(SECRET, self.fresh(comment).html)
            page = read(Client(), self.discussion.url)
            self.assertNotIn(SECRET, page.source)
            self.assertNotIn("Ilse", page.source)
            self.assertIn(GONE, page[comment].text)
            self.assertIn("Even so.", page[comment].text)
            self.move(self.source, State.PUBLISHED)
            self.assertEqual(self.fresh(comment).html, html)
            self.assertIn(SECRET, read(Client(), self.discussion.url)[comment].text)
        self.assertGreaterEqual(self.fresh(comment).discussion.version, version + 6)
        self.assertEqual(differences(self.discussion), [])

    def test_in_another_discussion_too(self):
        elsewhere = make_article().discussion
        comment = self.post(quote(self.source), elsewhere)
        address = Discussion.objects.get(pk=elsewhere.pk).url
        self.assertIn(SECRET, read(Client(), address).source)
        self.move(self.source, State.HIDDEN)
        self.assertNotIn(SECRET, read(Client(), address).source)
        self.assertIn(GONE, read(Client(), address)[comment].text)

    def test_a_quote_of_a_quote(self):
        second = self.post(quote(self.source, "A second thought."))
        inner = f"> > We carry the {SECRET} uphill.\n> >\n> > — [Ilse M.](/c/{self.source.pk}/)\n>\n"
        body = f"{inner}> A second thought.\n>\n> — [N](/c/{second.pk}/)\n\nThird."
        third = self.post(body)
        self.move(self.source, State.HIDDEN)
        self.assertNotIn(SECRET, self.fresh(third).html)
        self.assertIn("A second thought.", self.fresh(third).html)
        self.move(second, State.HIDDEN)
        self.assertNotIn("A second thought.", self.fresh(third).html)
        self.move(self.source, State.PUBLISHED)
        self.assertNotIn(SECRET, self.fresh(third).html)

    def test_one_that_is_gone_already_when_it_is_quoted(self):
        body = quote(self.source)
        self.move(self.source, State.HIDDEN)
        comment = self.post(body)
        self.assertNotIn(SECRET, comment.html)
        self.move(self.source, State.PUBLISHED)
        self.assertIn(SECRET, self.fresh(comment).html)

    def test_its_words_are_in_no_page_of_who_quoted_it(self):
        comment = self.post(quote(self.source))
        make_comment(parent=comment)
        self.client.post(f"/comments/{comment.pk}/edit/", {"body": quote(self.source, "Still."), "revision": 1})
        self.move(self.source, State.HIDDEN)
        for address in (
            f"/comments/{comment.pk}/edit/",
            f"/comments/{comment.pk}/history/",
            f"/comments/{comment.pk}/withdraw/",
            f"/comments/{comment.pk}/recommend/",
            f"/comments/{comment.pk}/reply/?quote=1",
            self.discussion.url,
            self.member.get_absolute_url(),
        ):
            with self.subTest(address):
                response = self.client.get(address)
                self.assertEqual(response.status_code, 200)
                self.assertNotContains(response, SECRET)
        response = self.client.post("/comments/preview/", {"body": quote(self.source)})
        self.assertNotContains(response, "uphill")
        form = read(self.client, f"/comments/{comment.pk}/edit/").forms[0]
        self.assertIn("Still.", form.body)

    def test_an_edit_may_take_the_quote_out_or_put_one_in(self):
        comment = self.post(quote(self.source))
        editing.edit_comment(self.fresh(comment), body="No quote any more.", revision=1)
        editing.edit_comment(self.fresh(comment), body=quote(self.source, "After all."), revision=2)
        editing.edit_comment(self.fresh(comment), body=quote(self.source, "And so on."), revision=3)
        self.assertEqual(Quote.objects.get().comment, comment)
        self.move(self.source, State.HIDDEN)
        self.assertNotIn(SECRET, self.fresh(comment).html)

    def test_quoting_itself_is_nothing(self):
        comment = self.post("A word.")
        editing.edit_comment(self.fresh(comment), body=quote(comment, "As I said."), revision=1)
        self.assertFalse(Quote.objects.exists())

    def test_of_what_is_not_there(self):
        self.post("> words\n> — [A](/c/999999/)\n\nMore.")
        self.assertFalse(Quote.objects.exists())

    def test_withdrawn_for_good_it_is_in_no_text_any_more(self):
        comment = self.post(quote(self.source))
        editing.edit_comment(self.fresh(comment), body=quote(self.source, "Once more."), revision=1)
        editing.withdraw_comment(self.fresh(self.source))
        self.assertIn(SECRET, self.fresh(comment).body)
        with time_machine.travel(timezone.now() + timedelta(days=31)):
            editing.purge_withdrawn()
        there = self.fresh(comment)
        for text in (there, there.versions.get()):
            self.assertNotIn(SECRET, text.body + text.html)
            self.assertNotIn("Ilse", text.body + text.html)
        self.assertIn("Once more.", there.body)

    def test_withdrawn_for_good_it_is_in_no_text_that_an_edit_took_it_out_of(self):
        comment = self.post(quote(self.source))
        editing.edit_comment(self.fresh(comment), body="My own words alone.", revision=1)
        editing.withdraw_comment(self.fresh(self.source))
        with time_machine.travel(timezone.now() + timedelta(days=31)):
            editing.purge_withdrawn()
        there = self.fresh(comment)
        self.assertNotIn(SECRET, there.versions.get().body + there.versions.get().html)
        self.assertEqual((there.body, there.html), ("My own words alone.", "<p>My own words alone.</p>\n"))

    def test_mentions_stay_when_it_is_made_anew(self):
        make_user(handle="dov-h")
        comment = self.post(quote(self.source, "Ask @dov-h."))
        self.move(self.source, State.HIDDEN)
        self.assertIn('href="/members/dov-h/"', self.fresh(comment).html)

    def test_posting_one_costs_two_queries_more(self):
        def number(body):
            from django.db import connection
            from django.test.utils import CaptureQueriesContext

            with CaptureQueriesContext(connection) as queries:
                self.post(body)
            return len(queries)

        plain = number("A word without any.")
        self.assertLessEqual(number(quote(self.source)), plain + 3)


class PageOfPreviewTests(QuotingCase):
    def test_shows_what_will_be_posted(self):
        make_user(handle="dov-h")
        body = quote(self.source, "Ask **@dov-h**.\n\n<script>alert(1)</script>")
        shown = self.client.post("/comments/preview/", {"body": body}).text
        self.assertIn(self.post(body).html, shown)
        self.assertNotIn("<script>", shown)

    def test_of_nothing_or_too_much_is_empty(self):
        for body in ("", " ", "a" * 5_001, "x\0y"):
            response = self.client.post("/comments/preview/", {"body": body})
            self.assertNotIn("<p", response.text)

    def test_is_for_members_and_not_without_end(self):
        with time_machine.travel(timezone.now(), tick=False):
            statuses = [self.client.post("/comments/preview/", {"body": "A word."}).status_code for _ in range(61)]
        self.assertEqual(statuses, [200] * 60 + [429])
        self.client.logout()
        self.assertEqual(self.client.post("/comments/preview/", {"body": "A word."}).status_code, 302)


class KeptTextTests(QuotingCase):
    """A text sent after the session has ended comes back with the form, without any script."""

    def sign_in_and_follow(self, response):
        self.assertIn("/accounts/login/?next=", response["Location"])
        self.client.force_login(self.member)
        return Page(self.client.get(response["Location"].partition("next=")[2]))

    def send(self, **data):
        self.client.logout()
        return self.client.post(
            f"/discussions/{self.discussion.pk}/comments/", {"body": "Not lost.\n\nAt all.", "parent": ""} | data
        )

    def test_of_a_comment(self):
        self.client.logout()
        self.client.get("/accounts/login/")
        response = self.send()
        self.assertEqual(self.kept(response), "Not lost.\n\nAt all.")
        page = self.sign_in_and_follow(response)
        self.assertEqual(page.forms[0].action, f"/discussions/{self.discussion.pk}/comments/")

    def test_through_the_sign_in_form(self):
        from ..factories import PASSWORD

        response = self.send(parent=self.source.pk)
        data = {"login": self.member.email, "password": PASSWORD}
        signed_in = self.client.post(response["Location"], data)
        page = read(self.client, signed_in["Location"])
        self.assertEqual(page.forms[0].body.lstrip("\n"), "Not lost.\n\nAt all.")
        self.assertEqual(page.forms[0].fields["parent"], str(self.source.pk))
        sent = self.client.post(page.forms[0].action, page.forms[0].data("Not lost.\n\nAt all."))
        self.assertEqual(sent.status_code, 302)
        self.assertEqual(read(self.client, f"/discussions/{self.discussion.pk}/comments/").forms[0].body.strip(), "")

    def test_not_without_end_and_not_without_bound(self):
        with time_machine.travel(timezone.now(), tick=False):
            kept = [self.kept(self.send(body="z" * 100_000)) for _ in range(12)]
        self.assertEqual([len(text) for text in kept], [10_000] * 10 + [0] * 2)

    def kept(self, _response):
        return self.client.session.get("comment_of_a_session_that_is_over", {"body": ""})["body"]


@patch("comments.editing.RATES", [])
class QuotingRaces(RaceCase):
    def test_quoted_while_it_is_hidden(self):
        for number in range(ROUNDS):
            source = make_comment(self.discussion, body=f"We carry the {SECRET}.")
            body = quoting.as_quote(source) + f"Number {number}."
            results = at_once(self.reply(None, body=body), self.move(source, "hidden", "published"))
            self.assert_all_well(results)
            self.assertNotIn(SECRET, self.fresh(results[0]).html)

    def test_quoted_by_an_edit_while_it_is_hidden(self):
        for number in range(ROUNDS):
            source = make_comment(self.discussion, body=f"We carry the {SECRET}.")
            comment = self.fresh(make_comment(self.discussion, author=self.first))
            body = quoting.as_quote(source) + f"Number {number}."
            results = at_once(
                lambda comment=comment, body=body: editing.edit_comment(comment, body=body, revision=1),
                self.move(source, "hidden", "published"),
            )
            self.assert_all_well(results)
            self.assertNotIn(SECRET, self.fresh(comment).html)

    def test_two_that_quote_each_other_are_hidden(self):
        for number in range(ROUNDS):
            one = make_comment(self.discussion, author=self.first)
            other = posting.post_comment(
                discussion_id=self.discussion.pk, author=self.second, body=quoting.as_quote(one) + f"A {number}."
            )
            editing.edit_comment(self.fresh(one), body=quoting.as_quote(other) + f"B {number}.", revision=1)
            self.assert_all_well(
                at_once(self.move(one, "hidden", "published"), self.move(other, "hidden", "published"))
            )

    def test_hidden_and_restored_at_once(self):
        source = make_comment(self.discussion, body=f"We carry the {SECRET}.")
        comment = posting.post_comment(
            discussion_id=self.discussion.pk, author=self.first, body=quoting.as_quote(source) + "So."
        )
        for _ in range(ROUNDS):
            acts = [self.move(source, "hidden", "published"), self.move(source, "published", "hidden")]
            self.assert_all_well(at_once(*acts))
            visible = self.fresh(source).state == "published"
            self.assertEqual(SECRET in self.fresh(comment).html, visible)
