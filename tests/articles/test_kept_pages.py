from datetime import timedelta
from unittest import mock

import time_machine
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from articles.publishing import save_article, withdraw
from comments.models import Discussion
from tests.factories import make_admin, make_article, make_author, make_comment, make_topic, make_user


class KeptPageTests(TestCase):
    """A guest's page is kept in the process; whatever it shows, a change is seen by the next guest."""

    def setUp(self):
        self.topic, self.author = make_topic(name="Water", slug="water"), make_author(name="Mirel Adeyo")
        self.article = make_article(topics=[self.topic], authors=[self.author])
        self.other = make_article(title="The other story", topics=[self.topic])

    def page(self):
        return self.client.get(self.article.get_absolute_url()).text

    def save_in_the_admin(self, thing, **changes):
        admin = make_admin()
        self.client.force_login(admin)
        kind = thing._meta.model_name
        form = {
            "name": thing.name,
            "slug": thing.slug,
            "position": 1,
            "role": "",
            "bio": "",
            "description": "",
        } | changes
        answer = self.client.post(f"/admin/articles/{kind}/{thing.pk}/change/", form)
        self.assertEqual(answer.status_code, 302)
        self.client.logout()

    def test_shows_a_renamed_topic(self):
        self.assertIn("Water", self.page())
        self.save_in_the_admin(self.topic, name="Rivers")
        self.assertIn("Rivers", self.page())
        self.assertNotIn("Water", self.page())

    def test_shows_a_renamed_author(self):
        self.assertIn("Mirel Adeyo", self.page())
        self.save_in_the_admin(self.author, name="Mirel Okafor")
        self.assertIn("Mirel Okafor", self.page())

    def test_loses_a_related_article_that_is_withdrawn(self):
        self.assertIn("The other story", self.page())
        withdraw(self.other)
        self.assertNotIn("The other story", self.page())

    def test_shows_a_member_under_a_new_name(self):
        member = make_user("Nkemi Ashgrove")
        make_comment(self.article.discussion, author=member)
        self.assertIn("Nkemi A.", self.page())
        self.client.force_login(member)
        form = {"display_name": "Tunde Bello", "handle": member.handle, "bio": ""}
        self.assertEqual(self.client.post("/accounts/profile/", form).status_code, 302)
        self.client.logout()
        self.assertIn("Tunde B.", self.page())
        self.assertNotIn("Nkemi A.", self.page())

    def test_renders_stored_text_again_after_a_change_of_the_rules(self):
        comment = make_comment(self.article.discussion, body="Some **bold** words.")
        type(comment).objects.filter(pk=comment.pk).update(html="<p>old</p>", markup_version=0)
        call_command("render_again")
        comment.refresh_from_db()
        self.assertEqual(comment.html.strip(), "<p>Some <strong>bold</strong> words.</p>")

    def test_is_asked_for_in_one_query(self):
        self.page()
        with self.assertNumQueries(1):
            self.page()

    def test_is_the_same_answer_whoever_made_it(self):
        first = self.client.get(self.article.get_absolute_url())
        again = self.client.get(self.article.get_absolute_url())
        told = {"X-Request-ID"}
        self.assertEqual(again.content, first.content)
        self.assertEqual(
            {name: value for name, value in again.items() if name not in told},
            {name: value for name, value in first.items() if name not in told},
        )

    def test_is_one_for_all_links_of_a_campaign(self):
        self.page()
        with self.assertNumQueries(1):
            self.client.get(self.article.get_absolute_url(), {"utm_source": "letter"})

    def test_answers_what_the_reader_has_already_without_its_bytes(self):
        etag = self.client.get(self.article.get_absolute_url())["ETag"]
        with self.assertNumQueries(1):
            answer = self.client.get(self.article.get_absolute_url(), headers={"If-None-Match": etag})
        self.assertEqual((answer.status_code, answer.content, answer["ETag"]), (304, b"", etag))

    def test_is_none_of_a_member(self):
        self.page()
        member = make_user("Nkemi Ashgrove")
        self.client.force_login(member)
        self.assertIn("Nkemi", self.page())
        self.client.logout()
        self.assertNotIn("Nkemi", self.page())

    def test_is_none_of_a_host_that_is_not_ours(self):
        for host in ("elsewhere.example", "localhost"):
            with self.subTest(host=host), override_settings(ALLOWED_HOSTS=["testserver"]):
                self.page()
                answer = self.client.get(self.article.get_absolute_url(), headers={"Host": host})
                self.assertEqual(answer.status_code, 400)

    def test_leaves_a_fault_to_be_told_with_every_header(self):
        client = Client(raise_request_exception=False)
        address = self.article.get_absolute_url()
        with mock.patch("articles.pages.state_of", side_effect=OperationalError):
            self.assertEqual(client.get(address).status_code, 200, "the page itself may still be made")
        with mock.patch.object(connection, "cursor", side_effect=OperationalError):
            away = client.get(address)
        with override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=10):
            too_much = client.get(address, {f"field{number}": "" for number in range(20)})
        self.assertEqual((away.status_code, too_much.status_code), (503, 400))
        for answer in (away, too_much):
            self.assertIn("default-src", answer["Content-Security-Policy"])

    def test_is_gone_when_the_article_is_withdrawn(self):
        self.page()
        withdraw(self.article)
        self.assertEqual(self.client.get(self.article.get_absolute_url()).status_code, 404)

    def test_shows_a_related_article_on_time(self):
        soon = timezone.now() + timedelta(minutes=2)
        make_article(title="Out at noon", topics=[self.topic], publish_at=soon)
        self.assertNotIn("Out at noon", self.page())
        with time_machine.travel(soon + timedelta(seconds=1)):
            self.assertIn("Out at noon", self.page())

    def test_says_on_time_that_comments_are_closed(self):
        soon = timezone.now() + timedelta(minutes=2)
        Discussion.objects.filter(pk=self.article.discussion_id).update(closes_at=soon)
        self.assertIn("Sign in to add", self.page())
        with time_machine.travel(soon + timedelta(seconds=1)):
            self.assertIn("Comments closed", self.page())


class ClosingTimeTests(TestCase):
    def test_stays_as_a_moderator_set_it_when_an_editor_saves(self):
        article, closed = make_article(), timezone.now()
        type(article.discussion).objects.filter(pk=article.discussion_id).update(closes_at=closed)
        article.title = "A better title"
        save_article(article)
        article.discussion.refresh_from_db()
        self.assertEqual(article.discussion.closes_at, closed)

    def test_follows_the_days_that_an_editor_gives(self):
        article = make_article()
        article.comments_close_after = 7
        save_article(article)
        article.discussion.refresh_from_db()
        self.assertEqual((article.discussion.closes_at - article.publish_at).days, 7)
