"""Editing and withdrawing: who, until when, what stays of the earlier text, and what happens to two at once."""

from datetime import timedelta
from unittest.mock import patch

import time_machine
from django.test import TestCase, override_settings

from comments import editing, posting, states
from comments.models import Comment, CommentVersion, Discussion, State

from ..factories import make_article, make_comment, make_moderator, make_user
from .reading import Page, differences, read
from .test_races import ROUNDS, RaceCase, at_once


class EditingCase(TestCase):
    def setUp(self):
        self.article = make_article()
        self.discussion = self.article.discussion
        self.member = make_user("Nkemi Ashgrove")
        self.comment = make_comment(self.discussion, author=self.member, body="The well is dry.")
        self.client.force_login(self.member)

    def fresh(self):
        return Comment.objects.select_related("discussion", "author").get(pk=self.comment.pk)

    def at(self, **age):
        """As if the comment were so old."""
        return time_machine.travel(self.comment.posted_at + timedelta(**age), tick=False)

    def edit(self, body="The well is full.", revision=1, **headers):
        data = {"body": body, "revision": revision}
        return self.client.post(f"/comments/{self.comment.pk}/edit/", data, headers=headers)

    def withdraw(self):
        return self.client.post(f"/comments/{self.comment.pk}/withdraw/")


