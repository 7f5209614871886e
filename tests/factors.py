"""Second factors for tests: an app, a passkey, recovery codes, and sessions that have shown one."""

import time

from allauth.account.internal.flows import login
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from fido2.utils import websafe_encode

from .passkeys import Passkey


def give_app(user):
    """Give `user` an app; return its key."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    return secret


def code_of(secret, later=0):
    """The code of an app, now or so many steps later."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + later))


def give_passkey(user, name="Telephone"):
    """Give `user` a passkey and return it: a Passkey."""
    passkey = Passkey()
    challenge = websafe_encode(b"c" * 32)
    made = passkey.make(
        {"publicKey": {"user": {"id": websafe_encode(user_pk_to_url_str(user).encode())}, "challenge": challenge}}
    )
    passkey.row = Authenticator.objects.create(user=user, type="webauthn", data={"name": name, "credential": made})
    return passkey


def give_codes(user):
    """Give `user` recovery codes; return them."""
    return RecoveryCodes.activate(user).get_unused_codes()


def note(client, user, **record):
    """Note in the client's session that its member has just shown who they are: method="mfa", reauthenticated=True."""
    session = client.session
    records = session.get(login.AUTHENTICATION_METHODS_SESSION_KEY, [])
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [*records, {"method": "password", "at": time.time()} | record]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
