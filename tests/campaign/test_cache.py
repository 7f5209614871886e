import os
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from unittest.mock import patch

from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.test import SimpleTestCase, TransactionTestCase, override_settings

from campaign import cache

COUNT = """
import django, sys
django.setup()
from django.core.cache import cache
from campaign.limits import seconds_to_wait
for _ in range(150):
    cache.incr("counter")
won = sum(cache.add(f"key-{n}", 1) for n in range(50))
passed = sum(not seconds_to_wait("act", "me", [(20, 86_400)]) for _ in range(20))
print(won, passed)
"""


class ProcessesTests(SimpleTestCase):
    """On a file of its own, as a site has it."""

    def test_lose_no_count_and_share_every_limit(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = {
                "PATH": os.environ["PATH"],
                "DATA_DIR": folder,
                "DJANGO_SETTINGS_MODULE": "campaign.settings",
            }
            run = {"cwd": settings.BASE_DIR, "env": environment, "text": True, "stdout": subprocess.PIPE}
            subprocess.run(
                [sys.executable, "manage.py", "createcachetable", "--database", "cache", "-v", "0"], check=True, **run
            )
            say = [sys.executable, "-c", "import django; django.setup(); from django.core.cache import cache; " + "{}"]
            subprocess.run([*say[:2], say[2].format("cache.set('counter', 0)")], check=True, **run)
            workers = [subprocess.Popen([sys.executable, "-c", COUNT], **run) for _ in range(4)]
            answers = [worker.communicate(timeout=60)[0].split() for worker in workers]
            total = subprocess.run([*say[:2], say[2].format("print(cache.get('counter'))")], check=True, **run).stdout
        self.assertEqual(int(total), 4 * 150)
        self.assertEqual(sum(int(won) for won, _passed in answers), 50)
        self.assertEqual(sum(int(passed) for _won, passed in answers), 20)


@contextmanager
def redis_at(port):
    """The site's Redis at `port`, its fallback beside it, no memory of earlier faults."""
    ours = {
        "default": {
            "BACKEND": "campaign.cache.Redis",
            "LOCATION": f"redis://127.0.0.1:{port}/9",
            "OPTIONS": {"socket_timeout": 0.2},
        },
        "database": {"BACKEND": "campaign.cache.Database", "LOCATION": "cache"},
    }
    with (
        override_settings(CACHES=ours),
        patch.multiple(cache.Redis, _away_until=float("-inf"), _logged_at=float("-inf")),
    ):
        yield caches["default"]


class RedisAwayTests(TransactionTestCase):
    databases = ["default", "cache"]

    def setUp(self):
        call_command("createcachetable", database="cache", verbosity=0)
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self.port = closed.getsockname()[1]

    def test_everything_goes_on_in_the_database(self):
        with redis_at(self.port) as away, self.assertLogs("campaign.cache", "WARNING") as log:
            away.set("a", 1)
            self.assertEqual(away.get("a"), 1)
            self.assertEqual(away.incr("a"), 2)
            self.assertEqual(away.decr("a"), 1)
            self.assertFalse(away.add("a", 5))
            self.assertTrue(away.add("b", 5))
            self.assertEqual(away.get_or_set("c", 7), 7)
            self.assertEqual(away.get_many(["a", "b"]), {"a": 1, "b": 5})
            away.set_many({"d": 1, "e": 2})
            self.assertTrue(away.touch("d", 60))
            self.assertIn("e", away)
            self.assertTrue(away.delete("d"))
            away.delete_many(["a", "b"])
            self.assertIsNone(away.get("a"))
            self.assertEqual(caches["database"].get("e"), 2)
            away.clear()
        self.assertEqual(len(log.output), 1)

    def test_is_asked_again_after_a_pause(self):
        with redis_at(self.port) as away, self.assertLogs("campaign.cache", "WARNING"):
            away.get("a")
            with patch.object(cache.RedisCache, "get") as asked:
                away.get("a")
                asked.assert_not_called()
                with patch.object(cache.Redis, "_away_until", float("-inf")):
                    away.get("a")
                asked.assert_called_once()

    def test_limits_hold(self):
        from campaign.limits import seconds_to_wait

        with (
            redis_at(self.port) as away,
            patch("campaign.limits.cache", away),
            self.assertLogs("campaign.cache", "WARNING"),
        ):
            waits = [seconds_to_wait("act", "me", [(3, 3_600)]) for _ in range(5)]
        self.assertEqual([bool(wait) for wait in waits], [False] * 3 + [True] * 2)

    def test_a_silent_one_costs_little(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            with redis_at(silent.getsockname()[1]) as away, self.assertLogs("campaign.cache", "WARNING"):
                away.set("a", 1)
                self.assertEqual(away.get("a"), 1)
