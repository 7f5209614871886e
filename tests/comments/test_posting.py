"""Posting: what is stored, what is refused and why, and that no refusal takes a member's words away."""

import json
import uuid
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import time_machine
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from articles.publishing import withdraw
from campaign import markup
from comments import posting
from comments.models import Comment, Discussion

from .. import corpora
from ..factories import make_article, make_comment, make_user
from .reading import Page, differences, read, walk

UNLIMITED = override_settings(CAMPAIGN_COMMENT_RATES=[])


class PostingCase(TestCase):
    def setUp(self):
        self.article = make_article()
        self.discussion = self.article.discussion
        self.member = make_user("Nkemi Ashgrove")
        self.client.force_login(self.member)

    @property
    def url(self):
        return self.article.get_absolute_url()

    def form(self, answering=None):
        """The form as the member's page holds it."""
        query = f"?reply={answering.pk}" if answering else ""
        return read(self.client, self.url + query).forms[0]

    def post(self, body="A word about the pipes.", answering=None, *, token=None, **fields):
        """Post as the page's form would, and return the response."""
        data = {"body": body, "parent": answering.pk if answering else "", "token": token or uuid.uuid4()}
        return self.client.post(f"/discussions/{self.discussion.pk}/comments/", data | fields)

    def assert_given_back(self, response, body, status=422):
        """Nothing is stored, and the form is there again with the text."""
        self.assertEqual(response.status_code, status)
        page = Page(response)
        self.assertEqual(page.forms[0].body, body)
        self.assertFalse(Comment.objects.filter(author=self.member, body=body).exists())
        alerts = [e for e in page.tree.iter() if e.get("role") == "alert"]
        self.assertTrue(alerts and "".join(alerts[0].itertext()).strip(), "no reason is given")
        self.assertEqual(differences(self.discussion), [])
        return page


