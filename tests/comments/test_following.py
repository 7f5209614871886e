"""Following a discussion or a thread, as members do it."""

from django.test import Client, TestCase

from comments import following
from comments.models import Follow

from ..factories import make_comment, make_discussion, make_moderator, make_user


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
