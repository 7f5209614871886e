"""Comments brought in bulk stand, count and read as if they had been posted one by one."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from campaign import markup
from comments import integrity, states, threads
from comments.models import MAX_DEPTH, Comment, State
from interchange.comment_loading import Incoming, Loader
from interchange.models import ImportedRecord
from interchange.reports import Report
from tests import factories

START = datetime(2020, 1, 1, tzinfo=UTC)


def incoming(key, parent="", *, minutes=None, html=None, left_out="", state=State.PUBLISHED, author=None, name="Eve"):
    """A comment; by default posted `key` minutes after the start."""
    minutes = int(key) if minutes is None else minutes
    return Incoming(
        key=str(key),
        parent=str(parent),
        left_out=left_out,
        author_id=author,
        name=name,
        posted_at=START + timedelta(minutes=minutes),
        html=f"Words {key}." if html is None else html,
        state=state,
    )


class LoaderTests(TestCase):
    def setUp(self):
        self.discussion = factories.make_discussion(opens_at=START)
        self.report = Report("old.example")

    def load(self, *comments, earlier=False):
        loader = Loader(comments, source="old.example", report=self.report, where="a thread", earlier=earlier)
        for batch in loader.batches():
            loader.insert(batch, self.discussion)
            loader.count(batch)
        self.discussion.refresh_from_db()
        self.assertEqual(list(integrity.differences()), [])
        self.assertEqual(self.discussion.comments.filter(state=State.PUBLISHED).count(), self.discussion.comment_count)

    def tree(self):
        """{key: key of the parent}, from the rows."""
        keys = dict(ImportedRecord.objects.filter(kind="comment").values_list("object_id", "key"))
        return {keys[pk]: keys.get(parent, "") for pk, parent in Comment.objects.values_list("pk", "parent_id")}

    def test_stores_what_was_written(self):
        member = factories.make_user()
        self.load(
            incoming(1, html="<b>One</b>\n\ntwo <script>x</script>", name="Eve Roe"),
            incoming(2, parent=1, author=member.pk, name="not printed", state=State.PENDING),
        )
        first, second = Comment.objects.order_by("pk")
        self.assertEqual((first.body, first.html), ("**One**\n\ntwo", "<p><strong>One</strong></p>\n<p>two</p>\n"))
        self.assertEqual((first.author, first.guest_name, first.name), (None, "Eve Roe", "Eve Roe"))
        self.assertEqual((second.author, second.guest_name), (member, ""))
        self.assertEqual((first.state, second.state), (State.PUBLISHED, State.PENDING))
        self.assertEqual(first.posted_at, START + timedelta(minutes=1))
        self.assertEqual(first.markup_version, markup.VERSION)
        self.assertEqual((first.descendant_count, self.discussion.comment_count), (0, 1))

    def test_replies_stand_below_what_they_answer_in_whatever_order_they_come(self):
        pairs = [(5, 3), (1, ""), (4, 2), (2, ""), (3, 1), (6, 1)]
        self.load(*(incoming(key, parent) for key, parent in pairs))
        self.assertEqual(self.tree(), {"1": "", "2": "", "3": "1", "4": "2", "5": "3", "6": "1"})
        self.assertEqual(self.report.as_json()["comments"], 6)
        self.assertEqual(self.report.messages, [])

    def test_is_what_posting_one_by_one_would_have_made(self):
        pairs = [(1, ""), (2, 1), (3, 2), (4, 1), (5, 3), (6, ""), (7, 6), (8, 5)]
        self.load(*(incoming(key, parent) for key, parent in pairs))
        other, made = factories.make_discussion(), {}
        for key, parent in pairs:
            made[key] = factories.make_comment(other, body=f"Words {key}.", parent=made.get(parent))
        places = ["body", "html", "state", "depth", "descendant_count", "score"]
        by_words = {row["body"]: row for row in other.comments.values(*places)}
        self.assertEqual({row["body"]: row for row in self.discussion.comments.values(*places)}, by_words)
        other.refresh_from_db()
        self.assertEqual(self.discussion.comment_count, other.comment_count)

    def test_siblings_read_in_the_order_of_their_dates(self):
        self.load(incoming(1), *(incoming(key, 1, minutes=99 - key) for key in range(2, 12)))
        page = threads.page_of_roots(self.discussion, "oldest", "", False)
        found = [node.comment.posted_at for node in page.nodes]
        self.assertEqual(found, sorted(found))

    def test_a_reply_to_an_unknown_comment_begins_a_thread(self):
        self.load(incoming(1), incoming(2, parent=77), incoming(3, parent=2), incoming(4, parent=78))
        self.assertEqual(self.tree(), {"1": "", "2": "", "3": "2", "4": ""})
        self.assertIn("not in the file", self.report.messages[0])
        self.assertIn("2 times, first in a thread", self.report.messages[0])

    def test_a_reply_to_what_is_left_out_stands_under_the_nearest_one_above(self):
        self.load(
            incoming(1),
            incoming(2, parent=1, left_out="spam"),
            incoming(3, parent=2, left_out="spam"),
            incoming(4, parent=3),
            incoming(5, parent=2),
            incoming(6, left_out="ping"),
            incoming(7, parent=6),
        )
        self.assertEqual(self.tree(), {"1": "", "4": "1", "5": "1", "7": ""})
        self.assertEqual(self.report.skipped, {"spam": 2, "ping": 1})
        self.assertIn("left out", self.report.messages[0])
        self.assertIn("3 times", self.report.messages[0])

    def test_circles_open_at_their_oldest_comment(self):
        self.load(incoming(1, 3), incoming(2, 1), incoming(3, 2), incoming(4, 2), incoming(5, 5), incoming(6))
        self.assertEqual(self.tree(), {"1": "", "2": "1", "3": "2", "4": "2", "5": "", "6": ""})
        self.assertIn("circle", self.report.messages[0])

    def test_circles_of_what_is_left_out_hold_nobody_up(self):
        self.load(incoming(1, 2, left_out="spam"), incoming(2, 1, left_out="spam"), incoming(3, 1), incoming(4, 2))
        self.assertEqual(self.tree(), {"3": "", "4": ""})

    def test_what_cannot_come_leaves_its_replies_to_the_one_above(self):
        self.load(
            incoming(1),
            incoming(2, parent=1, html="x" * (markup.MAX_COMMENT + 1)),
            incoming(3, parent=2, html="<script>1</script>"),
            incoming(4, parent=3),
            incoming(5, html="<img>"),
            incoming(6, parent=5),
        )
        self.assertEqual(self.tree(), {"1": "", "4": "1", "6": ""})
        self.assertEqual(self.report.skipped, {"long comment": 1, "empty comment": 2})
        self.assertEqual(self.report.error_count, 1)
        self.assertIn("a thread: a comment of 20001 characters", self.report.messages[0])

    def test_deeper_than_the_greatest_depth_keeps_the_real_parent(self):
        self.load(*(incoming(key, key - 1 or "") for key in range(1, 101)))
        self.assertEqual(self.tree(), {str(key): str(key - 1 or "") for key in range(1, 101)})
        depths = list(Comment.objects.order_by("pk").values_list("depth", flat=True))
        self.assertEqual(depths, [min(number, MAX_DEPTH) for number in range(100)])
        self.assertEqual(Comment.objects.order_by("pk").first().descendant_count, 99)

    @patch("interchange.comment_loading.BATCH", 10)
    def test_long_discussions_come_in_batches_that_each_leave_all_counts_right(self):
        wide = [incoming(key, "" if key % 7 == 0 else key - key % 7) for key in range(98, 168)]
        deep = [incoming(key, "" if key == 200 else key - 1) for key in range(200, 240)]
        star = [incoming(key, "" if key == 300 else 300 + (key - 301) // 6) for key in range(300, 345)]
        loader = Loader([*star, *deep, *wide], source="old.example", report=self.report, where="", earlier=False)
        sizes = []
        for batch in loader.batches():
            loader.insert(batch, self.discussion)
            sizes.append(len(batch))
            self.assertEqual(list(integrity.differences()), [])
        self.assertEqual(sum(sizes), 155)
        self.assertLessEqual(max(sizes), 10)
        self.assertEqual(loader.places, {})
        self.assertEqual(self.tree(), {one.key: one.parent for one in [*star, *deep, *wide]})

    @patch("interchange.comment_loading.BATCH", 10)
    def test_a_batch_keeps_threads_whole_if_they_fit(self):
        comments = [incoming(key, "" if key % 4 == 0 else key - key % 4) for key in range(4, 44)]
        loader = Loader(comments, source="old.example", report=self.report, where="", earlier=False)
        for batch in loader.batches():
            self.assertEqual({int(key) % 4 for key in batch}, {0, 1, 2, 3})
            self.assertEqual(len(batch), 8)

    def test_a_later_run_adds_what_is_new_below_what_is_here(self):
        first = [incoming(1), incoming(2, parent=1), incoming(3, parent=2)]
        self.load(*first)
        self.load(*first, incoming(4, parent=3), incoming(5, parent=4), incoming(6), earlier=True)
        self.assertEqual(self.tree(), {"1": "", "2": "1", "3": "2", "4": "3", "5": "4", "6": ""})
        self.assertEqual(self.report.added["comments"], 6)
        self.assertEqual(self.report.skipped, {"here comment": 3})
        self.load(incoming(7, parent=3), earlier=True)  # a file that holds the newer part alone
        self.assertEqual(self.tree()["7"], "3")

    def test_a_later_run_respects_what_moderators_decided_meanwhile(self):
        self.load(incoming(1), incoming(2, parent=1))
        hidden = Comment.objects.get(depth=0)
        states.move(hidden, to=State.HIDDEN, expected=State.PUBLISHED)
        self.load(incoming(1), incoming(2, parent=1), incoming(3, parent=1), earlier=True)
        hidden.refresh_from_db()
        self.assertEqual((hidden.state, hidden.descendant_count), (State.HIDDEN, 2))

    def test_a_run_again_writes_nothing(self):
        comments = [incoming(1), incoming(2, parent=1), incoming(3, left_out="spam"), incoming(4, parent=3)]
        self.load(*comments)
        before = list(Comment.objects.order_by("pk").values()), self.discussion.version
        self.load(*comments, earlier=True)
        self.assertEqual((list(Comment.objects.order_by("pk").values()), self.discussion.version), before)

    def test_held_comments_count_nowhere(self):
        self.load(
            incoming(1),
            incoming(2, parent=1, state=State.PENDING),
            incoming(3, parent=2),
            incoming(4, parent=3, state=State.PENDING),
        )
        counts = dict(
            zip("1234", Comment.objects.order_by("pk").values_list("descendant_count", flat=True), strict=True)
        )
        self.assertEqual(counts, {"1": 1, "2": 1, "3": 0, "4": 0})
        self.assertEqual(self.discussion.comment_count, 2)
        self.assertEqual(self.report.comments, {"published": 2, "pending": 2})

    def test_takes_few_statements(self):
        comments = [incoming(key, "" if key % 10 == 0 else key - key % 10) for key in range(10, 1_010)]
        loader = Loader(comments, source="old.example", report=self.report, where="", earlier=False)
        (batch,) = loader.batches()
        with CaptureQueriesContext(connection) as queries:
            loader.insert(batch, self.discussion)
        self.assertLess(len(queries), 50)  # SQLite takes some forty rows in each