class PostTests(PostingCase):
    def test_appears_for_everybody(self):
        make_comment(self.discussion)
        form = self.form()
        response = self.client.post(form.action, form.data("The **well** is dry."))
        comment = Comment.objects.get(author=self.member)
        self.assertRedirects(response, f"/c/{comment.pk}/", fetch_redirect_response=False)
        for client in (self.client, Client()):
            page = read(client, client.get(response["Location"])["Location"])
            self.assertEqual(page[comment].text, "The well is dry.")
            self.assertEqual(page.count, 2)

    def test_the_first_comment_of_a_discussion(self):
        form = self.form()
        self.assertEqual(self.client.post(form.action, form.data("The first word.")).status_code, 302)
        self.assertEqual(read(Client(), self.url).count, 1)

    def test_keeps_what_was_written_beside_what_is_shown(self):
        self.post("A *word* & <b>another</b>")
        comment = Comment.objects.get()
        self.assertEqual(comment.body, "A *word* & <b>another</b>")
        self.assertEqual(comment.html, "<p>A <em>word</em> &amp; &lt;b&gt;another&lt;/b&gt;</p>\n")
        self.assertEqual(comment.markup_version, markup.VERSION)

    def test_a_reply_stands_below_what_it_answers(self):
        parent = make_comment(self.discussion)
        form = self.form(parent)
        self.client.post(form.action, form.data("I do not think so."))
        reply = Comment.objects.get(author=self.member)
        self.assertEqual((reply.parent, reply.depth, reply.root_id), (parent, 1, parent.pk))
        page = read(Client(), self.url)
        self.assertEqual(page[reply].inside, parent.pk)
        self.assertEqual(differences(self.discussion), [])

    def test_counts_and_lets_the_version_rise(self):
        before = Discussion.objects.get(pk=self.discussion.pk)
        parent = make_comment(self.discussion)
        self.post(answering=parent)
        after = Discussion.objects.get(pk=self.discussion.pk)
        self.assertEqual(after.comment_count, before.comment_count + 2)
        self.assertEqual(after.version, before.version + 2)
        self.assertEqual(Comment.objects.get(pk=parent.pk).descendant_count, 1)

    @UNLIMITED
    def test_at_every_depth_and_deeper_than_there_are_places(self):
        parent = None
        for number in range(40):
            self.assertEqual(self.post(f"Word number {number}.", parent).status_code, 302)
            comment = Comment.objects.latest("pk")
            self.assertEqual(comment.parent, parent)
            self.assertEqual(comment.depth, min(number, 32))
            parent = comment
        self.assertEqual(differences(self.discussion), [])
        # Beyond the last place a reply stands beside what it answers and says whom.
        page = read(Client(), f"{self.url}?at={parent.pk}")
        self.assertIn("replying to", page[parent].words)
        self.assertIn(f"/c/{parent.parent_id}/", page[parent].links)

    @UNLIMITED
    def test_a_chain_of_150_is_reachable_through_links(self):
        parent = None
        for number in range(150):
            parent = posting.post_comment(
                discussion_id=self.discussion.pk,
                author=self.member,
                body=f"Link {number}",
                parent_id=parent and parent.pk,
            )
        found = {seen.pk for _here, _focus, page in walk(Client(), self.url) for seen in page.comments}
        self.assertEqual(found, set(Comment.objects.values_list("pk", flat=True)))
        self.assertEqual(differences(self.discussion), [])

    def test_line_ends_of_every_system_are_one(self):
        self.post("One\r\ntwo\r\n\r\nthree")
        self.assertEqual(Comment.objects.get().body, "One\ntwo\n\nthree")

    def test_for_htmx_it_says_where_the_comment_is(self):
        response = self.client.post(
            f"/discussions/{self.discussion.pk}/comments/",
            {"body": "By htmx.", "token": uuid.uuid4()},
            headers={"HX-Request": "true"},
        )
        self.assertEqual(response.status_code, 201)
        self.assertEqual(response["Location"], Comment.objects.get().get_absolute_url())

    def test_for_htmx_a_refusal_is_the_form_alone(self):
        response = self.client.post(
            f"/discussions/{self.discussion.pk}/comments/",
            {"body": "SHOUTING AT EVERYBODY HERE", "token": uuid.uuid4()},
            headers={"HX-Request": "true"},
        )
        self.assertEqual(response.status_code, 422)
        self.assertNotIn("<html", response.content.decode())
        self.assertIn("SHOUTING AT EVERYBODY HERE", response.content.decode())

    def test_the_form_has_a_page_of_its_own(self):
        page = read(self.client, f"/discussions/{self.discussion.pk}/comments/")
        self.client.post(page.forms[0].action, page.forms[0].data("From its own page."))
        parent = Comment.objects.get()
        page = read(self.client, f"/comments/{parent.pk}/reply/")
        self.client.post(page.forms[0].action, page.forms[0].data("And a reply."))
        self.assertEqual(Comment.objects.latest("pk").parent, parent)


