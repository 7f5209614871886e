"""WordPress's texts as HTML: what a reader sees stays, in a form that our cleaning lets through."""

import re
import subprocess
import sys
import time
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign import markup
from interchange import wxr, wxr_reader
from interchange.comment_markdown import comment_to_markdown
from interchange.wordpress_html import to_html, to_text

from .. import corpora

IMAGE = '<img src="https://old.example/hill.jpg" alt="A hill">'
FIGURE = f"<figure>{IMAGE}</figure>"
FILE = '<a href="https://x.org/a.pdf">A</a>'
LINK = '<a href="https://old.example/hill.jpg">A hill</a>'
ALONE = f"<figure><figcaption>{LINK}</figcaption></figure>"


def block(name, html, attributes=""):
    return f"<!-- wp:{name} {attributes}-->\n{html}\n<!-- /wp:{name} -->"


# Posts


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("", ""),
        ("One\n\nTwo\nlines", "<p>One</p>\n<p>Two<br>lines</p>"),
        ("\r\n\r\nOne\r\n\r\n \t\r\nTwo\r\n", "<p>One</p>\n<p>Two</p>"),
        ("One<br />\ntwo<br>three<br>", "<p>One<br>two<br>three</p>"),
        ("<em>a</em> and\n\n<strong>b</strong>", "<p><em>a</em> and</p>\n<p><strong>b</strong></p>"),
        ("Before\n<h2>Head</h2>\nAfter", "<p>Before</p>\n<h2>Head</h2>\n<p>After</p>"),
        ("<p>One\n<p>Two</p>\n<p>&nbsp;</p><p></p>", "<p>One</p>\n<p>Two</p>"),
        ("<div><div>One</div>Two</div>", "<p>One</p>\n<p>Two</p>"),
        ("<h1>One</h1><h5>Two\n<br>three</h5><h2> </h2>", "<h2>One</h2>\n<h4>Two three</h4>"),
        ("1 < 2 & 3 > 2 &amp; 4 &lt; 5", "<p>1 &lt; 2 &amp; 3 &gt; 2 &amp; 4 &lt; 5</p>"),
        ("An unclosed <b>word", "<p>An unclosed <strong>word</strong></p>"),
        ("<pre>a\n\n  b &lt;i&gt;<br>c</pre>", "<pre>a\n\n  b &lt;i&gt;\nc</pre>"),
        ("Above\n<hr />\nbelow", "<p>Above</p>\n<hr>\n<p>below</p>"),
        (
            "<b>a</b> <i>b</i> <tt>c</tt> <strike>d</strike> <q>e</q> <font color='red'>f</font>",
            "<p><strong>a</strong> <em>b</em> <code>c</code> <s>d</s> “e” f</p>",
        ),
        ("<acronym title='For the win'>ftw</acronym>", '<p><abbr title="For the win">ftw</abbr></p>'),
        (
            "<ul>\n<li>a\n<ul><li>b</ul></li>\n<li><p>c</p></li></ul>",
            "<ul><li>a\n<ul><li>b</li></ul></li>\n<li>c</li></ul>",
        ),
        ("<ol start='3'><li>a</li></ol><ul></ul>", '<ol start="3"><li>a</li></ol>'),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        (
            "<blockquote>a\n\nb\n<cite>Ann</cite></blockquote>",
            "<blockquote><p>a</p>\n<p>b</p><footer>Ann</footer></blockquote>",
        ),
        ("<dl><dt>a<dd>b</dl>", "<dl><dt>a</dt><dd>b</dd></dl>"),
        (
            "<table>\n<tr><th colspan='2' style='x'>a</th>\n<tr><td>b<td>c\n\nd</table>",
            '<table><tr><th colspan="2">a</th></tr><tr><td>b</td><td><p>c</p>\n<p>d</p></td></tr></table>',
        ),
        ("<table>a<tr>b</tr></table>", "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>"),
        ("<details><summary>a</summary>b</details>", "<p><strong>a</strong></p>\n<p>b</p>"),
        (
            "https://example.org/?a=1&amp;b=2",
            '<p><a href="https://example.org/?a=1&amp;b=2">https://example.org/?a=1&amp;b=2</a></p>',
        ),
        (
            '<a name="x">a</a> <a href="#x">b</a> <a href="https://x.org/">c</a><a href="https://y.org/"></a>',
            '<p>a b <a href="https://x.org/">c</a></p>',
        ),
        (
            '<a href="https://x.org/">a <a href="https://y.org/">b</a>',
            '<p><a href="https://x.org/">a </a><a href="https://y.org/">b</a></p>',
        ),
        ("<?php echo 1 ?>a<![CDATA[b]]><!-- c -->d<!DOCTYPE e>", "<p>ad</p>"),
        ("a<!--more-->b<!--nextpage-->c <!-- left open", "<p>a</p>\n<p>b</p>\n<p>c left open</p>"),
        ("<style>p {}</style>a<svg><title>b</title></svg><noscript>c</noscript>", "<p>a</p>"),
    ],
)
def test_classic_posts(content, html):
    assert to_html(content).html == html


