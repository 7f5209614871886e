import re
import secrets
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

# No second slash, no backslash (browsers take it for one), no control characters (they drop them first).
PLAIN_PATH = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f\\]*\Z")


class AccountAdapter(DefaultAccountAdapter):
    """allauth's questions, answered for our accounts."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Your email or password is not right. Check both and try again."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right. Check it, or ask for a new one."),
        "incorrect_password": _("This password is not right."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes and try again."),
        "rate_limited": _("Too many tries. Wait some minutes and try again."),
    }

    def save_user(self, request, user, form, commit=True):
        """Save the new member with name and handle, no username. Of two forms with one address the second makes none."""
        data = form.cleaned_data
        user.email, user.display_name = data["email"], data["display_name"]
        user.set_password(data.get("password1"))
        try:
            user.save_with_free_handle()
        except IntegrityError as error:
            # The address was taken since the form was checked: answer as for any address that has an account.
            form.account_already_exists = True
            raise ImmediateHttpResponse(form.try_save(request)[1]) from error
        return user

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
        # A new account costs one hash. So must this, or the clock tells which addresses have one.
        make_password(secrets.token_urlsafe())
        super().send_account_already_exists_mail(email)
