"""A run that is killed leaves whole articles and right counts; the next one brings the rest, as if nothing had happened."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from django.conf import settings

from .exports import author, comment, export, post, term

ARTICLES, THREAD, EACH = 40, 2_400, 40  # the first has a long discussion, which takes several transactions
COMMENTS = THREAD + (ARTICLES - 1) * EACH
FACTS = (
    "SELECT slug, title, state, publish_at, body, updated_at FROM articles_article ORDER BY slug",
    "SELECT url, comment_count, mode, opens_at FROM comments_discussion ORDER BY url",
    "SELECT c.body, c.html, c.posted_at, c.guest_name, c.state, c.depth, c.descendant_count, p.body, d.url "
    "FROM comments_comment c JOIN comments_discussion d ON d.id = c.discussion_id "
    "LEFT JOIN comments_comment p ON p.id = c.parent_id ORDER BY d.url, c.body",
    "SELECT a.slug, t.slug FROM articles_article_topics x JOIN articles_article a ON a.id = x.article_id "
    "JOIN articles_topic t ON t.id = x.topic_id ORDER BY 1, 2",
    "SELECT a.slug, w.slug FROM articles_byline b JOIN articles_article a ON a.id = b.article_id "
    "JOIN articles_author w ON w.id = b.author_id ORDER BY 1, 2",
    "SELECT source, kind, key FROM interchange_importedrecord ORDER BY kind, key",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with an empty site and, beside it, an export."""
    folder = tmp_path_factory.mktemp("killed")
    manage(folder / "empty", "migrate", "-v0")
    posts = []
    for number in range(1, ARTICLES + 1):
        # Threads of eight, each reply below the one before.
        own = (
            comment(number * 10_000 + n, f"Words {n}.", parent=number * 10_000 + n - 1 if n % 8 else 0)
            for n in range(EACH if number > 1 else THREAD)
        )
        topic = term("post_tag", f"t{number % 5}", f"Tag {number % 5}")
        posts.append(post(number, *own, topic, slug=f"a-{number}", creator="ada"))
    (folder / "export.xml").write_bytes(export(author("ada", name="Ada"), *posts))
    return folder


def start(data, *arguments):
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment |= {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "campaign.settings"}
    return subprocess.Popen(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def manage(data, *arguments):
    child = start(data, *arguments)
    out, error = child.communicate(timeout=120)
    assert child.returncode == 0, out + error
    return out


def rows(data, sql):
    with closing(sqlite3.connect(data / "rostrum.sqlite3", timeout=20)) as connection:
        return connection.execute(sql).fetchall()


def kill_at(share, data, export_file):
    """Start an import and kill it when `share` of the comments is there. Return how many are."""
    child = start(data, "import_wordpress", export_file)
    while child.poll() is None:
        if rows(data, "SELECT count(*) FROM comments_comment")[0][0] >= share * COMMENTS:
            child.send_signal(signal.SIGKILL)
            break
        time.sleep(0.002)
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    return rows(data, "SELECT count(*) FROM comments_comment")[0][0]


@pytest.fixture(scope="module")
def unbroken(site):
    data = site / "unbroken"
    shutil.copytree(site / "empty", data)
    manage(data, "import_wordpress", site / "export.xml")
    return [rows(data, sql) for sql in FACTS]


@pytest.mark.parametrize("shares", [(0.3,), (0.6,), (0.01, 0.3, 0.6, 0.9)], ids=str)
def test_the_next_run_completes_it(shares, site, unbroken, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(site / "empty", data)
    for share in shares:
        there = kill_at(share, data, site / "export.xml")
        assert share * COMMENTS <= there < COMMENTS
        manage(data, "check_integrity")
        for left in (
            "SELECT slug FROM articles_article WHERE id NOT IN (SELECT article_id FROM articles_byline)",
            "SELECT slug FROM articles_article WHERE id NOT IN (SELECT article_id FROM articles_article_topics)",
            "SELECT url FROM comments_discussion WHERE id NOT IN (SELECT discussion_id FROM articles_article)",
            "SELECT url FROM comments_discussion WHERE comment_count = 0",
        ):
            assert rows(data, left) == []
    manage(data, "import_wordpress", site / "export.xml")
    assert [rows(data, sql) for sql in FACTS] == unbroken
    assert [len(found) for found in unbroken[:3]] == [ARTICLES, ARTICLES, COMMENTS]
    manage(data, "check_integrity")
