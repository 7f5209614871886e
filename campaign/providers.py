"""Who else may sign members in: Google, GitHub and OpenID Connect providers, as the environment names them.

SIGN_IN_GOOGLE=client-id:secret
SIGN_IN_GITHUB=client-id:secret
SIGN_IN_OIDC_GUILD=https://client-id:secret@id.guild.example/realms/news    any number, each with a name of its own
"""

from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

OIDC, GITHUB = "openid_connect", "github"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def from_environment(environ):
    """Return allauth's SOCIALACCOUNT_PROVIDERS; {} where the environment names none. Raise ImproperlyConfigured."""
    apps = []
    if value := environ.get("SIGN_IN_GOOGLE"):
        apps.append(app("google", "Google", *client("SIGN_IN_GOOGLE", value), "https://accounts.google.com"))
    for variable in sorted(name for name in environ if name.startswith("SIGN_IN_OIDC_") and environ[name]):
        words = variable.removeprefix("SIGN_IN_OIDC_").lower().split("_")
        if words in (["google"], ["github"]):
            raise ImproperlyConfigured(
                f"{variable}: this name is taken. Use SIGN_IN_{words[0].upper()}, or another name."
            )
        apps.append(app("-".join(words), " ".join(words).title(), *issuer(variable, environ[variable])))
    found = {OIDC: {"APPS": apps, "OAUTH_PKCE_ENABLED": True}} if apps else {}
    if value := environ.get("SIGN_IN_GITHUB"):
        found[GITHUB] = {"APPS": [app("", "GitHub", *client("SIGN_IN_GITHUB", value))], "OAUTH_PKCE_ENABLED": True}
    return found


def app(provider_id, name, client_id, secret, server=""):
    settings = {"server_url": server} if server else {}
    return {"provider_id": provider_id, "name": name, "client_id": client_id, "secret": secret, "settings": settings}


def client(variable, value):
    client_id, _colon, secret = value.partition(":")
    if not client_id or not secret:
        raise ImproperlyConfigured(f"{variable} should look like client-id:secret, as the provider gave them to you.")
    return client_id, secret


def issuer(variable, value):
    url = urlsplit(value)
    if not (
        url.username and url.password and (url.scheme == "https" or url.scheme == "http" and url.hostname in LOOPBACK)
    ):
        raise ImproperlyConfigured(
            f"{variable} should look like https://client-id:secret@id.example.org/path; special characters are written as %XX."
        )
    place = url._replace(netloc=url.netloc.rpartition("@")[2], query="", fragment="")
    return unquote(url.username), unquote(url.password), place.geturl().rstrip("/")
