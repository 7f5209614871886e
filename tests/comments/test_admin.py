from datetime import timedelta
from urllib.parse import quote

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments.admin import NewestPages
from comments.models import Comment, Discussion, State
from tests.factories import (
    make_admin,
    make_article,
    make_comment,
    make_discussion,
    make_editor,
    make_moderator,
    make_user,
)

COMMENTS = "/admin/comments/comment/"
DISCUSSIONS = "/admin/comments/discussion/"


class CommentListTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.moderator = make_moderator()

    def setUp(self):
        self.client.force_login(self.moderator)

    def found(self, query):
        return {comment.pk for comment in self.client.get(f"{COMMENTS}?{query}").context["cl"].result_list}

    def test_shows_text_state_author_article_and_the_way_to_it(self):
        article = make_article(title="The weir")
        comment = make_comment(article.discussion, author=make_user("Ilse Marrow"), body="We boil it.", state="hidden")
        page = self.client.get(COMMENTS)
        for words in ("We boil it.", "hidden by moderators: Off topic", "Ilse Marrow", "The weir"):
            self.assertContains(page, words)
        self.assertContains(page, comment.get_absolute_url())

    def test_leaves_out_text_that_its_author_removed(self):
        comment = make_comment(body="Regretted words.", state=State.WITHDRAWN)
        for path in (COMMENTS, f"{COMMENTS}{comment.pk}/change/"):
            page = self.client.get(path)
            self.assertNotContains(page, "Regretted words.")
            self.assertContains(page, "Removed by its author")

    def test_prints_hostile_text_as_text(self):
        comment = make_comment(
            make_discussion(title="<script>alert(1)</script>"),
            author=make_user("<b>Bold</b>"),
            body="<script>alert(1)</script>",
        )
        for path in (COMMENTS, f"{COMMENTS}{comment.pk}/change/"):
            page = self.client.get(path).content.decode()
            self.assertNotIn("<script>alert(1)", page)
            self.assertNotIn("<b>Bold", page)

    def test_is_searched_by_number_handle_name_and_words(self):
        comment = make_comment(author=make_user("Ilse Marrow", handle="ilse"), body="The jars on the sill.")
        guest = make_comment(body="Else.")
        Comment.objects.filter(pk=guest.pk).update(author=None, guest_name="Passer-by")
        self.assertEqual(self.found(f"q={comment.pk}"), {comment.pk})
        self.assertEqual(self.found("q=@ilse"), {comment.pk})
        self.assertEqual(self.found("q=marrow"), {comment.pk})
        self.assertEqual(self.found("q=JARS"), {comment.pk})
        self.assertEqual(self.found("q=passer"), {guest.pk})
        self.assertEqual(self.found("q=@nobody"), set())
        self.assertEqual(self.found("q=" + "9" * 30), set())

    def test_is_cut_by_state_date_and_discussion(self):
        old = make_comment(posted_at=timezone.now() - timedelta(days=800))
        pending = make_comment(state=State.PENDING)
        self.assertEqual(self.found("state__exact=pending"), {pending.pk})
        self.assertEqual(self.found(f"discussion={old.discussion_id}"), {old.pk})
        since = quote(str(timezone.now() - timedelta(days=2)))
        self.assertEqual(self.found(f"posted_at__gte={since}"), {pending.pk})

    def test_a_discussion_that_is_not_there_cuts_nothing(self):
        comment = make_comment()
        for value in ("x", "999999", "9" * 40, "-1"):
            self.assertEqual(self.found(f"discussion={value}"), {comment.pk}, value)

    def test_stands_newest_first_and_counts_only_so_far(self):
        now = timezone.now()
        comments = [make_comment(posted_at=now - timedelta(hours=hours)) for hours in range(3)]
        page = self.client.get(COMMENTS)
        self.assertEqual([comment.pk for comment in page.context["cl"].result_list], [one.pk for one in comments])

        class Pages(NewestPages):
            LIMIT = 2

        self.assertEqual(Pages(Comment.objects.order_by("-pk"), 1).num_pages, 2)

    def test_more_rows_cost_no_more_queries(self):
        numbers = []
        for rows in (10, 40):
            for _row in range(rows):
                make_comment()
            with CaptureQueriesContext(connection) as captured:
                self.client.get(COMMENTS)
            numbers.append(len(captured))
        self.assertEqual(*numbers)