@pytest.mark.parametrize(
    ("content", "html"),
    [
        (block("paragraph", '<p class="has-drop-cap">One\ntwo<br>three</p>'), "<p>One two<br>three</p>"),
        (block("heading", "<h2>Head</h2>") + "\n\n" + block("paragraph", "<p>Text</p>"), "<h2>Head</h2>\n<p>Text</p>"),
        (block("paragraph", "<p>Block</p>") + "\n\nclassic\nlines", "<p>Block</p>\n<p>classic<br>lines</p>"),
        (
            block("list", "<ul>" + block("list-item", "<li>a</li>") + block("list-item", "<li>b</li>") + "</ul>"),
            "<ul><li>a</li>\n<li>b</li></ul>",
        ),
        (
            block("quote", "<blockquote>" + block("paragraph", "<p>a</p>") + "<cite>Ann</cite></blockquote>"),
            "<blockquote><p>a</p><footer>Ann</footer></blockquote>",
        ),
        (
            block(
                "pullquote",
                '<figure class="wp-block-pullquote"><blockquote><p>a</p><cite>Ann</cite></blockquote></figure>',
            ),
            '<blockquote class="pull"><p>a</p><footer>Ann</footer></blockquote>',
        ),
        (
            block("code", '<pre class="wp-block-code"><code>a\n  &lt;b&gt; &#91;gallery]</code></pre>'),
            "<pre>a\n  &lt;b&gt; [gallery]</pre>",
        ),
        (block("separator", '<hr class="wp-block-separator"/>'), "<hr>"),
        (block("more", "<!--more-->") + block("nextpage", "<!--nextpage-->") + "<!-- wp:spacer /-->", ""),
        (
            block(
                "columns", "<div>" + block("column", "<div><p>a</p></div>") + block("column", "<div>b</div>") + "</div>"
            ),
            "<p>a</p>\n<p>b</p>",
        ),
        (
            block("button", '<div><a class="wp-block-button__link" href="https://x.org/">Go</a></div>'),
            '<p><a href="https://x.org/">Go</a></p>',
        ),
        (block("button", '<div><a class="wp-block-button__link">Go</a></div>'), "<p>Go</p>"),
        (
            block("file", f'<div>{FILE}<a href="https://x.org/a.pdf" class="wp-block-file__button">Download</a></div>'),
            f"<p>{FILE}</p>",
        ),
        (
            block(
                "table", "<figure><table><tbody><tr><td>a</td></tr></tbody></table><figcaption>b</figcaption></figure>"
            ),
            "<figure><table><tbody><tr><td>a</td></tr></tbody></table><figcaption>b</figcaption></figure>",
        ),
        (
            block("embed", "<figure><div>\nhttps://youtu.be/x\n</div></figure>", '{"url":"https://youtu.be/x"} '),
            '<p><a href="https://youtu.be/x">https://youtu.be/x</a></p>',
        ),
        (
            block("embed", "<figure><div>\nhttps://youtu.be/x\n</div><figcaption>A talk</figcaption></figure>"),
            '<p><a href="https://youtu.be/x">A talk</a></p>',
        ),
        (
            block(
                "embed",
                '<figure><div>\nhttps://youtu.be/x\n</div><figcaption>By <a href="https://x.org/">X</a></figcaption></figure>',
            ),
            '<p><a href="https://youtu.be/x">https://youtu.be/x</a></p>\n<p>By <a href="https://x.org/">X</a></p>',
        ),
        (block("image", FIGURE), ALONE),
        (
            block("image", f"<figure>{IMAGE}<figcaption>Seen <em>today</em></figcaption></figure>"),
            f"<figure>{LINK}<figcaption>Seen <em>today</em></figcaption></figure>",
        ),
        (
            block("image", f"<figure>{IMAGE}<figcaption>A hill</figcaption></figure>"),
            f"<figure><figcaption>{LINK}</figcaption></figure>",
        ),
        (
            block(
                "gallery",
                f"<figure><ul class='blocks-gallery-grid'><li>{FIGURE}</li></ul><figcaption>All</figcaption></figure>",
            ),
            f"{ALONE}\n<p>All</p>",
        ),
    ],
)
def test_blocks(content, html):
    assert to_html(content).html == html


