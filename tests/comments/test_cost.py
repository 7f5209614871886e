"""What reading costs: the number of queries, what each of them reads, and that neither grows with the discussion."""

import json
import re
from contextlib import contextmanager

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaign import keeping
from comments.models import Comment

from ..factories import make_comment, make_moderator, make_user
from . import trees
from .reading import read

SORTS = ["best", "newest", "oldest", "busy", "featured"]
GUEST, MEMBER = 12, 15  # queries of a page at most (discussion.md T4)
MEMBERS_AND_MORE = 18  # moderators: a bound of our own
SQLITE = connection.vendor == "sqlite"


def queries(client, address):
    """What is asked of the database for a page that nothing is kept of."""
    keeping.forget_all()
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code in (200, 302), f"{address}: {response.status_code}"
    return [query["sql"] for query in captured.captured_queries]


def reading_comments(statements):
    return [sql for sql in statements if sql.startswith(("SELECT", "WITH")) and "comments_comment" in sql]


def addresses(comment):
    """Every kind of page that shows comments of this one's discussion."""
    url = comment.discussion.url
    return {
        **{sort: f"{url}?sort={sort}" for sort in SORTS},
        "around": f"{url}?at={comment.pk}",
        "reply": f"{url}?reply={comment.pk}",
        "permalink": f"/c/{comment.pk}/",
    }


class NumberOfQueriesTests(TestCase):
    """As many at 10, at 100 and at 2,000 comments."""

    @classmethod
    def setUpTestData(cls):
        cls.discussions = {n: trees.grow(trees.mixed(n), state=trees.some_states()) for n in (10, 100, 2_000)}
        cls.member, cls.moderator = make_user("Reader Member"), make_moderator()
        for comments in cls.discussions.values():
            # Something that only its author and moderators see, in each of them.
            make_comment(comments[0].discussion, author=cls.member, state="pending")
            some = [comment.pk for comment in comments if comment.parent_id][:200]
            Comment.objects.filter(pk__in=some).update(featured_at=timezone.now())

    def check(self, most, kinds=(*SORTS, "around", "permalink")):
        for kind in kinds:
            with self.subTest(kind):
                numbers = {}
                for n, comments in self.discussions.items():
                    comment = next(c for c in comments if c.state == "published" and c.descendant_count)
                    address = addresses(comment)[kind]
                    self.client.get(address)  # patterns and permissions of content types are kept now
                    numbers[n] = len(queries(self.client, address))
                self.assertEqual(len(set(numbers.values())), 1, numbers)
                self.assertLessEqual(numbers[10], most)

    def test_a_guest(self):
        self.check(GUEST)

    def test_a_member(self):
        self.client.force_login(self.member)
        self.check(MEMBER)

    def test_a_moderator(self):
        self.client.force_login(self.moderator)
        self.check(MEMBERS_AND_MORE)

    def test_a_members_page_with_the_form_for_a_reply(self):
        self.client.force_login(self.member)
        self.check(MEMBER, ["reply"])

    def test_a_guests_page_with_the_way_to_the_form(self):
        self.check(GUEST, ["reply"])

    def test_the_next_page(self):
        for comments in (self.discussions[2_000], trees.grow(trees.wide(45))):
            page = read(self.client, comments[0].discussion.url)
            self.assertLessEqual(len(queries(self.client, page.next.partition("#")[0])), GUEST)

    def test_a_profile(self):
        few, many = make_user("Few Words"), make_user("Many Words")
        trees.grow(trees.wide(3), authors=[few])
        trees.grow(trees.mixed(300), authors=[many])
        numbers = [len(queries(self.client, person.get_absolute_url())) for person in (few, many)]
        self.assertEqual(*numbers)
        self.assertLessEqual(numbers[0], GUEST)


