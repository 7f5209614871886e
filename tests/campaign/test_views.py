from pathlib import Path
from unittest.mock import patch

from django.conf import settings
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import SimpleTestCase, TestCase

from campaign import views


class HealthTests(SimpleTestCase):
    def test_needs_no_database(self):
        response = self.client.get("/healthz")
        self.assertEqual((response.status_code, response.text), (200, "ok"))
        self.assertIn("no-store", response["Cache-Control"])


class ReadyTests(TestCase):
    def setUp(self):
        views.migrated = False

    def test_ready(self):
        self.assertEqual(self.client.get("/readyz").text, "ok")

    def test_says_what_fails_to_the_machine_itself_and_the_log_alone(self):
        for name in views.READY:
            with patch.dict(views.READY, {name: lambda: 1 / 0}), self.assertLogs("campaign.views", "ERROR") as log:
                here, outside = self.client.get("/readyz"), self.client.get("/readyz", REMOTE_ADDR="203.0.113.7")
                by_proxy = self.client.get("/readyz", headers={"X-Forwarded-For": "203.0.113.7"})
            self.assertEqual([r.status_code for r in (here, outside, by_proxy)], [503] * 3)
            self.assertEqual([r.text for r in (here, outside, by_proxy)], [name, "not ready", "not ready"])
            self.assertIn(name, log.output[0])

    def test_without_a_database(self):
        with (
            patch.object(BaseDatabaseWrapper, "cursor", side_effect=OperationalError),
            self.assertLogs("campaign.views", "ERROR"),
        ):
            response = self.client.get("/readyz")
        self.assertEqual(response.status_code, 503)
        self.assertIn("database", response.text)

    def test_a_migration_is_missing(self):
        with (
            patch("campaign.views.MigrationExecutor.migration_plan", return_value=["one"]),
            self.assertLogs("campaign.views", "ERROR"),
        ):
            self.assertEqual(self.client.get("/readyz").text, "migrations")


class MediaTests(TestCase):  # closing an answer looks at the connection
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = Path(settings.MEDIA_ROOT)
        (folder / "pictures").mkdir(parents=True, exist_ok=True)
        for name in ("a.webp", "a.html", "a.svg"):
            (folder / "pictures" / name).write_bytes(b"RIFF....WEBP<script>alert(1)</script>")
        (folder.parent / "beside.webp").write_bytes(b"not yours")

    def test_is_what_it_is_and_does_nothing(self):
        response = self.client.get("/media/pictures/a.webp")
        self.assertEqual(response["Content-Type"], "image/webp")
        self.assertEqual(response["X-Content-Type-Options"], "nosniff")
        self.assertIn("sandbox", response["Content-Security-Policy"])
        self.assertIn("frame-ancestors 'none'", response["Content-Security-Policy"])
        self.assertIn("immutable", response["Cache-Control"])
        self.assertNotIn("Vary", response)
        response.close()

    def test_serves_nothing_else(self):
        for path in (
            "pictures/a.html", "pictures/a.svg", "pictures/", "pictures", "nowhere.webp", "../beside.webp", "..%2fbeside.webp",
            "pictures/../../beside.webp", "%2e%2e/beside.webp", "/etc/passwd", "..\\beside.webp",
            "pictures/a.webp/x", "a" * 5_000 + ".webp",
        ):  # fmt: skip
            self.assertEqual(self.client.get(f"/media/{path}").status_code, 404, path)
