"""Who is told of what happens to comments: answered, named, following, recommended, featured."""

import uuid
from datetime import timedelta
from unittest.mock import patch

import time_machine
from django.db import OperationalError
from django.test import TestCase, TransactionTestCase, override_settings
from django.utils import timezone

from accounts import muting
from comments import editing, following, recommending, states, tasks
from comments.models import Comment, State
from notifications import inbox
from notifications.models import Kind, Notification

from ..factories import make_article, make_comment, make_discussion, make_user
from ..notifications.telling import answer, hide, line, make_member, page_lines, say, texts, told
from .test_races import ROUNDS, at_once

UNLIMITED = override_settings(CAMPAIGN_COMMENT_RATES=[])


@UNLIMITED
class TellCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.discussion = make_discussion(title="The reservoir was full on paper")
        cls.member, cls.other = make_member(), make_member("Dov Harkin")
        cls.comment = make_comment(cls.discussion, author=cls.member)


class ReplyTests(TellCase):
    def test_the_author_of_the_parent_is_told_once(self):
        reply = answer(self.comment, author=self.other)
        for _run in range(3):
            tasks.tell_of_comment(reply.pk)
        self.assertEqual(told(self.member), ["reply"])
        self.assertEqual(texts(self.member), ["Dov H. replied to you in The reservoir was full on paper"])
        self.assertEqual(told(self.other), [])

    def test_not_of_ones_own_reply(self):
        answer(self.comment, author=self.member)
        self.assertFalse(Notification.objects.exists())

    def test_only_whom_it_answers_not_all_above(self):
        reply = answer(self.comment, author=self.other)
        answer(reply, author=make_member("Third One"))
        self.assertEqual((told(self.member), told(self.other)), (["reply"], ["reply"]))

    def test_not_while_it_waits_but_once_it_is_approved(self):
        reply = answer(self.comment, author=self.other, state=State.PENDING)
        self.assertEqual(told(self.member), [])
        states.move(reply, to=State.PUBLISHED, expected=State.PENDING)
        tasks.tell_of_comment(reply.pk)
        self.assertEqual(told(self.member), ["reply"])

    def test_not_on_a_page_that_is_not_public(self):
        reply = make_comment(parent=self.comment, author=self.other)
        type(self.discussion).objects.filter(pk=self.discussion.pk).update(opens_at=None)
        tasks.tell_of_comment(reply.pk)
        self.assertEqual(told(self.member), [])

    def test_of_an_imported_comment_without_an_account_nobody_is_told(self):
        guest = make_comment(self.discussion)
        Comment.objects.filter(pk=guest.pk).update(author=None, guest_name="Anna")
        answer(Comment.objects.get(pk=guest.pk), author=self.other)
        self.assertFalse(Notification.objects.exists())


class MentionTests(TellCase):
    def test_who_is_named_is_told(self):
        say(f"Ask @{self.member.handle}, she knows.", discussion=self.discussion, author=self.other)
        self.assertEqual(told(self.member), ["mention"])

    def test_who_is_named_and_answered_is_told_of_the_answer_alone(self):
        say(f"@{self.member.handle}: no.", discussion=self.discussion, author=self.other, parent=self.comment)
        self.assertEqual(told(self.member), ["reply"])

    def test_a_hundred_names_are_not_a_hundred_notifications(self):
        members = [make_member(f"Member {number}") for number in range(100)]
        names = " ".join(f"@{member.handle}" for member in members)
        say(names, discussion=self.discussion, author=self.other)
        self.assertEqual(Notification.objects.filter(kind=Kind.MENTION).count(), 5)
        say(names + " again", discussion=self.discussion, author=make_user("New One"))
        self.assertEqual(Notification.objects.filter(kind=Kind.MENTION).count(), 7)

    def test_a_name_in_a_quote_or_an_address_is_none(self):
        handle = self.member.handle
        for number, body in enumerate((f"> @{handle} said\n\nWell.", f"https://e.org/@{handle}", f"a@{handle}.org")):
            say(f"{body} {number}", discussion=self.discussion, author=self.other)
        self.assertEqual(told(self.member), [])

    def test_nobody_is_told_by_whom_they_mute(self):
        muting.mute(self.member, self.other)
        say(f"@{self.member.handle}!", discussion=self.discussion, author=self.other, parent=self.comment)
        self.assertEqual(told(self.member), [])

    def test_naming_oneself_is_no_news(self):
        say(f"I, @{self.member.handle}.", discussion=self.discussion, author=self.member)
        self.assertEqual(told(self.member), [])


