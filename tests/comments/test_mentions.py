"""@names in a comment: which become links, whom they name, and what is offered while one writes."""

from datetime import timedelta

import time_machine
from django.test import TestCase, override_settings
from django.utils import timezone

from comments import mentions, posting
from comments.models import Comment

from ..factories import make_article, make_comment, make_user
from .reading import read


@override_settings(CAMPAIGN_COMMENT_RATES=[])
class MentionCase(TestCase):
    def setUp(self):
        self.discussion = make_article().discussion
        self.author = make_user("Ilse Marrow", joined_at=timezone.now() - timedelta(days=30))
        self.nkemi = make_user("Nkemi Ashgrove", handle="nkemi")
        self.dov = make_user("Dov Harkin", handle="dov-h")

    def post(self, body, author=None):
        return posting.post_comment(discussion_id=self.discussion.pk, author=author or self.author, body=body)

    def named(self, body):
        return set(mentions.mentioned(self.post(body)).values_list("handle", flat=True))


class LinkTests(MentionCase):
    def test_leads_to_the_profile(self):
        comment = self.post("I agree with @nkemi here.")
        self.assertEqual(
            comment.html, '<p>I agree with <a class="mention" href="/members/nkemi/">@nkemi</a> here.</p>\n'
        )
        self.assertIn("/members/nkemi/", read(self.client, self.discussion.url)[comment].links)

    def test_wherever_a_name_may_stand(self):
        for body in (
            "@nkemi",
            "@Nkemi, and you?",
            "(@nkemi)",
            "**@nkemi** is right",
            "* @nkemi\n* others",
            "@nkemi's jars",
            "Said by @nkemi.",
            "«@nkemi»",
            "Line one\n@nkemi",
        ):
            with self.subTest(body):
                self.assertEqual(self.named(body), {"nkemi"})
                Comment.objects.update(posted_at=timezone.now() - timedelta(hours=1))

    def test_what_only_looks_like_a_name(self):
        for body in (
            "write to me@nkemi today",
            "me@nkemi.example",
            "https://example.org/@nkemi",
            "[@nkemi](https://example.org/)",
            "> @nkemi said so\n\nDid she?",
            "@nobody-here",
            "@nkemi-",
            "@@nkemi",
            "/@nkemi",
            "@nkemi_x",
            "@ nkemi",
        ):
            with self.subTest(body):
                self.assertNotIn('class="mention"', self.post(body).html)
                self.assertFalse(mentions.mentioned(Comment.objects.latest("pk")))

    def test_nobody_can_write_such_a_link_by_hand(self):
        comment = self.post('[hello](/members/nkemi/) <a class="mention" href="/members/nkemi/">@x</a>')
        self.assertNotIn('<a class="mention"', comment.html)
        self.assertFalse(mentions.mentioned(comment))

    def test_at_most_five(self):
        for number in range(7):
            make_user(handle=f"member-{number}-x")
        body = " ".join(f"@member-{number}-x" for number in range(7)) + " and @member-0-x again"
        comment = self.post(body)
        self.assertEqual(mentions.mentioned(comment).count(), 5)
        self.assertEqual(comment.html.count("mention"), 6)  # one of them twice
        self.assertIn("@member-6-x", comment.html)

    def test_of_a_new_member_at_most_two(self):
        new = make_user("New Here", joined_at=timezone.now() - timedelta(days=6))
        make_user(handle="third")
        self.assertEqual(mentions.mentioned(self.post("@nkemi @dov-h @third", new)).count(), 2)
        with time_machine.travel(timezone.now() + timedelta(days=2)):
            self.assertEqual(mentions.mentioned(self.post("@nkemi @dov-h @third, once more", new)).count(), 3)

    def test_not_oneself_and_not_who_has_left(self):
        make_user(handle="gone", is_active=False)
        self.assertEqual(self.named(f"@{self.author.handle} and @gone"), set())

    def test_is_one_query_however_many(self):
        for body, number in (("no names at all", 0), ("@nkemi", 1), ("@nkemi @dov-h @x1 @x2 @x3", 1), ("a@b", 0)):
            with self.assertNumQueries(number):
                mentions.link(f"<p>{body}</p>", author=self.author, at=timezone.now())

    def test_a_hundred_names_cost_no_more(self):
        body = " ".join(f"@member{number}" for number in range(100))
        with self.assertNumQueries(1):
            self.assertEqual(mentions.link(body, author=self.author, at=timezone.now()), body)

    def test_hostile_text_costs_little(self):
        for text in ("@" * 50_000, "@a" * 25_000, "a-" * 25_000, "@" + "a" * 50_000, "<b>" * 15_000):
            mentions.NAMED.findall(text)
            mentions.TAG.split(text)


class SuggestTests(MentionCase):
    def setUp(self):
        super().setUp()
        self.client.force_login(self.author)

    def ask(self, start):
        response = self.client.get(f"/discussions/{self.discussion.pk}/names/", {"q": start})
        self.assertEqual(response.status_code, 200)
        return [person["handle"] for person in response.json()]

    def test_by_handle_and_by_first_name(self):
        make_user("Amara Nwosu", handle="nk-nwosu")
        self.assertEqual(self.ask("nk"), ["nk-nwosu", "nkemi"])
        self.assertEqual(self.ask("DOV"), ["dov-h"])
        self.assertEqual(self.ask("Amar"), ["nk-nwosu"])
        self.assertEqual(self.ask("x"), [])

    def test_those_in_the_discussion_first(self):
        make_user("Nele Aa", handle="aa-nele")
        make_comment(self.discussion, author=self.nkemi)
        make_comment(author=self.dov)
        self.assertEqual(self.ask("N"), ["nkemi", "aa-nele"])

    def test_no_name_that_its_member_does_not_show(self):
        self.assertEqual(self.ask("Nkemi A"), [])
        self.assertEqual(self.ask("Ashgrove"), [])
        response = self.client.get(f"/discussions/{self.discussion.pk}/names/", {"q": "nkemi"})
        self.assertEqual(response.json(), [{"handle": "nkemi", "name": "Nkemi A."}])

    def test_at_most_eight_and_never_oneself(self):
        for number in range(12):
            make_user("Ilse Other", handle=f"ilse-{number:02}")
        self.assertEqual(self.ask("ilse"), [f"ilse-{number:02}" for number in range(8)])
        self.assertEqual(self.ask(self.author.handle), [])

    def test_nothing_for_nothing(self):
        for start in ("", " ", "%", "_", "a b"):
            self.assertEqual(self.ask(start), [])

    def test_members_only_and_not_without_end(self):
        with time_machine.travel(timezone.now(), tick=False):
            for _ in range(90):
                self.ask("nk")
            response = self.client.get(f"/discussions/{self.discussion.pk}/names/", {"q": "nk"})
            self.assertEqual(response.status_code, 429)
        self.client.logout()
        self.assertEqual(self.client.get(f"/discussions/{self.discussion.pk}/names/").status_code, 302)

    def test_costs_the_same_for_few_and_many(self):
        for _ in range(40):
            make_comment(self.discussion, author=make_user("Many Others"))
        with self.assertNumQueries(1):
            mentions.suggest(self.discussion, "many", besides=self.author)
        with self.assertNumQueries(2):
            mentions.suggest(self.discussion, "nk", besides=self.author)
