"""import_wordpress against the exports of others: figures, states, the same twice, dry runs, files that are broken."""

import hashlib
import json
import re
import socket
from io import StringIO
from unittest.mock import patch

import html5lib
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client

from articles.models import Article, Author, Topic
from campaign import markup
from comments.models import Comment, Discussion, State
from interchange.models import ImportedRecord
from interchange.wordpress import import_export
from interchange.wordpress_articles import Articles

from .. import corpora
from .exports import comment, export, post, run, run_parts, term
from .test_wxr_reader import exports as corpus_exports

THEME = "wxr/wordpress-importer/theme-unit-test-data.xml"
# What FIGURES.json does not say: posts and pages by state there; what is not public.
DRAFTS = {
    "wxr/pelican/wordpressexport.xml": 4,
    "wxr/wordpress-importer/small-export.xml": 1,
    "wxr/wordpress-importer/test-serialized-comment-meta.xml": 1,
    THEME: 2,
}
PASSWORDS = {THEME: 1}
PRIVATE = {"wxr/wordpress-importer/small-export.xml": 1}
PAGES_NOT_PUBLIC = {"wxr/wordpress-importer/small-export.xml": 1}
# Comments that come: those of posts and pages, without pings, spam and what is protected.
COMMENTS = {
    "wxr/isso/wordpress.xml": (7, 0),
    "wxr/pelican/wordpressexport.xml": (3, 0),
    "wxr/wordpress-importer/wxr-with-sub-data.xml": (0, 1),
    THEME: (25, 3),
}
EVERYTHING = (Article, Comment, Discussion, Author, Topic, ImportedRecord)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """While an import runs nothing is looked up and nothing is connected to. Reading pages may ask a cache."""

    def guarded(*arguments, **options):
        def refuse(*asked, **_options):
            raise AssertionError(f"reached out: {asked}")

        with monkeypatch.context() as patched:
            patched.setattr(socket.socket, "connect", refuse)
            patched.setattr(socket, "getaddrinfo", refuse)
            return import_export(*arguments, **options)

    monkeypatch.setattr("interchange.management.commands.import_wordpress.import_export", guarded)


def everything():
    """A digest of every row of every table that an import might touch."""
    digest = hashlib.sha256()
    for model in EVERYTHING:
        for row in model.objects.order_by("pk").values_list():
            digest.update(repr(row).encode())
    return digest.hexdigest(), [model.objects.count() for model in EVERYTHING]


def check_integrity():
    call_command("check_integrity", stdout=StringIO())  # raises where something differs


@pytest.mark.parametrize(("name", "figures"), corpus_exports(well_formed=True))
def test_reaches_the_figures(name, figures):
    report = run(corpora.path(name))
    assert report["errors"] == 0
    published, pending = COMMENTS.get(name, (figures["comments_approved"], 0))
    public_posts = figures["posts_published"] - PASSWORDS.get(name, 0)
    public_pages = figures["pages"] - PAGES_NOT_PUBLIC.get(name, 0)
    assert Article.objects.stories().count() == public_posts
    assert Article.objects.published().count() == public_posts + public_pages
    assert Article.objects.filter(state="draft").count() == DRAFTS.get(name, 0)
    left_out = PASSWORDS.get(name, 0) + PRIVATE.get(name, 0)
    assert Article.objects.count() == report["articles"] == figures["posts"] + figures["pages"] - left_out
    assert Comment.objects.filter(state=State.PUBLISHED).count() == published
    assert Comment.objects.filter(state=State.PENDING).count() == pending
    assert Comment.objects.count() == report["comments"] == published + pending
    assert max((depth + 1 for depth in Comment.objects.values_list("depth", flat=True)), default=0) == (
        2 if name == "wxr/pelican/wordpressexport.xml" else figures["max_depth"]
    )
    orphans = [message for message in report["messages"] if "not in the file" in message]
    assert len(orphans) == figures["replies_to_unknown"]
    check_integrity()

    before = everything()
    again = run(corpora.path(name))
    assert (again["articles"], again["comments"], again["topics"], again["authors"]) == (0, 0, 0, 0)
    assert everything() == before


@pytest.mark.parametrize(("name", "figures"), corpus_exports(well_formed=True))
def test_a_dry_run_writes_nothing_and_says_what_would_be(name, figures):
    before = everything()
    promised = run(corpora.path(name), "--dry-run")
    assert everything() == before
    done = run(corpora.path(name))
    assert promised | {"dry_run": False} == done
    assert run(corpora.path(name), "--dry-run")["articles"] == 0


@pytest.mark.parametrize(("name", "figures"), corpus_exports(well_formed=False))
def test_a_broken_file_leaves_nothing(name, figures):
    before = everything()
    with pytest.raises(CommandError, match=r", line \d+: .*Nothing was imported"):
        run(corpora.path(name))
    assert everything() == before


