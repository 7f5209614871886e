"""A member's own pages: what all see, what they choose to show, what is theirs alone."""

from datetime import timedelta

from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from comments import following
from comments.models import Discussion, State
from moderation import decisions
from tests.factories import make_article, make_comment, make_discussion, make_moderator, make_rule, make_user


class MemberPageTests(TestCase):
    def setUp(self):
        self.member = make_user("Nkemi Ashgrove", bio="Keeper of spreadsheets.")
        self.discussion = make_article(title="The valley").discussion

    def get(self, **query):
        return self.client.get(self.member.get_absolute_url(), query)

    def test_shows_the_public_name_and_not_the_whole(self):
        page = self.get()
        self.assertContains(page, "Nkemi A.")
        self.assertContains(page, "Keeper of spreadsheets.")
        self.assertNotContains(page, "Ashgrove</")
        self.assertNotContains(page, self.member.email)

    def test_shows_published_comments_with_their_article(self):
        comment = make_comment(self.discussion, author=self.member, body="Where do the numbers come from?")
        make_comment(author=make_user("Dov Harkin"), parent=comment)
        page = self.get()
        self.assertContains(page, "Where do the numbers come from?")
        self.assertContains(page, "The valley")
        self.assertEqual((page.context["comment_count"], page.context["reply_count"]), (1, 1))

    def test_holds_no_word_that_readers_must_not_see(self):
        for state in (State.HIDDEN, State.PENDING, State.WITHDRAWN, State.ERASED):
            make_comment(self.discussion, author=self.member, body=f"Quern {state}", state=state)
        for opens_at in (None, timezone.now() + timedelta(days=1)):
            unread = make_comment(
                make_article().discussion, author=self.member, body="Quern, not public yet"
            ).discussion
            Discussion.objects.filter(pk=unread.pk).update(opens_at=opens_at)
        for reader in (None, make_user(), make_moderator(), self.member):
            if reader:
                self.client.force_login(reader)
            page = self.get()
            self.assertNotContains(page, "Quern")
            self.assertEqual(page.context["comment_count"], 0)

    def test_pages_meet_and_end(self):
        now = timezone.now()
        for number in range(45):
            # Three at a time share one moment: the order must hold there too.
            moment = now - timedelta(minutes=number // 3)
            make_comment(self.discussion, author=self.member, body=f"Number {number}.", posted_at=moment)
        seen, before = [], ""
        for _page in range(3):
            page = self.get(before=before) if before else self.get()
            seen += [comment.pk for comment in page.context["comments"]]
            before = page.context["older"]
        self.assertEqual(before, "")
        newest_first = self.member.comments.order_by("-posted_at", "-pk").values_list("pk", flat=True)
        self.assertEqual(seen, list(newest_first))

    def test_a_page_that_is_none_is_not_found(self):
        for before in ("x", "1", "1-2-3", "9" * 40 + "-1", "-1"):
            self.assertEqual(self.get(before=before).status_code, 404, before)

    def test_more_comments_cost_no_more_queries(self):
        for _round in range(2):
            for _comment in range(10):
                make_comment(self.discussion, author=self.member)
            with self.assertNumQueries(4):
                self.get()

    def test_a_guest_s_page_holds_nothing_of_the_reader(self):
        page = self.get()
        self.assertFalse(page.cookies)
        self.assertNotContains(page, "csrfmiddlewaretoken")
        self.assertNotContains(page, "htmx")
        self.assertIn("public", page["Cache-Control"])

    def test_a_closed_account_has_no_page(self):
        User.objects.filter(pk=self.member.pk).update(is_active=False)
        self.assertEqual(self.get().status_code, 404)

    def test_moderators_are_named_as_such(self):
        self.assertContains(self.client.get(make_moderator().get_absolute_url()), "Moderator</span>")

    def test_only_the_member_is_offered_to_edit(self):
        self.assertNotContains(self.get(), "Edit profile")
        self.client.force_login(self.member)
        self.assertContains(self.get(), "Edit profile")

    def test_a_reply_names_whom_it_answers_while_that_is_there(self):
        for state, named in (("published", True), ("hidden", False)):
            parent = make_comment(self.discussion, author=make_user(f"Dov {state.title()}"))
            make_comment(author=self.member, parent=parent)
            type(parent).objects.filter(pk=parent.pk).update(state=state)
            self.assertEqual(f"Dov {state[0].upper()}." in self.get().text, named)


class UnseenTests(TestCase):
    def setUp(self):
        self.member = make_user("Nkemi Ashgrove")
        self.discussion = make_article(title="The valley").discussion
        self.url = f"/members/{self.member.handle}/unseen/"

    def test_lists_what_waits_and_what_is_hidden_with_the_reason(self):
        make_comment(self.discussion, author=self.member, body="Quern, waiting.", state=State.PENDING)
        hidden = make_comment(self.discussion, author=self.member, body="Quern, hidden.")
        decisions.hide_comment(
            hidden, moderator=make_moderator(), rule=make_rule(title="Off topic"), facts="About jars."
        )
        make_comment(self.discussion, author=self.member, body="Shown to all.")
        make_comment(self.discussion, body="Of another.", state=State.PENDING)
        self.client.force_login(self.member)
        page = self.client.get(self.url)
        for text in ("Quern, waiting.", "Waiting for review", "Quern, hidden.", "Off topic", "About jars."):
            self.assertContains(page, text)
        for text in ("Shown to all.", "Of another."):
            self.assertNotContains(page, text)
        self.assertIn("no-store", page["Cache-Control"])

    def test_is_not_there_for_anybody_else(self):
        make_comment(self.discussion, author=self.member, body="Quern", state=State.PENDING)
        for reader in (None, make_user(), make_moderator()):
            if reader:
                self.client.force_login(reader)
            self.assertEqual(self.client.get(self.url).status_code, 404)
            self.assertNotContains(self.client.get(self.member.get_absolute_url()), "unseen")

    def test_more_comments_cost_no_more_queries(self):
        self.client.force_login(self.member)
        counts = []
        for _round in range(2):
            for _comment in range(4):
                hidden = make_comment(self.discussion, author=self.member)
                decisions.hide_comment(hidden, moderator=make_moderator(), rule=make_rule(), facts="")
            with CaptureQueriesContext(connection) as queries:
                self.client.get(self.url)
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])


