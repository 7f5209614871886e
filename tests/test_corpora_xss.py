"""Hostile markup of five projects: through the functions that make HTML, and a part of it through the pages of a site.

What is judged is what a browser would build: elements, attributes and schemes must be on the allow list.
"""

from collections import Counter
from xml.etree import ElementTree

import nh3
from django.test import SimpleTestCase, TestCase
from django.utils import timezone

from articles.publishing import save_article
from campaign import keeping, markup
from comments import following
from comments.models import Comment
from moderation.models import Rule

from .campaign.test_markup import COMMENT, article_faults, cleaned
from .comments.hostile import elements, faults, page_faults, parse, payloads
from .conftest import LONG
from .factories import make_article, make_author, make_comment, make_moderator, make_picture, make_topic, make_user

HARMLESS = "Harmless words"


class JudgeTests(SimpleTestCase):
    def test_sees_what_it_should(self):
        for bad in (
            "<p onclick=x>", "<iframe></iframe>", "<a href='java\tscript:x'>", "<img src='https://x/y'>", "<script>x</script>",
            "<script src='//x'></script>", "<p style='x'>", "<meta http-equiv=refresh content='0'>", "<svg><a xlink:href='x'>",
        ):  # fmt: skip
            self.assertTrue(page_faults(parse(bad, fragment=False)), bad)


class FunctionTests(SimpleTestCase):
    def variants(self, payload):
        """As it is, and where Markdown might take it for a part of its own."""
        yield payload
        yield f"[x]({payload})"
        yield f"[{payload}](https://example.org)"
        yield f"<{payload}>"
        yield f"[x]: {payload}\n\n[x]"
        yield f"> {payload}\n\n- {payload}"
        yield f"**{payload}** _{payload}_"

    def test_there_are_enough(self):
        self.assertGreater(len(payloads()), 1_050)

    def test_as_comments(self):
        for payload in payloads():
            for text in self.variants(payload):
                html = markup.render_comment(text[: markup.MAX_COMMENT])
                tree = parse(html)
                self.assertEqual(faults(tree, markup.COMMENT_TAGS, COMMENT), [], text)
                self.assertEqual(cleaned(html), html, text)
                for link in tree.iter("a"):
                    self.assertEqual(set(link.get("rel").split()), {"ugc", "nofollow", "noopener"})

    def test_as_articles(self):
        for payload in payloads():
            for source in (
                payload,
                f"<h2>{payload}</h2><p>{payload}</p>",
                f'<p><a href="{payload}" title="{payload}">x</a><img src="/media/{payload}" alt="{payload}"></p>',
                f"<p><a href='{payload}'>x</a><img src='/media/a.webp' alt='{payload}'></p>",
                f"<table><tr><td>{payload}</td></tr></table><pre><code>{payload}</code></pre>",
                f"<math><mtext><table><mglyph><style>{payload}</style></mglyph></table></mtext></math>",
                f"<svg><style>{payload}</style></svg><noscript>{payload}</noscript>",
            ):
                html = markup.render_article(source).html
                self.assertEqual(article_faults(html), [], source)
                # Read again it may be nested in another way (a paragraph in one that has lost what was around it), no more.
                again = markup.render_article(html).html
                self.assertEqual(article_faults(again), [], source)
                self.assertEqual(markup.render_article(again).html, again, source)

    def test_a_second_pass_through_the_sanitiser_changes_nothing(self):
        for payload in payloads():
            html = markup.render_article(payload).html
            attributes = {**markup.ARTICLE_ATTRIBUTES, "h2": {"id"}}
            again = nh3.clean(
                html, tags=markup.ARTICLE_TAGS, attributes=attributes, url_schemes=markup.SCHEMES, link_rel="noopener"
            )
            self.assertEqual(again, html, payload)

    def test_as_an_outline_and_as_words(self):
        for payload in payloads():
            html = markup.render_article(f"<h2>{payload}</h2>").html
            self.assertEqual(len(markup.outline(html)), html.count("<h2 "), payload)
            self.assertIsInstance(markup.plain(html), str)


