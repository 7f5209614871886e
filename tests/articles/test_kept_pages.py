from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from articles.publishing import save_article, withdraw
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
