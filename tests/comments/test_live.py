"""What open pages ask again and again: how many comments there are now."""

from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext

from comments import states
from comments.models import Discussion, State

from ..factories import make_article, make_comment, make_user


class LiveTests(TestCase):
    def setUp(self):
        self.discussion = make_article().discussion
        self.address = f"/discussions/{self.discussion.pk}/live.json"

    def ask(self, etag=None, client=None):
        return (client or self.client).get(self.address, headers={"If-None-Match": etag} if etag else {})

    def test_says_how_many_and_which_is_the_newest(self):
        self.assertEqual(self.ask().json(), {"count": 0, "newest": None})
        first, second = make_comment(self.discussion), make_comment(self.discussion)
        make_comment(self.discussion, state="pending")
        make_comment()
        self.assertEqual(self.ask().json(), {"count": 2, "newest": second.pk})
        states.move(second, to=State.HIDDEN, expected=State.PUBLISHED)
        self.assertEqual(self.ask().json(), {"count": 1, "newest": first.pk})

    def test_unchanged_is_an_empty_answer(self):
        make_comment(self.discussion)
        etag = self.ask()["ETag"]
        with CaptureQueriesContext(connection) as queries:
            response = self.ask(etag)
        self.assertEqual((response.status_code, response.content), (304, b""))
        self.assertEqual(response["ETag"], etag)
        self.assertEqual(len(queries), 1)
        make_comment(self.discussion)
        self.assertEqual(self.ask(etag).status_code, 200)

    def test_is_the_same_for_members_and_looks_no_session_up(self):
        make_comment(self.discussion)
        member = Client()
        member.force_login(make_user())
        etag = self.ask(client=member)["ETag"]
        with CaptureQueriesContext(connection) as queries:
            self.assertEqual(self.ask(etag, member).status_code, 304)
        self.assertEqual(len(queries), 1)
        self.assertEqual(self.ask(client=member).content, self.ask().content)

    def test_sets_no_cookie(self):
        self.assertFalse(self.ask().cookies)

    def test_not_where_nobody_may_read(self):
        Discussion.objects.update(opens_at=None)
        self.assertEqual(self.ask().status_code, 404)

    def test_is_small(self):
        make_comment(self.discussion)
        self.assertLess(len(self.ask().content), 60)
