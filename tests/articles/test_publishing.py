"""The life of an article: who sees it when, and that its discussion follows."""

from datetime import timedelta

import time_machine
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from articles.models import Article
from articles.publishing import closing_time, publish, save_article, withdraw
from comments.models import Discussion

from ..factories import (
    make_admin,
    make_article,
    make_author,
    make_comment,
    make_editor,
    make_moderator,
    make_topic,
    make_user,
)

LISTS = ["/", "/feeds/articles/", "/sitemap-articles.xml"]


def sees(client, address, words):
    return words in client.get(address).content.decode()


class VisibilityTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.readers = {
            "guest": None,
            "member": make_user("Plain Member"),
            "moderator": make_moderator(),
            "editor": make_editor(),
            "superuser": make_admin(),
        }

    def client_of(self, role):
        client = Client()
        if self.readers[role]:
            client.force_login(self.readers[role])
        return client

    def check(self, article, readers, listed):
        """Only `readers` may open it; it stands in lists for everybody or for nobody."""
        for role in self.readers:
            client = self.client_of(role)
            with self.subTest(role=role):
                for address in (article.get_absolute_url(), f"{article.get_absolute_url()}?sort=newest"):
                    response = client.get(address)
                    self.assertEqual(response.status_code, 200 if role in readers else 404)
                    self.assertEqual(article.title in response.content.decode(), role in readers)
                for address in LISTS:
                    self.assertEqual(sees(client, address, article.slug), listed, address)

    def test_a_draft(self):
        self.check(
            make_article(state="draft", publish_at=None, title="Not for everybody"), {"editor", "superuser"}, False
        )

    def test_a_draft_with_a_date_that_has_passed(self):
        article = make_article(state="draft", publish_at=timezone.now() - timedelta(days=1), title="Not for everybody")
        self.check(article, {"editor", "superuser"}, False)

    def test_a_scheduled_one(self):
        article = make_article(publish_at=timezone.now() + timedelta(hours=1), title="Not for everybody yet")
        self.check(article, {"editor", "superuser"}, False)

    def test_a_published_one(self):
        self.check(make_article(title="For everybody"), set(self.readers), True)

    def test_a_page_is_open_to_all_and_in_no_list(self):
        topic, author = make_topic(), make_author()
        article = make_article(kind="page", title="Who we are", topics=[topic], authors=[author])
        for role in self.readers:
            client = self.client_of(role)
            self.assertEqual(client.get(article.get_absolute_url()).status_code, 200)
            for address in ("/", "/feeds/articles/", topic.get_absolute_url(), author.get_absolute_url()):
                self.assertFalse(sees(client, address, article.slug), address)
        self.assertTrue(sees(Client(), "/sitemap-articles.xml", article.slug))

    def test_drafts_are_in_no_list_of_their_topic_or_author(self):
        topic, author = make_topic(), make_author()
        later = timezone.now() + timedelta(hours=1)
        for fields in ({"state": "draft", "publish_at": None}, {"publish_at": later}):
            article = make_article(topics=[topic], authors=[author], **fields)
            for role in self.readers:
                for address in (
                    topic.get_absolute_url(),
                    author.get_absolute_url(),
                    *LISTS,
                    "/sitemap-topics.xml",
                    "/sitemap-authors.xml",
                ):
                    self.assertFalse(sees(self.client_of(role), address, article.slug), address)
        # Nor does a topic or an author without anything published stand in the sitemap or on the front page.
        self.assertFalse(sees(Client(), "/sitemap-topics.xml", topic.slug))
        self.assertFalse(sees(Client(), "/sitemap-authors.xml", author.slug))
        self.assertFalse(sees(Client(), "/", topic.get_absolute_url()))

    def test_staff_are_told_that_others_do_not_see_it(self):
        later = make_article(publish_at=timezone.now() + timedelta(hours=1))
        draft = make_article(state="draft", publish_at=None)
        editor = self.client_of("editor")
        self.assertTrue(sees(editor, later.get_absolute_url(), "Only staff see this"))
        self.assertTrue(sees(editor, draft.get_absolute_url(), "Only staff see this"))
        for article in (later, draft):
            response = editor.get(article.get_absolute_url())
            self.assertIn("no-store", response["Cache-Control"])
            self.assertContains(response, 'name="robots" content="noindex"')

    def test_what_an_editor_saw_is_not_kept_for_guests(self):
        article = make_article(publish_at=timezone.now() + timedelta(hours=1))
        self.client_of("editor").get(article.get_absolute_url())
        self.assertEqual(Client().get(article.get_absolute_url()).status_code, 404)


