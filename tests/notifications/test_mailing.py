"""What leaves by mail: once, at most one about a thread at a time, nothing about what may not be read."""

from datetime import timedelta
from unittest.mock import patch

import time_machine
from django.core import mail
from django.test import TestCase, TransactionTestCase, override_settings
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Mute
from comments import states
from comments.models import State
from notifications import mailing, telling
from notifications.models import Kind, Notification, OutgoingMail, Way

from ..comments.test_races import at_once
from ..factories import make_comment, make_discussion, make_moderator, make_user
from . import smtp
from .telling import answer, choose, hide, mails, make_member, say, told
from .test_outbox import OUTBOX, SMTP

BREAKS = ["\n", "\r", "\r\n", "\n ", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "%0a", "\\n", "=0A"]


class MailCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.member, cls.other = make_member(email="nkemi@example.org"), make_member("Dov Harkin")
        cls.discussion = make_discussion(title="The valley that pays")
        cls.comment = make_comment(cls.discussion, author=cls.member, body="Who pays for it?")

    def answer(self, body="The weir was locked.", parent=None, **fields):
        return answer(parent or self.comment, body=body, **{"author": self.other} | fields)


class AtOnceTests(MailCase):
    def test_a_reply_comes_by_mail_once(self):
        comment = self.answer()
        [message] = mails()
        self.assertEqual(message.to, ["nkemi@example.org"])
        self.assertEqual(message.subject, "Dov H. replied to you in The valley that pays")
        html = message.alternatives[0].content
        for text in (message.body, html):
            self.assertIn("The weir was locked.", text)
            self.assertIn(f"http://127.0.0.1:8000/c/{comment.pk}/", text)
            self.assertIn("Dov H.", text)
            self.assertIn("want to hear by email of: Replies to my comments.", text)
        self.assertNotIn("Harkin", message.body + html)
        self.assertEqual(mails(timedelta(hours=1)), [])

    def test_is_written_in_the_language_of_whoever_gets_it(self):
        type(self.member).objects.filter(pk=self.member.pk).update(language="ar")
        spoken, compose = [], mailing.compose

        def noted(*args, **kwargs):
            spoken.append(get_language())
            return compose(*args, **kwargs)

        self.answer()
        with self.settings(LANGUAGES=[("en", "English"), ("ar", "Arabic")]), patch.object(mailing, "compose", noted):
            self.assertEqual(len(mails()), 1)
        self.assertEqual((spoken, get_language()), (["ar"], "en"))

    def test_not_before_it_is_due(self):
        telling.tell([self.member.pk], kind=Kind.REPLY, subject=self.comment, key="k", wait=timedelta(seconds=60))
        self.assertEqual(mails(), [])
        self.assertEqual(len(mails(timedelta(seconds=61))), 1)

    def test_what_was_read_in_the_page_is_not_mailed(self):
        self.answer()
        Notification.objects.mark_read()
        self.assertEqual(mails(), [])

    def test_only_to_an_address_that_is_the_members(self):
        for change in ({"verified": False}, {"email": "other@example.org"}):
            with self.subTest(change):
                self.member.emailaddress_set.update(**change)
                self.answer()
                self.assertEqual(mails(), [])
                self.assertEqual(mails(timedelta(hours=1)), [])

    def test_to_nobody_without_an_account(self):
        self.answer()
        type(self.member).objects.filter(pk=self.member.pk).update(is_active=False)
        self.assertEqual(mails(), [])

    def test_a_choice_made_meanwhile_holds(self):
        self.answer()
        choose(self.member, Way.PAGE, Kind.REPLY)
        self.assertEqual(mails(), [])
        self.assertEqual(told(self.member), ["reply"])

    def test_a_mute_set_meanwhile_holds(self):
        self.answer()
        Mute.objects.create(member=self.member, muted=self.other)
        self.assertEqual(mails(), [])


class UnseenTests(MailCase):
    """Nothing is sent about what the public may not read at this moment."""

    def check_silent(self):
        for message in mails() + mails(timedelta(days=1)):
            self.fail(f"sent: {message.subject}")

    def test_hidden_withdrawn_and_pending(self):
        for state in (State.HIDDEN, State.WITHDRAWN, State.ERASED, State.PENDING):
            with self.subTest(state):
                states.move(self.answer(), to=state, expected=State.PUBLISHED)
                self.check_silent()

    def test_not_to_a_moderator_either(self):
        moderator = make_moderator()
        hide(answer(make_comment(author=moderator), author=self.other))
        self.check_silent()

    def test_on_a_page_that_is_not_public_any_more(self):
        choose(self.member, Way.ONCE, Kind.MENTION)
        self.answer()
        type(self.discussion).objects.filter(pk=self.discussion.pk).update(opens_at=None)
        self.check_silent()

    def test_in_a_summary(self):
        choose(self.member, Way.DAILY, Kind.REPLY)
        self.answer("A visible answer.")
        hide(self.answer("A quernstone."))
        [message] = mails(timedelta(days=1))
        self.assertIn("A visible answer.", message.body)
        self.assertNotIn("quernstone", message.body + message.alternatives[0].content)

    def test_what_is_restored_is_in_the_page_but_mailed_no_more(self):
        comment = self.answer()
        hide(comment)
        self.check_silent()
        states.move(comment, to=State.PUBLISHED, expected=State.HIDDEN)
        self.check_silent()
        self.assertEqual(told(self.member), ["reply"])

    def test_a_quote_of_others_is_left_out(self):
        self.answer("> a quoted quernstone\n\nNo.")
        [message] = mails()
        self.assertIn("No.", message.body)
        self.assertNotIn("quernstone", message.body)


