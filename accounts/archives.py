"""All that is stored about a member, as one ZIP file of JSON and pictures, for them to take away."""

import io
import json
import zipfile
from datetime import timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from campaign import personal_data
from campaign.tasks import after_commit

from .models import Archive, User
from .preferences import as_preferred_by

KEPT = timedelta(days=7)
LEASE = timedelta(minutes=10)  # while somebody makes one nobody else does; after that they may have died
AT_ONCE = 20


@transaction.atomic
def ask(member):
    """Have the archive of `member` made anew; one that is there already goes. While one is being made nothing changes."""
    Archive.objects.filter(member=member, made_at__isnull=False).delete()
    Archive.objects.bulk_create([Archive(member=member)], ignore_conflicts=True)
    after_commit(make, member.pk)


@task()
def make(member_id):
    """Make the archive of a member who asked for it, and tell them by mail. Run twice, it is made once."""
    now = timezone.now()
    waiting = Archive.objects.filter(member=member_id, made_at=None)
    if not waiting.filter(due_at__lte=now).update(due_at=now + LEASE):
        return  # made, being made, or not wanted any more
    member = User.objects.get(pk=member_id)
    content = zipped(member)
    with transaction.atomic():
        if waiting.update(content=content, made_at=timezone.now()):
            tell(member)


def make_due():
    """Make what was asked for and not made, because a process died. Return how many were looked at."""
    due = Archive.objects.filter(made_at=None, due_at__lte=timezone.now()).order_by("due_at")
    pks = list(due.values_list("member", flat=True)[:AT_ONCE])
    for pk in pks:
        make.call(pk)
    return len(pks)


def forget_old():
    """Delete archives that were there to be fetched for a week. Return how many."""
    return Archive.objects.filter(made_at__lt=timezone.now() - KEPT).delete()[0]


def zipped(member):
    """The bytes of the archive: "comments/comment.json" holds what the model Comment of the room comments holds of them."""
    out, names = io.BytesIO(), {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for held in personal_data.held():
            name = held.model.lower().replace(".", "/")
            names[name] = names.get(name, 0) + 1
            suffix = f"-{names[name]}" if names[name] > 1 else ""
            rows = list(held.rows(member).iterator(chunk_size=2_000))
            archive.writestr(
                f"{name}{suffix}.json", json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
            )
        for name, stored in personal_data.files(member):
            with default_storage.open(stored) as file:
                archive.writestr(f"media/{name}", file.read())
    return out.getvalue()


def tell(member):
    """Mail the member that the archive is there: the way to it, never the archive."""
    with as_preferred_by(member):
        context = {"days": KEPT.days, "site_url": settings.SITE_URL, "site_name": settings.CAMPAIGN_SITE_NAME}
        body = render_to_string("emails/archive.txt", context)
        EmailMessage(_("Your data is ready"), body, to=[member.email]).send()
