"""Many clients at the same moment: no error answer, nothing lost, nothing counted or told twice."""

import threading
import time
from functools import partial
from unittest import TestCase
from uuid import uuid4

from tests.conftest import LONG

from .site import Site

WRITERS = 4
POSTS = 100 if LONG else 30  # of each writer
ROUNDS = 5 if LONG else 2
STORED = """
import json
from django.db.models import F
from comments.models import Comment, Discussion
from notifications.models import Notification
rows = Comment.objects.filter(form_token__isnull=False)
print(json.dumps({
    "parents": {str(row.form_token): row.parent_id for row in rows},
    "counted": list(Discussion.objects.exclude(comment_count=0).values_list("comment_count", flat=True)),
    "untold": rows.filter(tell_at__isnull=False).count(),
    "replies": rows.filter(parent__isnull=False).exclude(parent__author=F("author")).count(),
    "told": sorted(Notification.objects.filter(kind="reply").values_list("subject_id", "recipient_id")),
}))
"""
RECOMMENDED = """
import json
from comments.models import Comment, Recommendation
comment = Comment.objects.get(pk={pk})
print(json.dumps([comment.recommend_count, Recommendation.objects.filter(comment=comment).count()]))
"""


def at_once(*acts):
    """Run functions in threads that start together; return what each returned, in order."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        barrier.wait()
        results[number] = act()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class AtOnceTests(TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.remove)
        self.made = self.site.make(members=WRITERS + ROUNDS)
        self.site.start()

    def post(self, number, body, parent=""):
        token = str(uuid4())
        answer = self.site.post_comment(self.made["discussion"], self.made["sessions"][number], body, token, parent)
        pk = answer.headers.get("Location", "").strip("/c")
        return token, answer.status, pk

    def write(self, number, shared):
        """Post on one's own, below what all answer, and below one's last post, in turn. Return {token: parent or None}."""
        posted, statuses, last = {}, [], shared
        for each in range(POSTS):
            parent = ["", shared, last][each % 3]
            body = f"> Words\n>\n> — [A](/c/{shared}/)\n\nNumber {each} of {number}."
            token, status, last = self.post(number, body, parent)
            statuses.append(status)
            posted[token] = int(parent) if parent else None
        return posted, statuses

    def test_four_who_post_into_one_discussion_lose_nothing(self):
        first, _status, shared = self.post(0, "What all of them answer.")
        results = at_once(*[partial(self.write, number, shared) for number in range(WRITERS)])
        self.assertEqual({status for _posted, statuses in results for status in statuses}, {302})
        posted = {first: None} | {token: parent for written, _statuses in results for token, parent in written.items()}
        self.assertEqual(len(posted), 1 + WRITERS * POSTS)
        until = time.monotonic() + 60
        while (stored := self.site.ask(STORED))["untold"] and time.monotonic() < until:
            time.sleep(1)
        self.assertEqual(stored["parents"], posted)
        self.assertEqual(stored["counted"], [len(posted)])
        self.assertEqual((stored["untold"], len(stored["told"])), (0, stored["replies"]))
        self.assertEqual(self.site.trouble(), [])

    def recommend(self, pk, sessions, to):
        """All of them at once. Return what is counted, and how many rows there are."""
        acts = [partial(self.site.post, f"/comments/{pk}/recommend/", {"to": to}, session=each) for each in sessions]
        self.assertEqual({answer.status for answer in at_once(*acts)}, {302})
        return self.site.ask(RECOMMENDED.format(pk=pk))

    def test_twenty_requests_that_recommend_one_comment(self):
        others = self.made["sessions"][1:WRITERS]
        for number, session in enumerate(
            self.made["sessions"][WRITERS:]
        ):  # each round one of its own: there is a limit
            _token, _status, pk = self.post(0, f"Worth it, {number}.")
            self.assertEqual(self.recommend(pk, [session] * 20, "on"), [1, 1])
            counted, rows = self.recommend(pk, [session] * 20, "")
            self.assertEqual(counted, rows)
            self.assertEqual(self.recommend(pk, [session] * 20, "off"), [0, 0])
            self.assertEqual(self.recommend(pk, others * 3, "on"), [len(others)] * 2)
        self.assertEqual(self.site.trouble(), [])
