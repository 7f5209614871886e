"""Do what has its time: mail to send, rows to forget, and whatever else CAMPAIGN_DUE names."""

import logging
import signal
import threading
import time

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseFault
from django.db import close_old_connections, connections
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)
TURN = 1  # seconds between two looks at what is due
QUIET = 60  # seconds in which the same fault is told once


class Command(BaseCommand):
    help = "Do what is due, once, or with --loop again and again until told to stop. Any number may run at once."

    def add_arguments(self, parser):
        parser.add_argument("--loop", action="store_true", help="look each second, until SIGTERM or SIGINT")

    def handle(self, *, loop, **options):
        jobs = [Job(path, every) for path, every in settings.CAMPAIGN_DUE.items()]
        stop = threading.Event()
        if loop:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while True:
            close_old_connections()
            done = {job.path: number for job in jobs if (number := job.run_if_due())}
            if options["verbosity"] and not loop:
                self.stdout.write("\n".join(f"{path}: {number}" for path, number in done.items()) or "Nothing is due.")
            if not loop or stop.wait(TURN):
                return


class Job:
    """A function that takes what is due and returns how much it did, looked at every so many seconds."""

    def __init__(self, path, every):
        self.path, self.every = path, every
        self.function = import_string(path)
        self.next_at = self.told_at = float("-inf")

    def run_if_due(self):
        """Run it if its time has come. A fault in one stops no other; it is tried again next time."""
        now = time.monotonic()
        if now < self.next_at:
            return 0
        self.next_at = now + self.every
        try:
            return self.function()
        except DatabaseFault as error:  # away, locked, full: the next turn has a fresh connection
            self.tell(logger.error, "%s waits for the database: %s", self.path, type(error).__name__)
            connections.close_all()
        except Exception:
            self.tell(logger.exception, "%s failed", self.path)
        return 0

    def tell(self, log, *message):
        if time.monotonic() - self.told_at > QUIET:
            self.told_at = time.monotonic()
            log(*message)