class EditTests(EditingCase):
    def test_readers_see_the_new_text_and_its_author_keeps_the_old_one(self):
        version = self.fresh().discussion.version
        response = self.edit("The well is **full**.")
        self.assertRedirects(response, f"/c/{self.comment.pk}/", fetch_redirect_response=False)
        comment = self.fresh()
        self.assertEqual((comment.body, comment.revision), ("The well is **full**.", 2))
        self.assertEqual(comment.html, "<p>The well is <strong>full</strong>.</p>\n")
        self.assertEqual(comment.discussion.version, version + 1)
        kept = comment.versions.get()
        self.assertEqual((kept.body, kept.revision, kept.written_at), ("The well is dry.", 1, comment.posted_at))
        self.client.logout()
        page = read(self.client, self.discussion.url)
        self.assertEqual(page[comment].text, "The well is full.")
        self.assertNotIn("dry", page.source)

    def test_leaves_no_mark_in_the_first_two_minutes(self):
        with self.at(seconds=119):
            self.edit()
        self.assertIsNone(self.fresh().edited_at)

    def test_leaves_a_mark_later(self):
        with self.at(minutes=2):
            self.edit()
        self.assertEqual(self.fresh().edited_at, self.comment.posted_at + timedelta(minutes=2))
        self.assertIn("edited", read(self.client, self.discussion.url)[self.comment].words)

    def test_leaves_a_mark_once_somebody_has_answered(self):
        make_comment(parent=self.comment)
        self.assertIn("Readers will see", self.client.get(f"/comments/{self.comment.pk}/edit/").text)
        with self.at(seconds=30):
            self.edit()
        self.assertIsNotNone(self.fresh().edited_at)

    def test_a_mark_stays(self):
        with self.at(minutes=5):
            self.edit()
        first = self.fresh().edited_at
        with self.at(minutes=6):
            self.edit("The well is half full.", revision=2)
        self.assertGreater(self.fresh().edited_at, first)

    def test_for_a_day(self):
        with self.at(hours=23, minutes=59):
            self.assertEqual(self.edit().status_code, 302)
        with self.at(hours=24):
            response = self.edit("Too late.", revision=2)
            self.assertEqual(response.status_code, 409)
            self.assertIn("Too late.", response.text)
        self.assertEqual(self.fresh().body, "The well is full.")

    def test_after_a_quarter_of_an_hour_it_counts_as_a_post(self):
        with override_settings(CAMPAIGN_COMMENT_RATES=[(1, 3_600)]):
            with self.at(minutes=14):
                for number in (1, 2):
                    self.assertEqual(self.edit(f"Free, {number}.", revision=number).status_code, 302)
            with self.at(minutes=15):
                self.assertEqual(self.edit("Counted.", revision=3).status_code, 302)
                response = self.edit("One too many.", revision=4)
                self.assertEqual(response.status_code, 429)
                self.assertEqual(Page(response).forms[0].body, "One too many.")

    def test_even_free_ones_not_without_end(self):
        with self.at(minutes=1):
            statuses = [self.edit(f"Text {number}.", revision=number).status_code for number in range(1, 22)]
        self.assertEqual(statuses, [302] * 20 + [429])

    def test_the_same_text_is_no_edit(self):
        self.assertEqual(self.edit("The well is dry.").status_code, 302)
        self.assertEqual(self.fresh().revision, 1)
        self.assertFalse(CommentVersion.objects.exists())

    def test_what_a_new_text_must_pass_an_edited_one_must(self):
        for body in ("", " ", "x", "> They said so.", "THIS IS AN OUTRAGE", "a" * 5_001, "\u200b\u200b"):
            with self.subTest(body[:20]):
                response = self.edit(body)
                self.assertEqual(response.status_code, 422)
                self.assertEqual(Page(response).forms[0].body.strip(), body.strip())
        make_comment(author=self.member, body="Read this, please.")
        self.assertEqual(self.edit("Read this, please.").status_code, 422)
        self.assertEqual(self.fresh().body, "The well is dry.")

    def test_only_its_author(self):
        for user in (make_user("Other"), make_moderator()):
            self.client.force_login(user)
            self.assertEqual(self.client.get(f"/comments/{self.comment.pk}/edit/").status_code, 403)
            self.assertEqual(self.edit().status_code, 403)
        self.assertEqual(self.fresh().revision, 1)

    def test_a_comment_that_waits(self):
        states.move(self.comment, to=State.PENDING, expected=State.PUBLISHED)
        self.assertEqual(self.edit().status_code, 302)
        self.assertEqual((self.fresh().state, self.fresh().body), ("pending", "The well is full."))

    def test_not_what_is_hidden_or_gone_or_in_a_discussion_that_has_closed(self):
        for state in (State.HIDDEN, State.WITHDRAWN):
            states.move(self.comment, to=state, expected=self.fresh().state)
            response = self.edit("Let me say it again.")
            self.assertEqual(response.status_code, 409)
            self.assertIn("Let me say it again.", response.text)
        states.move(self.comment, to=State.PUBLISHED, expected=State.WITHDRAWN)
        Discussion.objects.update(mode="locked")
        self.assertEqual(self.edit().status_code, 409)
        self.assertEqual(self.fresh().revision, 1)

    def test_the_form_holds_the_text_and_its_revision(self):
        form = read(self.client, f"/comments/{self.comment.pk}/edit/").forms[0]
        self.assertEqual((form.body.strip(), form.fields["revision"]), ("The well is dry.", "1"))

    def test_two_windows(self):
        """The second one sees both texts, and decides."""
        self.edit("From the first window.")
        response = self.edit("From the second window.")
        self.assertEqual(response.status_code, 409)
        page = Page(response)
        self.assertIn("From the first window.", page.text)
        form = page.forms[0]
        self.assertEqual(form.body.strip(), "From the second window.")
        self.assertEqual(self.fresh().body, "From the first window.")
        self.client.post(form.action, form.data("From the second window."))
        self.assertEqual(self.fresh().body, "From the second window.")
        self.assertEqual(self.fresh().versions.count(), 2)

    def test_for_htmx(self):
        self.assertEqual(self.edit(**{"HX-Request": "true"})["Location"], f"/c/{self.comment.pk}/")
        form = self.client.get(f"/comments/{self.comment.pk}/edit/", headers={"HX-Request": "true"})
        self.assertTrue(form.text.lstrip().startswith("<form"))


class HistoryTests(EditingCase):
    def setUp(self):
        super().setUp()
        with self.at(minutes=1):
            self.edit("The well is full.")
        with self.at(minutes=3):
            self.edit("The old well is full.", revision=2)

    def read(self, user):
        self.client.force_login(user)
        return self.client.get(f"/comments/{self.comment.pk}/history/")

    def test_its_author_and_moderators_read_what_was_changed(self):
        for user in (self.member, make_moderator()):
            response = self.read(user)
            self.assertContains(response, "The<ins> old</ins> well is full.")
            self.assertContains(response, "The well is <del>dry.</del><ins>full.</ins>")
        times = [element.get("datetime") for element in Page(response).elements("time")]
        posted = self.comment.posted_at
        wanted = [posted + timedelta(minutes=3), posted + timedelta(minutes=1), posted]
        self.assertEqual([time[:19] for time in times], [time.isoformat()[:19] for time in wanted])

    def test_nobody_else(self):
        self.assertEqual(self.read(make_user("Other")).status_code, 403)
        self.client.logout()
        self.assertEqual(self.client.get(f"/comments/{self.comment.pk}/history/").status_code, 302)

    def test_when_it_is_withdrawn_nobody_at_all(self):
        editing.withdraw_comment(self.fresh())
        for user in (self.member, make_moderator()):
            self.assertNotContains(self.read(user), "well", status_code=403)

    def test_text_is_text(self):
        with self.at(minutes=4):
            self.edit("<script>alert(1)</script> & more", revision=3)
        self.assertNotContains(self.read(self.member), "<script>alert")


