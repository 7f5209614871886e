"""System checks: a wrong deployment says so at start, in words.

Errors stop `manage.py serve`; warnings are printed. `manage.py check --deploy` asks for more: it is meant for a real site.
"""

import os
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import Error as DatabaseFault
from django.utils.module_loading import import_string

KNOWN_KEYS = ("django-insecure", "change", "secret", "example", "insecure", "password", "your", "replace")
# Names that stay inside a network, or stand in documentation.
INSIDE = (".localhost", ".local", ".internal", ".lan", ".test", ".invalid")
TO_NOBODY = ("console", "dummy", "locmem", "filebased")
PER_PROCESS = ("LocMemCache", "DummyCache", "FileBasedCache")


def is_public(host):
    """Can strangers reach a site by this name? An entry of ALLOWED_HOSTS, ".example.org" and "*" included."""
    name = host.strip("[]").lstrip(".").lower()
    try:
        return ip_address(name).is_global
    except ValueError:
        return name == "*" or ("." in name and not name.endswith(INSIDE))


def public_hosts():
    return [host for host in [*settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname] if is_public(host)]


@register(Tags.security)
def debug_is_private(app_configs, **kwargs):
    if settings.DEBUG and (hosts := public_hosts()):
        yield Error(
            f"DEBUG is on, and the site answers to {hosts[0]}: its error pages show settings and code to strangers.",
            hint="Unset DEBUG.",
            id="campaign.E001",
        )


@register(Tags.security)
def secret_key_is_secret(app_configs, **kwargs):
    keys = [
        ("SECRET_KEY", settings.SECRET_KEY),
        *(("SECRET_KEY_FALLBACKS", key) for key in settings.SECRET_KEY_FALLBACKS),
    ]
    for name, key in keys:
        if len(key) < 50 or len(set(key)) < 10 or key.lower().startswith(KNOWN_KEYS):
            yield Error(
                f"{name} is short, or copied from an example: whoever guesses it signs in as anybody.",
                hint="Unset it, and one is made in DATA_DIR; or: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'",
                id="campaign.E002",
            )


@register(Tags.security)
def hosts_are_named(app_configs, **kwargs):
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS is *: links in mails would lead wherever the sender of a forged Host header wishes.",
            hint="List the names of the site: ALLOWED_HOSTS=news.example.org",
            id="campaign.E003",
        )


@register(Tags.security)
def readers_come_by_https(app_configs, **kwargs):
    if not settings.HTTPS and is_public(urlsplit(settings.SITE_URL).hostname):
        yield Error(
            f"SITE_URL is {settings.SITE_URL}: passwords and sessions would travel in the open.",
            hint="Put a proxy with a certificate in front; SITE_URL=https://…, TRUSTED_PROXIES=1.",
            id="campaign.E004",
        )


@register(Tags.security)
def proxies_match(app_configs, **kwargs):
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        yield Warning(
            "SITE_URL is https, and no proxy is trusted: unless the server itself speaks TLS, every page redirects to itself, "
            "and all visitors share the limits of one address.",
            hint="TRUSTED_PROXIES=1 behind one proxy that sets X-Forwarded-For and X-Forwarded-Proto.",
            id="campaign.W005",
        )
    if settings.TRUSTED_PROXIES and not settings.HTTPS:
        yield Warning(
            "TRUSTED_PROXIES is set, but SITE_URL is not https: without that proxy every visitor could forge an address.",
            hint="Unset TRUSTED_PROXIES, or give SITE_URL as readers see it.",
            id="campaign.W006",
        )


@register(Tags.caches)
def cache_is_shared(app_configs, **kwargs):
    backend = settings.CACHES["default"]["BACKEND"]
    if backend.endswith(PER_PROCESS) and (settings.REDIS_URL or public_hosts()):
        yield Error(
            f"{backend.rpartition('.')[2]} is not shared by processes: a limit would hold for each of them alone, or not at all.",
            hint="Use campaign.cache.Database or campaign.cache.Redis.",
            id="campaign.E007",
        )


@register(Tags.security)
def mail_leaves(app_configs, **kwargs):
    if any(word in settings.DELIVERY_BACKEND for word in TO_NOBODY) and (hosts := public_hosts()):
        yield Error(
            f"Mail goes nowhere, and the site answers to {hosts[0]}: nobody could sign up, and codes would stand in the log.",
            hint="EMAIL_URL=submission://user:password@mail.example.org",
            id="campaign.E008",
        )


@register(Tags.compatibility)
def folders_can_be_written(app_configs, **kwargs):
    """SQLite writes beside its file (the write-ahead log), so its folder counts."""
    places = {"DATA_DIR": settings.DATA_DIR, "MEDIA_ROOT": settings.MEDIA_ROOT}
    for alias, database in settings.DATABASES.items():
        if database["ENGINE"] == settings.SQLITE:
            file = Path(database["NAME"])
            places[f"The folder of the database “{alias}”"] = file.parent
            if file.exists():
                places[f"The database “{alias}”"] = file
    for name, place in places.items():
        if trouble := cannot_write(Path(place)):
            yield Error(
                f"{name}, {place}, {trouble}.", hint="Give it to the user who runs Rostrum.", id="campaign.E009"
            )


def cannot_write(place):
    if not place.exists():
        # Django makes MEDIA_ROOT on the first upload, if it may.
        above = next(folder for folder in place.parents if folder.exists())
        if place.parent != above or not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            return "does not exist and cannot be made"
        return ""
    return "" if os.access(place, os.W_OK) else "cannot be written"


@register(Tags.security, deploy=True)
def no_demo_accounts(app_configs, **kwargs):
    try:
        found = import_string(settings.CAMPAIGN_SIGN_INS)()
    except (ImportError, DatabaseFault):  # no database yet: no accounts either
        return
    if found:
        yield Error(
            f"The demo's accounts exist ({', '.join(found)}): their password is in the documentation.",
            hint="Start with an empty database; the demo is for trying out.",
            id="campaign.E010",
        )


@register(Tags.security, deploy=True)
def staff_show_a_second_factor(app_configs, **kwargs):
    if not settings.CAMPAIGN_STAFF_SECOND_FACTOR:
        yield Warning(
            "Staff open the admin by password alone: whoever learns one publishes in the newsroom's name.",
            hint="Unset STAFF_SECOND_FACTOR.",
            id="campaign.W011",
        )