def test_a_file_that_breaks_at_its_end_leaves_nothing_either(tmp_path):
    path = tmp_path / "export.xml"
    path.write_bytes(export(*(post(number, comment(number)) for number in range(1, 50)))[:-10])
    with pytest.raises(CommandError, match=r"export\.xml, line \d+: "):
        run(path)
    assert Article.objects.count() == 0


@pytest.mark.parametrize("name", ["missing.xml", "."])
def test_a_file_that_cannot_be_read_is_named(name, tmp_path):
    with pytest.raises(CommandError, match=str(tmp_path / name)):
        run(tmp_path / name)


def guest(path):
    return Client().get(path)


def public_addresses():
    """Everywhere that lists articles or comments, and the pages of all articles that may be read."""
    listed = ["/", "/feeds/articles/", "/sitemap-articles.xml", "/sitemap-topics.xml", "/sitemap-authors.xml"]
    listed += [f"/?page={page}" for page in range(2, 9)]
    listed += [topic.get_absolute_url() for topic in Topic.objects.all()]
    listed += [author.get_absolute_url() for author in Author.objects.all()]
    return listed + [article.get_absolute_url() for article in Article.objects.all()]


def test_the_theme_test_reads_as_it_should():
    run(corpora.path(THEME))
    for slug in ("scheduled", "draft", "template-password-protected"):
        assert guest(f"/articles/{slug}/").status_code == 404
    titles = {article.title for article in Article.objects.filter(state="draft")} | {"Template: Password Protected"}
    assert titles == {"Scheduled", "Draft", "Template: Password Protected"}
    for address in public_addresses():
        page = guest(address).content.decode()
        for title in titles - {"Draft"}:
            assert title not in page, address
        assert "<!-- wp:" not in page
        assert "[gallery" not in page.replace("<code>[gallery", "")
        for words in ("held in moderation", "should be in moderation"):
            assert words not in page
    waiting = Comment.objects.filter(state=State.PENDING)
    assert waiting.count() == 3
    for held in waiting:
        page = guest(held.discussion.url).content.decode()
        assert f'id="c-{held.pk}"' not in page
        assert held.excerpt not in page


def test_a_thread_is_whole_and_in_order():
    run(corpora.path(THEME))
    article = Article.objects.get(slug="template-comments")
    tree = html5lib.parse(guest("/articles/template-comments/?sort=oldest").content, namespaceHTMLElements=False)
    ids = [int(item.get("id")[2:]) for item in tree.iter("li") if (item.get("id") or "").startswith("c-")]
    roots = list(article.discussion.comments.published().filter(parent=None).order_by("posted_at", "pk"))
    assert [pk for pk in ids if pk in {root.pk for root in roots}] == [root.pk for root in roots]
    assert roots[0].posted_at.isoformat() == "2012-09-03T17:18:04+00:00"
    chain = list(article.discussion.comments.filter(parent__isnull=False).order_by("depth"))
    assert [reply.depth for reply in chain] == list(range(1, 10))
    assert [reply.body[:16] for reply in chain] == [f"Comment Depth {number:02}" for number in range(2, 11)]
    assert all(reply.parent_id == above.pk for above, reply in zip(chain, chain[1:], strict=False))
    assert chain[0].parent.descendant_count == 9
    at = guest(f"/c/{chain[-1].pk}/")
    assert at.status_code == 302
    assert f'id="c-{chain[-1].pk}"' in guest(at["Location"].partition("#")[0]).content.decode()


def test_nothing_comes_to_light_that_was_not_public():
    secrets = {
        "private": {"status": "private"},
        "password": {"password": "key"},
        "trash": {"status": "trash"},
        "auto": {"status": "auto-draft"},
        "draft": {"status": "draft"},
        "pending": {"status": "pending"},
        "future": {"status": "future", "date": "2040-01-01 00:00:00"},
        "past-future": {"status": "future"},
        "unknown": {"status": "dp-rewrite-republish"},
        "none": {"status": ""},
        "inherit": {"status": "inherit"},
        "locked-draft": {"status": "draft", "password": "key"},
    }
    report = run_parts(
        post(1, comment(1, "Seen."), title="In the open"),
        *(
            post(
                number,
                comment(number, f"secret of {word}"),
                title=f"secret {word}",
                content=f"secret {word}",
                excerpt=f"secret {word}",
                slug=f"s-{word}",
                **fields,
            )
            for number, (word, fields) in enumerate(secrets.items(), 10)
        ),
        post(30, term("category", "secret", "secret"), title="secret", creator="secret", status="private"),
        post(31, comment(31, "secret held", approved="0"), comment(32, "secret spam", approved="spam")),
        post(32, comment(33, "secret trash", approved="trash"), comment(34, "secret", approved="post-trashed")),
        post(33, comment(35, "secret odd", approved="odd"), comment(36, "secret", kind="pingback")),
    )
    assert report["articles"] == Article.objects.count() == 11
    assert report["articles_by_state"] == {"published": 4, "draft": 7}
    assert report["skipped_by_reason"] == {
        "private": 2, "password": 2, "trash": 2, "of left out": 5,
        "spam": 1, "trash comment": 2, "ping": 1,
    }  # fmt: skip
    assert report["comments_by_state"] == {"published": 8, "pending": 2}
    assert {article.publish_at and article.publish_at.year for article in Article.objects.filter(state="draft")} == {
        None,
        2020,
        2040,
    }
    for address in public_addresses():
        assert b"secret" not in guest(address).content, address
    for word in secrets:
        assert guest(f"/articles/s-{word}/").status_code == 404
    for held in Comment.objects.exclude(state=State.PUBLISHED):
        assert guest(f"/c/{held.pk}/").status_code == 404
    check_integrity()


