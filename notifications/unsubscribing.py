"""No more mail of a kind by one click, without signing in (RFC 8058). The link names a member's number and kinds, no address."""

from django.core import signing

from accounts.models import User

from .models import BY_EMAIL, DEFAULT_WAYS, Kind, Preference, Way

SUMMARY = "daily"  # what a summary's link ends: all that comes in it
signer = signing.Signer(salt="notifications.unsubscribe")


class BadToken(ValueError):
    """Nobody signed this link for anybody."""


def token_for(member_id, kinds):
    """What stands in the link. kinds: a list of Kind, or [SUMMARY]."""
    return signer.sign(f"{member_id}:{'.'.join(kinds)}")


def read(token):
    """Return (id of the member, kinds). Raise BadToken."""
    try:
        member_id, _colon, kinds = signer.unsign(token).partition(":")
    except signing.BadSignature as error:
        raise BadToken from error
    return int(member_id), kinds.split(".")


def labels(kinds):
    """The kinds in words."""
    return [str(Kind(kind).label) for kind in kinds if kind in Kind.values]


def unsubscribe(member_id, kinds):
    """Mail the member no more of these kinds; the page still lists them. Done twice, it is done."""
    chosen = DEFAULT_WAYS | dict(Preference.objects.filter(member=member_id).values_list("kind", "way"))
    if SUMMARY in kinds:
        kinds = [kind for kind, way in chosen.items() if way == Way.DAILY]
    if User.objects.filter(pk=member_id).exists():
        Preference.choose(member_id, {kind: Way.PAGE for kind in kinds if chosen.get(kind) in BY_EMAIL})
