"""What the author hears of a moderator's decision: after a minute, with its reason, and of its reversal."""

from datetime import timedelta

import time_machine
from django.test import TestCase
from django.utils import timezone

from comments.models import State
from comments.tasks import tell_due
from moderation import decisions, tasks
from notifications.models import Kind, Notification, Way

from ..factories import make_comment, make_discussion, make_moderator, make_rule
from .telling import choose, mails, make_member, texts, told

MINUTE = timedelta(seconds=61)


class DecisionCase(TestCase):
    def setUp(self):
        self.author, self.moderator = make_member(), make_moderator()
        self.comment = make_comment(make_discussion(title="The valley"), author=self.author, body="A quernstone.")
        self.rule = make_rule(title="Off topic")

    def decide(self, verb, comment=None, **fields):
        with self.captureOnCommitCallbacks(execute=True):
            return verb(comment or self.comment, moderator=self.moderator, **fields)

    def hide(self, comment=None, facts="It is about another valley."):
        return self.decide(decisions.hide_comment, comment, rule=self.rule, facts=facts)

    def restore(self):
        self.comment.refresh_from_db()
        return self.decide(decisions.restore_comment)

    def later(self, time=MINUTE):
        return time_machine.travel(timezone.now() + time, tick=False)


class DecisionTests(DecisionCase):
    def test_the_author_hears_of_it_after_a_minute_with_the_reason(self):
        self.hide()
        self.assertEqual((texts(self.author), mails()), ([], []))
        [message] = mails(MINUTE)
        self.assertEqual(message.to, [self.author.email])
        self.assertEqual(message.subject, "A moderator hid your comment in The valley: Off topic. The reason:")
        self.assertIn("It is about another valley.", message.body)
        self.assertNotIn("Moss", message.body)  # which moderator is nobody's business
        with self.later():
            self.assertEqual(len(texts(self.author)), 1)

    def test_what_was_a_slip_is_told_to_nobody(self):
        self.hide()
        self.restore()
        with self.later():
            self.assertEqual((texts(self.author), mails()), ([], []))
        self.assertFalse(Notification.objects.exists())

    def test_nor_if_the_tasks_run_late_and_in_the_other_order(self):
        hiding = decisions.hide_comment(self.comment, moderator=self.moderator, rule=self.rule, facts="")
        restoring = decisions.restore_comment(self.comment, moderator=self.moderator)
        for pk in (restoring.pk, hiding.pk, restoring.pk):
            tasks.tell_of_decision.call(pk)
        self.assertFalse(Notification.objects.exists())

    def test_a_reversal_is_told_beside_the_first_which_stays(self):
        self.hide()
        with self.later():
            self.restore()
        with self.later(MINUTE * 2):
            self.assertEqual(
                texts(self.author),
                [
                    "A moderator reversed a decision: your comment in The valley is shown again.",
                    "A moderator hid your comment in The valley: Off topic. The reason:",
                ],
            )

    def test_stays_when_the_author_takes_the_comment_back(self):
        self.hide()
        type(self.comment).objects.filter(pk=self.comment.pk).update(state=State.ERASED)
        with self.later():
            self.assertEqual(len(texts(self.author)), 1)

    def test_is_told_once(self):
        decision = self.hide()
        for _run in range(3):
            tasks.tell_of_decision.call(decision.pk)
        self.assertEqual(told(self.author), ["decision"])

    def test_many_at_once_are_one_mail(self):
        for number in range(30):
            self.hide(make_comment(author=self.author, body=f"Spam {number}."), facts=f"Reason {number}.")
        messages = mails(MINUTE)
        self.assertEqual(len(messages), 1)
        self.assertIn("Reason 29.", messages[0].body)

    def test_is_never_off(self):
        choose(self.author, Way.PAGE, Kind.DECISION)
        self.hide()
        self.assertEqual(mails(MINUTE), [])
        self.assertEqual(told(self.author), ["decision"])

    def test_nobody_else_is_told(self):
        self.hide()
        self.assertEqual(set(Notification.objects.values_list("recipient", flat=True)), {self.author.pk})
        self.assertTrue(Notification.objects.get().actor is None)


class ApprovalTests(DecisionCase):
    def test_the_author_hears_of_it_and_who_is_answered_only_now(self):
        reply = make_comment(
            parent=self.comment, author=make_member("Dov Harkin"), state=State.PENDING, tell_at=timezone.now()
        )
        self.assertEqual(told(self.author), [])
        self.assertEqual(tell_due(), 0)
        self.decide(decisions.approve_comment, reply)
        self.assertEqual(tell_due(), 1)
        self.assertEqual(texts(self.author), ["Dov H. replied to you in The valley"])
        with self.later():
            self.assertEqual(texts(reply.author), ["A moderator approved your comment in The valley: it is shown now."])