class EditTests(TellCase):
    def edit(self, comment, body):
        comment.refresh_from_db()
        with self.captureOnCommitCallbacks(execute=True):
            editing.edit_comment(comment, body=body, revision=comment.revision)

    def test_who_is_named_by_an_edit_is_told_once(self):
        comment = say("Who knows?", discussion=self.discussion, author=self.other)
        for words in ("Who knows", "Do you know"):
            self.edit(comment, f"{words}, @{self.member.handle}?")
        self.assertEqual(told(self.member), ["mention"])

    def test_who_was_told_of_the_comment_is_not_told_of_its_edit(self):
        reply = say("No.", discussion=self.discussion, author=self.other, parent=self.comment)
        self.edit(reply, f"No, @{self.member.handle}.")
        self.assertEqual(told(self.member), ["reply"])

    def test_edited_before_anybody_was_told_it_is_told_of_as_it_reads_then(self):
        reply = make_comment(parent=self.comment, author=self.other, tell_at=timezone.now())
        third = make_member("Third One")
        self.edit(reply, f"No, @{self.member.handle} and @{third.handle}.")
        self.assertEqual((told(self.member), told(third)), ([], []))
        tasks.tell_due()
        self.assertEqual((told(self.member), told(third)), (["reply"], ["mention"]))

    def test_many_edits_name_no_more_than_one_comment_may(self):
        comment = say("Hear, hear.", discussion=self.discussion, author=self.other)
        for number in range(4):
            members = [make_member(f"Member {number} {each}") for each in range(3)]
            self.edit(comment, " ".join(f"@{member.handle}" for member in members))
        self.assertEqual(Notification.objects.filter(kind=Kind.MENTION).count(), 5)


class FollowerTests(TellCase):
    def setUp(self):
        self.follower = make_member("Fen Lowe")

    def test_of_a_discussion(self):
        following.follow(self.follower, self.discussion)
        following.follow(self.follower, self.discussion)
        answer(discussion=self.discussion, author=self.other)
        self.assertEqual(
            texts(self.follower), ["Dov H. commented on The reservoir was full on paper, which you follow"]
        )
        answer(self.comment, author=self.other)
        answer(discussion=make_discussion(), author=self.other)
        self.assertEqual(texts(self.follower), ["2 new comments in The reservoir was full on paper"])
        [shown] = page_lines(self.follower)
        self.assertEqual((shown.url, shown.quote), (self.discussion.get_absolute_url(), ""))

    def test_of_a_thread(self):
        following.follow(self.follower, self.discussion, self.comment)
        reply = answer(self.comment, author=self.other)
        answer(discussion=self.discussion, author=self.other)
        self.assertEqual(told(self.follower), ["thread"])
        answer(reply, author=self.member)
        self.assertEqual(
            texts(self.follower), ["2 new replies in a thread that you follow in The reservoir was full on paper"]
        )

    def test_of_both_are_told_once(self):
        following.follow(self.follower, self.discussion)
        following.follow(self.follower, self.discussion, self.comment)
        answer(self.comment, author=self.other)
        self.assertEqual(told(self.follower), ["thread"])

    def test_who_is_answered_is_told_of_the_answer_alone(self):
        following.follow(self.member, self.discussion)
        answer(self.comment, author=self.other)
        self.assertEqual(told(self.member), ["reply"])

    def test_not_of_ones_own(self):
        following.follow(self.follower, self.discussion)
        answer(discussion=self.discussion, author=self.follower)
        self.assertEqual(told(self.follower), [])

    def test_no_more_once_one_follows_no_more(self):
        following.follow(self.follower, self.discussion)
        following.unfollow(self.follower, self.discussion)
        answer(discussion=self.discussion, author=self.other)
        self.assertEqual(told(self.follower), [])

    def test_costs_the_same_for_5_and_50(self):
        answer(self.comment, author=self.other)  # looks up the kind of subject
        for number in (5, 50):
            discussion = make_discussion()
            for each in range(number):
                following.follow(make_member(f"Follower {each}"), discussion)
            for queries in (11, 10):  # their bundles begin, and grow
                comment = make_comment(discussion, author=self.other)
                with self.assertNumQueries(queries):
                    tasks.tell_of_comment(comment.pk)


