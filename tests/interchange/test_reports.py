"""What the report says in words, and what the command prints where."""

import json
import subprocess
import sys
from io import StringIO
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from interchange import reports
from interchange.reports import Report

from .exports import attachment, bring, comment, export, meta, post, term


def test_notes_are_told_once_with_their_first_place():
    report = Report("old.example")
    report.note("bent", "here")
    report.note("bent", "there", 2)
    report.note("odd", "there")
    report.note("dropped", number=4)
    report.note("nothing", "there", 0)
    report.leave("gallery", "here")
    report.leave("block map", "here")
    report.leave("gallery", "there")
    report.error("broken", "there")
    assert report.messages == [
        "there: broken",
        "bent: 3 times, first in here",
        "there: odd",
        "dropped: 4",
        "here: left out of the text: gallery (2×), block map",
    ]


def test_a_great_many_errors_are_counted(monkeypatch):
    monkeypatch.setattr(reports, "MESSAGES", 2)
    report = Report("old.example")
    for number in range(5):
        report.error(f"error {number}")
    assert report.messages == ["error 0", "error 1", "3 more errors"]
    assert report.as_json()["errors"] == 5


PARTS = (
    post(
        1, comment(1), comment(2, approved="0"), comment(3, approved="spam"), term("post_tag", "t", "T"), creator="ada"
    ),
    post(2, kind="page"),
    post(3, status="draft"),
    post(4, comment(4), status="private"),
    post(5, meta("_thumbnail_id", 6), content="[map]x[/map]"),
    attachment(6, "https://old.example/a.jpg", title="A"),
)


@pytest.mark.django_db
def test_the_report_in_words():
    assert bring(*PARTS, dry_run=True).as_text().splitlines()[0] == "Would be imported from old.example/blog"
    assert bring(*PARTS).as_text().splitlines() == [
        "Imported from old.example/blog",
        "        4  articles (1 page among them, 3 published, 1 draft)",
        "        2  comments (1 published, 1 waiting for review)",
        "        1  topics",
        "        1  authors",
        "        0  pictures",
        "",
        "Left out",
        "        1  private articles",
        "        1  entries that are neither posts nor pages (attachment 1)",
        "        1  comments of what was left out",
        "        1  comments marked as spam",
        "",
        "Look at these",
        "  “A title” (line 9): pictures that became links; --fetch-images brings them",
        "  “A title” (line 9): left out of the text: shortcode [map]",
    ]
    assert bring(*PARTS).as_text().splitlines()[7:10] == [
        "Here already",
        "        4  articles brought by an earlier run",
        "        2  comments brought by an earlier run",
    ]


@pytest.mark.django_db
def test_json_is_the_last_line_and_has_the_names_that_scripts_read(tmp_path):
    path, out = tmp_path / "export.xml", StringIO()
    path.write_bytes(export(*PARTS))
    call_command("import_wordpress", path, "--json", stdout=out)
    report = json.loads(out.getvalue().splitlines()[-1])
    assert {name: report[name] for name in ("articles", "comments", "members", "petitions", "skipped", "errors")} == {
        "articles": 4,
        "comments": 2,
        "members": 0,
        "petitions": 0,
        "skipped": 4,
        "errors": 0,
    }
    assert all(isinstance(message, str) for message in report["messages"])


@pytest.mark.django_db
def test_who_stops_it_is_told_how_to_go_on(tmp_path):
    path = tmp_path / "export.xml"
    path.write_bytes(export(*PARTS))
    stopped = patch("interchange.wordpress.Import.bring", side_effect=KeyboardInterrupt)
    with stopped, pytest.raises(CommandError, match="Run it again"):
        call_command("import_wordpress", path)


def test_a_broken_file_ends_the_command_with_one_in_words(tmp_path):
    path = tmp_path / "export.xml"
    path.write_bytes(export(*PARTS)[:-20])
    child = subprocess.run(
        [sys.executable, "manage.py", "import_wordpress", path],
        cwd=settings.BASE_DIR,
        env={"DATA_DIR": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert child.returncode == 1
    assert child.stderr.strip().splitlines()[-1].startswith("CommandError: export.xml, line 10: ")
    assert child.stderr.strip().endswith("Nothing was imported.")
    assert child.stdout == ""
