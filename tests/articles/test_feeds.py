"""Feed and sitemap: well-formed, absolute, and nothing in them that is not public."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ..factories import make_article, make_author, make_topic

ATOM, MAP = "{http://www.w3.org/2005/Atom}", "{http://www.sitemaps.org/schemas/sitemap/0.9}"


class FeedTests(TestCase):
    def feed(self):
        response = self.client.get("/feeds/articles/")
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response["Content-Type"].startswith("application/atom+xml"))
        return ElementTree.fromstring(response.content)

    def test_is_valid_atom(self):
        """RFC 4287, 4.1: what a feed and an entry must have."""
        make_article(authors=[make_author()], standfirst="What it is about.")
        make_article(authors=[make_author()])
        feed = self.feed()
        self.assertEqual(feed.tag, f"{ATOM}feed")
        for name in ("title", "id", "updated"):
            self.assertTrue(feed.findtext(f"{ATOM}{name}"), name)
        self.assertIn("self", [link.get("rel") for link in feed.findall(f"{ATOM}link")])
        entries = feed.findall(f"{ATOM}entry")
        self.assertEqual(len(entries), 2)
        for entry in entries:
            for name in ("title", "id", "updated"):
                self.assertTrue(entry.findtext(f"{ATOM}{name}"), name)
            self.assertTrue(entry.findall(f"{ATOM}link"))
            self.assertIsNotNone(datetime.fromisoformat(entry.findtext(f"{ATOM}updated")).tzinfo)
            for author in entry.findall(f"{ATOM}author"):
                self.assertTrue(author.findtext(f"{ATOM}name"))
        self.assertEqual(len({entry.findtext(f"{ATOM}id") for entry in entries}), 2)

    def test_every_entry_has_an_author_with_a_name_or_the_feed_has_one(self):
        """RFC 4287, 4.1.2: also an article without a byline."""
        make_article()
        feed = self.feed()
        names = [author.findtext(f"{ATOM}name") for author in feed.iter(f"{ATOM}author")]
        self.assertTrue(names and all(names), names)

    def test_every_link_is_absolute(self):
        article = make_article(topics=[make_topic(name="Rivers")], authors=[make_author("Mirel Adeyo")])
        feed = self.feed()
        addresses = [link.get("href") for link in feed.iter(f"{ATOM}link")] + [e.text for e in feed.iter(f"{ATOM}id")]
        for address in addresses:
            self.assertTrue(
                urlsplit(address).scheme and urlsplit(address).netloc or address.startswith("tag:"), address
            )
        entry = feed.find(f"{ATOM}entry")
        self.assertEqual(urlsplit(entry.find(f"{ATOM}link").get("href")).path, article.get_absolute_url())
        self.assertEqual(entry.findtext(f"{ATOM}author/{ATOM}name"), "Mirel Adeyo")
        self.assertEqual([c.get("term") for c in entry.findall(f"{ATOM}category")], ["Rivers"])

    def test_newest_first_and_thirty_at_most(self):
        now = timezone.now()
        for number in range(33):
            make_article(title=f"Nr {number}", publish_at=now - timedelta(hours=number))
        titles = [entry.findtext(f"{ATOM}title") for entry in self.feed().iter(f"{ATOM}entry")]
        self.assertEqual(titles, [f"Nr {number}" for number in range(30)])

    def test_several_authors_in_the_order_of_printing(self):
        make_article(authors=[make_author("Zed Q"), make_author("Abe R")])
        self.assertEqual(self.feed().findtext(f"{ATOM}entry/{ATOM}author/{ATOM}name"), "Zed Q, Abe R")

    def test_without_articles(self):
        feed = self.feed()
        self.assertEqual(feed.findall(f"{ATOM}entry"), [])
        self.assertTrue(feed.findtext(f"{ATOM}updated"))

    def test_marks_are_text(self):
        make_article(title="Fish & <b>chips</b> \"'", standfirst="a < b & c > d ]]>")
        entry = self.feed().find(f"{ATOM}entry")
        self.assertEqual(entry.findtext(f"{ATOM}title"), "Fish & <b>chips</b> \"'")
        self.assertEqual(entry.findtext(f"{ATOM}summary"), "a < b & c > d ]]>")

    def test_a_control_character_in_one_article_does_not_end_the_feed(self):
        """Pasted from a word processor, a line break is U+000B: XML cannot hold it."""
        make_article(title="Pasted\x0bfrom elsewhere", standfirst="And \x08 this", authors=[make_author("A\x0bB")])
        make_article(title="Sound")
        self.assertIn("Sound", [entry.findtext(f"{ATOM}title") for entry in self.feed().iter(f"{ATOM}entry")])

    def test_an_entry_keeps_its_id_when_it_is_changed(self):
        article = make_article()
        first = self.feed().findtext(f"{ATOM}entry/{ATOM}id")
        article.title = "Another title"
        article.save()
        self.assertEqual(self.feed().findtext(f"{ATOM}entry/{ATOM}id"), first)

    def test_asked_again_it_answers_304(self):
        make_article()
        first = self.client.get("/feeds/articles/")
        again = self.client.get("/feeds/articles/", headers={"If-None-Match": first["ETag"]})
        self.assertEqual(again.status_code, 304)

    def test_costs_as_many_queries_with_two_articles_as_with_thirty(self):
        numbers = []
        for number in (2, 28):
            for _ in range(number):
                make_article(authors=[make_author()], topics=[make_topic()])
            with CaptureQueriesContext(connection) as captured:
                self.feed()
            numbers.append(len(captured))
        self.assertEqual(*numbers)


class SitemapTests(TestCase):
    def addresses(self, path):
        response = self.client.get(path)
        self.assertEqual(response.status_code, 200)
        return [urlsplit(e.text) for e in ElementTree.fromstring(response.content).iter(f"{MAP}loc")]

    def test_names_all_that_is_public_and_nothing_else(self):
        topic, author = make_topic(), make_author()
        shown = make_article(topics=[topic], authors=[author])
        page = make_article(kind="page")
        make_article(state="draft", publish_at=None, topics=[make_topic()], authors=[make_author()])
        make_article(publish_at=timezone.now() + timedelta(days=1), topics=[make_topic()])
        maps = self.addresses("/sitemap.xml")
        self.assertEqual({a.path for a in maps}, {f"/sitemap-{n}.xml" for n in ("articles", "topics", "authors")})
        found = {a.path for each in maps for a in self.addresses(each.path)}
        self.assertEqual(found, {a.get_absolute_url() for a in (shown, page, topic, author)})
        for address in found:
            self.assertEqual(self.client.get(address).status_code, 200)

    def test_each_thing_once(self):
        topic, author = make_topic(), make_author()
        for _ in range(3):
            make_article(topics=[topic], authors=[author])
        for name in ("topics", "authors"):
            self.assertEqual(len(self.addresses(f"/sitemap-{name}.xml")), 1)

    def test_says_when_it_was_changed(self):
        make_article()
        response = self.client.get("/sitemap-articles.xml")
        (changed,) = ElementTree.fromstring(response.content).iter(f"{MAP}lastmod")
        self.assertEqual(changed.text[:10], f"{timezone.now():%Y-%m-%d}")

    def test_what_is_none_is_not_found(self):
        for path in (
            "/sitemap-comments.xml",
            "/sitemap-articles.xml?p=99",
            "/sitemap-articles.xml?p=x",
            "/sitemap-.xml",
        ):
            self.assertEqual(self.client.get(path).status_code, 404, path)

    def test_without_articles(self):
        self.assertEqual(self.addresses("/sitemap-articles.xml"), [])

    @override_settings(ALLOWED_HOSTS=["testserver"])
    def test_a_forged_host_gets_none(self):
        self.assertEqual(self.client.get("/sitemap.xml", headers={"Host": "evil.example"}).status_code, 400)