class WhoMayPostTests(PostingCase):
    def test_a_guest_is_led_to_the_sign_in(self):
        parent = make_comment(self.discussion)
        self.client.logout()
        addresses = [f"/discussions/{self.discussion.pk}/comments/", f"/comments/{parent.pk}/reply/"]
        for address, method in [(addresses[0], "get"), (addresses[0], "post"), (addresses[1], "get")]:
            response = getattr(self.client, method)(address, {"body": "Let me in.", "token": uuid.uuid4()})
            self.assertEqual(response.status_code, 302)
            self.assertEqual(urlsplit(response["Location"]).path, "/accounts/login/")
            self.assertTrue(parse_qs(urlsplit(response["Location"]).query)["next"][0].startswith(address))
        self.assertEqual(Comment.objects.count(), 1)

    def test_a_form_without_the_sites_token_is_refused(self):
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.member)
        response = client.post(
            f"/discussions/{self.discussion.pk}/comments/", {"body": "Forged.", "token": uuid.uuid4()}
        )
        self.assertEqual(response.status_code, 403)
        self.assertFalse(Comment.objects.exists())

    def test_the_form_of_the_page_has_the_sites_token(self):
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.member)
        make_comment(self.discussion)
        form = read(client, self.url).forms[0]
        self.assertEqual(client.post(form.action, form.data("Not forged.")).status_code, 302)

    def test_a_member_who_may_no_longer_sign_in_does_not_post(self):
        self.member.is_active = False
        self.member.save()
        self.post()
        self.assertFalse(Comment.objects.exists())

    def test_other_methods_do_nothing(self):
        for method in ("put", "patch", "delete"):
            response = getattr(self.client, method)(f"/discussions/{self.discussion.pk}/comments/")
            self.assertEqual(response.status_code, 405)

    def test_reading_the_form_stores_nothing(self):
        self.client.get(f"/discussions/{self.discussion.pk}/comments/", {"body": "By address.", "token": uuid.uuid4()})
        self.assertFalse(Comment.objects.exists())

    def test_extra_fields_change_nothing(self):
        other, parent = make_user("Somebody Else"), make_comment(self.discussion)
        names = (
            "id pk author author_id user discussion discussion_id thread thread_id under under_id depth above path state "
            "is_published hidden_under posted_at edited_at state_changed_at featured_at score descendant_count shown_at "
            "best_key busy_key html markup_version guest_name form_token comment_count version is_staff is_superuser "
            "is_active groups email created_at next sort at reply featured pinned moderated approved"
        ).split()
        self.assertGreaterEqual(len(names), 41)
        values = {
            "author": other.pk,
            "author_id": other.pk,
            "state": "hidden",
            "html": "<script>1</script>",
            "depth": 7,
        }
        extra = {name: values.get(name, "1") for name in names}
        before = Comment.objects.filter(pk=parent.pk).values().get()
        self.post("Only my words.", **extra)
        comment = Comment.objects.latest("pk")
        self.assertEqual(comment.author, self.member)
        self.assertEqual(comment.discussion, self.discussion)
        self.assertIsNone(comment.parent_id or comment.edited_at or comment.featured_at or comment.state_changed_at)
        self.assertEqual((comment.state, comment.score, comment.depth, comment.guest_name), ("published", 1, 0, ""))
        self.assertEqual(comment.html, "<p>Only my words.</p>\n")
        self.assertLess(abs(comment.posted_at - timezone.now()), timedelta(minutes=1))
        self.assertEqual(Comment.objects.filter(pk=parent.pk).values().get(), before)
        self.member.refresh_from_db()
        self.assertFalse(self.member.is_staff or self.member.is_superuser)
        self.assertEqual(differences(self.discussion), [])


