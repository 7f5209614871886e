"""The outbox that all mail leaves through: a row in the transaction that it tells of, sent by `manage.py run_due`.

A request never speaks to a mail server: a dead or silent one costs nobody a page (docs/decisions/0001-mail-through-an-outbox.md).
"""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error as DatabaseFault
from django.utils import timezone

from .models import OutgoingMail

logger = logging.getLogger(__name__)
A_TURN = 20  # seconds; then whatever else is due has its turn, however slow the mail server is
SERVER_PAUSE = timedelta(minutes=1)  # how long nobody asks a mail server that does not answer
KEPT = timedelta(days=14)  # a sent message's row, for questions like "did my code go out?"


class OutboxBackend(BaseEmailBackend):
    """Django's EMAIL_BACKEND: keep the messages, send nothing."""

    def send_messages(self, messages):
        """Store each message; in the caller's transaction, if there is one. Return how many."""
        rows = [OutgoingMail.of(message) for message in messages if message.recipients()]
        return len(OutgoingMail.objects.bulk_create(rows))


def deliver_due(limit=100):
    """Send what is due, through DELIVERY_BACKEND, for A_TURN at most. Return how many messages left.

    Safe to run anywhere at once: a message is claimed by one UPDATE before it is sent. A process that dies between
    sending and noting it sends that one message a second time, when its lease is over; Message-ID stays the same.
    """
    if not OutgoingMail.objects.due().exists():
        return 0
    connection = opened()
    if connection is None:
        return 0
    sent, until = 0, time.monotonic() + A_TURN
    try:
        for mail in OutgoingMail.objects.due()[:limit]:
            if time.monotonic() > until:
                break
            if not mail.claim():
                continue
            if deliver(mail, connection):
                sent += 1
            else:  # what state the connection is in nobody knows
                connection.close()
                connection = opened()
                if connection is None:
                    break
    finally:
        if connection is not None:
            connection.close()
    return sent


def opened():
    """A connection to the mail server. If there is none to be had, all that is due waits a while: it is nobody's fault."""
    connection = get_connection(settings.DELIVERY_BACKEND)
    try:
        connection.open()
    except Exception as error:  # whatever a backend raises: no mail may be lost to it
        waiting = OutgoingMail.objects.due().update(
            due_at=timezone.now() + SERVER_PAUSE, last_error=f"mail server: {error!r}"[:300]
        )
        logger.warning("mail server is away, %d messages wait: %s", waiting, type(error).__name__)
        return None
    return connection


def deliver(mail, connection):
    """Send one claimed message and note what came of it. Return whether it left."""
    try:
        if not connection.send_messages([mail.as_message(connection)]):
            raise OSError("the backend sent nothing")
    except DatabaseFault:
        raise
    except Exception as error:  # one bad message or recipient stops no other
        given_up = mail.mark_failed(repr(error), attempts=settings.CAMPAIGN_MAIL_ATTEMPTS)
        logger.warning(
            "mail %d %s: %s", mail.pk, "given up" if given_up else "waits for another attempt", type(error).__name__
        )
        return False
    mail.mark_sent()
    return True


def forget_sent():
    """Delete the rows of messages that left long ago: they name people. Return how many."""
    old = OutgoingMail.objects.filter(state=OutgoingMail.State.SENT, sent_at__lt=timezone.now() - KEPT)
    return old.delete()[0] if old.exists() else 0


def forget_recipient(address):
    """Delete every message to `address`, sent or not. Return how many."""
    rows = OutgoingMail.objects.filter(recipients__icontains=address).values_list("pk", "recipients")
    pks = [pk for pk, recipients in rows if address.lower() in recipients.lower().splitlines()]
    return OutgoingMail.objects.filter(pk__in=pks).delete()[0]


def forget_notices(tells):
    """Delete the notices that have not left and of whose text `tells` says that it tells too much. Return how many.

    A notice is a mail that one can unsubscribe from: codes and links that somebody waits for are none.
    """
    waiting = OutgoingMail.objects.exclude(state=OutgoingMail.State.SENT)
    gone = [mail.pk for mail in waiting.iterator(chunk_size=200) if (text := mail.as_notice()) and tells(text)]
    return OutgoingMail.objects.filter(pk__in=gone).delete()[0]
