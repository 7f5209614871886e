"""Signing in by an account that a member has elsewhere. Which providers there are, the environment says (campaign.providers)."""

import logging
from typing import NamedTuple

from allauth.account.utils import get_next_redirect_url
from allauth.decorators import rate_limit
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from . import names

logger = logging.getLogger(__name__)
# A provider that does not answer, or not as it should.
TROUBLE = (RequestException, AttributeError, LookupError, TypeError, ValueError)


class Provider(NamedTuple):
    id: str  # as in SocialAccount.provider
    name: str


def offered():
    """The providers that the environment switches on: [Provider]."""
    return [
        Provider(app["provider_id"] or kind, app["name"])
        for kind, about in settings.SOCIALACCOUNT_PROVIDERS.items()
        for app in about["APPS"]
    ]


@require_POST
@rate_limit(action="login")
def leave(request, provider_id):
    """Send the browser to a provider, to sign in or, for a member, to connect the account there.

    By a page that goes on by itself: the policy lets no form be redirected to another site.
    """
    provider = get_adapter().get_provider(request, provider_id)
    process = "connect" if request.POST.get("process") == "connect" and request.user.is_authenticated else "login"
    try:
        answer = provider.redirect(request, process, next_url=get_next_redirect_url(request))
    except TROUBLE as error:
        return render_authentication_error(request, provider, exception=error)
    if answer.status_code != 302:
        return answer
    return render(request, "socialaccount/leave.html", {"provider": provider, "address": answer.url})


@require_safe
def come_back(request, provider_id):
    """Take what the provider says of whom it sent, and sign them in, let them choose a name, or connect the account."""
    provider = get_adapter().get_provider(request, provider_id)
    view = OAuth2CallbackView.adapter_view(provider.get_oauth2_adapter(request))
    try:
        return view(request)
    except TROUBLE as error:
        return render_authentication_error(request, provider, exception=error)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """allauth's questions about accounts elsewhere, answered so that nobody's account is taken over through one."""

    def get_provider(self, request, provider, client_id=None):
        try:
            return super().get_provider(request, provider, client_id)
        except SocialApp.DoesNotExist as error:
            raise Http404 from error

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        """Tell the operator, who may have mistyped a secret; not what the provider said, which may hold one."""
        if exception:  # else somebody turned back, or came from nowhere
            logger.warning("signing in by %s failed: %s", provider.sub_id, type(exception).__name__)

    def pre_social_login(self, request, sociallogin):
        """Keep of what the provider tells who it is, and one address. Confirmed is what it says to be so by a plain true."""
        account = sociallogin.account
        if account.uid in ("", "None"):  # a provider that names nobody would make one account of all whom it sends
            raise PermissionDenied
        account.extra_data = {}
        if account.pk:
            account.save(update_fields=["extra_data"])
        addresses = sorted(sociallogin.email_addresses, key=lambda address: not address.primary)[:1]
        for address in addresses:
            address.verified = address.verified is True
        sociallogin.email_addresses = addresses

    def populate_user(self, request, sociallogin, data):
        """Propose the name that the provider knows, if it is one that we take; the member sees it before it is used."""
        user = super().populate_user(request, sociallogin, data)
        try:
            user.display_name = names.clean_display_name(data.get("name") or "")
        except ValidationError:
            user.display_name = ""
        return user

    def get_signup_form_initial_data(self, sociallogin):
        return super().get_signup_form_initial_data(sociallogin) | {"display_name": sociallogin.user.display_name}

    def save_user(self, request, sociallogin, form=None):
        """Save the new member. Another address than the provider's is confirmed by a code, as any is."""
        email = form.cleaned_data["email"]
        sociallogin.email_addresses = [a for a in sociallogin.email_addresses if a.email.lower() == email]
        return super().save_user(request, sociallogin, form)
