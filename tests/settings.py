"""The site's own settings, made fast and kept away from everything outside: a folder of its own, no mail server, no environment.

DATABASE_URL and REDIS_URL alone are believed, so that the same tests run on PostgreSQL and Redis.
"""

import atexit
import itertools
import os
import shutil
import tempfile
from pathlib import Path

BELIEVED = {"DATABASE_URL", "REDIS_URL"}
OF_A_SITE = {
    "ALLOWED_HOSTS", "DATA_DIR", "DEBUG", "EMAIL_URL", "MAIL_FROM", "MEDIA_ROOT", "PORT", "SECRET_KEY", "SECRET_KEY_FALLBACKS",
    "SITE_NAME", "SITE_TAGLINE", "SITE_URL", "STAFF_SECOND_FACTOR", "TASKS", "TIME_ZONE", "TRUSTED_PROXIES",
}  # fmt: skip
for name in OF_A_SITE - BELIEVED:
    os.environ.pop(name, None)

# One folder for a run; under it one for each of its processes. The first process removes it.
if "ROSTRUM_TESTS" not in os.environ:
    os.environ["ROSTRUM_TESTS"] = tempfile.mkdtemp(prefix="rostrum-tests-")
    atexit.register(shutil.rmtree, os.environ["ROSTRUM_TESTS"], ignore_errors=True)
FOLDER = Path(os.environ["ROSTRUM_TESTS"]) / str(os.getpid())
os.environ["DATA_DIR"] = str(FOLDER)
# Two providers, so that their routes are there. Nobody asks them: the first answers in tests/provider.py alone.
for name in [name for name in os.environ if name.startswith("SIGN_IN_")]:
    del os.environ[name]
os.environ |= {"SIGN_IN_OIDC_GUILD": "http://rostrum:secret@127.0.0.1:9/realm", "SIGN_IN_GITHUB": "rostrum:secret"}

from campaign.settings import *  # noqa: E402, F403
from campaign.settings import CACHES, DATABASES, LOGGING, REDIS_URL, SQLITE, SQLITE_OPTIONS, STORAGES  # noqa: E402

for name in ("DATA_DIR", "SIGN_IN_OIDC_GUILD", "SIGN_IN_GITHUB"):  # what a test starts gets its own
    del os.environ[name]

CAMPAIGN_NEW_MEMBER_RATES = []  # every member of a test is new

SECRET_KEY = "tests-only-" + "k" * 50
# Most tests of the admin are about something else. The rule has its own (accounts/test_second_factor.py), and the matrix.
CAMPAIGN_STAFF_SECOND_FACTOR = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DELIVERY_BACKEND = (
    "django.core.mail.backends.locmem.EmailBackend"  # EMAIL_BACKEND itself is set by Django's test runner
)
LOGGING["root"]["handlers"] = []  # pytest keeps the records and shows those of a failing test

# A file, so that threads see one database; not flushed to the disk, as nobody needs it after a power cut.
for alias, options in DATABASES.items():
    if options["ENGINE"] == SQLITE:
        pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF;PRAGMA secure_delete=ON;"
        options["OPTIONS"] = SQLITE_OPTIONS | {"init_command": pragmas}
        options["TEST"] = {"NAME": FOLDER / f"test-{alias}.sqlite3"}

# The cache forgets between two tests because its keys change: no test waits for another one's flush.
run, tests = os.getpid(), itertools.count()
current = next(tests)


def cache_key(key, prefix, version):
    return f"{run}-{current}:{version}:{key}"


def forget_cache():
    global current
    current = next(tests)


if not REDIS_URL:
    CACHES["default"] = {"BACKEND": "tests.memory.Memory"}
for cache in CACHES.values():
    cache["KEY_FUNCTION"] = cache_key

# Static files from where they lie: nothing to collect first.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
