import secrets
from datetime import timedelta
from email import message_from_bytes, policy

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Mute

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

    def as_notice(self):
        """Subject and text of a notice, which one can unsubscribe from; "" of any other message."""
        message = self.as_message()
        return f"{message.subject}\n{message.body}" if "List-Unsubscribe" in message.extra_headers else ""

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


class Kind(models.TextChoices):
    """What a member may be told of; the label is its line in the preferences."""

    REPLY = "reply", _("Replies to my comments")
    MENTION = "mention", _("Mentions of my name")
    THREAD = "thread", _("Threads I follow")
    DISCUSSION = "discussion", _("Discussions I follow")
    RECOMMENDED = "recommended", _("Recommendations of my comments")
    FEATURED = "featured", _("My comments featured by the editors")
    DECISION = "decision", _("Decisions on my comments")
    REPORT = "report", _("Decisions on my reports")


class Way(models.TextChoices):
    OFF = "off", _("Not at all")
    PAGE = "page", _("On this page")
    ONCE = "once", _("Here and by email, at once")
    DAILY = "daily", _("Here and in one email a day")


BY_EMAIL = (Way.ONCE, Way.DAILY)
# How a member is told who has not chosen.
DEFAULT_WAYS = dict.fromkeys(Kind, Way.PAGE) | dict.fromkeys([Kind.REPLY, Kind.DECISION, Kind.REPORT], Way.ONCE)


class Preference(models.Model):
    """How a member wants to be told of one kind of thing. Without a row DEFAULT_WAYS holds."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="preferences")
    kind = models.CharField(max_length=20, choices=Kind)
    way = models.CharField(max_length=10, choices=Way)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "kind"], name="preference_once"),
            models.CheckConstraint(condition=Q(way__in=Way.values), name="preference_way_known"),
        ]

    def __str__(self):
        return f"{self.member_id}, {self.kind}: {self.way}"

    @classmethod
    def ways_of(cls, member):
        """{kind: way} of a member, all kinds."""
        return DEFAULT_WAYS | dict(cls.objects.filter(member=member).values_list("kind", "way"))

    @classmethod
    def choose(cls, member_id, ways):
        """Keep {kind: way} as the member's choice."""
        cls.objects.bulk_create(
            [cls(member_id=member_id, kind=kind, way=way) for kind, way in ways.items()],
            update_conflicts=True,
            unique_fields=["member", "kind"],
            update_fields=["way"],
        )


class NotificationQuerySet(models.QuerySet):
    def shown_to(self, member, now=None):
        """What the member's page lists: what has its time, and is not the doing of one person whom they mute."""
        muted = Mute.objects.filter(member=member, muted=OuterRef("actor"))
        return self.filter(recipient=member, due_at__lte=now or timezone.now()).exclude(Exists(muted), count=1)

    def unread(self):
        return self.filter(read_at=None)

    def growing(self):
        """Bundles that still take what comes: neither read nor mailed."""
        return self.filter(read_at=None, mailed_at=None).exclude(bundle="")

    def to_mail(self):
        """What is to be mailed now. What was read in the page needs no mail."""
        return self.filter(mail_at__lte=timezone.now(), mailed_at=None, read_at=None)

    def parked(self):
        """What could not be mailed and is not tried again by itself."""
        return self.filter(mail_at=None, mailed_at=None).exclude(last_error="")

    def mark_read(self):
        return self.unread().update(read_at=timezone.now())

    def retry(self):
        """Mail parked rows once more, from the first attempt on. Return how many."""
        return self.parked().update(mail_at=timezone.now(), attempts=0, last_error="")


class Notification(models.Model):
    """One member is told of one event, or of several in one row while it is a bundle (telling.py).

    It holds no words. What happened is asked of its subject when the page is shown and when a mail is written
    (lines.py): any object with `is_readable_by(user)`.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="notifications"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    subject_type = models.ForeignKey(ContentType, models.CASCADE, db_index=False, related_name="+")
    subject_id = models.PositiveBigIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    discussion_id = models.PositiveBigIntegerField(null=True, blank=True)  # a number: this room knows no discussions
    key = models.CharField(max_length=80, help_text=_("The event; nobody is told of it twice."))
    thread = models.CharField(max_length=40, blank=True, help_text=_("What one mail at a time is sent about."))
    bundle = models.CharField(max_length=40, blank=True, help_text=_("What is counted in one row while it is new."))
    count = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(
        default=timezone.now, help_text=_("Shown from then on; of a bundle, its newest event.")
    )
    read_at = models.DateTimeField(null=True, blank=True)
    mail_at = models.DateTimeField(null=True, blank=True, help_text=_("Mailed from then on; empty: not mailed."))
    is_daily = models.BooleanField(default=False, help_text=_("Mailed in the summary of a day."))
    mailed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["recipient", "-due_at", "-id"], name="notification_page"),
            models.Index(fields=["recipient", "due_at"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(
                fields=["mail_at"], condition=Q(mail_at__isnull=False, mailed_at=None), name="notification_to_mail"
            ),
            # When a member last got a mail, in one thread or at all.
            models.Index(
                fields=["recipient", "mailed_at"], condition=Q(mailed_at__isnull=False), name="notification_mailed"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], name="notification_once"),
            models.UniqueConstraint(
                fields=["recipient", "bundle"],
                condition=Q(read_at=None, mailed_at=None) & ~Q(bundle=""),
                name="notification_one_growing_bundle",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="notification_kind_known"),
        ]

    def __str__(self):
        return f"{self.kind}, {self.key}"


class Told(models.Model):
    """An event that all who should be have been told of: what a second run of its task finds."""

    key = models.CharField(primary_key=True, max_length=100)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.key


class FeedKey(models.Model):
    """What stands in the address of a member's own feeds. Whoever knows it reads them; a new one ends the old."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="feed_key")
    key = models.CharField(max_length=43, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"of {self.member_id}"

    @classmethod
    def renew(cls, member):
        """Give the member a new key; the old one, if any, opens nothing any more."""
        key = secrets.token_urlsafe(32)
        return cls.objects.update_or_create(member=member, defaults={"key": key, "made_at": timezone.now()})[0]