class PraiseTests(TellCase):
    def recommend(self, *members):
        for member in members:
            recommending.recommend(self.comment, member=member)
            tasks.tell_of_recommendation.call(self.comment.pk, member.pk)

    def test_recommendations_are_bundled(self):
        members = [make_member(f"Reader {number}") for number in range(3)]
        self.recommend(self.other)
        self.assertEqual(texts(self.member), ["Dov H. recommended your comment in The reservoir was full on paper"])
        self.recommend(*members)
        self.assertEqual(
            texts(self.member),
            ["Dov H. and 3 other members recommended your comment in The reservoir was full on paper"],
        )

    def test_given_and_taken_and_given_again_is_one(self):
        for _time in range(3):
            self.recommend(self.other)
            recommending.unrecommend(self.comment, member=self.other)
        self.assertEqual(Notification.objects.get().count, 1)

    def test_taken_back_at_once_is_none(self):
        recommending.recommend(self.comment, member=self.other)
        recommending.unrecommend(self.comment, member=self.other)
        tasks.tell_of_recommendation.call(self.comment.pk, self.other.pk)
        self.assertEqual(told(self.member), [])

    def test_not_by_whom_one_mutes(self):
        muting.mute(self.member, self.other)
        self.recommend(self.other)
        self.assertEqual(told(self.member), [])

    def test_featured_is_told_once(self):
        Comment.objects.filter(pk=self.comment.pk).update(featured_at=timezone.now())
        for _run in range(2):
            tasks.tell_of_featuring.call(self.comment.pk)
        self.assertEqual(
            texts(self.member), ["Your comment was featured by the editors in The reservoir was full on paper"]
        )

    def test_featured_no_more_is_not_told(self):
        tasks.tell_of_featuring.call(self.comment.pk)
        self.assertEqual(told(self.member), [])


class UnseenTests(TellCase):
    """What readers may not see any more is shown to nobody, moderators included."""

    def check_gone(self, note):
        self.assertTrue(line(note).is_gone)

    def test_hidden_withdrawn_erased(self):
        for state in (State.HIDDEN, State.WITHDRAWN, State.ERASED, State.PENDING):
            with self.subTest(state):
                reply = answer(self.comment, author=self.other, body="A quernstone.")
                states.move(reply, to=state, expected=State.PUBLISHED)
                self.check_gone(Notification.objects.latest("pk"))

    def test_restored_it_is_there_again(self):
        reply = answer(self.comment, author=self.other)
        hide(reply)
        states.move(reply, to=State.PUBLISHED, expected=State.HIDDEN)
        self.assertFalse(line(Notification.objects.get()).is_gone)

    def test_a_bundle_of_one_goes_with_it(self):
        following.follow(self.other, self.discussion)
        hide(answer(discussion=self.discussion, author=self.member))
        self.check_gone(Notification.objects.get())

    def test_a_larger_bundle_names_nobody_and_quotes_nothing(self):
        following.follow(self.other, self.discussion)
        hide(answer(discussion=self.discussion, author=self.member, body="A quernstone."))
        answer(discussion=self.discussion, author=self.member)
        [shown] = page_lines(self.other)
        self.assertEqual((shown.text, shown.quote), ("2 new comments in The reservoir was full on paper", ""))

    def test_a_page_that_is_closed_to_readers_closes_its_bundles(self):
        following.follow(self.other, self.discussion)
        for _number in range(2):
            answer(discussion=self.discussion, author=self.member)
        type(self.discussion).objects.filter(pk=self.discussion.pk).update(opens_at=None)
        self.check_gone(Notification.objects.get())