class CommentPageTests(TestCase):
    def test_nobody_writes_words_of_others(self):
        comment = make_comment(body="As written.")
        for user in (make_moderator(), make_admin()):
            self.client.force_login(user)
            path = f"{COMMENTS}{comment.pk}/change/"
            self.assertEqual(self.client.get(path).status_code, 200)
            self.assertEqual(self.client.post(path, {"body": "Changed."}).status_code, 403)
            self.assertEqual(self.client.post(f"{COMMENTS}{comment.pk}/delete/", {"post": "yes"}).status_code, 403)
            self.assertEqual(self.client.get(f"{COMMENTS}add/").status_code, 403)
        self.assertEqual(Comment.objects.get().body, "As written.")

    def test_leads_to_what_can_be_decided(self):
        self.client.force_login(make_moderator())
        for state, verbs in (
            (State.PUBLISHED, {"hide"}),
            (State.PENDING, {"hide", "approve"}),
            (State.HIDDEN, {"restore"}),
        ):
            comment = make_comment(state=state)
            page = self.client.get(f"{COMMENTS}{comment.pk}/change/").content.decode()
            self.assertEqual(
                {verb for verb in ("hide", "restore", "approve") if f"/comments/{comment.pk}/{verb}/" in page}, verbs
            )

    def test_editors_and_members_stay_out(self):
        self.client.force_login(make_editor())
        self.assertEqual(self.client.get(COMMENTS).status_code, 403)
        self.client.force_login(make_user())
        self.assertEqual(self.client.get(COMMENTS).status_code, 302)


class DiscussionAdminTests(TestCase):
    def setUp(self):
        self.client.force_login(make_moderator())

    def change(self, discussion, **fields):
        data = {"mode": discussion.mode, "mode_until_0": "", "mode_until_1": "", "closes_at_0": "", "closes_at_1": ""}
        return self.client.post(f"{DISCUSSIONS}{discussion.pk}/change/", data | fields)

    def test_a_moderator_locks_it_and_kept_pages_grow_old(self):
        discussion = make_discussion()
        self.change(discussion, mode="locked")
        changed = Discussion.objects.get()
        self.assertTrue(changed.is_locked)
        self.assertGreater(changed.version, discussion.version)

    def test_title_and_address_come_from_the_page(self):
        discussion = make_discussion(title="As it is")
        self.change(discussion, title="Mine", url="https://elsewhere.example/", opens_at_0="2099-01-01")
        changed = Discussion.objects.get()
        self.assertEqual(
            (changed.title, changed.url, changed.opens_at), ("As it is", discussion.url, discussion.opens_at)
        )

    def test_tells_moderators_nothing_of_drafts(self):
        draft = make_article(title="Not yet", state="draft", publish_at=None)
        self.assertNotContains(self.client.get(DISCUSSIONS), "Not yet")
        self.assertEqual(self.client.get(f"{DISCUSSIONS}{draft.discussion_id}/change/").status_code, 302)

    def test_nobody_adds_or_deletes_one(self):
        discussion = make_discussion()
        self.client.force_login(make_admin())
        self.assertEqual(self.client.get(f"{DISCUSSIONS}add/").status_code, 403)
        self.assertEqual(self.client.post(f"{DISCUSSIONS}{discussion.pk}/delete/", {"post": "yes"}).status_code, 403)

    def test_more_rows_cost_no_more_queries(self):
        numbers = []
        for rows in (10, 40):
            for _row in range(rows):
                make_discussion()
            with CaptureQueriesContext(connection) as captured:
                self.client.get(DISCUSSIONS)
            numbers.append(len(captured))
        self.assertEqual(*numbers)
