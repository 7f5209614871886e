"""--fetch-images: pictures of the old site in the library and in the texts, once, and later if they were links first."""

import io

import pytest
from PIL import Image

from articles.models import Article, Picture
from campaign import images
from interchange import fetching
from interchange.models import ImportedRecord

from .exports import attachment, bring, meta, post

pytestmark = pytest.mark.django_db
HILL, SEA = "https://old.example/files/hill.jpg", "https://old.example/files/sea.jpg"


def photograph(size=(600, 400)):
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", size, "teal").save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def web(monkeypatch):
    """{address: content}; `asked` lists what was asked for."""
    found = {HILL: photograph(), SEA: photograph((300, 300))}
    asked = []

    def fetch(address):
        asked.append(address)
        if address not in found:
            raise fetching.NotFetched("the server answers 404")
        return found[address], address

    monkeypatch.setattr(fetching, "fetch", fetch)
    return found, asked


LIBRARY = (
    attachment(5, HILL, meta("_wp_attachment_image_alt", "A hill"), title="hill", excerpt="Seen <b>today</b>"),
    attachment(6, SEA, title="The sea"),
)
TEXT = f'One\n\n<img src="{SEA.replace(".jpg", "-300x300.jpg")}" alt="Waves">\n\ntwo'


def test_pictures_are_fetched_made_anew_and_shown(web, tmp_path):
    _found, asked = web
    report = bring(*LIBRARY, post(1, meta("_thumbnail_id", 5), content=TEXT), post(2, content=TEXT), fetch_images=True)
    assert sorted(asked) == [HILL, SEA]  # the whole picture, not its smaller copy; once for both articles
    hill, sea = Picture.objects.order_by("-width")
    assert (hill.alt, hill.caption, hill.credit) == ("A hill", "Seen today", "Imported from old.example")
    assert (sea.alt, sea.is_decorative) == ("The sea", False)
    first, second = Article.objects.order_by("pk")
    assert first.picture == hill
    assert first.html == f'<p>One</p>\n<figure><img src="{sea.file.url}" alt="Waves"></figure>\n<p>two</p>'
    assert (second.picture, second.html) == (None, first.html)
    assert report.added["pictures"] == 2
    assert report.messages == []
    files = list(tmp_path.rglob("*.webp"))
    assert len(files) == 2 + len(hill.widths) + len(sea.widths)
    assert not any(b"secret place" in file.read_bytes() for file in files)


def test_nothing_is_fetched_unless_asked(web):
    _found, asked = web
    bring(*LIBRARY, post(1, meta("_thumbnail_id", 5), content=TEXT))
    bring(*LIBRARY, post(2, content=TEXT), fetch_images=True, dry_run=True)
    assert asked == []
    assert Picture.objects.count() == 0


def test_a_later_run_brings_the_pictures_that_were_links(web):
    parts = [*LIBRARY, *(post(number, meta("_thumbnail_id", 5), content=TEXT) for number in (1, 2))]
    bring(*parts)
    assert [article.html.count("<a ") for article in Article.objects.all()] == [2, 2]
    report = bring(*parts, fetch_images=True)
    for article in Article.objects.all():
        assert article.picture.alt == "A hill"
        assert (article.html.count("<a "), article.html.count("<img ")) == (0, 1)
    assert (report.added["articles"], report.added["pictures"], report.messages) == (0, 2, [])
    before = list(Article.objects.values())
    assert bring(*parts, fetch_images=True).messages == []
    assert list(Article.objects.values()) == before


def test_a_later_run_brings_what_failed_at_first(web):
    found, asked = web
    sea = found.pop(SEA)
    parts = [*LIBRARY, post(1, meta("_thumbnail_id", 5), content=TEXT)]
    report = bring(*parts, post(2, content=TEXT), fetch_images=True)
    assert asked.count(SEA) == 1
    assert report.error_count == 1
    assert report.messages == [f"“A title” (line 7): picture {SEA}: the server answers 404"]
    article = Article.objects.order_by("pk").first()
    assert (article.picture.alt, article.html.count("<a ")) == ("A hill", 1)
    found[SEA] = sea
    bring(*parts, fetch_images=True)
    article.refresh_from_db()
    assert (article.html.count("<a "), article.html.count("<img ")) == (0, 1)


def test_a_text_that_was_changed_here_keeps_its_links(web):
    parts = [*LIBRARY, post(1, content=TEXT)]
    bring(*parts)
    article = Article.objects.get()
    article.set_body(article.body + "<p>Ours.</p>")
    article.save()
    report = bring(*parts, fetch_images=True)
    article.refresh_from_db()
    assert article.body.endswith("<p>Ours.</p>")
    assert "changed here since" in report.messages[0]
    assert Picture.objects.count() == 0


def test_a_picture_that_an_editor_deleted_does_not_come_back(web):
    _found, asked = web
    bring(*LIBRARY, post(1, content=TEXT), fetch_images=True)
    Article.objects.all().delete()
    Picture.objects.all().delete()
    bring(*LIBRARY, post(1, content=TEXT), post(2, content=TEXT), fetch_images=True)
    assert asked == [SEA]
    assert Article.objects.get().html.count("<a ") == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xd8\xff not a photograph", b"<svg onload='alert(1)'/>"])
def test_what_is_no_picture_stays_a_link(content, web, tmp_path):
    web[0][SEA] = content
    report = bring(*LIBRARY, post(1, content=TEXT), fetch_images=True)
    assert report.error_count == 1
    assert SEA in report.messages[0]
    assert Article.objects.get().html.count("<a ") == 1
    assert not list(tmp_path.rglob("*.*"))


def test_a_picture_that_cannot_be_noted_leaves_no_file(web, tmp_path, monkeypatch):
    def refuse(*_arguments):
        raise RuntimeError("no")

    monkeypatch.setattr(ImportedRecord.objects, "remember", refuse, raising=False)
    monkeypatch.setattr(type(ImportedRecord.objects), "remember", refuse)
    with pytest.raises(RuntimeError):
        bring(*LIBRARY, post(1, content=TEXT), fetch_images=True)
    assert Picture.objects.count() == 0
    assert not list(tmp_path.rglob("*.webp"))


def test_alternative_text_and_credit_fit_their_columns(web):
    long = attachment(6, SEA, meta("_wp_attachment_image_alt", "a" * 400), excerpt="c" * 500)
    bring(long, post(1, content=TEXT), fetch_images=True)
    picture = Picture.objects.get()
    assert (len(picture.alt), len(picture.caption)) == (300, 400)
    assert images.MAX_BYTES == fetching.MAX_BYTES
