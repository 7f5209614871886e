"""The largest files that are read: within the time and memory of specs, D3 of the discussion and R21 of reliability."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from .exports import HEAD, comment, post

pytestmark = pytest.mark.long
COUNT = (
    "import json; from articles.models import Article; from comments.models import Comment; "
    "print(json.dumps([Article.objects.count(), Comment.objects.count()]))"
)


def manage(data, *arguments):
    """Run a command on a site of its own; return its last line as JSON, seconds of the processor and megabytes."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment |= {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "campaign.settings"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=3_000,
    )
    assert child.returncode == 0, child.stderr[-2_000:]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    lines = child.stdout.strip().splitlines()
    return (json.loads(lines[-1]) if lines and lines[-1][0] in "[{" else None), seconds, after.ru_maxrss / 1_000


def thread(number):
    """The parents of a discussion that looks like one: a third begin threads, the others answer one of the last hundred."""
    for key in range(1, number + 1):
        yield key, 0 if key % 3 == 1 else max(1, key - (key * 7919) % 100 - 1)


def test_a_hundred_thousand_comments(tmp_path):
    path = tmp_path / "thread.xml"
    words = "The council has known about the pipes since spring, and <em>nobody</em> said a word. " * 4
    with path.open("w") as file:
        before, after = post(1, "HERE", slug="long").split("HERE")
        file.write(HEAD + before)
        file.writelines(comment(key, f"{words}{key}", parent=parent) for key, parent in thread(100_000))
        file.write(f"{after}</channel></rss>")
    manage(tmp_path / "data", "migrate", "-v0")
    report, seconds, megabytes = manage(tmp_path / "data", "import_wordpress", path, "--json")
    assert (report["articles"], report["comments"], report["errors"]) == (1, 100_000, 0)
    print(f"100,000 comments: {seconds:.0f} s of the processor, {megabytes:.0f} MB")
    assert seconds < 300
    assert megabytes < 500
    manage(tmp_path / "data", "check_integrity")


def test_the_largest_file(tmp_path):
    path = Path(tmp_path / "site.xml")
    content = "<p>The council has known about the pipes since spring, and nobody said a word.</p>\n" * 240
    size, number = len(HEAD), 0
    with path.open("w") as file:
        file.write(HEAD)
        while size < 199_000_000:
            number += 1
            own = [comment(number * 10 + n, "Words.", parent=number * 10 + n - 1 if n else 0) for n in range(4)]
            size += file.write(post(number, *own, slug=f"a-{number}", content=content))
        file.write("</channel></rss>")
    manage(tmp_path / "data", "migrate", "-v0")
    report, seconds, megabytes = manage(tmp_path / "data", "import_wordpress", path, "--json")
    assert (report["articles"], report["comments"], report["errors"]) == (number, number * 4, 0)
    print(f"{number} articles, 199 MB: {seconds:.0f} s of the processor, {megabytes:.0f} MB")
    assert megabytes < 250
    assert manage(tmp_path / "data", "shell", "-v0", "-c", COUNT)[0] == [number, number * 4]
