"""The doors of allauth, by its names. The ways to providers, and the list of sessions, are ours: providers.py, sessions.py."""

from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_set
from django.urls import include, path

from .providers import come_back

urlpatterns = [
    # Before allauth's own, which asks nobody who they are: a first password would open the account for good.
    path("password/set/", reauthentication_required(app="allauth.account")(password_set), name="account_set_password"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    # The addresses that a provider is told.
    path("oidc/<slug:provider_id>/login/callback/", come_back, name="openid_connect_callback"),
    path("github/login/callback/", come_back, {"provider_id": "github"}, name="github_callback"),
]