@pytest.mark.parametrize(
    ("content", "html", "notes"),
    [
        (
            f'[caption id="a" width="9"]{IMAGE} Seen today[/caption]',
            f"<figure>{LINK}<figcaption>Seen today</figcaption></figure>",
            (),
        ),
        (
            f'[caption caption="Seen &lt;em&gt;today&lt;/em&gt;"]{IMAGE}[/caption]',
            f"<figure>{LINK}<figcaption>Seen <em>today</em></figcaption></figure>",
            (),
        ),
        (
            f'[caption]<a href="https://x.org/">{IMAGE}</a> By <a href="https://y.org/">Y</a>[/caption]',
            '<figure><a href="https://x.org/">A hill</a><figcaption>By <a href="https://y.org/">Y</a></figcaption></figure>',
            (),
        ),
        ("[caption width='9']never closed", "<p>never closed</p>", ("shortcode [caption]",)),
        ('<p>a</p>[gallery ids="1,2"]<p>b</p>', "<p>a</p>\n<p>b</p>", ("gallery",)),
        (
            "a [audio https://x.org/a.mp3] b",
            '<p>a</p>\n<p><a href="https://x.org/a.mp3">https://x.org/a.mp3</a></p>\n<p>b</p>',
            (),
        ),
        (
            '[video width="9" mp4="https://x.org/a.mp4?b=1&amp;c=2"][/video]',
            '<p><a href="https://x.org/a.mp4?b=1&amp;c=2">https://x.org/a.mp4?b=1&amp;c=2</a></p>',
            (),
        ),
        (
            "a\n[embed]https://x.org/[/embed]\nb",
            '<p>a</p>\n<p><a href="https://x.org/">https://x.org/</a></p>\n<p>b</p>',
            (),
        ),
        ('a [button color="red"]b <em>c</em>[/button] d', "<p>a b <em>c</em> d</p>", ("shortcode [button]",)),
        (
            '[contact-form-7 id="3" title="Write"]a[/other]',
            "<p>a</p>",
            ("shortcode [contact-form-7]", "shortcode [other]"),
        ),
        ("[map src='https://x.org/m']", '<p><a href="https://x.org/m">https://x.org/m</a></p>', ("shortcode [map]",)),
        ("[my_list]", "", ("shortcode [my_list]",)),
        (
            "He [sic] said [the minister] had [re-elected] it [1].",
            "<p>He [sic] said [the minister] had [re-elected] it [1].</p>",
            (),
        ),
        ("[[gallery]] and [[caption id='1']x[/caption]]", "<p>[gallery] and [caption id='1']x[/caption]</p>", ()),
        (
            "<code>[gallery]</code> [gallery] <pre>[audio src=x]</pre>",
            "<p><code>[gallery]</code></p>\n<pre>[audio src=x]</pre>",
            ("gallery",),
        ),
        ('<a href="https://x.org/[gallery]">a</a>', '<p><a href="https://x.org/[gallery]">a</a></p>', ()),
        ("&#91;gallery]", "<p>[gallery]</p>", ()),
    ],
)
def test_shortcodes(content, html, notes):
    converted = to_html(content)
    assert (converted.html, converted.notes) == (html, notes)


