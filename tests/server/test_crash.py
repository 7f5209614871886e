"""An answered post is never lost, and is told of once: whoever works is killed while members post."""

import os
import signal
import threading
import time
from http.client import HTTPException
from unittest import TestCase
from uuid import uuid4

import pytest

from .site import Site

WRITERS = 3
APART = 6  # seconds between two kills: granian takes deaths within 5.5 s for a crash loop
STORED = """
import json
from comments.models import Comment
print(json.dumps([str(token) for token in Comment.objects.values_list("form_token", flat=True)]))
"""
TOLD = """
import json
from comments.models import Comment
from notifications.models import Notification
replies = Comment.objects.exclude(parent=None)
told = Notification.objects.filter(kind="reply", subject_id__in=replies.values("pk"))
print(json.dumps([replies.filter(tell_at__isnull=False).count(), replies.count(), told.count()]))
"""


class KilledWorkersTests(TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.remove)
        self.made = self.site.make(members=WRITERS + 1)
        self.site.start()
        answer = self.post(WRITERS, "Whom all of them answer.", str(uuid4()))
        self.parent = answer.headers["Location"].strip("/c")
        self.answered, self.statuses = [], []
        self.stop = threading.Event()

    def post(self, number, body, token, parent=""):
        return self.site.post_comment(self.made["discussion"], self.made["sessions"][number], body, token, parent)

    def write(self, number):
        """Post a reply after the other, each with a token of its own; remember those that were answered."""
        while not self.stop.is_set():
            token = str(uuid4())
            try:
                answer = self.post(number, f"Words {token}.", token, self.parent)
            except (OSError, HTTPException):
                time.sleep(0.05)
                continue
            self.statuses.append(answer.status)
            if answer.status == 302:
                self.answered.append(token)

    def kill(self, rounds):
        writers = [threading.Thread(target=self.write, args=[number]) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(2)
        for number in range(rounds):
            os.kill(self.site.workers()[number % 2], signal.SIGKILL)
            for pid, command in self.site.children().items():
                if "run_due" in command:  # it tells, at this very moment
                    os.kill(pid, signal.SIGKILL)
            time.sleep(APART)
        self.stop.set()
        for writer in writers:
            writer.join()
        self.assertEqual(set(self.statuses), {302})
        self.assertGreater(len(self.answered), 50 * rounds / 2)
        until = time.monotonic() + 60
        while (told := self.site.ask(TOLD))[0] and time.monotonic() < until:
            time.sleep(1)
        self.assertEqual((told[0], told[1]), (0, told[2]))
        for _start in range(2):
            self.assertEqual(set(self.answered) - set(self.site.ask(STORED)), set())
            self.assertEqual(self.site.stop(), 0)
            self.site.start()
            self.assertEqual(self.site.get(self.made["path"]).status, 200)
        self.assertEqual(self.site.trouble(), [])

    def test_lose_no_answered_post(self):
        self.kill(rounds=2)

    @pytest.mark.long
    def test_lose_none_in_a_minute_of_kills(self):
        self.kill(rounds=8)
