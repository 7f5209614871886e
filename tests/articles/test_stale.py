"""After whatever changes a page, its next reader sees it: what is kept and what is made anew are the same page."""

import re
from datetime import timedelta

from django.contrib.auth.models import Group
from django.test import Client, TestCase
from django.utils import timezone

from accounts import muting
from articles.publishing import save_article
from campaign import keeping
from comments import editing, featuring, following, forgetting, posting, recommending
from comments.models import Comment, ReadMark
from moderation import decisions
from moderation.models import Rule
from tests.factories import make_admin, make_article, make_author, make_comment, make_moderator, make_topic, make_user

OWN_EACH_TIME = re.compile(r'(csrfmiddlewaretoken" value=|X-CSRFToken": |name="token" value=)"[^"]+"')


class StalePageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.topic, cls.byline = make_topic(name="Water"), make_author(name="Mirel Adeyo")
        cls.article = make_article(topics=[cls.topic], authors=[cls.byline])
        cls.discussion = cls.article.discussion
        cls.author, cls.member, cls.moderator = make_user("Ilse Marrow"), make_user("Nkemi Ashgrove"), make_moderator()
        cls.comment = make_comment(cls.discussion, author=cls.author, body="We carry it up the hill.")
        cls.reply = make_comment(parent=cls.comment, author=cls.moderator)
        cls.quoting = posting.post_comment(
            discussion_id=cls.discussion.pk,
            author=cls.member,
            body=f"> We carry it up the hill.\n>\n> [Ilse M.](/c/{cls.comment.pk}/)\n\nSo do we.",
            parent_id=cls.comment.pk,
        )
        cls.pending = make_comment(cls.discussion, author=cls.author, body="Held.", state="pending")
        cls.hidden = make_comment(cls.discussion, author=cls.author, body="Hidden.", state="hidden")

    def setUp(self):
        self.readers = {"guest": Client(), "member": Client(), "author": Client(), "moderator": Client()}
        for name in ("member", "author", "moderator"):
            self.readers[name].force_login(getattr(self, name))
        seen = timezone.now() - timedelta(hours=1)
        ReadMark.objects.create(member=self.member, discussion=self.discussion, before_at=seen, seen_at=seen)

    def pages(self):
        queries = ("", "?sort=featured", f"?at={self.comment.pk}")
        found = {}
        for name, client in self.readers.items():
            for query in queries:
                answer = client.get(self.article.get_absolute_url() + query)
                found[name, query] = answer.status_code, OWN_EACH_TIME.sub(r"\1", answer.text)
        return found

    def check(self, change, *, seen_by):
        """change() changes the first page of these readers, and whatever it changes is on all pages at once."""
        keeping.forget_all()
        before = self.pages()
        self.pages()
        change()
        kept = self.pages()
        keeping.forget_all()
        anew = self.pages()
        for (reader, query), page in anew.items():
            self.assertEqual(kept[reader, query], page, f"{reader} {query} is stale after {change.__name__}")
        for reader in seen_by:
            self.assertNotEqual(before[reader, ""], anew[reader, ""], f"{change.__name__} changes nothing for {reader}")

    def fresh(self, comment):
        return Comment.objects.select_related("discussion", "author").get(pk=comment.pk)

    EVERYBODY = ("guest", "member", "author", "moderator")

    def test_what_authors_do(self):
        def post():
            posting.post_comment(discussion_id=self.discussion.pk, author=self.author, body="One more.")

        def answer():
            posting.post_comment(
                discussion_id=self.discussion.pk, author=self.author, body="An answer.", parent_id=self.comment.pk
            )

        def edit():
            editing.edit_comment(self.fresh(self.comment), body="We carry it down.", revision=1)

        def withdraw():
            editing.withdraw_comment(self.fresh(self.comment))

        def forget_name():
            forgetting.forget_name(self.author)

        for change in (post, answer, edit, withdraw, forget_name):
            with self.subTest(change.__name__):
                self.check(change, seen_by=self.EVERYBODY)

    def test_what_moderators_and_editors_do(self):
        rule = Rule.objects.first()

        def hide():
            decisions.hide_comment(
                self.fresh(self.comment), moderator=self.moderator, rule=rule, facts="It is off topic."
            )

        def restore():
            decisions.restore_comment(self.fresh(self.comment), moderator=self.moderator)

        def approve():
            decisions.approve_comment(self.fresh(self.pending), moderator=self.moderator)

        def feature():
            featuring.feature(self.fresh(self.comment))

        def unfeature():
            featuring.unfeature(self.fresh(self.comment))

        for change in (hide, restore, approve, feature, unfeature):
            with self.subTest(change.__name__):
                self.check(change, seen_by=self.EVERYBODY)

    def test_what_members_do_for_themselves(self):
        def recommend():
            recommending.recommend(self.fresh(self.comment), member=self.member)

        def take_back():
            recommending.unrecommend(self.fresh(self.comment), member=self.member)

        def mute():
            muting.mute(self.member, self.author)

        def unmute():
            muting.unmute(self.member, self.author)

        def follow():
            following.follow(self.member, self.discussion)

        def follow_thread():
            following.follow(self.member, self.discussion, self.comment)

        def look():
            self.readers["member"].post(f"/discussions/{self.discussion.pk}/read/")

        for change, seen_by in (
            (recommend, self.EVERYBODY),
            (take_back, self.EVERYBODY),
            (mute, ["member"]),
            (unmute, ["member"]),
            (follow, ["member"]),
            (follow_thread, ["member"]),
            (look, []),
        ):
            with self.subTest(change.__name__):
                self.check(change, seen_by=seen_by)

    def test_who_they_are(self):
        admin = Client()
        admin.force_login(make_admin())

        def profile(**changes):
            form = {"display_name": "Ilse Marrow", "handle": self.author.handle, "bio": ""} | changes
            answer = self.readers["author"].post("/accounts/profile/", form, follow=True)  # which says "saved", once
            self.assertEqual(answer.status_code, 200)

        def rename():
            profile(display_name="Tunde Bello")

        def new_address():
            profile(display_name="Tunde Bello", handle="tunde-b")

        def show_full_name():
            self.readers["author"].post("/accounts/privacy/", {"shows_full_name": "on"}, follow=True)

        def make_staff():
            user = self.author
            user.refresh_from_db()
            form = {
                "display_name": user.display_name,
                "email": user.email,
                "handle": user.handle,
                "bio": "",
                "is_active": "on",
                "is_staff": "on",
                "groups": [Group.objects.get(name="Moderators").pk],
            }
            answer = admin.post(f"/admin/accounts/user/{user.pk}/change/", form)
            self.assertEqual(answer.status_code, 302)

        for change in (rename, new_address, show_full_name):
            with self.subTest(change.__name__):
                self.check(change, seen_by=self.EVERYBODY)
        self.check(make_staff, seen_by=["guest", "member"])

    def test_the_discussion_and_its_page(self):
        admin = Client()
        admin.force_login(make_admin())

        def discussion(**changes):
            answer = admin.post(f"/admin/comments/discussion/{self.discussion.pk}/change/", changes)
            self.assertEqual(answer.status_code, 302, answer)

        def lock():
            discussion(mode="locked")

        def open_again():
            discussion(mode="open")

        def close():
            discussion(mode="open", closes_at_0="2020-01-01", closes_at_1="10:00")

        def retitle():
            self.article.refresh_from_db()
            self.article.title = "A better title"
            save_article(self.article)

        for change in (lock, open_again, close, retitle):
            with self.subTest(change.__name__):
                self.check(change, seen_by=self.EVERYBODY)