@pytest.mark.parametrize(
    ("content", "html"),
    [
        (IMAGE, ALONE),
        (
            '<img src="https://x.org/a%20b.jpg?w=9">',
            '<figure><figcaption><a href="https://x.org/a%20b.jpg?w=9">a b.jpg</a></figcaption></figure>',
        ),
        (
            '<img src="data:image/gif;base64,R0" data-src="//x.org/a.jpg" alt="">',
            '<figure><figcaption><a href="https://x.org/a.jpg">a.jpg</a></figcaption></figure>',
        ),
        ('<img src="data:image/gif;base64,R0"><img>', ""),
        (
            '<iframe src="https://www.youtube.com/embed/x" title="A talk"></iframe>',
            '<p><a href="https://www.youtube.com/embed/x">A talk</a></p>',
        ),
        ('<iframe src="//x.org/v">No frames</iframe>', '<p><a href="https://x.org/v">https://x.org/v</a></p>'),
        (
            '<object data="https://x.org/a.swf"><embed src="https://x.org/b.swf"></object>',
            '<p><a href="https://x.org/a.swf">https://x.org/a.swf</a></p>',
        ),
        (
            '<object><param name="movie" value="https://x.org/a.swf"><p>No Flash</p></object>',
            '<p><a href="https://x.org/a.swf">https://x.org/a.swf</a></p>',
        ),
        (
            '<video><source src="https://x.org/a.mp4"><p>No video</p></video>',
            '<p><a href="https://x.org/a.mp4">a.mp4</a></p>',
        ),
        ('<audio src="https://x.org/a.mp3"></audio><embed>', '<p><a href="https://x.org/a.mp3">a.mp3</a></p>'),
    ],
)
def test_what_comes_from_elsewhere_becomes_a_link(content, html):
    assert to_html(content).html == html


def test_names_the_pictures_that_are_elsewhere():
    converted = to_html(IMAGE + IMAGE + "<img src='/b.jpg'>", base="https://old.example/2020/post/")
    assert converted.images == ("https://old.example/hill.jpg", "https://old.example/b.jpg")


@pytest.mark.parametrize("variant", ["hill.jpg", "hill-300x200.jpg", "hill.jpg?w=604", "hill-1024x768.jpg?x=1#y"])
def test_pictures_that_were_brought_along_are_shown(variant):
    pictures = {"https://old.example/hill.jpg": "/media/pictures/hill.webp"}
    image = f'<img src="https://old.example/{variant}" alt="A &quot;hill&quot;">'
    ours = '<img src="/media/pictures/hill.webp" alt="A &quot;hill&quot;">'
    for content, html in {
        f"a\n\n{image}\n\nb": f"<p>a</p>\n<figure>{ours}</figure>\n<p>b</p>",
        f'<a href="https://old.example/hill.jpg">{image}</a>': f"<figure>{ours}</figure>",
        f'<a href="https://x.org/">{image}</a>': f'<p><a href="https://x.org/">{ours}</a></p>',
        f"[caption]{image} Seen[/caption]": f"<figure>{ours}<figcaption>Seen</figcaption></figure>",
    }.items():
        converted = to_html(content, pictures)
        assert (converted.html, converted.images) == (html, ())


def test_relative_links_lead_to_the_old_site():
    html = to_html(
        '<a href="../a">a</a> <a href="mailto:x@y.org">b</a> <a href="http://[">c</a>', base="https://old.example/b/c"
    ).html
    assert (
        html == '<p><a href="https://old.example/a">a</a> <a href="mailto:x@y.org">b</a> <a href="http://[">c</a></p>'
    )


def test_notes_what_was_left_out():
    converted = to_html(
        '<form>a<input></form><script>b()</script>c<!-- wp:calendar /--><!-- wp:calendar {"x":1} /--><!-- wp:spacer /-->'
    )
    assert (converted.html, converted.notes) == ("<p>c</p>", ("form", "script", "block calendar"))


