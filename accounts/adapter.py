import re
import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import by_mail, second_factor, sessions
from .models import User

# No second slash, no backslash (browsers take it for one), no control characters (they drop them first).
PLAIN_PATH = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f\\]*\Z")


class AccountAdapter(DefaultAccountAdapter):
    """allauth's questions, answered for our accounts."""

    error_messages = DefaultAccountAdapter.error_messages | {
        # Said to nobody but whoever reads the mail of that address.
        "email_taken": _("This address belongs to another account. Remove it there first, or give another one."),
        "email_password_mismatch": _("Your email or password is not right. Check both and try again."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right. Check it, or ask for a new one."),
        "incorrect_password": _("This password is not right."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes and try again."),
        "rate_limited": _("Too many tries. Wait some minutes and try again."),
    }

    ways = {
        "mfa_reauthenticate": _("Use the code of your app"),
        "mfa_reauthenticate:webauthn": _("Use a passkey"),
    }

    def save_user(self, request, user, form, commit=True):
        """Save the new member with name and handle, no username. Of two forms with one address the second makes none."""
        data = form.cleaned_data
        user.email, user.display_name = data["email"], data["display_name"]
        set_first_password(user, data.get("password1"))
        try:
            user.save_with_free_handle()
        except IntegrityError as error:
            # The address was taken since the form was checked: answer as for any address that has an account.
            form.account_already_exists = True
            raise ImmediateHttpResponse(form.try_save(request)[1]) from error
        return user

    def post_login(self, request, user, **about):
        """Show whoever signed up by a passkey their recovery codes, before they go on: a lost telephone would end the account."""
        response = super().post_login(request, user, **about)
        sessions.end_oldest(user)
        if about["signup"] and second_factor.has_one(user):
            RecoveryCodes.activate(user)
            request.session[second_factor.WAY_ON] = response.url
            return redirect("mfa_view_recovery_codes")
        return response

    def set_password(self, user, password):
        """Change the password, and end every other session: one of them may be the reason."""
        super().set_password(user, password)
        sessions.end_others(user, keep=self.request.session.session_key)

    def confirm_email(self, request, email_address):
        """Confirm an address. If the account has others, tell its primary one: the new one signs in as well."""
        is_added = email_address.pk is None
        try:
            with transaction.atomic():
                confirmed = super().confirm_email(request, email_address)
        except IntegrityError:  # another account was faster
            self.add_message(request, messages.ERROR, message=self.error_messages["email_taken"])
            return False
        if confirmed and is_added:
            about = {"added_email": email_address.email}
            self.send_notification_mail("account/email/email_added", email_address.user, about)
        return confirmed

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Tell the owner what has changed; of an address that was removed, at that address too."""
        super().send_notification_mail(template_prefix, user, context, email)
        if removed := (context or {}).get("deleted_email"):
            super().send_notification_mail(template_prefix, user, context, removed)

    def get_email_verification_redirect_url(self, email_address):
        """Whoever adds an address stays with their addresses."""
        return reverse("account_email")

    def is_reauthentication_required(self, *, app, **more):
        """Ask by a code those who have neither a password nor a second factor; allauth would let them pass."""
        user = self.request.user
        if not super().get_reauthentication_methods(user) and not by_mail.did_recently(self.request):
            raise ReauthenticationRequired
        return super().is_reauthentication_required(app=app, **more)

    def get_reauthentication_methods(self, user):
        methods = super().get_reauthentication_methods(user)
        if methods or not user.is_authenticated:
            return [method | {"description": self.ways.get(method["id"], method["description"])} for method in methods]
        return [{"id": "mail", "description": _("Use a code by email"), "url": reverse("accounts:show_by_mail")}]

    def get_client_ip(self, request):
        """The address of the visitor. IPv4 in the clothes of IPv6 is IPv4: else all of it would be one network of IPv6."""
        address = ip_address(super().get_client_ip(request))
        return str(getattr(address, "ipv4_mapped", None) or address)

    def is_safe_url(self, url):
        """May we redirect to `url`, which came with the request? Only to a path of this site, written plainly."""
        return PLAIN_PATH.match(url) is not None and url_has_allowed_host_and_scheme(url, None)

    def send_mail(self, template_prefix, email, context):
        """Send a mail whose links lead to SITE_URL, whatever host the request named."""
        links = {
            name: settings.SITE_URL + urlsplit(url)._replace(scheme="", netloc="").geturl()
            for name, url in context.items()
            if name.endswith("_url")
        }
        super().send_mail(template_prefix, email, context | links)

    def send_account_already_exists_mail(self, email):
        """Tell the owner of an address that somebody tried to sign up with it."""
        set_first_password(User(), None)  # or the clock tells which addresses have an account
        super().send_account_already_exists_mail(email)


def set_first_password(user, password):
    """Give a new member a password, or none. Either costs one hash, as does an address that is taken."""
    if password:
        user.set_password(password)
    else:
        make_password(secrets.token_urlsafe())
        user.set_unusable_password()


class MFAAdapter(DefaultMFAAdapter):
    """allauth's questions about second factors and passkeys."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Each code works once, for half a minute."),
        "unverified_email": _("First confirm your email addresses, or remove those that you cannot confirm."),
    }

    def get_totp_issuer(self):
        return settings.CAMPAIGN_SITE_NAME

    def get_public_key_credential_rp_entity(self):
        return super().get_public_key_credential_rp_entity() | {"name": settings.CAMPAIGN_SITE_NAME}

    def generate_authenticator_name(self, user, type):
        count = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Passkey %(number)d") % {"number": count + 1}
