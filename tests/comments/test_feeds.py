"""Comments as feeds: what is published and nothing else, the newest 50, 304 while nothing has changed."""

from xml.etree import ElementTree

from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import muting
from comments import states
from comments.models import Comment, State
from notifications.models import FeedKey

from ..factories import make_article, make_comment, make_moderator, make_user

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(response):
    """[(title, text)] of a feed, as a feed reader sees it."""
    tree = ElementTree.fromstring(response.content)
    return [(e.findtext(f"{ATOM}title"), e.findtext(f"{ATOM}summary")) for e in tree.iter(f"{ATOM}entry")]


class FeedCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.member, cls.other = make_user("Nkemi Ashgrove"), make_user("Dov Harkin")
        cls.article = make_article(title="The valley")
        cls.discussion = cls.article.discussion
        cls.comment = make_comment(cls.discussion, author=cls.member, body="Who **pays**?")
        cls.reply = make_comment(parent=cls.comment, author=cls.other, body="The weir was locked.")
        cls.key = FeedKey.renew(cls.member).key
        cls.paths = {
            "discussion": f"/feeds/discussions/{cls.discussion.pk}/",
            "member": f"/feeds/members/{cls.other.handle}/",
            "replies": f"/feeds/replies/{cls.key}/",
        }

    def get(self, name, **headers):
        return self.client.get(self.paths[name], headers=headers)


class AllFeedsTests(FeedCase):
    def test_are_atom_with_links_that_lead_here(self):
        for name in self.paths:
            response = self.get(name)
            self.assertTrue(response["Content-Type"].startswith("application/atom+xml"))
            title, text = entries(response)[0]
            self.assertEqual((title, text.strip()), ("Dov H. on The valley", "<p>The weir was locked.</p>"))
            self.assertIn(f"http://testserver/c/{self.reply.pk}/", response.content.decode())
            self.assertNotIn("Harkin", response.content.decode())

    def test_what_readers_may_not_see_is_in_none(self):
        for state in (State.HIDDEN, State.PENDING, State.WITHDRAWN, State.ERASED):
            Comment.objects.filter(pk=self.reply.pk).update(state=state)
            self.client.force_login(make_moderator())
            for name in self.paths:
                with self.subTest(name, state=state):
                    self.assertNotIn("weir", self.get(name).content.decode())

    def test_of_a_page_that_is_not_public_there_is_nothing(self):
        type(self.discussion).objects.filter(pk=self.discussion.pk).update(opens_at=None)
        self.assertEqual(self.get("discussion").status_code, 404)
        for name in ("member", "replies"):
            self.assertEqual(entries(self.get(name)), [])

    def test_answers_304_until_something_changes(self):
        for name in self.paths:
            with self.subTest(name):
                tag = self.get(name)["ETag"]
                self.assertEqual(self.get(name, if_none_match=tag).status_code, 304)
        tags = {name: self.get(name)["ETag"] for name in self.paths}
        states.move(self.reply, to=State.HIDDEN, expected=State.PUBLISHED, hidden_under="Abuse")
        for name, tag in tags.items():
            with self.subTest(name):
                # Nor by date: a feed that lost its newest entry is older than before.
                since = timezone.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
                self.assertEqual(self.get(name, if_none_match=tag).status_code, 200)
                self.assertEqual(self.get(name, if_modified_since=since).status_code, 200)

    def test_an_edit_changes_the_time_of_its_entry(self):
        before = self.get("discussion").content
        Comment.objects.filter(pk=self.reply.pk).update(edited_at=timezone.now())
        self.assertNotEqual(self.get("discussion").content, before)

    def test_the_newest_50_at_a_constant_cost(self):
        costs = {}
        for number in (5, 55):
            for each in range(number):
                make_comment(parent=self.comment, author=self.other, body=f"Answer {number} {each}.")
            for name in self.paths:
                with CaptureQueriesContext(connection) as queries:
                    found = entries(self.get(name))
                costs.setdefault(name, []).append(len(queries))
        self.assertEqual((len(found), found[0][1].strip()), (50, "<p>Answer 55 54.</p>"))
        self.assertEqual([cost[0] for cost in costs.values()], [cost[1] for cost in costs.values()])
        self.assertLessEqual(max(max(cost) for cost in costs.values()), 3)

    def test_markup_in_names_stays_text(self):
        type(self.other).objects.filter(pk=self.other.pk).update(display_name="<b>&amp;", shows_full_name=True)
        self.assertEqual(entries(self.get("discussion"))[0][0], "<b>&amp; on The valley")


class MemberFeedTests(FeedCase):
    def test_holds_their_comments_alone(self):
        self.assertEqual(
            [text.strip() for _title, text in entries(self.get("member"))], ["<p>The weir was locked.</p>"]
        )

    def test_ends_with_the_account(self):
        type(self.other).objects.filter(pk=self.other.pk).update(is_active=False)
        self.assertEqual(self.get("member").status_code, 404)


class RepliesFeedTests(FeedCase):
    def test_holds_answers_to_the_member_alone(self):
        make_comment(parent=self.reply, author=self.member, body="My own.")
        make_comment(parent=self.comment, author=self.member, body="My own, too.")
        make_comment(parent=make_comment(author=self.other), author=make_user(), body="To somebody else.")
        self.assertEqual(len(entries(self.get("replies"))), 1)

    def test_leaves_out_whom_the_member_mutes(self):
        muting.mute(self.member, self.other)
        self.assertEqual(entries(self.get("replies")), [])

    def test_opens_for_whoever_knows_the_key_and_for_nobody_else(self):
        self.assertEqual(Client().get(self.paths["replies"]).status_code, 200)
        for key in ("x", self.key[:-1], self.key + "x", self.key.swapcase()):
            self.assertEqual(self.client.get(f"/feeds/replies/{key}/").status_code, 404)

    def test_ends_with_its_key_and_with_the_account(self):
        FeedKey.renew(self.member)
        self.assertEqual(self.get("replies").status_code, 404)
        path = f"/feeds/replies/{FeedKey.objects.get(member=self.member).key}/"
        self.assertEqual(self.client.get(path).status_code, 200)
        type(self.member).objects.filter(pk=self.member.pk).update(is_active=False)
        self.assertEqual(self.client.get(path).status_code, 404)

    def test_no_shared_cache_keeps_it_and_no_search_engine_lists_it(self):
        response = self.get("replies")
        self.assertIn("private", response["Cache-Control"])
        self.assertEqual(response["X-Robots-Tag"], "noindex")

    def test_no_log_holds_the_key(self):
        with self.assertLogs("campaign.request") as logs:
            self.get("replies")
        self.assertNotIn(self.key, "".join(logs.output))