class PauseTests(MailCase):
    def test_one_mail_about_a_thread_in_15_minutes_then_one_about_all_of_it(self):
        self.answer("First answer.")
        self.assertEqual(len(mails()), 1)
        for number in range(20):
            self.answer(f"Answer {number}.")
        self.assertEqual(mails(timedelta(minutes=1)), [])
        self.assertEqual(mails(timedelta(minutes=14)), [])
        [message] = mails(timedelta(minutes=16))
        self.assertIn(", and more", message.subject)
        for number in range(20):
            self.assertIn(f"Answer {number}.", message.body)
        self.assertEqual(mails(timedelta(hours=2)), [])

    def test_another_thread_waits_for_none(self):
        self.answer()
        self.assertEqual(len(mails()), 1)
        self.answer(parent=make_comment(author=self.member))
        self.assertEqual(len(mails()), 1)

    def test_another_member_waits_for_none(self):
        self.answer()
        self.assertEqual(len(mails()), 1)
        self.answer(parent=self.answer(author=self.other), author=self.member)
        self.assertEqual([m.to for m in mails()], [[self.other.email]])

    def test_a_member_gets_a_bounded_number_in_an_hour(self):
        for _thread in range(mailing.AN_HOUR + 5):
            self.answer(parent=make_comment(author=self.member))
        sent = 0
        for minute in range(0, 55, 5):
            sent += len(mails(timedelta(minutes=minute)))
        self.assertEqual(sent, mailing.AN_HOUR)
        self.assertEqual(len(mails(timedelta(minutes=70))), 5)

    def test_a_long_mail_is_cut(self):
        for number in range(mailing.LISTED + 7):
            self.answer(f"Answer {number}.")
        [message] = mails()
        self.assertNotIn(f"Answer {mailing.LISTED}.", message.body)
        self.assertIn("And 7 more:", message.body)
        self.assertEqual(mails(timedelta(hours=1)), [])


class SummaryTests(MailCase):
    def setUp(self):
        choose(self.member, Way.DAILY, *Kind)

    def test_all_of_a_day_is_one_mail_in_the_morning(self):
        start = (timezone.now() + timedelta(days=1)).replace(hour=9)
        with time_machine.travel(start, tick=False):
            self.answer("First.")
            say(f"What says @{self.member.handle}?", discussion=self.discussion, author=self.other)
            self.answer("Second.", parent=make_comment(author=self.member))
            self.assertEqual(mails(), [])
            self.assertEqual(mails(timedelta(hours=21)), [])
        with time_machine.travel(start + timedelta(hours=22), tick=False):
            [message] = mails()
            self.assertEqual(message.subject, "3 things happened on Rostrum")
            for words in ("First.", "Second.", "mentioned you"):
                self.assertIn(words, message.body)
            self.answer("Third.")
            self.assertEqual(mails(), [])
        with time_machine.travel(start + timedelta(hours=46), tick=False):
            [message] = mails()
            self.assertEqual(message.subject, "1 thing happened on Rostrum")

    def test_is_not_counted_for_the_pauses(self):
        self.answer()
        self.assertEqual(len(mails(timedelta(days=1))), 1)
        choose(self.member, Way.ONCE, Kind.REPLY)
        self.answer()
        self.assertEqual(len(mails(timedelta(days=1))), 1)


