from datetime import timedelta
from email import message_from_bytes, policy

from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# While a sender holds a message nobody else takes it; after that it may have died. Longer than a slow mail server takes.
LEASE = timedelta(minutes=5)
# After the first failed attempt, the second, … ; the last one again and again.
PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 60)]
OF_THE_BODY = {"content-type", "content-transfer-encoding", "mime-version", "subject"}  # written anew


class OutgoingMailQuerySet(models.QuerySet):
    def due(self):
        """What is to be sent now, the oldest first."""
        return self.filter(state=OutgoingMail.State.WAITING, due_at__lte=timezone.now()).order_by("due_at", "pk")

    def retry(self):
        """Send parked messages once more, from the first attempt on. Return how many."""
        return self.filter(state=OutgoingMail.State.PARKED).update(
            state=OutgoingMail.State.WAITING, due_at=timezone.now(), attempts=0
        )


class OutgoingMail(models.Model):
    """A message on its way out. Written in the transaction that it tells of, sent by `manage.py run_due`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        PARKED = "parked", _("given up")

    sender = models.CharField(max_length=320)
    recipients = models.TextField(help_text=_("One address a line, hidden copies included."))
    subject = models.CharField(max_length=998)
    message = models.BinaryField(help_text=_("As it goes out; emptied once it is sent."))
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="outgoing_mail_due"),
            models.Index(fields=["sent_at"], condition=Q(state="sent"), name="outgoing_mail_sent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent") ^ Q(sent_at__isnull=True), name="outgoing_mail_sent_at_matches"
            )
        ]

    def __str__(self):
        return f"{self.subject} ({self.get_state_display()})"

    @classmethod
    def of(cls, message):
        """The row of `message`, a Django EmailMessage; not saved. Raise BadHeaderError for a line break in a header."""
        written = message.message()
        if any(set("\r\n") & set(address) for address in message.recipients()):
            raise BadHeaderError("line break in an address")  # a hidden copy is in no header
        return cls(
            sender=message.from_email,
            recipients="\n".join(message.recipients()),
            subject=str(message.subject)[:998],
            message=written.as_bytes(),
        )

    def as_message(self, connection=None):
        """The EmailMessage that was stored, with its Message-ID and date, for any backend to send."""
        read = message_from_bytes(bytes(self.message), policy=policy.default)
        plain, html = read.get_body(("plain",)), read.get_body(("html",))
        message = EmailMultiAlternatives(
            subject=self.subject,
            body=(plain or html).get_content() if plain or html else "",
            from_email=self.sender,
            # The headers say who is shown; who gets it is what was asked for, hidden copies included.
            **{"to" if read["To"] else "bcc": self.recipients.splitlines()},
            headers={name: str(value) for name, value in read.items() if name.lower() not in OF_THE_BODY},
            connection=connection,
        )
        if plain and html:
            message.attach_alternative(html.get_content(), "text/html")
        elif html:
            message.content_subtype = "html"
        for part in read.iter_attachments():
            message.attach(part.get_filename(), part.get_content(), part.get_content_type())
        return message

    def claim(self):
        """Take it for LEASE, so that one sender sends it. Return whether it was still to be had."""
        until = timezone.now() + LEASE
        taken = OutgoingMail.objects.filter(pk=self.pk, state=self.State.WAITING, due_at=self.due_at).update(
            due_at=until, attempts=F("attempts") + 1
        )
        if taken:
            self.due_at, self.attempts = until, self.attempts + 1
        return bool(taken)

    def mark_sent(self):
        """It has left: keep when, drop what."""
        self._while_ours().update(state=self.State.SENT, sent_at=timezone.now(), message=b"", last_error="")

    def mark_failed(self, error, *, attempts):
        """Wait before the next attempt, longer each time; after `attempts` give up, for staff to see."""
        given_up = self.attempts >= attempts
        self._while_ours().update(
            state=self.State.PARKED if given_up else self.State.WAITING,
            due_at=timezone.now() + PAUSES[min(self.attempts, len(PAUSES)) - 1],
            last_error=error[:300],
        )
        return given_up

    def _while_ours(self):
        return OutgoingMail.objects.filter(pk=self.pk, state=self.State.WAITING, due_at=self.due_at)
