"""What this room holds of a member: export and erasure (campaign/personal_data.py)."""

from campaign.personal_data import Held

from . import outbox
from .models import FeedKey, Notification, OutgoingMail, Preference

HELD = [
    Held(
        "notifications.Notification",
        of="recipient",
        told="kind count created_at read_at mailed_at is_daily",
        untold="id recipient subject_type subject_id actor discussion_id key thread bundle due_at mail_at attempts last_error",
    ),
    Held("notifications.Preference", of="member", told="kind way", untold="id member"),
    Held("notifications.FeedKey", of="member", told="made_at", untold="member key"),
    Held(
        "notifications.OutgoingMail",
        of="recipients",
        by="email",
        told="subject state created_at sent_at",
        untold="id sender recipients message due_at attempts last_error",
    ),
]
NOTHING = ["notifications.Told"]  # numbers of things


def erase(member, *, name, words):
    """Delete what they are told, and the mails to them and about them that have not left or are still listed."""
    if not name:
        return
    Notification.objects.filter(recipient=member).delete()
    Notification.objects.filter(actor=member).update(actor=None)
    Preference.objects.filter(member=member).delete()
    FeedKey.objects.filter(member=member).delete()
    for address in {member.email, *member.emailaddress_set.values_list("email", flat=True)}:
        outbox.forget_recipient(address)
    names = {member.display_name, member.public_name} - {""}
    for shown in names:
        OutgoingMail.objects.filter(state=OutgoingMail.State.SENT, subject__contains=shown).update(subject="")
    outbox.forget_notices(lambda text: any(shown in text for shown in names))
