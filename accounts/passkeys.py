"""The forms that make a passkey and take one. What the browser does meanwhile is static/passkeys.js."""

import struct

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms as webauthn
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from .second_factor import note_shown

NAME_LENGTH = 60


class FromBrowser:
    """A form with a passkey: JSON that a browser made, or anything else. allauth expects less of it than may come."""

    def full_clean(self):
        try:
            super().full_clean()
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error):
            self.add_error("credential", get_adapter().validation_error("incorrect_code"))


class NamedPasskey(FromBrowser):
    """A form that makes a passkey, with a name for it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["name"]
        field.label = _("Name of the passkey")
        field.help_text = _("So that you know it again: “Telephone”, “Key on my ring”.")
        field.widget.attrs |= {"maxlength": NAME_LENGTH, "autocomplete": "off"}
        field.validators.append(MaxLengthValidator(NAME_LENGTH))


class AddWebAuthnForm(NamedPasskey, webauthn.AddWebAuthnForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        alone = self.fields["passwordless"]
        alone.initial, alone.label = True, _("It signs me in by itself, without a password")
        alone.help_text = _("Leave this off for a key that only comes after your password.")

    def clean(self):
        data = super().clean()
        if not self.errors:
            note_shown(self.user, "webauthn")
        return data


class SignupWebAuthnForm(NamedPasskey, webauthn.SignupWebAuthnForm):
    def clean(self):
        data = super().clean()
        if not self.errors:
            note_shown(self.user, "webauthn", reauthenticated=True)  # the recovery codes follow at once
        return data


class AuthenticateWebAuthnForm(FromBrowser, webauthn.AuthenticateWebAuthnForm):
    pass


class LoginWebAuthnForm(FromBrowser, webauthn.LoginWebAuthnForm):
    pass


class ReauthenticateWebAuthnForm(FromBrowser, webauthn.ReauthenticateWebAuthnForm):
    pass