@UNLIMITED
class DueTests(TellCase):
    """What run_due does after a post."""

    def reply(self, **fields):
        """A comment as a member posted it, told of to nobody yet."""
        return make_comment(parent=self.comment, author=self.other, **{"tell_at": timezone.now()} | fields)

    def test_of_a_post_members_are_told_once(self):
        article = make_article()
        comment = make_comment(article.discussion, author=self.member)
        self.client.force_login(self.other)
        form = {"body": "No.", "parent": comment.pk, "token": uuid.uuid4()}
        self.client.post(f"/discussions/{article.discussion.pk}/comments/", form)
        self.assertEqual([tasks.tell_due() for _run in range(3)], [1, 0, 0])
        self.assertEqual(told(self.member), ["reply"])
        self.assertEqual(inbox.unread(self.member)["count"], 1)

    def test_of_what_no_member_posted_nobody_is_told(self):
        make_comment(parent=self.comment, author=self.other)
        self.assertEqual(tasks.tell_due(), 0)
        self.assertEqual(told(self.member), [])

    def test_who_follows_from_now_on_is_told_of_what_comes_from_now_on(self):
        reply = self.reply()
        tasks.tell_due()
        follower = make_member("Fen Lowe")
        following.follow(follower, self.discussion)
        hide(reply)
        states.move(reply, to=State.PUBLISHED, expected=State.HIDDEN)
        self.assertEqual(tasks.tell_due(), 0)
        self.assertEqual(told(follower), [])

    def test_hidden_before_anybody_was_told_it_is_told_of_once_it_is_shown_again(self):
        for state in (State.HIDDEN, State.PENDING):
            reply = self.reply()
            states.move(reply, to=state, expected=State.PUBLISHED)
            self.assertEqual(tasks.tell_due(), 0)
            with time_machine.travel(timezone.now() + timedelta(days=2)):
                states.move(reply, to=State.PUBLISHED, expected=state)
                self.assertEqual(tasks.tell_due(), 1)
        self.assertEqual(told(self.member), ["reply", "reply"])

    def test_hidden_between_the_look_and_the_telling_it_waits(self):
        reply = self.reply()
        hide(reply)
        self.assertFalse(tasks.tell_once(reply.pk, timezone.now()))  # what the look had found
        states.move(reply, to=State.PUBLISHED, expected=State.HIDDEN)
        self.assertEqual(tasks.tell_due(), 1)
        self.assertEqual(told(self.member), ["reply"])

    def test_told_and_noted_are_one(self):
        """A process that dies while it tells has told nobody, and the next one tells."""
        reply = self.reply()
        with (
            patch.object(tasks, "places", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            tasks.tell_due()
        self.assertEqual(told(self.member), [])
        self.assertEqual(tasks.tell_due(), 1)
        self.assertEqual(Notification.objects.get().subject_id, reply.pk)

    def test_one_that_fails_stops_no_other_and_is_tried_again_ever_later(self):
        broken, well = self.reply(), self.reply()
        tell = tasks.tell

        def fail(members, **event):
            if event["subject"] == broken:
                raise OperationalError
            tell(members, **event)

        start, tried = timezone.now(), []
        with patch.object(tasks, "tell", fail), self.assertLogs("comments.tasks", "ERROR") as logs:
            for minutes in range(60):
                with time_machine.travel(start + timedelta(minutes=minutes, seconds=1), tick=False):
                    before = len(logs.records)
                    tasks.tell_due()
                    if len(logs.records) > before:
                        tried.append(minutes)
        self.assertEqual(list(Notification.objects.values_list("subject_id", flat=True)), [well.pk])
        self.assertEqual(tried, [0, 1, 3, 7, 15, 31])
        with time_machine.travel(start + timedelta(hours=2)):
            self.assertEqual(tasks.tell_due(), 1)
        self.assertEqual(told(self.member), ["reply", "reply"])

    def test_the_look_costs_what_is_due_not_what_is_there(self):
        for _ in range(3):
            self.reply()
            tasks.tell_due()
        with self.assertNumQueries(1):
            tasks.tell_due()


@UNLIMITED
class ManyTellTests(TransactionTestCase):
    def test_of_what_is_hidden_and_restored_meanwhile_members_are_told_once(self):
        member, other = make_member(), make_member("Dov Harkin")
        comment = make_comment(author=member)
        for number in range(1, 1 + ROUNDS):
            reply = make_comment(parent=comment, author=other, tell_at=timezone.now())
            results = at_once(tasks.tell_due, lambda reply=reply: hide(reply), tasks.tell_due)
            self.assertFalse([result for result in results if isinstance(result, Exception)])
            states.move(reply, to=State.PUBLISHED, expected=State.HIDDEN)
            tasks.tell_due()
            self.assertEqual(Notification.objects.filter(recipient=member).count(), number)

    def test_several_that_tell_at_once_tell_once(self):
        member, other = make_member(), make_member("Dov Harkin")
        comment = make_comment(author=member)
        follower = make_member("Fen Lowe")
        following.follow(follower, comment.discussion)
        for number in range(1, 11):
            make_comment(parent=comment, author=other, tell_at=timezone.now())
            self.assertEqual(sorted(at_once(tasks.tell_due, tasks.tell_due, tasks.tell_due)), [0, 0, 1])
            self.assertEqual(Notification.objects.filter(recipient=member).count(), number)
            self.assertEqual(Notification.objects.get(recipient=follower).count, number)
