import socket
import threading
from datetime import timedelta
from email import message_from_bytes, policy
from unittest.mock import patch

from django.core import mail
from django.core.mail import BadHeaderError, EmailMessage, EmailMultiAlternatives, send_mail
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase, override_settings
from django.utils import timezone

from notifications import outbox
from notifications.models import LEASE, OutgoingMail

from . import smtp

OUTBOX = "notifications.outbox.OutboxBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


def write(to="a@example.org", subject="Code"):
    send_mail(subject, "123456", None, [to])
    return OutgoingMail.objects.latest("pk")


def later(**time):
    """Let time pass for all that waits."""
    for row in OutgoingMail.objects.filter(state="waiting"):
        OutgoingMail.objects.filter(pk=row.pk).update(due_at=row.due_at - timedelta(**time))


@override_settings(EMAIL_BACKEND=OUTBOX)
class StoreTests(TestCase):
    def test_a_request_sends_nothing(self):
        self.assertEqual(send_mail("Code", "123456", None, ["a@example.org"]), 1)
        self.assertEqual(mail.outbox, [])
        row = OutgoingMail.objects.get()
        self.assertEqual(
            (row.state, row.recipients, row.subject, row.attempts), ("waiting", "a@example.org", "Code", 0)
        )

    def test_goes_back_with_its_transaction(self):
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            write()
            raise ZeroDivisionError
        self.assertFalse(OutgoingMail.objects.exists())

    def test_keeps_nothing_for_nobody(self):
        self.assertEqual(EmailMessage("Code", "b").send(), 0)
        self.assertFalse(OutgoingMail.objects.exists())

    def test_refuses_a_line_break_in_any_header(self):
        for fields in (
            {"subject": "Code\nBcc: x@example.org"},
            {"from_email": "a@example.org\rBcc: x@example.org"},
            {"to": ["a@example.org\n x@example.org"]},
            {"bcc": ["a@example.org\r\nRCPT TO:<x@example.org>"]},
            {"headers": {"X-Name": "a\nBcc: x@example.org"}},
        ):
            with self.subTest(fields), self.assertRaises(BadHeaderError):
                EmailMessage(**{"subject": "s", "body": "b", "to": ["a@example.org"], **fields}).send()
        self.assertFalse(OutgoingMail.objects.exists())


@override_settings(EMAIL_BACKEND=OUTBOX)
class AsMessageTests(TestCase):
    def back(self, message):
        message.send()
        return OutgoingMail.objects.latest("pk").as_message()

    def test_keeps_every_part(self):
        message = EmailMultiAlternatives(
            "Grüße – and a long subject " * 6,
            "Plain, with ümlauts ✓\n\n.\nFrom here on\n" + "long " * 300,
            "Rostrum <r@example.org>",
            ["Änne <a@example.org>", "b@example.org"],
            cc=["c@example.org"],
            bcc=["d@example.org"],
            reply_to=["e@example.org"],
            headers={"List-Unsubscribe": f"<https://example.org/{'x' * 90}>", "Message-ID": "<1@example.org>"},
        )
        message.attach_alternative("<p>HTML ✓</p>", "text/html")
        message.attach("report.csv", "a;b\n1;2\n", "text/csv")
        message.attach("dot.bin", b"\0\1\2", "application/octet-stream")
        back = self.back(message)
        self.assertEqual(back.subject, message.subject)
        self.assertEqual(back.body, message.body)
        self.assertEqual([tuple(a) for a in back.alternatives], [("<p>HTML ✓</p>", "text/html")])
        self.assertEqual([tuple(a) for a in back.attachments], [tuple(a) for a in message.attachments])
        self.assertEqual(set(back.recipients()), set(message.recipients()))
        first, second = (message_from_bytes(m.message().as_bytes(), policy=policy.default) for m in (message, back))
        for name in ("From", "To", "Cc", "Reply-To", "List-Unsubscribe", "Message-ID"):
            self.assertEqual(str(second[name]), str(first[name]))
        self.assertEqual(len(second.get_all("From") + second.get_all("To") + second.get_all("Subject")), 3)

    def test_keeps_the_identity_that_it_was_given(self):
        message = EmailMessage("s", "b", to=["a@example.org"])
        back = self.back(message)
        stored = message_from_bytes(bytes(OutgoingMail.objects.get().message))
        self.assertEqual(back.message()["Message-ID"], stored["Message-ID"])
        self.assertEqual(back.message()["Date"], stored["Date"])

    def test_shows_no_hidden_copy(self):
        back = self.back(EmailMessage("s", "b", bcc=["hidden@example.org"]))
        self.assertEqual(back.recipients(), ["hidden@example.org"])
        self.assertNotIn(b"hidden@example.org", back.message().as_bytes())

    def test_html_alone(self):
        message = EmailMessage("s", "<p>only</p>", to=["a@example.org"])
        message.content_subtype = "html"
        self.assertEqual(self.back(message).message().get_content_type(), "text/html")


