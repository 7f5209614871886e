"""Reading WordPress exports: the figures of the corpora, what each field means, what broken files say."""

import gzip
import io
import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from interchange import wxr, wxr_reader

from .. import corpora

FIGURES = corpora.FOLDER / "FIGURES.json"
# Figures that count elements where we count people: one of the four <wp:author> stands in a post and names its author.
OURS = {"wxr/wordpress-importer/authors-multiline.xml": {"authors": 3}}


def exports(well_formed):
    """The corpus files that are, or are not, well-formed; one skipped test where there are no corpora."""
    if not FIGURES.exists():
        return [pytest.param("", {}, marks=pytest.mark.skip(reason=f"no corpora at {corpora.FOLDER}: set CORPORA_DIR"))]
    return [
        pytest.param(name, figures | OURS.get(name, {}), id=name)
        for name, figures in json.loads(FIGURES.read_text()).items()
        if figures["kind"] == "WXR" and figures["well_formed"] == well_formed
    ]


def counted(parts):
    """The figures of an export, under the names of FIGURES.json."""
    items = [part for part in parts if isinstance(part, wxr.Item)]
    posts = [item for item in items if item.type == "post"]
    comments = [comment for item in items for comment in item.comments]
    ids = Counter(comment.id for comment in comments)
    kinds = Counter(part.kind for part in parts if isinstance(part, wxr.Term))
    return {
        "items": len(items),
        "types": Counter(item.type or "?" for item in items),
        "posts": len(posts),
        "posts_published": sum(item.status == "publish" for item in posts),
        "pages": sum(item.type == "page" for item in items),
        "authors": sum(isinstance(part, wxr.Author) for part in parts),
        "categories": kinds["category"],
        "tags": kinds["tag"],
        "comments": len(comments),
        "comments_on_posts": sum(len(item.comments) for item in posts),
        "comments_approved": sum(comment.approved == "1" for comment in comments),
        "comments_by_state": Counter(comment.approved for comment in comments),
        "comments_by_type": Counter(comment.type or "comment" for comment in comments),
        "items_with_comments": sum(bool(item.comments) for item in items),
        "most_comments_on_one_item": max((len(item.comments) for item in items), default=0),
        "max_depth": max((depth(item, comment) for item in items for comment in item.comments), default=0),
        "replies_to_unknown": sum(comment.parent not in known(item) for item in items for comment in item.comments),
        "repeated_comment_ids": sum(number - 1 for number in ids.values()),
    }


def known(item):
    return {0} | {comment.id for comment in item.comments}


def depth(item, comment):
    parents = {comment.id: comment.parent for comment in item.comments}
    number, parent = 1, comment.parent
    while parent in parents:
        number, parent = number + 1, parents[parent]
    return number


@pytest.mark.parametrize(("name", "figures"), exports(well_formed=True))
def test_reaches_the_figures(name, figures):
    found = counted(list(wxr_reader.read(corpora.path(name))))
    assert found == {key: figures[key] for key in found}


@pytest.mark.parametrize(("name", "figures"), exports(well_formed=False))
def test_names_file_and_line_of_what_is_broken(name, figures):
    message, _, place = figures["parse_error"].partition(": line ")
    with pytest.raises(wxr.BrokenExport) as error:
        list(wxr_reader.read(corpora.path(name)))
    line = int(place.partition(",")[0])
    assert str(error.value) == f"{name.rpartition('/')[2]}, line {line}: {message}"
    assert error.value.line == line


def test_the_unit_test_data_has_55_public_posts():
    path = corpora.path("wxr", "wordpress-importer", "theme-unit-test-data.xml")
    items = [part for part in wxr_reader.read(path) if isinstance(part, wxr.Item)]
    posts = [item for item in items if item.type == "post"]
    assert sum(item.status == "publish" and not item.password for item in posts) == 55
    assert Counter(item.status for item in posts) == {"publish": 56, "future": 1, "draft": 1}
    locked = next(item for item in posts if item.password)
    assert (locked.password, locked.comments[0].date) == ("enter", datetime(2013, 3, 14, 18, 56, 8, tzinfo=UTC))
    greek = next(item for item in items if item.post_id == 1811)
    assert greek.slug == "επίπεδο-2"
    pictured = next(item for item in items if item.title == "Template: Featured Image (Horizontal)")
    assert pictured.thumbnail_id in {item.post_id for item in items if item.type == "attachment"}


