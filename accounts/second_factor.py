"""A second factor, which staff need before any page of the admin, each session anew; the code of an app."""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.app_settings import TOTP_PERIOD
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

WAY_ON = "way_on"  # where a member wanted to go before they were led away, in the session


def owed_by(request):
    """What a member of staff must do before the admin opens: "set_up", "prove" it in this session, or "" for nothing."""
    user = request.user
    if not settings.CAMPAIGN_STAFF_SECOND_FACTOR or not user.is_staff:
        return ""
    if has_one(user):
        # A session from before there was a factor, or one that was taken, has not shown it.
        return "" if any(record["method"] == "mfa" for record in get_authentication_records(request, user)) else "prove"
    return "" if user.email in import_string(settings.CAMPAIGN_SIGN_INS)() else "set_up"


def step_before(request, way_on):
    """The address where staff give what they owe before they come to `way_on`, a path of the admin; or `way_on`."""
    owed = owed_by(request)
    if owed == "set_up":
        request.session[WAY_ON] = way_on
        return reverse("mfa_index")
    if owed == "prove":
        methods = get_account_adapter().get_reauthentication_methods(request.user)
        ways = [method["url"] for method in methods if method["id"].startswith("mfa_")]
        return f"{ways[0]}?{urlencode({'next': way_on})}"
    return way_on


@require_safe
@login_required
def go_on(request):
    """Lead the member back to what they were led away from, once."""
    return redirect(request.session.pop(WAY_ON, "/"))


def has_one(user):
    """Has `user` an app or a key? Recovery codes alone are none."""
    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def forget(user):
    """Remove all second factors of `user`, who has lost them. Return how many there were."""
    return Authenticator.objects.filter(user=user).delete()[0]


def note_shown(user, kind, **record):
    """Note in the session that `user` has just shown a factor: whoever sets one up has it at hand."""
    record_authentication(context.request, user, "mfa", type=kind, **record)


class SingleCode:
    """A form with the code of an app. A code is taken half a minute early or late, as clocks differ, and never twice."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"

    def clean_code(self):
        code = super().clean_code()
        # allauth remembers a code for one period; taken early or late it is good for three.
        if not cache.add(f"totp:{self.user.pk}:{normalize_user_code(code)}", True, 3 * TOTP_PERIOD):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(SingleCode, base.AuthenticateForm):
    pass


class ReauthenticateForm(SingleCode, base.ReauthenticateForm):
    pass


class ActivateTOTPForm(SingleCode, totp.ActivateTOTPForm):
    def clean_code(self):
        code = super().clean_code()
        note_shown(self.user, "totp")
        return code