@override_settings(EMAIL_BACKEND=OUTBOX, DELIVERY_BACKEND=LOCMEM)
class DeliverTests(TestCase):
    def test_sends_once_and_keeps_no_text(self):
        row = write()
        self.assertEqual(outbox.deliver_due(), 1)
        self.assertEqual(outbox.deliver_due(), 0)
        self.assertEqual([(m.subject, m.body, m.to) for m in mail.outbox], [("Code", "123456", ["a@example.org"])])
        row.refresh_from_db()
        self.assertEqual((row.state, bytes(row.message)), ("sent", b""))
        self.assertIsNotNone(row.sent_at)

    def test_lets_whatever_else_is_due_have_its_turn(self):
        for number in range(4):
            write(subject=f"Code {number}")
        with patch.object(outbox.time, "monotonic", side_effect=[0, 9, 18, outbox.A_TURN + 7]):
            self.assertEqual(outbox.deliver_due(), 2)
        self.assertEqual(outbox.deliver_due(), 2)
        self.assertEqual([message.subject for message in mail.outbox], [f"Code {number}" for number in range(4)])

    def test_of_two_senders_one_sends(self):
        row = write()
        other = OutgoingMail.objects.get()
        self.assertTrue(row.claim())
        self.assertFalse(other.claim())
        self.assertEqual(outbox.deliver_due(), 0)

    def test_what_a_dead_process_held_is_sent_after_its_lease(self):
        write().claim()
        later(seconds=LEASE.total_seconds() + 1)
        self.assertEqual(outbox.deliver_due(), 1)

    def test_a_sender_that_comes_back_late_changes_nothing(self):
        slow = write()
        slow.claim()
        later(seconds=LEASE.total_seconds() + 1)
        outbox.deliver_due()
        slow.mark_failed("timed out", attempts=1)
        self.assertEqual(OutgoingMail.objects.get().state, "sent")

    @override_settings(CAMPAIGN_MAIL_ATTEMPTS=5)
    def test_waits_longer_each_time_and_gives_up_at_last(self):
        write()
        with (
            patch.object(outbox, "deliver", wraps=outbox.deliver),
            patch(f"{LOCMEM}.send_messages", side_effect=OSError("no")),
        ):
            for minutes in (1, 5, 15, 60):
                with self.assertLogs("notifications.outbox", "WARNING"):
                    self.assertEqual(outbox.deliver_due(), 0)
                row = OutgoingMail.objects.get()
                wait = (row.due_at - timezone.now()).total_seconds() / 60
                self.assertAlmostEqual(wait, minutes, delta=0.2)
                self.assertIn("no", row.last_error)
                later(minutes=minutes)
            with self.assertLogs("notifications.outbox", "WARNING"):
                outbox.deliver_due()
        row.refresh_from_db()
        self.assertEqual((row.state, row.attempts), ("parked", 5))
        self.assertTrue(row.message)
        self.assertEqual(OutgoingMail.objects.all().retry(), 1)
        self.assertEqual(outbox.deliver_due(), 1)

    def test_logs_no_address(self):
        write("nkemi@example.org")
        with patch(f"{LOCMEM}.send_messages", side_effect=OSError("nkemi@example.org")), self.assertLogs() as logs:
            outbox.deliver_due()
        self.assertNotIn("nkemi", "".join(logs.output))

    def test_forgets_what_left_long_ago(self):
        write()
        outbox.deliver_due()
        self.assertEqual(outbox.forget_sent(), 0)
        OutgoingMail.objects.update(sent_at=timezone.now() - timedelta(days=15))
        write()
        self.assertEqual(outbox.forget_sent(), 1)
        self.assertEqual(OutgoingMail.objects.get().state, "waiting")


@override_settings(EMAIL_BACKEND=OUTBOX, DELIVERY_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_TIMEOUT=0.5)
class MailServerTests(TestCase):
    def test_one_refused_recipient_stops_no_other(self):
        for name in "abc":
            write(f"{name}@example.org")
        with (
            smtp.running(refused=["b@example.org"]) as server,
            self.settings(EMAIL_PORT=server.port),
            self.assertLogs("notifications.outbox", "WARNING"),
        ):
            self.assertEqual(outbox.deliver_due(), 2)
        self.assertEqual([to for to, _data in server.received], [["a@example.org"], ["c@example.org"]])
        self.assertIn(b"123456", server.received[0][1])
        waiting = OutgoingMail.objects.get(state="waiting")
        self.assertEqual((waiting.recipients, waiting.attempts), ("b@example.org", 1))

    def check_waits(self, port):
        write(), write()
        with self.settings(EMAIL_PORT=port), self.assertLogs("notifications.outbox", "WARNING") as logs:
            self.assertEqual(outbox.deliver_due(), 0)
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(set(OutgoingMail.objects.values_list("state", "attempts")), {("waiting", 0)})
        self.assertFalse(OutgoingMail.objects.due().exists())
        later(minutes=1)
        with smtp.running() as server, self.settings(EMAIL_PORT=server.port):
            self.assertEqual(outbox.deliver_due(), 2)

    def test_mail_waits_for_a_server_that_refuses(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        self.check_waits(port)

    def test_mail_waits_for_a_server_that_stays_silent(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            self.check_waits(silent.getsockname()[1])


@override_settings(EMAIL_BACKEND=OUTBOX, DELIVERY_BACKEND=SMTP, EMAIL_HOST="127.0.0.1")
class ManySendersTests(TransactionTestCase):
    def test_send_each_message_once(self):
        for number in range(30):
            write(f"m{number}@example.org")
        barrier, totals = threading.Barrier(3), []

        def send():
            barrier.wait()
            totals.append(outbox.deliver_due())
            connection.close()

        with smtp.running() as server, self.settings(EMAIL_PORT=server.port):
            threads = [threading.Thread(target=send) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(sum(totals), 30)
        self.assertEqual(sorted(to for to, _data in server.received), sorted([f"m{n}@example.org"] for n in range(30)))