class WithdrawTests(EditingCase):
    def test_without_answers_it_is_in_no_list(self):
        self.assertRedirects(self.withdraw(), self.discussion.get_absolute_url(), fetch_redirect_response=False)
        page = read(self.client, self.discussion.url)
        self.assertNotIn(self.comment, page)
        self.assertEqual(page.count, 0)
        self.assertEqual(self.client.get(f"/c/{self.comment.pk}/", follow=True).status_code, 200)
        self.assertEqual(differences(self.discussion), [])

    def test_with_answers_a_note_stays_without_name_and_text(self):
        make_comment(parent=self.comment, author=make_user("Ilse Marrow"))
        self.assertRedirects(self.withdraw(), f"/c/{self.comment.pk}/", fetch_redirect_response=False)
        self.client.logout()
        page = read(self.client, self.discussion.url)
        self.assertIn("Removed by its author", page[self.comment].words)
        self.assertNotIn("well is dry", page.source)
        self.assertNotIn("Nkemi", page.source)
        self.assertEqual(differences(self.discussion), [])

    def test_at_any_time_and_in_a_closed_discussion(self):
        Discussion.objects.update(mode="locked")
        with self.at(days=400):
            self.client.force_login(self.member)
            self.assertEqual(self.withdraw().status_code, 302)
        self.assertEqual(self.fresh().state, State.WITHDRAWN)

    def test_one_that_waits(self):
        states.move(self.comment, to=State.PENDING, expected=State.PUBLISHED)
        self.assertEqual(self.withdraw().status_code, 302)
        self.assertEqual(self.fresh().state, State.WITHDRAWN)

    def test_not_one_that_moderators_hid(self):
        states.move(self.comment, to=State.HIDDEN, expected=State.PUBLISHED)
        self.assertEqual(self.withdraw().status_code, 409)
        self.assertEqual(self.fresh().state, State.HIDDEN)

    def test_twice(self):
        self.withdraw()
        self.assertEqual(self.withdraw().status_code, 409)

    def test_asking_first_changes_nothing(self):
        make_comment(parent=self.comment)
        self.assertContains(self.client.get(f"/comments/{self.comment.pk}/withdraw/"), "answers stay")
        self.assertEqual(self.fresh().state, State.PUBLISHED)

    def test_only_its_author(self):
        for user in (make_user("Other"), make_moderator()):
            self.client.force_login(user)
            self.assertEqual(self.withdraw().status_code, 403)

    def test_the_ways_to_it_stand_at_ones_own_comments_alone(self):
        other = make_comment(self.discussion)
        page = read(self.client, self.discussion.url)
        for verb in ("edit", "withdraw"):
            self.assertIn(f"/comments/{self.comment.pk}/{verb}/", page[self.comment].links)
            self.assertNotIn(f"/comments/{other.pk}/{verb}/", page[other].links)
        with self.at(hours=25):
            links = read(self.client, self.discussion.url)[self.comment].links
        self.assertNotIn(f"/comments/{self.comment.pk}/edit/", links)
        self.assertIn(f"/comments/{self.comment.pk}/withdraw/", links)