class FollowingTests(TestCase):
    def setUp(self):
        self.member = make_user("Nkemi Ashgrove")
        self.url = f"/members/{self.member.handle}/following/"

    def show(self):
        User.objects.filter(pk=self.member.pk).update(shows_follows=True)

    def test_is_the_member_s_own_unless_they_show_it(self):
        following.follow(self.member, make_article(title="The valley").discussion)
        self.assertEqual(self.client.get(self.url).status_code, 404)
        self.assertNotContains(self.client.get(self.member.get_absolute_url()), "Following")
        own = Client()
        own.force_login(self.member)
        self.assertContains(own.get(self.url), "The valley")
        self.assertContains(own.get(self.url), "Only you see this list.")
        self.show()
        self.assertContains(self.client.get(self.url), "The valley")
        self.assertContains(self.client.get(self.member.get_absolute_url()), "Following")

    def test_names_a_thread_only_while_readers_see_it(self):
        self.show()
        root = make_comment(make_article().discussion, author=make_user("Dov Harkin"), body="Quern and root.")
        following.follow(self.member, root.discussion, root)
        self.assertContains(self.client.get(self.url), "Quern and root.")
        type(root).objects.filter(pk=root.pk).update(state=State.HIDDEN)
        page = self.client.get(self.url)
        self.assertNotContains(page, "Quern")
        self.assertNotContains(page, "Dov")
        Discussion.objects.filter(pk=root.discussion_id).update(opens_at=None, title="Quern draft")
        self.assertNotContains(self.client.get(self.url), "Quern")

    def test_pages_meet_and_cost_the_same(self):
        self.show()
        for _number in range(25):
            following.follow(self.member, make_discussion())
        with CaptureQueriesContext(connection) as first:
            page = self.client.get(self.url)
        self.assertEqual(len(page.context["follows"]), 20)
        with CaptureQueriesContext(connection) as second:
            rest = self.client.get(self.url, {"before": page.context["older"]})
        self.assertEqual((len(rest.context["follows"]), rest.context["older"]), (5, ""))
        self.assertEqual(len(first), len(second))
        for before in ("x", "-1", "9" * 30):
            self.assertEqual(self.client.get(self.url, {"before": before}).status_code, 404)