def test_a_gallery_shows_the_pictures_that_it_names():
    asked = []

    def gallery(attributes):
        asked.append(attributes)
        return [("https://old.example/hill.jpg", 'A "hill"'), ("https://old.example/sea.jpg", "")]

    converted = to_html('a [gallery ids="7,8" size=full] b', gallery=gallery)
    assert asked == [{"ids": "7,8", "size": "full"}]
    assert converted.notes == ()
    assert converted.images == ("https://old.example/hill.jpg", "https://old.example/sea.jpg")
    assert converted.html == (
        '<p>a</p>\n<ul><li><a href="https://old.example/hill.jpg">A "hill"</a></li>\n'
        '<li><a href="https://old.example/sea.jpg">sea.jpg</a></li></ul>\n<p>b</p>'
    )
    assert to_html("[gallery][/gallery]", gallery=lambda attributes: []).notes == ("gallery",)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Markup: Title <em>With</em> <b>Mark<sup>up</sup></b>", "Markup: Title With Markup"),
        ("A &amp; B &lt;c&gt;\n d", "A & B <c> d"),
        ("<script>a</script>1 < 2", "1 < 2"),
    ],
)
def test_titles(title, text):
    assert to_text(title) == text


# Whatever comes in


def seen(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


TAGS = "p b em a div ul ol li blockquote cite table tr td figure figcaption h2 pre code span dl dt dd br hr img form".split()
PIECES = st.sampled_from(
    [f"<{tag}>" for tag in TAGS]
    + [f"</{tag}>" for tag in TAGS]
    + ["x", "\n\n", "[caption]", "[/caption]", "<!-- wp:p -->", "<!-- /wp:p -->"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=12))
def test_html_is_what_our_cleaning_would_write(pieces):
    html = to_html("".join(pieces)).html
    cleaned = re.sub(r' rel="[^"]*"| id="[^"]*"|</?tbody>', "", markup.render_article(html).html)
    assert cleaned == re.sub("</?tbody>", "", html).replace("\u00a0", "&nbsp;")


def test_the_corpora_pass_the_cleaning_without_loss():
    path = corpora.path("wxr", "wordpress-importer", "theme-unit-test-data.xml")
    for item in wxr_reader.read(path):
        if isinstance(item, wxr.Item) and item.content:
            html = to_html(item.content, base=item.link).html
            cleaned = markup.render_article(html).html
            assert seen(cleaned) == seen(html), item.title
            assert cleaned.count("<a ") == html.count("<a "), item.title
            for comment in item.comments:
                assert markup.render_comment(comment_to_markdown(comment.content)), comment


HOSTILE = """< <a <!-- <![CDATA[> <?x </a <div> <li> <td> <script> <figure> [caption] & <br> <blockquote><cite> <cite></cite>
* \\ ]( <em>x <figcaption>x</figcaption> <a=" <div\tclass="wp-caption"><img\tsrc=x>x""".split()
HOSTILE += [
    "\n",
    " ",
    "> ",
    "<!-- wp:p -->",
    "[a x=1 ",
    "[audio https://x ",
    '[a https://x https://x https://x https://x "',
]


def test_hostile_texts_take_time_in_proportion():
    """In a process of its own: a slow one is ended by the system, not waited for."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_CPU, (60, 60))\n"
        "from interchange.comment_markdown import comment_to_markdown\n"
        "from interchange.wordpress_html import to_html, to_text\n"
        "for piece in sys.argv[1:]:\n"
        "    for text in (piece * (50_000 // len(piece)), piece * (50_000 // len(piece)) + '>'):\n"
        "        to_html(text), comment_to_markdown(text), to_text(text)\n"
    )
    root = Path(__file__).resolve().parents[2]
    start = time.monotonic()
    child = subprocess.run(
        [sys.executable, "-c", code, *HOSTILE], cwd=root, capture_output=True, text=True, timeout=300
    )
    assert child.returncode == 0, (child.stderr[-500:], time.monotonic() - start)
