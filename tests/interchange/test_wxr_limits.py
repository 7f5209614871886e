"""Hostile exports, each read in a process of its own with little memory and time, no network and no other file."""

import gzip
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from .. import corpora
from .test_wxr_reader import HEAD

ATTACKS = sorted(path.name for path in (corpora.FOLDER / "xml-attacks").glob("*.xml"))
PLAIN = {"simple.xml", "simple-ns.xml"}  # no attacks, and no exports either
READ = """
import sys
from interchange import wxr, wxr_reader

def guard(event, arguments):
    if event.startswith("socket.") or event == "open" and arguments[0] != sys.argv[1]:
        print("reached out:", event, arguments[0])

sys.addaudithook(guard)
try:
    print(sum(1 for part in wxr_reader.read(sys.argv[1])), "parts")
except wxr.BrokenExport as error:
    print(error)
"""


def read_in_a_child(path, megabytes=200, seconds=20):
    """Return what the child prints: the number of parts, or the message."""

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    child = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        preexec_fn=limit,
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return child.stdout.strip() or child.stderr[-500:]


@pytest.mark.parametrize(
    "name", ATTACKS or [pytest.param("", marks=pytest.mark.skip(reason="no corpora: set CORPORA_DIR"))]
)
def test_refuses_every_attack_of_the_corpora(name):
    message = read_in_a_child(corpora.path("xml-attacks", name))
    why = "not a WordPress export" if name in PLAIN else "a document type or entity is declared here"
    assert message.startswith(f"{name}, line ")
    assert why in message


def endless(piece, times, head=HEAD):
    return f"{head}{piece * times}"


HOSTILE = {
    "text": (HEAD + "<title>" + "x" * 11_000_000, "a piece (item, comment) larger than 10,000,000 bytes"),
    "item": (HEAD + "<item><title>" + "x" * 11_000_000, "a piece (item, comment) larger than 10,000,000 bytes"),
    "item in parts": (
        HEAD + "<item>" + ("<title>" + "x" * 200 + "</title><wp:comment></wp:comment>") * 60_000,
        "larger than 10,000,000 bytes",
    ),
    "comment": (HEAD + "<item><wp:comment><wp:comment_content>" + "x" * 11_000_000, "larger than 10,000,000 bytes"),
    "comments": (endless("<wp:comment/>", 110_000, HEAD + "<item>"), "an item with more than 100,000 comments"),
    "items": (endless("<item/>", 110_000), "more than 100,000 items"),
    "markup comment": (HEAD + "<!--" + "x" * 15_000_000, "larger than 10,000,000 bytes"),
    "attribute": (HEAD + '<a href="' + "x" * 15_000_000, "larger than 10,000,000 bytes"),
    "attributes": (HEAD + "<a" + "".join(f' a{n}=""' for n in range(100)) + ">", "more than 50 attributes"),
    "depth": (endless("<a>", 100), "more than 64 elements inside one another"),
    "names": (HEAD + "".join(f"<a{n}/>" for n in range(2_000)), "more than 1,000 different names"),
    "namespaces": (HEAD + "".join(f'<a xmlns:n{n}="n{n}"/>' for n in range(2_000)), "more than 1,000 different names"),
    "xinclude": (
        HEAD
        + '<item><title><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/></title></item>'
        + "</channel></rss>",
        "2 parts",
    ),
    "processing instruction": (
        f'<?xml-stylesheet href="http://example.org/x.xsl"?>{HEAD[39:]}<item/></channel></rss>',
        "2 parts",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_stops_at_the_limits(name, tmp_path):
    text, message = HOSTILE[name]
    path = tmp_path / "hostile.xml"
    path.write_text(text)
    answer = read_in_a_child(path)
    assert message in answer
    assert "reached out" not in answer


def test_counts_the_unpacked_bytes_of_a_gzip(tmp_path):
    path = tmp_path / "bomb.xml.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(HEAD.encode())
        for _ in range(210):
            file.write(b"<item>" + b" " * 1_000_000 + b"</item>")
    assert path.stat().st_size < 2_000_000
    assert "larger than 200,000,000 bytes, unpacked" in read_in_a_child(path)


def test_a_large_export_takes_the_memory_of_one_item(tmp_path):
    comment = "<wp:comment><wp:comment_content>" + "words " * 100 + "</wp:comment_content></wp:comment>"
    path = tmp_path / "large.xml"
    with path.open("w") as file:
        file.write(HEAD)
        for _ in range(6_000):
            file.write(f"<item><content:encoded>{'words ' * 1_000}</content:encoded>{comment * 5}</item>")
        file.write("</channel></rss>")
    assert path.stat().st_size > 50_000_000
    assert read_in_a_child(path, megabytes=120) == "6001 parts"


def test_a_thread_larger_than_an_item_may_be_is_read(tmp_path):
    comment = "<wp:comment><wp:comment_content>" + "words " * 100 + "</wp:comment_content></wp:comment>"
    path = tmp_path / "thread.xml"
    path.write_text(f"{HEAD}<item>{comment * 20_000}</item></channel></rss>")
    assert path.stat().st_size > 12_000_000
    assert read_in_a_child(path) == "2 parts"
