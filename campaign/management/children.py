"""Processes that live beside ours, are started anew when they die, and never outlive us."""

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import time

logger = logging.getLogger(__name__)
PAUSES = (0, 1, 2, 5, 10, 30)  # seconds before the next start, longer while it keeps dying
STEADY = 60  # seconds of life after which it counts as healthy again


class Child:
    def __init__(self, name, command):
        self.name, self.command = name, command
        self.process = None
        self.started_at = self.deaths = 0

    def start(self):
        self.started_at = time.monotonic()
        # A group of its own, so that what it leaves behind when it dies can be ended too.
        self.process = subprocess.Popen(  # noqa: S603  our own command
            self.command, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=die_with_parent
        )

    def ended(self):
        return self.process is None or self.process.poll() is not None

    def keep(self):
        """Start it if it does not run, after a pause that grows while it keeps dying. Return how often it died of late."""
        if not self.ended():
            if time.monotonic() - self.started_at > STEADY:
                self.deaths = 0
            return self.deaths
        if self.process is not None:
            self.end_group()
            if self.process.returncode:  # else it was asked to end, to come back with new code
                self.deaths += 1
                logger.error("%s ended with %d, starting it again", self.name, self.process.returncode)
            self.process, self.ended_at = None, time.monotonic()
        if not self.deaths or time.monotonic() - self.ended_at >= PAUSES[min(self.deaths, len(PAUSES)) - 1]:
            self.start()
        return self.deaths

    def send(self, number):
        if not self.ended():
            self.process.send_signal(number)

    def stop(self, patience):
        """End it: ask first, and after `patience` seconds insist."""
        self.send(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired, AttributeError):
            self.process.wait(patience)
        self.end_group()

    def end_group(self):
        """End whatever is left of it, workers without their server included."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def die_with_parent():
    """Ask Linux for a SIGTERM when the parent is gone, even by SIGKILL: nothing is left holding the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
