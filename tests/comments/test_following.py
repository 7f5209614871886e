"""Following a discussion or a thread, as members do it."""

from django.test import Client, TestCase
from django.utils import timezone

from comments import following
from comments.models import Discussion, Follow

from ..factories import make_article, make_comment, make_discussion, make_editor, make_moderator, make_user
from .reading import read


class FollowTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.member = make_user()
        cls.discussion = make_discussion(title="The valley")
        cls.root = make_comment(cls.discussion)
        cls.reply = make_comment(parent=cls.root)

    def setUp(self):
        self.client.force_login(self.member)
        self.of_discussion, self.of_thread = (
            f"/discussions/{self.discussion.pk}/follow/",
            f"/comments/{self.reply.pk}/follow/",
        )

    def followed(self):
        return list(Follow.objects.values_list("member", "discussion", "thread"))

    def test_looking_changes_nothing(self):
        for path in (self.of_discussion, self.of_thread):
            self.assertContains(self.client.get(path), "The valley")
        self.assertEqual(self.followed(), [])

    def test_a_discussion(self):
        for _time in range(2):
            self.assertRedirects(
                self.client.post(self.of_discussion),
                self.discussion.get_absolute_url(),
                fetch_redirect_response=False,
            )
        self.assertEqual(self.followed(), [(self.member.pk, self.discussion.pk, None)])
        self.assertContains(self.client.get(self.of_discussion), "Following")
        for _time in range(2):
            self.client.post(self.of_discussion, {"stop": "1"})
        self.assertEqual(self.followed(), [])

    def test_the_thread_of_a_comment(self):
        self.client.post(self.of_thread)
        self.assertEqual(self.followed(), [(self.member.pk, self.discussion.pk, self.root.pk)])
        self.assertContains(self.client.get(f"/comments/{self.root.pk}/follow/"), "Following")
        self.client.post(f"/comments/{self.root.pk}/follow/", {"stop": "1"})
        self.assertEqual(self.followed(), [])

    def test_one_thing_at_a_time(self):
        following.follow(self.member, self.discussion)
        following.follow(self.member, self.discussion, self.root)
        self.client.post(self.of_discussion, {"stop": "1"})
        self.assertEqual(self.followed(), [(self.member.pk, self.discussion.pk, self.root.pk)])

    def test_leads_back_to_a_page_of_ours_alone(self):
        for way, where in (
            ("/articles/a/?sort=newest", "/articles/a/?sort=newest"),
            ("//e.org/", self.discussion.get_absolute_url()),
            ("https://e.org/", self.discussion.get_absolute_url()),
        ):
            response = self.client.post(self.of_discussion, {"next": way})
            self.assertRedirects(response, where, fetch_redirect_response=False)

    def test_htmx_gets_the_button_as_it_is_then(self):
        response = self.client.post(self.of_discussion, headers={"HX-Request": "true"})
        self.assertTemplateUsed(response, "comments/follow_button.html")
        self.assertTemplateNotUsed(response, "base.html")
        self.assertContains(response, 'name="stop"')

    def test_what_one_may_not_open_one_may_not_follow(self):
        private = make_comment()
        type(private.discussion).objects.filter(pk=private.discussion_id).update(opens_at=None)
        pending = make_comment(self.discussion, state="pending")
        paths = (
            f"/discussions/{private.discussion_id}/follow/",
            f"/comments/{private.pk}/follow/",
            f"/comments/{pending.pk}/follow/",
            "/discussions/999999/follow/",
            "/comments/999999/follow/",
        )
        for path in paths:
            self.assertEqual([self.client.get(path).status_code, self.client.post(path).status_code], [404, 404])
        self.assertEqual(self.followed(), [])
        self.client.force_login(make_moderator())
        self.assertEqual(self.client.post(paths[2]).status_code, 302)

    def test_guests_are_led_to_sign_in(self):
        for path in (self.of_discussion, self.of_thread):
            for response in (Client().get(path), Client().post(path)):
                self.assertRedirects(response, f"/accounts/login/?next={path}", fetch_redirect_response=False)
        self.assertEqual(self.followed(), [])


class OnThePageTests(TestCase):
    """The ways to follow stand where one reads."""

    @classmethod
    def setUpTestData(cls):
        cls.member = make_user()
        cls.discussion = make_article(title="The valley").discussion
        cls.root, cls.other = make_comment(cls.discussion), make_comment(cls.discussion)
        cls.reply = make_comment(parent=cls.root)
        cls.of_discussion = f"/discussions/{cls.discussion.pk}/follow/"

    def links(self, comment):
        return read(self.client, self.discussion.url)[comment].links

    def test_a_guest_gets_a_link_that_leads_through_the_door(self):
        page = read(self.client, self.discussion.url)
        self.assertIn(self.of_discussion, [a.get("href") for a in page.elements("a")])
        self.assertEqual(
            [form.get("action") for form in page.elements("form") if "follow" in form.get("action", "")], []
        )
        self.assertNotIn(f"/comments/{self.root.pk}/follow/", page[self.root].links)
        self.assertRedirects(
            self.client.get(self.of_discussion),
            f"/accounts/login/?next={self.of_discussion}",
            fetch_redirect_response=False,
        )

    def test_a_member_follows_and_stops_by_the_button_alone(self):
        self.client.force_login(self.member)
        for follows in (True, False):
            page = read(self.client, self.discussion.url)
            form = next(f for f in page.elements("form") if f.get("action") == self.of_discussion)
            data = {e.get("name"): e.get("value", "") for e in form.iter("input")}
            self.assertRedirects(
                self.client.post(self.of_discussion, data),
                self.discussion.get_absolute_url(),
                fetch_redirect_response=False,
            )
            self.assertEqual(following.is_followed(self.member, self.discussion), follows)

    def test_a_thread_by_its_first_comment_alone(self):
        self.client.force_login(self.member)
        following.follow(self.member, self.discussion, self.other)
        self.assertIn(f"/comments/{self.root.pk}/follow/", self.links(self.root))
        self.assertNotIn(f"/comments/{self.reply.pk}/follow/", self.links(self.reply))
        page = read(self.client, self.discussion.url)
        self.assertIn("Follow thread", page[self.root].words)
        self.assertIn("Following", page[self.other].words)

    def test_where_nothing_comes_any_more_only_the_way_out(self):
        self.client.force_login(self.member)
        following.follow(self.member, self.discussion, self.other)
        Discussion.objects.filter(pk=self.discussion.pk).update(closes_at=timezone.now(), version=2)
        page = read(self.client, self.discussion.url)
        self.assertNotIn(self.of_discussion, [form.get("action") for form in page.elements("form")])
        self.assertNotIn(f"/comments/{self.root.pk}/follow/", page[self.root].links)
        self.assertIn(f"/comments/{self.other.pk}/follow/", page[self.other].links)

    def test_the_feed_is_named_for_programs_and_people(self):
        page = read(self.client, self.discussion.url)
        feed = f"/feeds/discussions/{self.discussion.pk}/"
        named = [e for e in page.elements("link") if e.get("href") == feed]
        self.assertEqual([(e.get("rel"), e.get("type"), e.get("title")) for e in named], [
            ("alternate", "application/atom+xml", "Discussion: The valley")
        ])  # fmt: skip
        self.assertIn(feed, [a.get("href") for a in page.elements("a")])

    def test_a_draft_has_neither(self):
        draft = make_article(state="draft", publish_at=None)
        self.client.force_login(make_editor())
        source = read(self.client, draft.get_absolute_url()).source
        self.assertNotIn("/follow/", source)
        self.assertNotIn("/feeds/discussions/", source)