class RefusalTests(PostingCase):
    def test_a_closed_discussion(self):
        Discussion.objects.filter(pk=self.discussion.pk).update(closes_at=timezone.now())
        self.assert_given_back(self.post("Too late, I fear."), "Too late, I fear.")

    def test_a_discussion_that_closes_by_age(self):
        with time_machine.travel(timezone.now() + timedelta(days=91)):
            self.client.force_login(self.member)
            self.assert_given_back(self.post("Too late, I fear."), "Too late, I fear.")

    def test_a_locked_discussion(self):
        Discussion.objects.filter(pk=self.discussion.pk).update(mode="locked")
        self.assert_given_back(self.post("May I?"), "May I?")

    def test_a_lock_that_has_ended(self):
        Discussion.objects.filter(pk=self.discussion.pk).update(
            mode="locked", mode_until=timezone.now() - timedelta(seconds=1)
        )
        self.assertEqual(self.post().status_code, 302)

    def test_a_draft_takes_no_comment(self):
        withdraw(self.article)
        self.assertIn(self.post().status_code, (404, 422))
        self.assertEqual(self.client.get(f"/discussions/{self.discussion.pk}/comments/").status_code, 404)
        self.assertFalse(Comment.objects.exists())

    def test_a_discussion_that_does_not_exist(self):
        for pk in ("999999999", "99999999999999999999999999"):
            response = self.client.post(f"/discussions/{pk}/comments/", {"body": "Where?", "token": uuid.uuid4()})
            self.assertEqual(response.status_code, 404)

    def test_an_answer_to_a_comment_elsewhere(self):
        foreign = make_comment()
        self.assert_given_back(self.post("Wrong door.", foreign), "Wrong door.")
        self.assertEqual(differences(foreign.discussion), [])

    def test_an_answer_to_what_is_no_longer_there(self):
        for state in ("hidden", "withdrawn", "pending", "erased"):
            with self.subTest(state):
                parent = make_comment(self.discussion, state=state)
                self.assert_given_back(self.post("I answer all the same.", parent), "I answer all the same.")

    def test_an_answer_to_nothing(self):
        for parent in ("999999999", "9" * 30, "-1", "x", "1 OR 1=1"):
            with self.subTest(parent):
                response = self.client.post(
                    f"/discussions/{self.discussion.pk}/comments/",
                    {"body": "To nobody.", "parent": parent, "token": uuid.uuid4()},
                )
                page = self.assert_given_back(response, "To nobody.")
                # It can be sent on its own now.
                self.assertEqual(page.forms[0].fields["parent"], "")

    def test_no_reply_form_for_what_is_not_published(self):
        for state in ("hidden", "withdrawn", "pending", "erased"):
            parent = make_comment(self.discussion, state=state)
            self.assertEqual(self.client.get(f"/comments/{parent.pk}/reply/").status_code, 404)
        published = make_comment(self.discussion)
        withdraw(self.article)
        self.assertEqual(self.client.get(f"/comments/{published.pk}/reply/").status_code, 404)

    def test_too_fast(self):
        with override_settings(CAMPAIGN_COMMENT_RATES=[(2, 60)]):
            for number in range(2):
                self.assertEqual(self.post(f"Number {number}.").status_code, 302)
            response = self.post("One too many.")
        self.assert_given_back(response, "One too many.", status=429)
        self.assertTrue(1 <= int(response["Retry-After"]) <= 61)
        self.assertEqual(Comment.objects.count(), 2)

    def test_after_the_time_it_names_one_may_post_again(self):
        with override_settings(CAMPAIGN_COMMENT_RATES=[(1, 60)]):
            start = timezone.now()
            with time_machine.travel(start, tick=False):
                self.post("First.")
                seconds = int(self.post("Second.")["Retry-After"])
            with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
                self.assertEqual(self.post("Second.").status_code, 302)

    def test_the_limit_is_each_members_own(self):
        with override_settings(CAMPAIGN_COMMENT_RATES=[(1, 60)]):
            self.post("Mine.")
            self.client.force_login(make_user("Other"))
            self.assertEqual(self.post("Theirs.").status_code, 302)

    def test_the_limits_of_the_site(self):
        with time_machine.travel(timezone.now(), tick=False):
            statuses = [self.post(f"Comment {number}.").status_code for number in range(6)]
        self.assertEqual(statuses, [302] * 5 + [429])

    def test_the_same_words_within_ten_minutes(self):
        start = timezone.now()
        with time_machine.travel(start, tick=False):
            self.assertEqual(self.post("Sign here, all of you.").status_code, 302)
        with time_machine.travel(start + timedelta(minutes=9, seconds=59), tick=False):
            response = self.post("Sign here, all of you.")
            self.assertEqual(response.status_code, 422)
            self.assertEqual(Page(response).forms[0].body, "Sign here, all of you.")
            self.assertEqual(Comment.objects.count(), 1)
        with time_machine.travel(start + timedelta(minutes=10, seconds=1), tick=False):
            self.assertEqual(self.post("Sign here, all of you.").status_code, 302)

    def test_the_same_words_by_two_members(self):
        self.post("I agree.")
        self.client.force_login(make_user("Other"))
        self.assertEqual(self.post("I agree.").status_code, 302)

    def test_capitals_alone(self):
        for body in ("THIS IS AN OUTRAGE", "ЭТО БЕЗОБРАЗИЕ, ТОВАРИЩИ", "LISTEN TO ME NOW!!! 123"):
            self.assert_given_back(self.post(body), body)

    @UNLIMITED
    def test_a_few_capitals_and_scripts_without_them(self):
        for body in (
            "OK, NATO",
            "It was the BBC",
            "我们需要更多的水在这个城市里生活",
            "هذا نص طويل بدون حروف كبيرة",
            "1234567890123 +++ !!!",
        ):
            self.assertEqual(self.post(body).status_code, 302, body)

    def test_a_quote_alone(self):
        for body in ("> They said so.", "> One\n> two\n\n> three", "> > Twice quoted"):
            self.assert_given_back(self.post(body), body)
        self.assertEqual(self.post("> They said so.\n\nDid they?").status_code, 302)

    def test_nothing_at_all(self):
        for body in ("", " ", "\r\n \r\n", "\t", "x", "\u00a0\u2003"):
            with self.subTest(repr(body)):
                self.assertEqual(self.post(body).status_code, 422)
        self.assertFalse(Comment.objects.exists())

    @UNLIMITED
    def test_length(self):
        for body, accepted in (
            ("No", True),
            ("a" * 5_000, True),
            ("😀" * 5_000, True),
            ("a" * 5_001, False),
            ("é" * 5_001, False),
        ):
            with self.subTest(length=len(body)):
                response = self.post(body)
                if accepted:
                    self.assertEqual(response.status_code, 302)
                    self.assertEqual(Comment.objects.latest("pk").body, body)
                else:
                    self.assert_given_back(response, body)

    def test_far_too_long(self):
        for length in (20_001, 500_000):
            self.assert_given_back(self.post("b " * (length // 2)), "b " * (length // 2))

    def test_ten_megabytes(self):
        response = self.post("c" * 10_000_000)
        self.assertIn(response.status_code, (400, 413, 422))
        self.assertFalse(Comment.objects.exists())

    def test_a_nul(self):
        response = self.post("before\x00after")
        self.assertIn(response.status_code, (400, 422))
        self.assertFalse(Comment.objects.exists())

    def test_bytes_that_are_no_text(self):
        response = self.client.generic(
            "POST",
            f"/discussions/{self.discussion.pk}/comments/",
            b"body=%ff%fe%c0%af+broken&token=" + str(uuid.uuid4()).encode(),
            content_type="application/x-www-form-urlencoded",
        )
        self.assertIn(response.status_code, (302, 400, 422))
        self.assertEqual(read(Client(), self.url).response.status_code, 200)

    def test_a_refused_text_can_be_sent_again_with_its_own_form(self):
        form = self.form_of_page_with_a_comment()
        page = Page(self.client.post(form.action, form.data("WHY DOES NOBODY LISTEN")))
        again = page.forms[0]
        self.assertEqual(self.client.post(again.action, again.data("Why does nobody listen")).status_code, 302)

    def form_of_page_with_a_comment(self):
        make_comment(self.discussion)
        return self.form()

    def test_a_refused_reply_keeps_what_it_answers(self):
        parent = make_comment(self.discussion)
        page = self.assert_given_back(self.post("I WILL NOT BE QUIET NOW", parent), "I WILL NOT BE QUIET NOW")
        self.assertEqual(page.forms[0].fields["parent"], str(parent.pk))

    def test_text_given_back_is_text(self):
        body = "</textarea><script>alert(1)</script> \"' &amp; <!-- " + "X" * 5_000
        page = self.assert_given_back(self.post(body), body)
        self.assertNotIn("alert(1)", "".join("".join(e.itertext()) for e in page.elements("script")))

    def test_first_lines_that_are_empty_come_back(self):
        """A browser drops the first line end in a textarea."""
        body = "\n\nSHOUTING BELOW TWO EMPTY LINES"
        page = Page(self.post(body))
        self.assertEqual(page.forms[0].body.strip("\n"), body.strip("\n"))


class LengthTests(PostingCase):
    def test_line_ends_count_once_as_in_the_browser(self):
        body = "\n".join(["a" * 99] * 50)  # 4,999 characters where a line end is one
        response = self.post(body.replace("\n", "\r\n"))
        self.assertEqual(response.status_code, 302)
        self.assertEqual(Comment.objects.get().body, body)

    def test_what_cannot_be_seen_is_nothing(self):
        for body in (
            "\u200b\u200b\u200b",
            "\u2060\ufeff\u200d",
            "\u202e\u202c",
            "**\u200b**",
            "&nbsp;&nbsp;",
            "\u00ad\u00ad",
        ):
            with self.subTest(ascii(body)):
                self.assertEqual(self.post(body).status_code, 422)


class TwiceTests(PostingCase):
    def test_the_refusal_of_the_same_words_links_to_the_first(self):
        self.post("Read this, please.")
        first = Comment.objects.get()
        page = Page(self.post("Read this, please."))
        self.assertIn(first.get_absolute_url(), [e.get("href") for e in page.elements("a")])

    def test_the_same_words_elsewhere(self):
        self.post("Sign here, all of you.")
        self.discussion = make_article().discussion
        self.assertEqual(self.post("Sign here, all of you.").status_code, 422)

    def test_other_words_by_the_same_form_are_not_lost(self):
        """Back in the browser and something else is written: it is stored, or comes back with a reason."""
        token = uuid.uuid4()
        self.post("The first thought.", token=token)
        response = self.post("A second thought.", token=token)
        if not Comment.objects.filter(body="A second thought.").exists():
            self.assertEqual(Page(response).forms[0].body, "A second thought.")

    def test_the_same_form_sent_twice(self):
        make_comment(self.discussion)
        form = self.form()
        first = self.client.post(form.action, form.data("Twice, by accident."))
        second = self.client.post(form.action, form.data("Twice, by accident."))
        self.assertEqual((first.status_code, second.status_code), (302, 302))
        self.assertEqual(first["Location"], second["Location"])
        self.assertEqual(Comment.objects.filter(author=self.member).count(), 1)
        self.assertEqual(differences(self.discussion), [])

    def test_also_when_it_closed_in_between(self):
        token = uuid.uuid4()
        first = self.post(token=token)
        Discussion.objects.filter(pk=self.discussion.pk).update(mode="locked")
        self.assertEqual(self.post(token=token)["Location"], first["Location"])

    def test_also_at_the_limit(self):
        token = uuid.uuid4()
        with override_settings(CAMPAIGN_COMMENT_RATES=[(1, 60)]):
            first = self.post(token=token)
            self.assertEqual(self.post(token=token)["Location"], first["Location"])

    def test_the_token_of_somebody_else_is_another_one(self):
        token = uuid.uuid4()
        self.post("Mine.", token=token)
        self.client.force_login(make_user("Other"))
        self.post("Theirs.", token=token)
        self.assertEqual(Comment.objects.count(), 2)

    def test_a_form_without_its_token_says_why_it_is_refused(self):
        for token in ("", "x", None):
            data = {"body": "Where is my token?"} | ({} if token is None else {"token": token})
            response = self.client.post(f"/discussions/{self.discussion.pk}/comments/", data)
            if response.status_code != 302:
                self.assert_given_back(response, "Where is my token?")


@UNLIMITED
class NaughtyStringsTests(PostingCase):
    """The big list of naughty strings: stored as sent or refused, and the page stays whole."""

    def test_round_trip(self):
        strings = json.loads(corpora.path("strings", "blns.json").read_text())
        stored = refused = 0
        for text in strings:
            known = set(Comment.objects.values_list("pk", flat=True))
            response = self.post(text)
            self.assertLess(response.status_code, 500, repr(text))
            new = Comment.objects.exclude(pk__in=known)
            if response.status_code == 302:
                stored += 1
                if new:
                    # White space around a comment is not part of it.
                    self.assertEqual(new.get().body, text.strip())
                else:
                    self.fail(f"{text!r} led on and is not stored")
            else:
                refused += 1
                self.assertIn(response.status_code, (400, 422), repr(text))
                self.assertFalse(new)
                if response.status_code == 422 and text.strip():
                    self.assertEqual(Page(response, strict=False).forms[0].body.lstrip("\n"), text.lstrip("\n"))
        self.assertGreater(stored, 400)
        seen = set()
        for _here, _focus, page in walk(
            Client(), self.url, strict=False
        ):  # control characters are no HTML, but harmless
            seen |= set(page.order)
            self.assertEqual(len(page.elements("main")), 1)
        self.assertEqual(seen, set(Comment.objects.values_list("pk", flat=True)))

    def test_round_trip_byte_for_byte_through_the_database(self):
        for text in json.loads(corpora.path("strings", "blns.json").read_text()):
            if len(text.strip()) >= 2 and "\x00" not in text:
                comment = make_comment(self.discussion, author=self.member, body=text)
                self.assertEqual(comment.body.encode(), text.encode())
