import os
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

from django.conf import settings
from django.db import OperationalError
from django.test import SimpleTestCase, TestCase, override_settings

from campaign import checks

PUBLIC = {"ALLOWED_HOSTS": ["news.example.org"]}
SMTP = "django.core.mail.backends.smtp.EmailBackend"
LOCMEM = "django.core.cache.backends.locmem.LocMemCache"


def found(check, **changed):
    with override_settings(**changed):
        return [issue.id for issue in check(None)]


class PublicTests(SimpleTestCase):
    def test_tells_names_that_strangers_reach(self):
        for host in ("news.example.org", ".example.org", "*", "8.8.8.8", "[2001:4860:4860::8888]", "NEWS.example.org"):
            self.assertTrue(checks.is_public(host), host)
        for host in (
            "localhost",
            "127.0.0.1",
            "[::1]",
            "192.168.1.4",
            "10.0.0.9",
            "rostrum",
            "press.local",
            "a.localhost",
            "[fd00::1]",
        ):
            self.assertFalse(checks.is_public(host), host)


class WrongDeploymentTests(SimpleTestCase):
    def test_debug_in_public(self):
        self.assertEqual(found(checks.debug_is_private, DEBUG=True, **PUBLIC), ["campaign.E001"])
        self.assertEqual(
            found(checks.debug_is_private, DEBUG=True, SITE_URL="https://news.example.org"), ["campaign.E001"]
        )
        self.assertEqual(found(checks.debug_is_private, DEBUG=True), [])
        self.assertEqual(found(checks.debug_is_private, **PUBLIC), [])

    def test_keys_that_can_be_guessed(self):
        good = "x8Jk2mQ9" + settings.SECRET_KEY
        for key in ("short", "a" * 80, "django-insecure-" + good, "change-me-" + good, "Your-secret-key-here-" + good):
            self.assertEqual(found(checks.secret_key_is_secret, SECRET_KEY=key), ["campaign.E002"], key)
            self.assertEqual(
                found(checks.secret_key_is_secret, SECRET_KEY=good, SECRET_KEY_FALLBACKS=[key]), ["campaign.E002"], key
            )
        self.assertEqual(found(checks.secret_key_is_secret, SECRET_KEY=good), [])

    def test_any_host(self):
        self.assertEqual(found(checks.hosts_are_named, ALLOWED_HOSTS=["*"]), ["campaign.E003"])

    def test_passwords_in_the_open(self):
        self.assertEqual(found(checks.readers_come_by_https, SITE_URL="http://news.example.org"), ["campaign.E004"])
        for url in ("http://127.0.0.1:8000", "http://192.168.1.4", "http://rostrum:8000"):
            self.assertEqual(found(checks.readers_come_by_https, SITE_URL=url), [])

    def test_proxies_that_do_not_fit(self):
        self.assertEqual(found(checks.proxies_match, HTTPS=True, TRUSTED_PROXIES=0), ["campaign.W005"])
        self.assertEqual(found(checks.proxies_match, HTTPS=False, TRUSTED_PROXIES=1), ["campaign.W006"])
        self.assertEqual(found(checks.proxies_match, HTTPS=True, TRUSTED_PROXIES=1), [])

    def test_a_cache_of_one_process(self):
        self.assertEqual(
            found(checks.cache_is_shared, CACHES={"default": {"BACKEND": LOCMEM}}, **PUBLIC), ["campaign.E007"]
        )
        shared = {"default": {"BACKEND": "campaign.cache.Database"}}
        self.assertEqual(found(checks.cache_is_shared, CACHES=shared, **PUBLIC), [])

    def test_mail_to_nobody(self):
        for backend in ("console", "dummy", "locmem"):
            path = SMTP.replace("smtp", backend)
            self.assertEqual(found(checks.mail_leaves, DELIVERY_BACKEND=path, **PUBLIC), ["campaign.E008"])
            self.assertEqual(found(checks.mail_leaves, DELIVERY_BACKEND=path), [])
        self.assertEqual(found(checks.mail_leaves, DELIVERY_BACKEND=SMTP, **PUBLIC), [])

    def test_folders_that_cannot_be_written(self):
        self.assertEqual(found(checks.folders_can_be_written), [])
        with tempfile.NamedTemporaryFile() as file:
            for wrong in (Path(file.name) / "media", Path("/nowhere/at/all")):
                self.assertEqual(found(checks.folders_can_be_written, MEDIA_ROOT=wrong), ["campaign.E009"])
        with patch("os.access", return_value=False):
            self.assertIn("campaign.E009", found(checks.folders_can_be_written))

    @patch("demo.accounts.sign_ins", return_value=["admin@example.org"])
    def test_demo_accounts(self, sign_ins):
        self.assertEqual(found(checks.no_demo_accounts), ["campaign.E010"])
        sign_ins.side_effect = OperationalError("no such table")
        self.assertEqual(found(checks.no_demo_accounts), [])

    def test_staff_without_a_second_factor(self):
        self.assertEqual(found(checks.staff_show_a_second_factor, CAMPAIGN_STAFF_SECOND_FACTOR=True), [])
        self.assertEqual(
            found(checks.staff_show_a_second_factor, CAMPAIGN_STAFF_SECOND_FACTOR=False), ["campaign.W011"]
        )


class DemoAccountsTests(TestCase):
    def test_a_site_without_the_demo_is_clean(self):
        self.assertEqual(found(checks.no_demo_accounts), [])


class CommandTests(SimpleTestCase):
    """The words that whoever starts the site reads."""

    GOOD = {
        "SITE_URL": "https://news.example.org",
        "TRUSTED_PROXIES": "1",
        "EMAIL_URL": "submission://u:p@mail.example.org",
    }

    def manage(self, *arguments, **environment):
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=settings.BASE_DIR,
                env={"PATH": os.environ["PATH"], "DATA_DIR": folder, **environment},
                capture_output=True,
                text=True,
                timeout=60,
            )
        return run.returncode, run.stdout + run.stderr

    def test_a_right_deployment_is_clean(self):
        code, said = self.manage("check", "--deploy", "--fail-level", "WARNING", **self.GOOD)
        self.assertEqual((code, said.strip()), (0, "System check identified no issues (0 silenced)."))

    def test_serve_refuses_a_wrong_one(self):
        for wrong, word in (
            ({"DEBUG": "1"}, "DEBUG is on"),
            ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS is *"),
            ({"SECRET_KEY": "change-me"}, "SECRET_KEY is short"),
        ):
            code, said = self.manage("serve", **{**self.GOOD, **wrong})
            self.assertEqual(code, 1, said)
            self.assertIn(word, said)
            self.assertNotIn("Traceback", said)

    def test_settings_that_are_not_understood_are_told_in_words(self):
        for name, value in (
            ("DATABASE_URL", "postgre://me:pass-word-1@db/x"),
            ("DATABASE_URL", "mysql://me:pass-word-1@db/x"),
            ("EMAIL_URL", "mail.example.org"),
            ("SITE_URL", "news.example.org"),
            ("TASKS", "celery"),
            ("TRUSTED_PROXIES", "some"),
        ):
            code, said = self.manage("check", **{name: value})
            self.assertEqual(code, 1, said)
            self.assertIn(name, said)
            self.assertNotIn("Traceback", said)
            self.assertNotIn("pass-word-1", said)