@contextmanager
def statistics():
    """With what the database knows after ANALYZE."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield


class PlanTests(TestCase):
    """Each query of a reader is a range of an index: no table is read whole, no page of roots or replies is sorted."""

    @classmethod
    def setUpTestData(cls):
        cls.comments = trees.grow(trees.mixed(1_500), state=trees.some_states())
        elsewhere = [comment for _ in range(3) for comment in trees.grow(trees.thread(150))]
        cls.member, cls.moderator = make_user("Plan Reader"), make_moderator()
        some = [comment.pk for comment in (*cls.comments[:300:5], *elsewhere)]
        Comment.objects.filter(pk__in=some).update(featured_at=timezone.now())

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        if SQLITE:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE sqlite_master")  # forget the statistics that were rolled back

    def problems(self, sql):
        with connection.cursor() as cursor:
            if SQLITE:
                cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"))
                plan = [row[3] for row in cursor.fetchall()]
                bad = [line for line in plan if re.match(r"SCAN (comments_comment|[A-Z]\d+|x|y)\b", line)]
                if is_heads(sql):
                    bad += [line for line in plan if "TEMP B-TREE" in line]
                return bad
            # Small tables are read whole by right; without that choice the plan says which index serves.
            for way in ("enable_seqscan", "enable_sort"):
                cursor.execute(f"SET LOCAL {way} = off")
            cursor.execute("EXPLAIN (FORMAT JSON) " + sql.replace("%", "%%"))
            plan = cursor.fetchone()[0]
            nodes = list(every_node((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
            bad = [
                n["Node Type"]
                for n in nodes
                if n["Node Type"] == "Seq Scan" and n["Relation Name"] == "comments_comment"
            ]
            if is_heads(sql):
                bad += [n["Node Type"] for n in nodes if "Sort" in n["Node Type"]]
            return bad

    def check(self, pages):
        for kind, address in pages.items():
            for sql in reading_comments(queries(self.client, address)):
                with self.subTest(kind, sql=sql[-200:]):
                    self.assertEqual(self.problems(sql), [])

    def pages(self):
        comment = next(c for c in self.comments if c.depth == 2 and c.state == "published" and c.descendant_count)
        page = read(self.client, comment.discussion.url)
        after = {f"after {sort}": read(self.client, f"{comment.discussion.url}?sort={sort}").next for sort in SORTS}
        return {
            **addresses(comment),
            **{kind: href.partition("#")[0] for kind, href in after.items()},
            "more": page.more[0][1].partition("#")[0],
            "home": "/",
        }

    def test_of_a_profile(self):
        self.check({"profile": self.comments[0].author.get_absolute_url()})

    def test_of_a_profile_with_statistics(self):
        with statistics():
            self.test_of_a_profile()

    def test_of_a_guest(self):
        self.check(self.pages())

    def test_of_a_guest_with_statistics(self):
        with statistics():
            self.check(self.pages())

    def test_of_a_member(self):
        self.client.force_login(self.member)
        self.check(self.pages())

    def test_of_a_member_with_statistics(self):
        self.client.force_login(self.member)
        with statistics():
            self.check(self.pages())

    def test_of_a_moderator(self):
        self.client.force_login(self.moderator)
        self.check(self.pages())

    def test_of_a_moderator_with_statistics(self):
        self.client.force_login(self.moderator)
        with statistics():
            self.check(self.pages())


def is_heads(sql):
    """Does it ask for a page of roots, or of replies, in order?"""
    return bool(re.search(r"ORDER BY .* LIMIT 21$", sql)) or sql.startswith("WITH")


def every_node(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from every_node(child)


@contextmanager
def counting_steps():
    """Count the work of SQLite's machine, in tens of instructions."""
    steps = [0]

    def count():
        steps[0] += 1

    connection.ensure_connection()
    connection.connection.set_progress_handler(count, 10)
    try:
        yield steps
    finally:
        connection.connection.set_progress_handler(None, 0)


def work(sql):
    """What the database does for one statement: steps of SQLite, rows that PostgreSQL reads."""
    with connection.cursor() as cursor:
        if SQLITE:
            with counting_steps() as steps:
                cursor.execute(sql.replace("%", "%%"))
                cursor.fetchall()
            return steps[0]
        cursor.execute("SET LOCAL enable_seqscan = off")  # of a table this small PostgreSQL may well read all
        cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + sql.replace("%", "%%"))
        plan = cursor.fetchone()[0]
        plan = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
        return sum(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            for node in every_node(plan)
            if node.get("Relation Name") == "comments_comment"
        )


class WorkTests(TestCase):
    """Ten times the comments do not make ten times the work; a larger discussion may fill its page better, no more."""

    SMALL, LARGE = 250, 2_500

    def check(self, shape, state=None, author=None, analyze=False):
        member, moderator = make_user("Work Reader"), make_moderator()
        found = {}
        for n in (self.SMALL, self.LARGE):
            comments = trees.grow(
                trees.SHAPES[shape](n),
                state=state and state(n),
                authors=[author] if author else None,
            )
            if analyze or not SQLITE:  # PostgreSQL looks at its tables unasked
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")
            for name, viewer in {"guest": None, "member": author or member, "moderator": moderator}.items():
                if viewer:
                    self.client.force_login(viewer)
                else:
                    self.client.logout()
                pages = addresses(comments[0])
                for kind, address in pages.items():
                    statements = reading_comments(queries(self.client, address))
                    found.setdefault((name, kind), []).append({sql: work(sql) for sql in statements})
        for (name, kind), pages in found.items():
            small, large = (sum(page.values()) for page in pages)
            with self.subTest(viewer=name, page=kind):
                worst = max(pages[1], key=pages[1].get)
                self.assertLess(large, small * 2.5 + 500, f"ten times the comments; most of it: {worst[-400:]}")

    def test_many_roots(self):
        self.check("wide")

    def test_many_roots_with_statistics(self):
        self.check("wide", analyze=True)

    def test_many_replies(self):
        self.check("thread")

    def test_many_replies_with_statistics(self):
        self.check("thread", analyze=True)

    def test_a_mixture_with_statistics(self):
        self.check("mixed", state=lambda n: trees.some_states(), analyze=True)

    def test_many_hidden_replies(self):
        self.check("holes", state=trees.hidden_first_half)

    def test_many_hidden_replies_with_statistics(self):
        self.check("holes", state=trees.hidden_first_half, analyze=True)

    def test_many_hidden_roots(self):
        self.check("wide", state=lambda n: lambda number: "hidden" if number % 2 else "published")

    def test_many_comments_by_the_reader(self):
        self.check("wide", author=make_user("Busy Writer"))

    def test_many_comments_by_the_reader_with_statistics(self):
        self.check("mixed", author=make_user("Busy Writer"), analyze=True)
