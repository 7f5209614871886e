import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import SimpleTestCase, TestCase

from bench import claims, counting, docs, measure, posting, profiling, report, results, shapes, tables
from bench.sites import postgresql
from campaign import keeping

from ..comments import trees
from ..factories import make_user


def page(size, *, queries=(0, 9), rendered=20, cpu=(8.0, 9.0), kind="first page", reader="guest", **more):
    """A cell as bench/shapes.py makes it."""
    rest = {"database": [0.0] * len(cpu), "bare": [1.0] * len(cpu), "latency": list(cpu)}
    place = {"shape": "wide", "kind": kind, "size": size, "reader": reader}
    return place | rest | {"queries": list(queries), "rendered": rendered, "cpu": list(cpu)} | more


def missed(found):
    return [claim.text for claim in found if not claim.holds]


class ClaimTests(SimpleTestCase):
    """Each claim holds for what is right, and only for that."""

    def of(self, *cells):
        return missed(shapes.claims([page(100), page(100, reader="member"), *cells]))

    def test_pages_that_are_as_they_should(self):
        self.assertEqual(self.of(page(10_000), page(10_000, reader="member")), [])

    def test_one_query_more_in_a_larger_discussion(self):
        self.assertEqual(
            self.of(page(10_000, queries=[0, 10])), ["A page takes the same number of queries at every size"]
        )

    def test_a_link_may_lead_elsewhere(self):
        links = [page(size, queries=[size, 9], kind="link to the newest") for size in (1, 2)]
        self.assertEqual(self.of(*links), [])

    def test_too_many_queries(self):
        both = {"queries": [0, 13], "kind": "more replies"}
        self.assertEqual(
            self.of(page(100, **both), page(100, reader="member", **both)), ["A guest's page takes at most 12 queries"]
        )

    def test_too_many_comments(self):
        self.assertEqual(self.of(page(10_000, rendered=201)), ["A page shows at most 200 comments"])

    def test_a_cost_that_grows(self):
        grows = "The largest size costs at most 1.25 times a smaller one, by the comments shown"
        self.assertEqual(self.of(page(10_000, cpu=[10.5, 11.5])), [grows])
        self.assertEqual(self.of(page(10_000, cpu=[8.0, 9.0], database=[4.0, 4.0])), [grows])
        self.assertEqual(self.of(page(10_000, cpu=[10.5, 11.5], rendered=30)), [])
        self.assertEqual(self.of(page(10_000, cpu=[9.0, 10.0])), [])

    def test_a_cost_that_grows_between_the_larger_sizes(self):
        cells = [page(100, rendered=5, cpu=[4.0]), page(10_000, rendered=60, cpu=[9.0])]
        flat, steep = ([*cells, page(100_000, rendered=60, cpu=[cpu])] for cpu in (9.5, 13.0))
        self.assertTrue(shapes.flatness(shapes.rows(flat)).holds)
        self.assertFalse(shapes.flatness(shapes.rows(steep)).holds)

    def test_a_page_dearer_than_the_goal(self):
        found = shapes.claims([page(100, cpu=[24.0]), page(100, reader="member")])
        self.assertEqual([str(claim) for claim in found if not claim.holds], [
            "MISSED  A guest's page, just after a change: CPU at most 12 times the bare view's: "
            "24.0 to 24.0 x, 2.0 times it at the most"
        ])  # fmt: skip

    def test_posting(self):
        kind = {"size": 100, "kind": "a reply", "queries": [11, 1], "cpu": [9.0], "bare": [1.0], "database": [0.0]}
        clients = {"size": 100, "posts": [50.0], "inserts": [400.0], "longest": [9.0], "errors": 0, "lost": 0}
        right = {"kinds": [kind], "clients": [clients], "trouble": []}
        self.assertEqual(missed(posting.claims(right)), [])
        wrong = {
            "kinds": [kind | {"queries": [12, 1], "cpu": [11.0]}],
            "clients": [clients | {"posts": [39.0], "lost": 1}],
            "trouble": ["discussion 1: comment_count is 1, 2 comments are published"],
        }
        self.assertEqual(len(missed(posting.claims(wrong))), 5)

    def test_says_by_how_much_a_goal_is_missed(self):
        self.assertEqual(
            claims.times({100: 9.0, 10_000: 15.0}, 10), "9.0 x at 100, 15.0 x at 10,000; 1.5 times what is asked"
        )


class MeasureTests(SimpleTestCase):
    def test_a_thread_that_ended_takes_nothing_with_it(self):
        self.assertEqual(measure.since({"a": 9_000_000, "b": 1_000_000}, {"b": 3_000_000, "c": 500_000}), 2.5)

    def test_counts_what_a_process_does(self):
        before = measure.running([os.getpid()])
        until = time.thread_time() + 0.1  # the system counts in ticks
        while time.thread_time() < until:
            pass
        self.assertGreater(measure.since(before, measure.running([os.getpid()])), 0)


