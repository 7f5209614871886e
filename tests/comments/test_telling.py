"""Who is told of what happens to comments: answered, named, following, recommended, featured."""

import uuid
from datetime import timedelta
from unittest.mock import patch

import time_machine
from django.db import OperationalError
from django.test import TestCase, TransactionTestCase, override_settings
from django.utils import timezone

from accounts import muting
from comments import editing, following, posting, recommending, states, tasks
from comments.models import Comment, State
from notifications import inbox
from notifications.models import Kind, Notification

from ..factories import make_article, make_comment, make_discussion, make_user
from ..notifications.telling import answer, hide, line, make_member, page_lines, say, texts, told

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
            tasks.tell_of_comment.call(reply.pk)
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
        tasks.tell_of_comment.call(reply.pk)
        self.assertEqual(told(self.member), ["reply"])

    def test_not_on_a_page_that_is_not_public(self):
        reply = make_comment(parent=self.comment, author=self.other)
        type(self.discussion).objects.filter(pk=self.discussion.pk).update(opens_at=None)
        tasks.tell_of_comment.call(reply.pk)
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
            for queries in (16, 15):  # their bundles begin, and grow
                comment = make_comment(discussion, author=self.other)
                with self.assertNumQueries(queries):
                    tasks.tell_of_comment.call(comment.pk)


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
class PostTests(TransactionTestCase):
    def test_posting_tells_after_the_commit(self):
        article = make_article()
        comment = make_comment(article.discussion, author=make_member())
        self.client.force_login(make_member("Dov Harkin"))
        form = {"body": "No.", "parent": comment.pk, "token": uuid.uuid4()}
        self.client.post(f"/discussions/{article.discussion.pk}/comments/", form)
        self.assertEqual(told(comment.author), ["reply"])
        self.assertEqual(inbox.unread_count(comment.author), 1)

    def test_posting_succeeds_though_the_telling_fails(self):
        comment = make_comment(author=make_member())
        author = make_member("Dov Harkin")
        with patch.object(tasks, "tell", side_effect=OperationalError), self.assertLogs("django_tasks", "ERROR"):
            reply = posting.post_comment(
                discussion_id=comment.discussion_id,
                author=author,
                body="No.",
                parent_id=comment.pk,
                form_token=uuid.uuid4(),
            )
        self.assertEqual(told(comment.author), [])
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            self.assertEqual(tasks.tell_of_missed(), 1)
            self.assertEqual(tasks.tell_of_missed(), 0)
        self.assertEqual(told(comment.author), ["reply"])
        self.assertEqual(Notification.objects.get().subject_id, reply.pk)


class MissedTests(TellCase):
    def missed(self, later=timedelta(minutes=1), **fields):
        comment = make_comment(parent=self.comment, author=self.other, **{"form_token": uuid.uuid4()} | fields)
        with time_machine.travel(timezone.now() + later):
            tasks.tell_of_missed()
        return Notification.objects.filter(subject_id=comment.pk).exists()

    def test_looks_at_the_last_hour(self):
        self.assertTrue(self.missed())
        self.assertFalse(self.missed(timedelta(seconds=10)))
        self.assertFalse(self.missed(timedelta(minutes=61)))

    def test_not_at_what_came_by_no_form(self):
        self.assertFalse(self.missed(form_token=None))

    def test_one_that_fails_stops_no_other(self):
        replies = [make_comment(parent=self.comment, author=self.other, form_token=uuid.uuid4()) for _ in range(2)]
        tell = tasks.tell

        def broken(members, **event):
            if event["subject"] == replies[0]:
                raise ZeroDivisionError
            tell(members, **event)

        with (
            patch.object(tasks, "tell", broken),
            self.assertLogs("comments.tasks", "ERROR"),
            time_machine.travel(timezone.now() + timedelta(minutes=1)),
        ):
            tasks.tell_of_missed()
        self.assertEqual(list(Notification.objects.values_list("subject_id", flat=True)), [replies[1].pk])