# Small exports of our own


HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/">
<channel>
"""


def export(body, head=HEAD):
    return io.BytesIO(f"{head}{body}</channel></rss>".encode())


def item(body, head=HEAD):
    return next(part for part in wxr_reader.read(export(f"<item>{body}</item>", head)) if isinstance(part, wxr.Item))


def refusal(data):
    with pytest.raises(wxr.BrokenExport) as error:
        list(wxr_reader.read(io.BytesIO(data)))
    return str(error.value)


def test_an_item_with_all_it_can_have():
    found = item(
        """<title>A &amp; B</title><link>https://old.example/a/</link><guid isPermaLink="false">https://old.example/?p=7</guid>
        <dc:creator><![CDATA[ada]]></dc:creator><content:encoded><![CDATA[One]]><![CDATA[ two]]></content:encoded>
        <excerpt:encoded>Short</excerpt:encoded><wp:post_id>7</wp:post_id><wp:post_id>8</wp:post_id>
        <wp:post_parent>6</wp:post_parent>
        <wp:post_date_gmt>2020-02-03 04:05:06</wp:post_date_gmt><wp:comment_status>open</wp:comment_status>
        <wp:post_name>a-b</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>
        <wp:post_password>key</wp:post_password><wp:attachment_url>https://old.example/a.jpg</wp:attachment_url>
        <category><![CDATA[News]]></category><category domain="category" nicename="news"><![CDATA[News]]></category>
        <category domain="tag" nicename="%c3%a9t%c3%a9">Été</category>
        <wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>12</wp:meta_value></wp:postmeta>
        <wp:postmeta><wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value>A hill</wp:meta_value></wp:postmeta>
        <wp:comment><wp:comment_id>3</wp:comment_id><wp:comment_author>Eve</wp:comment_author>
        <wp:comment_author_email> eve@example.org
        </wp:comment_author_email><wp:comment_author_url>https://eve.example/</wp:comment_author_url>
        <wp:comment_date>2020-02-03 09:00:00</wp:comment_date><wp:comment_date_gmt>2020-02-03 08:00:00</wp:comment_date_gmt>
        <wp:comment_content>Hear!</wp:comment_content><wp:comment_approved>spam</wp:comment_approved>
        <wp:comment_type>comment</wp:comment_type><wp:comment_parent>2</wp:comment_parent>
        <wp:comment_user_id>5</wp:comment_user_id>
        <wp:commentmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>99</wp:meta_value></wp:commentmeta>
        </wp:comment>"""
    )
    comment = wxr.WxrComment(
        id=3,
        author="Eve",
        email="eve@example.org",
        url="https://eve.example/",
        date=datetime(2020, 2, 3, 8, tzinfo=UTC),
        content="Hear!",
        approved="spam",
        type="comment",
        parent=2,
        user_id=5,
    )
    assert found == wxr.Item(
        type="post",
        post_id=7,
        parent=6,
        title="A & B",
        slug="a-b",
        link="https://old.example/a/",
        guid="https://old.example/?p=7",
        creator="ada",
        published_at=datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC),
        status="publish",
        password="key",
        content="One two",
        excerpt="Short",
        comment_status="open",
        terms=(("category", "news", "News"), ("post_tag", "été", "Été")),
        attachment_url="https://old.example/a.jpg",
        thumbnail_id=12,
        alt="A hill",
        comments=(comment,),
        line=5,
    )


def test_an_item_without_anything():
    found = item("")
    assert (found.type, found.post_id, found.published_at, found.terms, found.comments) == ("", 0, None, (), ())


@pytest.mark.parametrize(
    ("gmt", "pub_date", "local", "expected"),
    [
        ("2020-01-02 03:04:05", "Thu, 01 Jan 1970 00:00:00 +0000", "2020-01-02 05:04:05", "2020-01-02T03:04:05+00:00"),
        ("", "Fri, 03 Jan 2020 02:00:00 +0200", "2020-01-02 05:04:05", "2020-01-03T00:00:00+00:00"),
        ("0000-00-00 00:00:00", "Tue, 30 Nov 1999 00:00:00 +0000", "2009-10-20 16:13:20", "2009-10-20T16:13:20+00:00"),
        ("", "", "2009-10-20 16:13:20", "2009-10-20T16:13:20+00:00"),
        ("", "Wed, 30 Nov -0001 00:00:00 +0000", "0000-00-00 00:00:00", None),
        ("0000-00-00 00:00:00", "Thu, 01 Jan 1970 00:00:00 +0000", "0000-00-00 00:00:00", None),
        ("2020-02-31 00:00:00", "", "yesterday", None),
        ("0001-01-01T00:00:00+05:00", "", "", None),
    ],
)
def test_dates_as_wordpress_means_them(gmt, pub_date, local, expected):
    found = item(
        f"<pubDate>{pub_date}</pubDate><wp:post_date>{local}</wp:post_date><wp:post_date_gmt>{gmt}</wp:post_date_gmt>"
    )
    assert (found.published_at and found.published_at.isoformat()) == expected


@pytest.mark.parametrize("number", ["-1", "99999999999999999999", "1.5", "٣", "x", ""])
def test_numbers_are_what_a_database_can_hold(number):
    assert item(f"<wp:post_id>{number}</wp:post_id>").post_id == 0


@pytest.mark.parametrize(
    ("prefix", "uri"), [("wp", "https://wordpress.org/export/1.0/"), ("w", "http://wordpress.org/export/9.9/")]
)
def test_any_version_and_prefix(prefix, uri):
    head = f'<rss xmlns:{prefix}="{uri}" xmlns:x="{uri}excerpt/"><channel>'
    found = item(f"<{prefix}:post_type>page</{prefix}:post_type><x:encoded>Short</x:encoded>", head)
    assert (found.type, found.excerpt) == ("page", "Short")


def test_names_of_another_version_in_the_same_file_do_not_count():
    found = item(
        '<a:post_type xmlns:a="http://wordpress.org/export/1.0/">page</a:post_type><post_type>post</post_type>'
    )
    assert found.type == ""


def test_authors_and_terms():
    parts = list(
        wxr_reader.read(
            export(
                """<wp:author><wp:author_login>ada</wp:author_login><wp:author_email>ada@example.org</wp:author_email>
                <wp:author_display_name>Ada L.</wp:author_display_name></wp:author>
                <wp:author><wp:author_login>bob</wp:author_login><wp:author_first_name>Bob</wp:author_first_name>
                <wp:author_last_name>Roe</wp:author_last_name></wp:author>
                <wp:author><wp:author_login>cy</wp:author_login></wp:author>
                <wp:category><wp:category_nicename>news</wp:category_nicename><wp:cat_name>News</wp:cat_name>
                <wp:category_description>What is new</wp:category_description></wp:category>
                <wp:tag><wp:tag_slug>t</wp:tag_slug><wp:tag_name>T</wp:tag_name></wp:tag>
                <wp:term><wp:term_taxonomy>nav_menu</wp:term_taxonomy><wp:term_slug>m</wp:term_slug>
                <wp:term_name>Menu</wp:term_name></wp:term>"""
            )
        )
    )
    assert parts == [
        wxr.Author("ada", "ada@example.org", "Ada L."),
        wxr.Author("bob", "", "Bob Roe"),
        wxr.Author("cy", "", "cy"),
        wxr.Term("category", "news", "News", "What is new"),
        wxr.Term("tag", "t", "T", ""),
        wxr.Term("term", "m", "Menu", ""),
        wxr.Channel("", "", 0),
    ]


def test_an_author_named_in_a_post_is_its_creator():
    assert item("<wp:author>ada</wp:author>").creator == "ada"


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ("<link>https://a.example</link><wp:base_blog_url>https://b.example</wp:base_blog_url>", "https://b.example"),
        ("<wp:base_site_url>https://c.example/</wp:base_site_url><link>https://a.example</link>", "https://a.example"),
        ("<wp:base_site_url>https://c.example/</wp:base_site_url>", "https://c.example/"),
        ("<image><link>https://d.example/</link></image><item><link>https://e.example/</link></item>", ""),
    ],
)
def test_the_site_it_comes_from(fields, address):
    *_, channel = wxr_reader.read(export(f"<title>News</title><link></link>{fields}<title>Other</title>"))
    assert channel == wxr.Channel("News", address, 0)


def test_control_characters_are_dropped_and_counted():
    stray = "".join(map(chr, {*range(32)} - {9, 10, 13}))
    text = export(f"<title>N{stray}ews</title><item><title><![CDATA[A\x08\tB\nC]]></title></item>").getvalue()
    item, channel = wxr_reader.read(io.BytesIO(b"\x1b" + text))
    assert item.title == "A\tB\nC"
    assert channel == wxr.Channel("News", "", 31)


def test_control_characters_leave_lines_and_limits_as_they_are():
    assert refusal(HEAD.encode() + b"\0" * 300_000 + b"\n</x>") == "export, line 6: mismatched tag"


def test_the_zeros_of_utf_16_are_no_control_characters():
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        text = export("<item><title>Écrit</title></item>").getvalue().decode().replace("UTF-8", "UTF-16")
        item, channel = wxr_reader.read(io.BytesIO(text.encode(encoding)))
        assert (item.title, channel.dropped) == ("Écrit", 0)


def test_gzip_is_told_by_content(tmp_path):
    path = tmp_path / "export.xml"
    path.write_bytes(gzip.compress(export("<item/>").getvalue()))
    assert len(list(wxr_reader.read(path))) == len(list(wxr_reader.read(str(path)))) == 2


@pytest.mark.parametrize("before", [b"\n\n", b" \r\n\t\n", b"\xef\xbb\xbf\n\n", b"\n" * 100_000])
def test_blank_lines_before_the_declaration_are_skipped_and_counted(before):
    line = before.count(b"\n") + 5
    assert next(wxr_reader.read(io.BytesIO(before + export("<item></item>").getvalue()))).line == line
    assert refusal(before + export("<item></itm>").getvalue()) == f"export, line {line}: mismatched tag"


def test_progress_counts_the_bytes_of_the_file(tmp_path):
    path = tmp_path / "export.xml"
    path.write_bytes(export("<item>" + "x" * 200_000 + "</item>").getvalue())
    seen = []
    list(wxr_reader.read(path, lambda done, size: seen.append((done, size))))
    assert len(seen) > 2
    assert seen == sorted(seen)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "export, line 1: not XML: no element found"),
        (b'{"posts": []}', "export, line 1: not XML: not well-formed (invalid token)"),
        (b"\x89PNG\r\n\x1a\n\0\0", "export, line 1: not XML: not well-formed (invalid token)"),
        (b"<html><body/></html>", "export, line 1: not a WordPress export: it begins with <html>, not <rss>"),
        (b"<rss/>", "export, line 1: not a WordPress export: it has no <channel>"),
        (
            b"<rss>\n<channel><item/></channel></rss>",
            "export, line 2: not a WordPress export: an RSS file without WordPress's names (xmlns:wp)",
        ),
        (b'<?xml version="1.0" encoding="klingon"?><rss/>', "export, line 1: unknown encoding: klingon"),
        (HEAD.encode() + b"&nbsp;", "export, line 5: undefined entity"),
        (gzip.compress(HEAD.encode())[:-9], "export, line 1: the compressed file is damaged"),
        (b"\x1f\x8bnot gzip at all", "export, line 1: the compressed file is damaged"),
    ],
)
def test_what_is_no_export_is_refused_in_words(data, message):
    assert refusal(data).startswith(message)


def test_what_came_before_the_broken_line_has_been_read():
    parts = wxr_reader.read(
        io.BytesIO(f"{HEAD}<item><title>Whole</title></item>{'<i/>' * 50_000}<item></oops>".encode())
    )
    assert next(parts).title == "Whole"
    with pytest.raises(wxr.BrokenExport, match="export, line 5: mismatched tag"):
        next(parts)