class ReportTests(SimpleTestCase):
    def test_writes_what_was_kept(self):
        cells = [page(size, reader=reader) for size in (100, 10_000) for reader in shapes.READERS]
        with tempfile.TemporaryDirectory() as folder:
            for vendor in results.VENDORS:
                results.keep(Path(folder), "shapes", vendor, cells)
            results.keep(Path(folder), "memory", "sqlite", {"of a dozen pages": {"all": 120.5, "own": 80.0}})
            kept = results.load(Path(folder))
        text = docs.measured(kept)
        memory = "Two workers hold at most 150 MiB after 1,000 requests of a dozen pages"
        self.assertIn(f"- holds: {memory} (120 MiB, 80 of it their own and the rest files)", text)
        self.assertIn("| wide | first page | 9 q, 20 c, 8.5 ms, 8 x |", text)
        self.assertIn("performance/shapes.svg", text)
        self.assertEqual(text.count("Measured on"), 1)
        self.assertIn("holds   Two workers", report.as_text(kept))
        [(file, svg)] = report.pictures(kept).items()
        self.assertEqual(file, "shapes.svg")
        ElementTree.fromstring(svg)

    def test_a_page_of_some_sizes_alone(self):
        cells = [page(100), page(10_000), page(10_000, kind="40th page")]
        _heading, lines = tables.of_shapes(cells, "guest")
        self.assertEqual(lines[1], ["wide", "40th page", "–", "9 q, 20 c, 8.5 ms, 8 x", "–"])

    def test_the_page_in_the_documentation_has_its_place(self):
        page = docs.PAGE.read_text()
        self.assertLess(page.index(docs.BEGIN), page.index(docs.END))


class CountingTests(TestCase):
    """The bench finds the pages as readers do, by their links."""

    databases = {"default", "cache"}

    def test_every_kind_of_page(self):
        wide, thread = (trees.grow(trees.SHAPES[shape](820))[0].discussion for shape in ("wide", "thread"))
        self.assertEqual(
            set(counting.pages(wide.url)),
            {"first page", "most replies first", "40th page", "link to the oldest", "link to the newest"},
        )
        pages = counting.pages(thread.url)
        self.assertEqual(
            set(pages),
            set(shapes.KINDS) - {"40th page", "40th page of replies"},
        )
        self.assertIn("?at=", pages["more replies"])

    def test_the_40th_page_is_the_one_after_39_links(self):
        comments = trees.grow(trees.wide(801))
        html = counting.get(counting.reader(), counting.pages(comments[0].discussion.url)["40th page"]).content.decode()
        best = sorted(comments, key=lambda comment: -comment.pk)
        self.assertEqual(counting.COMMENT.findall(html), [str(comment.pk) for comment in best[780:800]])

    def test_counts_the_redirect_apart(self):
        self.client.force_login(make_user())
        comments = trees.grow(trees.wide(45))
        counted = counting.queries(comments[0].discussion.url, self.client.session.session_key)
        self.assertEqual(counted["first page"]["guest"][0], 0)
        self.assertGreater(counted["link to the oldest"]["guest"][0], 0)
        self.assertEqual(counted["link to the oldest"]["rendered"], 1)
        self.assertGreater(counted["first page"]["member"][1], counted["first page"]["guest"][1])

    def test_says_whose_code_runs(self):
        client, page = counting.reader(), trees.grow(trees.wide(5))[0].discussion.url
        seen = profiling.watched(lambda: counting.get(client, page), keeping.forget_all, 0.3)
        self.assertAlmostEqual(sum(seen.values()), 1, delta=0.02)
        self.assertIn("templates", seen)


class BenchTests(SimpleTestCase):
    @pytest.mark.long
    def test_measures_every_part_on_every_database(self):
        vendors = ["sqlite", "postgresql"] if postgresql() else ["sqlite"]
        small = ["--sizes", "20", "40", "--rounds", "1", "--requests", "1", "--seconds", "0.3"]
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-m", "bench", *small, "--out", folder],
                cwd=settings.BASE_DIR, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True,
            )  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("not modified (304)", done.stdout)
            kept = results.load(Path(folder))
            for part in results.PARTS:
                self.assertEqual(list(kept[part]), vendors)
            for vendor in vendors:
                found = json.loads((Path(folder) / f"posting-{vendor}.json").read_text())["found"]
                self.assertEqual([(cell["errors"], cell["lost"]) for cell in found["clients"]], [(0, 0)] * 2)
                self.assertEqual(found["trouble"], [])
            for part in ("pages", "shapes", "posting"):
                ElementTree.parse(Path(folder) / f"{part}.svg")