def test_no_address_of_a_guest_is_kept():
    run_parts(post(1, comment(1, email="eve@example.org"), comment(2, email="eve@example.org", user=3)))
    for model in EVERYTHING:
        rows = repr(list(model.objects.values()))
        for trace in ("eve@example.org", "192.0.2.7", "eve.example"):
            assert trace not in rows


XSS = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '<a href="javascript:alert(1)">x</a>',
    "<svg onload=alert(1)>",
    '<iframe src="javascript:alert(1)"></iframe>',
    '"><script>alert(1)</script>',
    "<style>*{display:none}</style>",
    "[x](javascript:alert(1))",
    "<form action=/><input name=q></form>",
    '<div style="position:fixed">x</div>',
    "<!--><script>alert(1)</script>-->",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '[embed]javascript:alert(1)[/embed] [audio src="javascript:alert(1)"]',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


def all_payloads():
    found = list(XSS)
    for path in sorted((corpora.FOLDER / "xss").rglob("*.json")) if corpora.FOLDER.is_dir() else ():
        for entry in json.loads(path.read_text()):
            payload = (
                entry if isinstance(entry, str) else next((entry[k] for k in ("payload", "input") if k in entry), "")
            )
            found.append(payload)
    return [text for text in map(printable_in_xml, found) if text.strip()]


def printable_in_xml(text):
    return "".join(
        c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
    )


def dangers(html, tags):
    """What of a page's text part is not on the list of what may stand there."""
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        if element.tag == "DOCUMENT_FRAGMENT":
            continue
        if element.tag not in tags:
            yield f"<{element.tag}>"
        for name, value in element.attrib.items():
            if name.startswith("on") or name in {"style", "srcdoc", "formaction"}:
                yield f"{name}={value}"
            if name in {"href", "src"} and not is_plain_address(value):
                yield f"{name}={value}"


def is_plain_address(value):
    """As a browser reads it: without leading spaces, tabs and new lines anywhere."""
    scheme = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*(?=:)", re.sub(r"[\t\r\n]|^[\x00-\x20]+", "", value))
    return not scheme or scheme[0].lower() in markup.SCHEMES


def test_hostile_texts_are_harmless():
    payloads = all_payloads()
    run_parts(
        *(
            post(number, comment(number, payload, author=payload[:200]), content=payload, title="T", slug=f"s-{number}")
            for number, payload in enumerate(payloads, 1)
        )
    )
    assert Article.objects.count() == len(payloads)
    for article in Article.objects.all():
        assert not list(dangers(article.html, markup.ARTICLE_TAGS)), article.body
    for one in Comment.objects.all():
        assert not list(dangers(one.html, markup.COMMENT_TAGS)), one.body


def test_hostile_names_are_text_on_every_page():
    for number, payload in enumerate(XSS, 1):
        run_parts(
            post(
                number,
                comment(number, payload, author=payload),
                term("category", f"t-{number}", payload),
                title=payload,
                excerpt=payload,
                content=f"<p>{payload}</p>",
                creator=payload,
                slug=f"s-{number}",
            )
        )
    for address in public_addresses():
        response = guest(address)
        assert response.status_code in (200, 404), address
        page = html5lib.parse(response.content, namespaceHTMLElements=False)
        for script in page.iter("script"):
            assert script.get("src", "").startswith("/static/") or script.get("type") == "application/ld+json"
        for element in page.iter():
            for name, value in element.attrib.items():
                assert not name.startswith("on"), (address, name, value)
                assert name not in {"href", "src", "action"} or is_plain_address(value), (address, name, value)


def test_one_that_the_database_refuses_does_not_stop_the_others():
    store = Articles.store

    def refuse(self, article, item, key):
        if key == "2":
            raise IntegrityError("no")
        return store(self, article, item, key)

    with patch.object(Articles, "store", refuse):
        report = run_parts(post(1, comment(1)), post(2, comment(2)), post(3, comment(3)))
    assert (report["articles"], report["comments"], report["errors"]) == (2, 2, 1)
    assert report["messages"] == ["“A title” (line 6): no"]
    check_integrity()
    report = run_parts(post(1, comment(1)), post(2, comment(2)), post(3, comment(3)))
    assert (report["articles"], report["comments"], report["errors"]) == (1, 1, 0)
