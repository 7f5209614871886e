"""All settings, read top to bottom. What differs per deployment comes from the environment; without any, SQLite under var/."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env, validate

from . import providers

env = Env()

# Paths --------------------------------------------------------------------------------------------------------------
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(
    env.str("DATA_DIR", str(BASE_DIR / "var"))
).resolve()  # database, cache, key, media: one folder, one site
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"DATA_DIR cannot be made: {error}") from error


def own_secret_key():
    """The key of this data folder, made on first use, readable by its owner only."""
    path = DATA_DIR / "secret-key"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=DATA_DIR) as file:  # readable by its owner only
            file.write(secrets.token_urlsafe(64))
            file.flush()
            with contextlib.suppress(FileExistsError):  # of two first starts one makes the key, whole
                os.link(file.name, path)
    return path.read_text().strip()


# Environment and security -------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
PORT = env.int("PORT", 8000)
# Where readers find the site. Its scheme decides whether cookies, redirects and HSTS are those of HTTPS.
SITE_URL = env.str("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
site = urlsplit(SITE_URL)
if site.scheme not in ("http", "https") or not site.hostname or site.path:
    raise ImproperlyConfigured(f"SITE_URL is {SITE_URL}; it should look like https://news.example.org, without a path.")
HTTPS = site.scheme == "https"
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [*LOOPBACK, site.hostname])
SECRET_KEY = env.str("SECRET_KEY", "") or own_secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", [])  # older keys: sessions and links made with them still hold
# How many proxies stand in front and append to X-Forwarded-For. 0: the header is not believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=9))

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by machines beside the server
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
# The __Host- prefix binds a cookie to this host and to HTTPS; browsers refuse it over plain HTTP on loopback.
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True  # htmx sends the token that the page holds
CSRF_FAILURE_VIEW = "campaign.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SESSION_ENGINE = "campaign.sessions"  # never in a cache: a flushed one would sign everybody out
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # form bodies without files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_PERMISSIONS = 0o644

# No inline script or style anywhere. The nonce is given to the import map of the admin's editor alone (articles/admin.py).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # data: the admin's icons
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Apps ---------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "campaign",
    "accounts",
    "notifications",
    "comments",
    "articles",
    "moderation",
    "interchange",
    "demo",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "crispy_forms",
    "django_htmx",
    "django_prose_editor",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "campaign.middleware.request_log",
    "campaign.middleware.unchanged",
    # Most of what guests ask for ends here.
    "articles.pages.kept_pages",
    # Headers of every response, whoever makes it.
    "campaign.middleware.permissions_policy",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # An ETag for what may be kept; what may not be needs none.
    "django.middleware.http.ConditionalGetMiddleware",
    "campaign.middleware.cache_policy",
    "campaign.middleware.bounds",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.preferences.preferred",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "campaign.urls"
WSGI_APPLICATION = "campaign.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "campaign.context_processors.site",
            ],
            "builtins": ["campaign.templatetags.rostrum"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "rostrum"
# Class of a widget in our stylesheet; any other has its own name ("select", "textarea").
CRISPY_CLASS_CONVERTERS = {
    f"{kind}input": "textinput" for kind in "email password number url date datetime time search tel".split()
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # touches nothing until a message is left

# Database -----------------------------------------------------------------------------------------------------------
# WAL and IMMEDIATE: readers never wait, and a transaction that reads before it writes never fails with "database is
# locked". synchronous=FULL: an answered post survives a power cut; NORMAL would double the write rate and lose that.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,  # seconds
    # secure_delete: what members have erased is overwritten in the file.
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-20000;"
    "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;PRAGMA temp_store=MEMORY;PRAGMA secure_delete=ON;",
}
SQLITE = "django.db.backends.sqlite3"
try:
    default_database = dj_database_url.parse(env.str("DATABASE_URL", "") or f"sqlite:///{DATA_DIR / 'rostrum.sqlite3'}")
except ValueError as error:
    raise ImproperlyConfigured(
        "DATABASE_URL is not understood. It looks like postgres://user:password@host/name or sqlite:////path/to/file; "
        "special characters of a password are written as %XX."
    ) from error
if default_database["ENGINE"] == SQLITE:
    default_database |= {"OPTIONS": SQLITE_OPTIONS, "CONN_MAX_AGE": None}
elif default_database["ENGINE"] == "django.db.backends.postgresql":
    default_database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)  # seconds
    default_database |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
else:
    raise ImproperlyConfigured("DATABASE_URL names neither PostgreSQL nor SQLite; Rostrum runs on these two.")
DATABASES = {
    "default": default_database,
    # The cache has a file of its own, so that limits and counters never wait for an article to be written.
    "cache": {
        "ENGINE": SQLITE,
        "NAME": DATA_DIR / "cache.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": SQLITE_OPTIONS
        | {"init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF;PRAGMA temp_store=MEMORY;"},
    },
}
DATABASE_ROUTERS = ["campaign.cache.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", "")
CACHES = {
    "default": {
        "BACKEND": "campaign.cache.Redis",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},  # seconds
    }
    if REDIS_URL
    else {"BACKEND": "campaign.cache.Database", "LOCATION": "cache", "OPTIONS": {"MAX_ENTRIES": 50_000}},
    # What limits fall back to when Redis is away: they may be slower, never off.
    "database": {"BACKEND": "campaign.cache.Database", "LOCATION": "cache", "OPTIONS": {"MAX_ENTRIES": 50_000}},
}

# Background work: at once in the process; with TASKS=database, on `manage.py db_worker`.
TASKS = {
    "default": {
        "BACKEND": {
            "immediate": "django_tasks.backends.immediate.ImmediateBackend",
            "database": "django_tasks_db.DatabaseBackend",
        }[env.str("TASKS", "immediate", validate=validate.OneOf(["immediate", "database"]))]
    }
}

# Accounts -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "display_name", "handle"]},
    },
    {"NAME": "accounts.passwords.LengthValidator"},
    {"NAME": "accounts.passwords.SiteNameValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 4 * 3_600  # seconds; how long a mailed link lets choose a new password
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]  # whoever gives no password signs in by codes
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds
ACCOUNT_EMAIL_NOTIFICATIONS = True  # whose account is changed is told by mail, at the address that held before
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_DEFAULT_HTTP_PROTOCOL = site.scheme
SOCIALACCOUNT_ADAPTER = "accounts.providers.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = providers.from_environment(os.environ)
INSTALLED_APPS += [f"allauth.socialaccount.providers.{kind}" for kind in SOCIALACCOUNT_PROVIDERS]
SOCIALACCOUNT_AUTO_SIGNUP = False  # whoever comes from a provider chooses a name first
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.second_factor.ActivateTOTPForm",
    "authenticate": "accounts.second_factor.AuthenticateForm",
    "reauthenticate": "accounts.second_factor.ReauthenticateForm",
    "add_webauthn": "accounts.passkeys.AddWebAuthnForm",
    "authenticate_webauthn": "accounts.passkeys.AuthenticateWebAuthnForm",
    "login_webauthn": "accounts.passkeys.LoginWebAuthnForm",
    "reauthenticate_webauthn": "accounts.passkeys.ReauthenticateWebAuthnForm",
    "signup_webauthn": "accounts.passkeys.SignupWebAuthnForm",
}
MFA_TOTP_TOLERANCE = 1  # periods of half a minute that a clock may be early or late
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = MFA_PASSKEY_SIGNUP_ENABLED = True
# Browsers make passkeys for https and for http://localhost; the latter alone needs this.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# Language and time --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
FORMAT_MODULE_PATH = ["campaign.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_TZ = True

# Files --------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(DATA_DIR / "media"))).resolve()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Mail ---------------------------------------------------------------------------------------------------------------
# Every message is a row first (notifications/outbox.py); what EMAIL_URL names delivers it. Console by default, so that
# the codes of sign-up can be read on the first run.
EMAIL_BACKEND = "notifications.outbox.OutboxBackend"
mail_server = dj_email_url.parse(env.str("EMAIL_URL", "") or "console:")
if "EMAIL_BACKEND" not in mail_server:
    raise ImproperlyConfigured(
        "EMAIL_URL is not understood. It looks like submission://user:password@host (port 587, STARTTLS) or smtp://host:25."
    )
DELIVERY_BACKEND = mail_server["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = mail_server["EMAIL_HOST"] or "localhost", mail_server["EMAIL_PORT"] or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = mail_server["EMAIL_HOST_USER"] or "", mail_server["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = mail_server["EMAIL_USE_TLS"], mail_server["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10  # seconds; a silent server must not hold a worker
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", f"Rostrum <rostrum@{site.hostname}>")

# Log: lines for people under DEBUG, one JSON object a line otherwise --------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request": {"()": "campaign.logs.RequestFilter"},
        "one_line": {"()": "campaign.logs.OneLineFilter"},
    },
    "formatters": {
        "json": {"()": "campaign.logs.JsonFormatter"},
        "plain": {"format": "%(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request", "one_line"],
            "formatter": "plain" if DEBUG else "json",
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    # Django's own handlers out: one event is one line.
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "django_tasks": {"level": "WARNING"},  # a task that ran well is no event
    },
}

# Our own ------------------------------------------------------------------------------------------------------------
CAMPAIGN_SITE_NAME = env.str("SITE_NAME", "Rostrum")
CAMPAIGN_TAGLINE = env.str("SITE_TAGLINE", "Reporting that asks to be answered")
CAMPAIGN_COMMENT_LENGTH = (2, 5_000)  # characters
CAMPAIGN_COMMENT_RATES = [(5, 60), (40, 3_600)]  # posts per member: (number, seconds)
CAMPAIGN_NEW_MEMBER_RATES = [(5, 3_600)]  # posts of a new member (comments/standing.py), beside those of all
CAMPAIGN_COMMENTS_CLOSE_AFTER = 90  # days after publication; an article may say otherwise
CAMPAIGN_DIGEST_HOUR = 7  # when the mail of a day leaves, in TIME_ZONE
CAMPAIGN_MAIL_ATTEMPTS = 8  # then a message is parked and staff see it
CAMPAIGN_UPLOAD_BYTES = 24 * 2**20  # a whole request with files; without files DATA_UPLOAD_MAX_MEMORY_SIZE holds
# What `manage.py run_due` does: a function that takes what is due and returns how much it did; seconds between two looks.
CAMPAIGN_DUE = {
    "accounts.archives.forget_old": 3_600,
    "accounts.archives.make_due": 30,
    "accounts.avatars.sweep": 86_400,
    "accounts.leaving.erase_due": 60,
    "accounts.sessions.forget_ended": 3_600,
    "comments.editing.purge_withdrawn": 600,
    "comments.ranking.rank_again": 300,
    "comments.reading.purge_old": 86_400,
    "comments.tasks.tell_due": 1,
    "notifications.mailing.send_due": 5,
    "notifications.outbox.deliver_due": 1,
    "notifications.outbox.forget_sent": 3_600,
    "notifications.telling.forget_old": 86_400,
}
# What is stored about members: a module of each room exports and erases it (campaign/personal_data.py).
CAMPAIGN_PERSONAL_DATA = [
    f"{room}.privacy" for room in "accounts notifications comments articles moderation interchange".split()
]
# What `manage.py check_integrity` asks: differences() yields lines, repair() sets kept numbers right.
CAMPAIGN_INTEGRITY = ["comments.integrity", "moderation.integrity"]
# Staff open the admin with a second factor only. Demo accounts, whose password everybody knows, need none.
CAMPAIGN_STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", True)
CAMPAIGN_SIGN_INS = "demo.accounts.sign_ins"  # addresses of the demo's accounts that exist
