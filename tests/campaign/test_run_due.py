import os
import signal
import subprocess
import sys
import time
from io import StringIO
from unittest.mock import patch

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError
from django.test import SimpleTestCase, TestCase, override_settings

from campaign.management.commands import run_due

JOBS = {f"{__name__}.first": 1, f"{__name__}.second": 3_600}


def first():
    raise AssertionError("replaced by each test")


def second():
    return 2


class OnceTests(TestCase):
    def run_once(self):
        out = StringIO()
        call_command("run_due", stdout=out)
        return out.getvalue()

    @override_settings(CAMPAIGN_DUE=JOBS)
    def test_says_what_it_did(self):
        with patch(f"{__name__}.first", return_value=0):
            self.assertEqual(self.run_once().strip(), f"{__name__}.second: 2")

    @override_settings(CAMPAIGN_DUE=JOBS)
    def test_a_fault_in_one_stops_no_other(self):
        with patch(f"{__name__}.first", side_effect=ZeroDivisionError), self.assertLogs(run_due.logger, "ERROR"):
            self.assertIn("second: 2", self.run_once())

    def test_the_jobs_of_the_site_exist(self):
        self.assertIn("Nothing is due.", self.run_once())


class JobTests(SimpleTestCase):
    def job(self, every=1):
        return run_due.Job(f"{__name__}.first", every)

    def test_waits_for_its_time(self):
        with (
            patch(f"{__name__}.first", return_value=1),
            patch.object(run_due.time, "monotonic", side_effect=[0, 5, 10]),
        ):
            job = self.job(every=10)
            self.assertEqual([job.run_if_due() for _ in range(3)], [1, 0, 1])

    def test_tells_a_database_fault_once_a_minute_without_a_traceback(self):
        with patch(f"{__name__}.first", side_effect=OperationalError("no host name here")):
            job = self.job(every=0)
            with patch.object(run_due, "connections"), self.assertLogs(run_due.logger) as logs:
                for _turn in range(5):
                    job.run_if_due()
        self.assertEqual(len(logs.records), 1)
        self.assertIsNone(logs.records[0].exc_info)
        self.assertNotIn("host", logs.output[0])


class LoopTests(SimpleTestCase):
    def test_ends_on_sigterm(self):
        environment = {
            **os.environ,
            "DATA_DIR": os.environ["ROSTRUM_TESTS"] + "/loop",
            "DJANGO_SETTINGS_MODULE": "campaign.settings",
        }
        for name in ("DATABASE_URL", "REDIS_URL"):
            environment.pop(name, None)
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run_due", "--loop"],
            env=environment,
            cwd=settings.BASE_DIR,
            stderr=subprocess.PIPE,
            text=True,
        )
        # No table is there yet: it says so and goes on.
        self.assertIn("waits for the database", process.stderr.readline())
        time.sleep(1.2)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(5), 0)
        process.stderr.close()