class PageTests(TestCase):
    """The same in every text of a site at once: no page gains an element by it but the comment's and the article's own."""

    STEP = 1 if LONG else 6  # some 180 of them

    @classmethod
    def setUpTestData(cls):
        cls.rule = Rule.objects.first()
        cls.topic, cls.writer = make_topic(), make_author()
        cls.picture = make_picture(uploaded_at=timezone.now())
        cls.member = make_user("Plain Member", shows_follows=True)
        cls.article = make_article(picture=cls.picture, topics=[cls.topic], authors=[cls.writer])
        cls.comment = make_comment(cls.article.discussion, author=cls.member, featured_at=timezone.now())
        following.follow(cls.member, cls.article.discussion, cls.comment)
        cls.guest = make_comment(cls.article.discussion, author=None)
        Comment.objects.filter(pk=cls.guest.pk).update(author=None)
        cls.hidden = make_comment(cls.article.discussion, state="hidden")
        make_comment(parent=make_comment(cls.article.discussion))
        cls.addresses = {
            "/": "front page",
            cls.article.get_absolute_url(): "article",
            cls.topic.get_absolute_url(): "topic",
            cls.writer.get_absolute_url(): "author",
            cls.member.get_absolute_url(): "member",
            f"{cls.member.get_absolute_url()}following/": "following",
            f"{cls.article.get_absolute_url()}?at={cls.hidden.pk}": "tombstone",
            f"{cls.article.get_absolute_url()}?reply={cls.comment.pk}": "reply",
        }

    def fill(self, text):
        """Put `text` wherever a person may write, past every form, cut to what the column holds."""

        def put(thing, *names):
            for name in names:
                setattr(thing, name, text[: thing._meta.get_field(name).max_length or 500])
            thing.save(update_fields=names)

        put(self.topic, "name", "description")
        put(self.writer, "name", "role", "bio")
        put(self.picture, "caption", "credit", "alt")
        put(self.member, "display_name", "bio", "place")
        self.member.shows_full_name = True
        self.member.save()
        for comment in (self.comment, self.guest, self.hidden):
            comment.body, comment.html = text, markup.render_comment(text)
            comment.guest_name = text[:60] if comment == self.guest else ""
            comment.hidden_under = text[:100] if comment == self.hidden else ""
            comment.save(update_fields=["body", "html", "guest_name", "hidden_under"])
        for name in ("title", "kicker", "standfirst", "cta_line", "cta_label", "correction"):
            setattr(self.article, name, text[: self.article._meta.get_field(name).max_length])
        self.article.cta_url = "https://example.org/"
        self.article.set_body(f"<h2>{text}</h2><p>{text}</p>")
        save_article(self.article)
        keeping.forget_all()

    def skeleton(self, tree):
        """How many of each element the page has, those of the comments' and the article's own texts left out."""
        found = Counter()

        def count(element):
            if isinstance(element.tag, str):
                found[element.tag] += 1
                own = {"c-body", "prose", "rail"} & set((element.get("class") or "").split())
                for child in () if own else element:
                    count(child)

        count(tree)
        return found

    def pages(self, number=0):
        """The pages that show it: the article's every time, the others every fifth time."""
        for address, name in self.addresses.items():
            if number % 5 and name != "article":
                continue
            response = self.client.get(address)
            self.assertEqual(response.status_code, 200, address)
            yield name, parse(response.content.decode(), fragment=False)

    def check(self, viewer=None, step=1):
        if viewer:
            self.client.force_login(viewer)
        self.fill(HARMLESS)
        plain = {name: self.skeleton(tree) for name, tree in self.pages()}
        for number, payload in enumerate(payloads()[:: self.STEP * step]):
            self.fill(payload.replace("\0", "").strip() or HARMLESS)
            for name, tree in self.pages(number):
                with self.subTest(payload=payload[:200], page=name):
                    self.assertEqual(page_faults(tree), [])
                    self.assertEqual(self.skeleton(tree), plain[name])
                    for body in elements(tree):
                        if "c-body" in (body.get("class") or "").split():
                            inside = [e for e in elements(body) if e is not body]
                            self.assertEqual({e.tag for e in inside} - markup.COMMENT_TAGS, set())

    def test_for_a_guest(self):
        self.check()

    def test_for_a_member(self):
        self.check(self.member, step=7)

    def test_for_a_moderator(self):
        self.check(make_moderator(), step=7)

    def test_in_the_feed(self):
        for payload in payloads()[:: self.STEP]:
            text = "".join(c for c in payload if c >= " " or c in "\t\n\r") or HARMLESS  # others: test_feeds.py
            self.fill(text)
            response = self.client.get("/feeds/articles/")
            self.assertEqual(response.status_code, 200)
            tree = ElementTree.fromstring(response.content)
            atom = "{http://www.w3.org/2005/Atom}"
            self.assertEqual({e.tag for e in tree.iter() if not e.tag.startswith(atom)}, set(), payload)
            self.assertEqual(len(tree.findall(f"{atom}entry")), 1)
            self.assertEqual(tree.find(f"{atom}entry/{atom}title").text, self.article.title)