class PurgeTests(EditingCase):
    def setUp(self):
        super().setUp()
        self.edit("The well is full.")
        make_comment(parent=self.comment)
        editing.withdraw_comment(self.fresh())

    def test_after_thirty_days_the_words_are_deleted(self):
        with self.at(days=29):
            self.assertEqual(editing.purge_withdrawn(), 0)
            self.assertEqual(self.client.get(f"/c/{self.comment.pk}/").status_code, 302)
        with self.at(days=31):
            self.assertEqual(self.client.get(f"/c/{self.comment.pk}/").status_code, 410)  # before anything ran, too
            self.assertEqual(editing.purge_withdrawn(), 1)
            self.assertEqual(editing.purge_withdrawn(), 0)
            self.assertEqual(self.client.get(f"/c/{self.comment.pk}/").status_code, 410)
        comment = self.fresh()
        self.assertEqual((comment.state, comment.body, comment.html), (State.ERASED, "", ""))
        self.assertFalse(CommentVersion.objects.exists())
        self.assertEqual(differences(self.discussion), [])

    def test_is_among_what_is_done_in_time(self):
        from django.conf import settings

        self.assertIn("comments.editing.purge_withdrawn", settings.CAMPAIGN_DUE)


@patch("comments.editing.RATES", [])
class EditingRaces(RaceCase):
    def edit(self, comment, body):
        comment = self.fresh(comment)
        return lambda: editing.edit_comment(comment, body=body, revision=comment.revision)

    def withdraw(self, comment):
        comment = self.fresh(comment)
        return lambda: editing.withdraw_comment(comment)

    def test_an_edit_while_it_is_hidden(self):
        for _ in range(ROUNDS):
            comment = make_comment(self.discussion, author=self.first, body="The first text.")
            new = f"Text {comment.pk}"
            edited, hidden = results = at_once(self.edit(comment, new), self.move(comment, "hidden", "published"))
            self.assert_all_well(results, editing.NotEditable)
            self.assertIs(hidden, True)
            there = self.fresh(comment)
            self.assertEqual(there.state, "hidden")
            kept = list(there.versions.values_list("body", flat=True))
            refused = isinstance(edited, editing.NotEditable)
            self.assertEqual((there.body, kept), ("The first text.", []) if refused else (new, ["The first text."]))

    def test_two_edits(self):
        for _ in range(ROUNDS):
            comment = make_comment(self.discussion, author=self.first, body="The first text.")
            here, there = f"From here, {comment.pk}", f"From there, {comment.pk}"
            results = at_once(self.edit(comment, here), self.edit(comment, there))
            self.assert_all_well(results, editing.Changed)
            self.assertEqual(sum(isinstance(result, editing.Changed) for result in results), 1)
            stored = self.fresh(comment)
            self.assertEqual(stored.body, here if results[0] is None else there)
            self.assertEqual(stored.versions.get().body, "The first text.")

    def test_an_answer_while_it_is_withdrawn(self):
        for number in range(ROUNDS):
            comment = make_comment(self.discussion, author=self.first)
            if number % 2:
                comment = make_comment(parent=comment, author=self.first)
            reply, gone = results = at_once(self.reply(comment, self.second), self.withdraw(comment))
            self.assert_all_well(results, posting.ParentGone)
            self.assertIsNone(gone)
            there = self.fresh(comment)
            self.assertEqual(there.state, "withdrawn")
            self.assertEqual(there.shown_at is None, isinstance(reply, posting.ParentGone))

    def test_withdrawn_while_it_is_hidden(self):
        for _ in range(ROUNDS):
            comment = make_comment(self.discussion, author=self.first)
            withdrawn, hidden = results = at_once(self.withdraw(comment), self.move(comment, "hidden", "published"))
            self.assert_all_well(results, editing.NotWithdrawable)
            self.assertEqual(self.fresh(comment).state, "hidden" if hidden else "withdrawn")
            self.assertEqual(isinstance(withdrawn, editing.NotWithdrawable), hidden)

    def test_withdrawn_twice(self):
        for _ in range(ROUNDS):
            comment = make_comment(self.discussion, author=self.first)
            results = at_once(*[self.withdraw(comment) for _ in range(3)])
            self.assert_all_well(results, editing.NotWithdrawable)
            self.assertEqual(results.count(None), 1)

    def test_an_edit_while_it_is_withdrawn(self):
        for _ in range(ROUNDS):
            comment = make_comment(self.discussion, author=self.first)
            acts = self.edit(comment, f"Text {comment.pk}"), self.withdraw(comment)
            self.assert_all_well(at_once(*acts), editing.NotEditable)
            self.assertEqual(self.fresh(comment).state, "withdrawn")