class TimeTests(TestCase):
    def test_a_scheduled_one_appears_by_itself_at_its_time(self):
        start = timezone.now()
        article = make_article(publish_at=start + timedelta(hours=1), title="Out at one", topics=[make_topic()])
        make_article(title="An older one")
        before = {table: list(table.objects.order_by("pk").values()) for table in (Article, Discussion)}
        places = [*LISTS, article.get_absolute_url(), article.topics.get().get_absolute_url()]
        for seconds, seen in ((-1, False), (0, True), (1, True)):
            with time_machine.travel(start + timedelta(hours=1, seconds=seconds), tick=False):
                for address in places:
                    with self.subTest(address, seconds=seconds):
                        self.assertEqual(sees(Client(), address, article.slug), seen)
        # By the query alone: nothing was written.
        for table, rows in before.items():
            self.assertEqual(list(table.objects.order_by("pk").values()), rows)

    def test_it_appears_beside_articles_whose_pages_are_kept(self):
        start, topic = timezone.now(), make_topic()
        shown = make_article(topics=[topic])
        later = make_article(publish_at=start + timedelta(hours=1), topics=[topic])
        self.assertFalse(sees(Client(), shown.get_absolute_url(), later.slug))
        with time_machine.travel(start + timedelta(hours=1, seconds=1), tick=False):
            self.assertTrue(sees(Client(), shown.get_absolute_url(), later.slug))

    def test_its_discussion_opens_with_it(self):
        start = timezone.now()
        article = make_article(publish_at=start + timedelta(hours=1))
        self.assertFalse(Discussion.objects.readable().filter(pk=article.discussion_id))
        self.assertFalse(article.discussion.is_open)
        with time_machine.travel(start + timedelta(hours=1), tick=False):
            self.assertTrue(Discussion.objects.readable().get(pk=article.discussion_id).is_open)

    def test_its_discussion_closes_after_the_days_of_the_site(self):
        start = timezone.now()
        article = make_article(publish_at=start)
        self.assertEqual(article.discussion.closes_at, start + timedelta(days=90))
        for seconds, is_open in ((-1, True), (0, False)):
            with time_machine.travel(start + timedelta(days=90, seconds=seconds), tick=False):
                self.assertEqual(Discussion.objects.get(pk=article.discussion_id).is_open, is_open)
                self.assertEqual(sees(Client(), article.get_absolute_url(), "Comments closed on"), not is_open)

    def test_or_after_its_own(self):
        self.assertIsNone(make_article(comments_close_after=0).discussion.closes_at)
        article = make_article(comments_close_after=7)
        self.assertEqual(article.discussion.closes_at, article.publish_at + timedelta(days=7))

    @override_settings(CAMPAIGN_COMMENTS_CLOSE_AFTER=0)
    def test_or_never(self):
        self.assertIsNone(make_article().discussion.closes_at)
        self.assertIsNone(closing_time(Article(publish_at=None)))


class DiscussionFollowsTests(TestCase):
    def facts(self, article):
        kept = Discussion.objects.get(pk=article.discussion_id)
        return kept.title, kept.url, kept.opens_at, kept.closes_at

    def test_title_address_and_times(self):
        article = make_article(title="First title", slug="first-title")
        days = timedelta(days=settings.CAMPAIGN_COMMENTS_CLOSE_AFTER)
        self.assertEqual(
            self.facts(article),
            ("First title", "/articles/first-title/", article.publish_at, article.publish_at + days),
        )
        article.title, article.slug = "Second title", "second-title"
        article.publish_at -= timedelta(days=3)
        save_article(article)
        self.assertEqual(
            self.facts(article),
            ("Second title", "/articles/second-title/", article.publish_at, article.publish_at + days),
        )
        article.comments_close_after = 2
        save_article(article)
        self.assertEqual(self.facts(article)[3], article.publish_at + timedelta(days=2))

    def test_a_changed_address_takes_its_comments_along(self):
        article = make_article(slug="old-name")
        comment = make_comment(article.discussion)
        article.slug = "new-name"
        save_article(article)
        self.assertTrue(self.client.get(comment.get_absolute_url())["Location"].startswith("/articles/new-name/"))
        self.assertEqual(self.client.get("/articles/old-name/").status_code, 404)

    def test_each_save_lets_the_version_rise(self):
        article = make_article()
        before = Discussion.objects.get(pk=article.discussion_id).version
        save_article(article)
        self.assertEqual(Discussion.objects.get(pk=article.discussion_id).version, before + 1)

    def test_saving_keeps_what_the_discussion_counts_and_how_it_stands(self):
        article = make_article()
        make_comment(article.discussion)
        Discussion.objects.filter(pk=article.discussion_id).update(mode="locked")
        article.title = "Changed"
        save_article(article)
        kept = Discussion.objects.get(pk=article.discussion_id)
        self.assertEqual((kept.comment_count, kept.mode), (1, "locked"))

    def test_publish_sets_the_time_once(self):
        article = make_article(state="draft", publish_at=None)
        publish(article)
        first = article.publish_at
        self.assertLess(abs(timezone.now() - first), timedelta(minutes=1))
        withdraw(article)
        self.assertEqual(self.facts(article)[2], None)
        publish(article)
        self.assertEqual(article.publish_at, first)
        publish(article, at=first + timedelta(days=1))
        self.assertTrue(article.is_scheduled)

    def test_withdrawn_it_is_gone_at_once_and_comes_back_whole(self):
        article = make_article(title="Here and gone")
        comment = make_comment(article.discussion, body="Stays with it.")
        author = comment.author.get_absolute_url()
        tag = Client().get(article.get_absolute_url())["ETag"]
        self.assertTrue(sees(Client(), author, "Stays with it."))
        withdraw(article)
        for headers in ({}, {"If-None-Match": tag}):
            self.assertEqual(Client().get(article.get_absolute_url(), headers=headers).status_code, 404)
        self.assertFalse(sees(Client(), author, "Stays with it."))
        self.assertFalse(sees(Client(), "/", "Here and gone"))
        publish(article)
        self.assertTrue(sees(Client(), article.get_absolute_url(), "Stays with it."))
        self.assertTrue(sees(Client(), author, "Stays with it."))

    def test_the_database_refuses_nonsense(self):
        for change in ({"publish_at": None}, {"cta_line": "Sign"}, {"cta_url": "https://example.org/"}):
            article = make_article()
            with self.assertRaises(IntegrityError), transaction.atomic():
                Article.objects.filter(pk=article.pk).update(**change)
