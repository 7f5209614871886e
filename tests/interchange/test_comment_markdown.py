"""Comments of other systems as our small Markdown: what a reader saw there, readers see here."""

import re
from html import escape, unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign import markup
from interchange.comment_markdown import comment_to_markdown


@pytest.mark.parametrize(
    ("content", "markdown"),
    [
        ("", ""),
        ("One\ntwo\n\nThree", "One\ntwo\n\nThree"),
        ("Hi.<br />You &#039;there&#039;", "Hi.\nYou 'there'"),
        ("<strong>a</strong> <b> b </b><em>c</em> <i></i>", "**a**  **b** *c*"),
        ('<a href="https://x.org/a_(b)" rel="nofollow">the [x]</a>', r"[the \[x\]](https://x.org/a_%28b%29)"),
        ('<a href="https://x.org/a_b">https://x.org/a_b</a>', "<https://x.org/a_b>"),
        ('<a href="javascript:x()">a</a>', "a"),
        ("See https://x.org/ or https://x.org/*b*, yes", "See https://x.org/ or <https://x.org/*b>\\*, yes"),
        ("<blockquote>a\n\nb</blockquote>c", "> a\n>\n> b\n\nc"),
        ("<blockquote><blockquote>a</blockquote>b</blockquote>", "> > a\n>\n> b"),
        ("<ul>\n<li>a</li>\n<li>b\n<ol><li>c</li></ol></li></ul>", "- a\n- b\n  1. c"),
        ("<code>a</code>\n<pre>b\n\n  c</pre>", "a\n\nb\nc"),
        ("<h2>a</h2>b", "**a**\n\nb"),
        ('<img src="https://x.org/a.jpg" alt="A hill">', "[A hill](https://x.org/a.jpg)"),
        ("1. a\n- b\n+ c\n> d\n# e\n2020 f", "1\\. a\n\\- b\n\\+ c\n\\> d\n# e\n2020 f"),
        (r"*a* _b_ c_d [e](f) \o/ ¯\_(ツ)_/¯ &amp;lt; [...]", r"\*a\* \_b\_ c_d [e\](f) \o/ ¯\\\_(ツ)\_/¯ \&lt; [...]"),
        ("<script>a</script>b<!-- c -->", "b"),
    ],
)
def test_comments(content, markdown):
    assert comment_to_markdown(content) == markdown


def seen(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab1 \n\\*_[](){}<>#+-.!&;:|`~=\"'/é\u00a0", max_size=60))
def test_plain_text_reads_the_same_after_markdown(text):
    markdown = comment_to_markdown(escape(text))
    assert seen(markup.render_comment(markdown)) == " ".join(text.split())