class HeaderTests(MailCase):
    def test_has_what_one_click_unsubscription_asks_for(self):
        self.answer()
        [message] = mails()
        link = message.extra_headers["List-Unsubscribe"]
        self.assertRegex(link, r"^<http://127\.0\.0\.1:8000/notifications/unsubscribe/[^<>, /]+/>$")
        self.assertEqual(message.extra_headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertIn(link.strip("<>"), message.body)
        self.assertNotIn("nkemi", link)

    def test_no_name_or_title_makes_a_header(self):
        for number, line_break in enumerate(BREAKS):
            with self.subTest(repr(line_break)):
                words = f"A{line_break}Bcc: eve@example.org{line_break}{line_break}<p>"
                discussion = make_discussion(title=words)
                author = make_user(f"Eve{number}", shows_full_name=True)
                type(author).objects.filter(pk=author.pk).update(display_name=words[:40])
                self.answer(parent=make_comment(discussion, author=self.member), author=author)
                [message] = mails(timedelta(hours=number * 2))
                raw = message.message().as_bytes()
                head = raw.partition(b"\n\n")[0]
                self.assertEqual(message.recipients(), ["nkemi@example.org"])
                self.assertNotIn(b"\nbcc", head.lower())
                self.assertEqual(head.lower().count(b"\nsubject:"), 1)

    def test_markup_in_words_stays_words(self):
        discussion = make_discussion(title="<img src=x onerror=alert(1)>")
        self.answer("<script>alert(2)</script> & more", parent=make_comment(discussion, author=self.member))
        [message] = mails()
        html = message.alternatives[0].content
        self.assertNotIn("<img", html)
        self.assertNotIn("<script", html)
        self.assertIn("<img src=x onerror=alert(1)>", message.body)

    def test_loads_nothing_and_counts_nobody(self):
        self.answer()
        html = mails()[0].alternatives[0].content
        for word in ("<img", "src=", "url(", "<script", "<link"):
            self.assertNotIn(word, html)


class FaultTests(MailCase):
    def test_one_that_cannot_be_said_stops_no_other_and_is_parked(self):
        self.answer("A good answer.")
        bad = Notification.objects.get(pk=Notification.objects.latest("pk").pk)
        bad.pk, bad.key, bad.kind = None, "bad", Kind.REPORT  # a comment has no told()
        bad.save()
        with self.assertLogs("notifications", "ERROR"):
            [message] = mails()
        self.assertIn("A good answer.", message.body)
        for attempt in range(1, mailing.ATTEMPTS):
            with self.assertLogs("notifications", "ERROR"):
                self.assertEqual(mails(timedelta(hours=attempt)), [])
        self.assertEqual(mails(timedelta(days=9)), [])
        parked = Notification.objects.parked().get()
        self.assertEqual((parked.pk, parked.attempts), (bad.pk, mailing.ATTEMPTS))
        self.assertIn("told", parked.last_error)
        self.assertEqual(Notification.objects.retry(), 1)
        self.assertEqual(Notification.objects.to_mail().get(), bad)

    def test_a_mail_that_cannot_be_written_stops_no_other(self):
        self.answer()
        self.answer(parent=make_comment(author=self.other), author=self.member)
        compose = mailing.compose

        def broken(recipient, lines, **options):
            if recipient == self.member:
                raise ZeroDivisionError
            return compose(recipient, lines, **options)

        with patch.object(mailing, "compose", broken), self.assertLogs("notifications", "ERROR"):
            self.assertEqual([m.to for m in mails()], [[self.other.email]])
        self.assertEqual([m.to for m in mails(timedelta(minutes=6))], [[self.member.email]])

    def test_no_mark_without_a_mail(self):
        self.answer()
        with (
            patch("django.core.mail.EmailMultiAlternatives.send", side_effect=OSError),
            self.assertLogs("notifications", "ERROR"),
        ):
            mails()
        self.assertIsNone(Notification.objects.get().mailed_at)
        self.assertEqual(len(mails(timedelta(minutes=6))), 1)


@override_settings(EMAIL_BACKEND=OUTBOX, DELIVERY_BACKEND=SMTP, EMAIL_HOST="127.0.0.1")
class OutboxTests(TransactionTestCase):
    def test_of_many_writers_one_writes_each_mail(self):
        members = [make_member(f"Member {n}") for n in range(6)]
        for member in members:
            answer(make_comment(author=member))
        writers = at_once(*[mailing.send_due] * 3)
        self.assertEqual(sum(writers), 6)
        self.assertEqual(
            sorted(OutgoingMail.objects.values_list("recipients", flat=True)), sorted(m.email for m in members)
        )

    def test_of_two_writers_for_one_thread_one_writes(self):
        comment = make_comment(author=make_member())
        for _round in range(5):
            Notification.objects.all().delete()
            OutgoingMail.objects.all().delete()
            for number in range(3):
                answer(comment, body=f"Answer {number}.")
            at_once(*[mailing.send_due] * 3)
            self.assertEqual(OutgoingMail.objects.count(), 1)

    def test_the_headers_arrive_as_they_were_written(self):
        answer(make_comment(author=make_member()))
        mailing.send_due()
        from notifications import outbox

        with smtp.running() as server, self.settings(EMAIL_PORT=server.port):
            self.assertEqual(outbox.deliver_due(), 1)
        [(_to, data)] = server.received
        self.assertRegex(data, rb"\nList-Unsubscribe: ?(\r?\n )?<http://[^ ]+/>\r?\n")
        self.assertIn(b"\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", data)
        self.assertIn(b"multipart/alternative", data)


class NothingTests(TestCase):
    def test_nothing_due_costs_two_queries(self):
        with self.assertNumQueries(2):
            self.assertEqual(mailing.send_due(), 0)
        self.assertEqual(mail.outbox, [])
