"""What this room, and the apps that belong to none, hold of a member: export and erasure (campaign/personal_data.py)."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import ProtectedError, Q

from campaign.personal_data import Held

from . import avatars, sessions
from .models import Archive, Leaving, Mute, User

HELD = [
    Held(
        "accounts.User",
        of="pk",
        told="email display_name handle bio place avatar language time_zone theme shows_full_name shows_follows "
        "is_active is_staff is_superuser joined_at last_login suspended_until suspended_for",
        untold="id password name_look",
    ),
    Held("accounts.User_groups", of="user", told="group__name", untold="id user group"),
    Held("accounts.User_user_permissions", of="user", told="permission__codename", untold="id user permission"),
    Held("accounts.Mute", of="member", told="muted__handle since", untold="id member muted"),
    Held("accounts.Archive", of="member", told="asked_at made_at", untold="member content due_at"),
    Held("accounts.Leaving", of="member", told="removes_name removes_words asked_at due_at", untold="member"),
    Held("account.EmailAddress", of="user", told="email verified primary", untold="id user"),
    Held("account.EmailConfirmation", of="email_address__user", told="created sent", untold="id email_address key"),
    Held("mfa.Authenticator", of="user", told="type created_at last_used_at", untold="id user data"),
    Held(
        "usersessions.UserSession",
        of="user",
        told="created_at last_seen_at ip user_agent",
        untold="id user session_key data",
    ),
    Held(
        "socialaccount.SocialAccount",
        of="user",
        told="provider uid date_joined last_login extra_data",
        untold="id user",
    ),
    Held(
        "socialaccount.SocialToken", of="account__user", told="expires_at", untold="id app account token token_secret"
    ),
    # What staff did. What they did it to may be somebody else.
    Held(
        "admin.LogEntry",
        of="user",
        told="action_time action_flag content_type__model",
        untold="id user content_type object_id object_repr change_message",
    ),
]
NOTHING = [
    "auth.Group",
    "auth.Group_permissions",
    "auth.Permission",
    "contenttypes.ContentType",
    "django_tasks_database.DBTaskResult",  # ids of rows, never the rows
    "sessions.Session",  # what UserSession tells; it ends with the name
    "socialaccount.SocialApp",
]


def files(member):
    return [("picture.webp", f"{member.avatar.name.removesuffix('.webp')}-256.webp")] if member.avatar else []


def erase(member, *, name, words):
    """Delete the account; of staff whom the log names its number stays, in a row that says nothing else."""
    if not name:
        return
    sessions.end_others(member)
    sessions.end_unfinished({member.email, *member.emailaddress_set.values_list("email", flat=True)})
    with transaction.atomic():
        forget_in_log(member)
        avatars.forget(member.avatar.name)
        try:
            with transaction.atomic():
                if LogEntry.objects.filter(user=member).exists():
                    raise ProtectedError("the log names its number", {member})
                User.objects.get(pk=member.pk).delete()
        except ProtectedError:
            empty(member)


def forget_in_log(member):
    """Take the member's names and addresses out of the admin's log, and why they were suspended; what was done, when and
    to which number stays."""
    of_them = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(member.pk))
    of_them.update(object_repr="", change_message="")
    addresses = EmailAddress.objects.filter(user=member).values_list("email", flat=True)
    told = Q()
    for text in {member.display_name, member.public_name, member.email, *addresses} - {""}:
        told |= Q(object_repr__icontains=text)
    LogEntry.objects.filter(told).update(object_repr="")


def empty(member):
    """Leave nothing of an account but its number, which decisions and the log refer to."""
    for model in (EmailAddress, Authenticator, SocialAccount):
        model.objects.filter(user=member).delete()
    for model in (Archive, Leaving):
        model.objects.filter(member=member).delete()
    Mute.objects.filter(Q(member=member) | Q(muted=member)).delete()
    member.groups.clear()
    member.user_permissions.clear()
    nobody = User(pk=member.pk, email=f"erased-{member.pk}@erased.invalid", handle=f"erased-{member.pk}")
    nobody.is_active, nobody.joined_at = False, member.joined_at
    nobody.set_unusable_password()
    nobody.save(force_update=True)
