"""Front page, article, topic and author as readers find them."""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.publishing import save_article
from campaign import keeping

from ..comments.reading import Page, read
from ..factories import make_article, make_author, make_comment, make_editor, make_picture, make_topic, make_user


def picture():
    return make_picture(uploaded_at=timezone.now())


def articles_on(page):
    """Addresses of articles in the order of their headlines, the lists beside left out."""
    found = []
    for heading in (e for e in page.tree.iter() if e.tag in ("h2", "h3")):
        for link in heading.iter("a"):
            if (link.get("href") or "").startswith("/articles/"):
                found.append(link.get("href"))
    return found


def meta(page, name):
    return [e.get("content") for e in page.elements("meta") if name in (e.get("property"), e.get("name"))]


class FrontPageTests(TestCase):
    def make(self, number, **fields):
        now = timezone.now()
        topics = [make_topic() for n in range(2)]
        authors = [make_author(f"Author {n}") for n in range(2)]
        return [
            make_article(
                publish_at=now - timedelta(hours=n),
                topics=topics[: n % 3],
                authors=authors[: 1 + n % 2],
                picture=picture() if n % 2 == 0 else None,
                standfirst="What it is about.",
                **fields,
            )
            for n in range(number)
        ]

    def test_without_articles(self):
        page = read(self.client, "/")
        self.assertIn("Nothing is published yet", page.text)

    def test_with_few_or_many(self):
        for number in (1, 2, 4, 5, 10):
            with self.subTest(number):
                made = self.make(number)
                self.assertEqual(articles_on(read(self.client, "/")), [a.get_absolute_url() for a in made])
                for article in made:
                    article.state = "draft"
                    save_article(article)

    def test_with_more_than_a_page(self):
        made = self.make(30)
        found, address, numbers = [], "/", []
        while address:
            page = read(self.client, address)
            found += articles_on(page)
            numbers.append(len(articles_on(page)))
            address = page.next and f"/{page.next}"
        self.assertEqual(found, [a.get_absolute_url() for a in made])
        self.assertEqual(numbers, [10, 10, 10])

    def test_beyond_the_end_there_is_no_page(self):
        topic, author = make_topic(), make_author()
        self.make(12)
        make_article(topics=[topic], authors=[author])
        for place in ("/", topic.get_absolute_url(), author.get_absolute_url()):
            for number in ("99", "0", "-1", "x", "1.5", "9" * 30, "", "%00", "²"):
                with self.subTest(place, page=number):
                    self.assertIn(
                        self.client.get(f"{place}?page={number}").status_code, (404, 400) if number else (200, 404)
                    )
            self.assertEqual(self.client.get(f"{place}?page=1").status_code, 200)

    def test_two_at_the_same_moment_stand_in_one_order(self):
        now = timezone.now()
        made = [make_article(publish_at=now) for _ in range(15)]
        found = articles_on(read(self.client, "/")) + articles_on(read(self.client, "/?page=2"))
        self.assertEqual(found, [a.get_absolute_url() for a in reversed(made)])

    def test_what_readers_said(self):
        first, second = self.make(2)
        featured = make_comment(second.discussion, body="A word that was featured.", featured_at=timezone.now())
        on_lead = make_comment(first.discussion, body="A word below the lead.", featured_at=timezone.now())
        make_comment(first.discussion, body="An ordinary word.")
        page = read(self.client, "/")
        for comment in (featured, on_lead):
            self.assertEqual(page.source.count(comment.body), 1)
            self.assertIn(comment.get_absolute_url(), [e.get("href") for e in page.elements("a")])
        self.assertNotIn("An ordinary word.", page.source)

    def test_most_discussed(self):
        quiet, busy, old = self.make(3)
        for article, number in ((busy, 3), (old, 5), (quiet, 0)):
            for _ in range(number):
                make_comment(article.discussion)
        old.publish_at = timezone.now() - timedelta(days=40)
        save_article(old)
        page = read(self.client, "/")
        (ranked,) = [e for e in page.elements("ol") if "ranked" in (e.get("class") or "")]
        self.assertEqual([a.get("href") for a in ranked.iter("a")], [f"{busy.get_absolute_url()}#discussion"])

    def test_costs_as_many_queries_with_5_as_with_30(self):
        numbers = []
        for number in (5, 25):
            for article in self.make(number):
                make_comment(article.discussion, featured_at=timezone.now())
            self.client.get("/")
            with CaptureQueriesContext(connection) as captured:
                self.client.get("/")
            numbers.append(len(captured))
        self.assertEqual(*numbers)
        self.assertLessEqual(numbers[0], 12)

    def test_one_heading_of_the_first_level(self):
        self.make(6)
        for address in ("/", "/?page=1"):
            self.assertEqual(len(read(self.client, address).elements("h1")), 1)


class ArticleTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.topic, cls.author, cls.second = (
            make_topic(name="Rivers"),
            make_author("Mirel Adeyo"),
            make_author("Abe Quist"),
        )
        cls.article = make_article(
            title='Fish & "chips"',
            standfirst="A <small> matter",
            body="<h2>One</h2><p>The text.</p><h2>Two & three</h2>",
            authors=[cls.author, cls.second],
            topics=[cls.topic],
            picture=picture(),
            cta_line="Ask for more",
            cta_label="Sign it",
            cta_url="https://petition.example/1",
            correction="It was Tuesday.",
        )

    def page(self):
        return read(self.client, self.article.get_absolute_url())

    def test_holds_all_that_was_written(self):
        page = self.page()
        for words in (
            'Fish & "chips"', "A <small> matter", "The text.", "Mirel Adeyo", "Abe Quist", "Rivers", "Ask for more",
            "Sign it", "It was Tuesday.", "Photograph: Sabine Thorle",
        ):  # fmt: skip
            self.assertIn(words, page.text)
        self.assertEqual(["".join(h.itertext()) for h in page.elements("h1")], ['Fish & "chips"'])
        self.assertLess(page.text.index("Mirel Adeyo"), page.text.index("Abe Quist"))
        self.assertIn("A river at dawn", [e.get("alt") for e in page.elements("img")])

    def test_its_outline_leads_to_its_headings(self):
        page = self.page()
        links = {e.get("href"): "".join(e.itertext()) for e in page.elements("a")}
        self.assertEqual(links["#s-1"], "One")
        self.assertEqual(links["#s-2"], "Two & three")
        self.assertEqual(page.ids["s-1"], 1)

    def test_canonical_address_and_social_tags(self):
        page = self.page()
        address = f"{settings.SITE_URL}{self.article.get_absolute_url()}"
        self.assertEqual([e.get("href") for e in page.elements("link") if e.get("rel") == "canonical"], [address])
        self.assertEqual(meta(page, "og:url"), [address])
        self.assertEqual(meta(page, "og:title"), ['Fish & "chips"'])
        self.assertEqual(meta(page, "og:description"), ["A <small> matter"])
        self.assertEqual(meta(page, "description"), ["A <small> matter"])
        self.assertEqual(meta(page, "og:type"), ["article"])
        self.assertEqual(meta(page, "og:image:alt"), ["A river at dawn"])
        self.assertEqual(meta(page, "og:image"), [f"{settings.SITE_URL}/media/{self.article.picture.file.name}"])
        self.assertEqual(meta(page, "robots"), [])
        self.assertIn('Fish & "chips"', "".join(page.elements("title")[0].itertext()))

    def test_every_page_of_its_discussion_has_one_canonical_address(self):
        comment = make_comment(self.article.discussion)
        for query in ("?sort=newest", f"?at={comment.pk}", f"?reply={comment.pk}", "?utm_source=mail"):
            page = read(self.client, self.article.get_absolute_url() + query)
            (canonical,) = [e.get("href") for e in page.elements("link") if e.get("rel") == "canonical"]
            self.assertEqual(canonical, f"{settings.SITE_URL}{self.article.get_absolute_url()}")

    def test_without_anything_optional(self):
        bare = make_article()
        page = read(self.client, bare.get_absolute_url())
        self.assertEqual(meta(page, "og:image"), [])
        self.assertEqual(len(page.elements("h1")), 1)

    def test_read_next_is_of_the_same_topic_and_not_itself(self):
        same, other = make_article(topics=[self.topic]), make_article()
        addresses = [e.get("href") for e in self.page().elements("a")]
        self.assertIn(same.get_absolute_url(), addresses)
        self.assertNotIn(other.get_absolute_url(), addresses)

    def test_a_change_is_seen_at_once(self):
        old = Client().get(self.article.get_absolute_url())
        self.article.set_body("<p>Entirely new.</p>")
        save_article(self.article)
        new = Client().get(self.article.get_absolute_url(), headers={"If-None-Match": old["ETag"]})
        self.assertContains(new, "Entirely new.")
        self.assertNotContains(new, "The text.")

    def test_costs_as_many_queries_with_one_author_as_with_six(self):
        numbers = []
        for number in (1, 6):
            authors = [make_author(user=make_user()) for _ in range(number)]
            article = make_article(authors=authors, topics=[make_topic() for _ in range(number)])
            for _ in range(number):
                make_article(topics=[article.topics.first()], authors=authors, picture=picture())
            self.client.get(article.get_absolute_url())
            keeping.forget_all()
            with CaptureQueriesContext(connection) as captured:
                self.client.get(article.get_absolute_url())
            numbers.append(len(captured))
        self.assertEqual(*numbers)
        self.assertLessEqual(numbers[0], 12)

    def test_no_such_article(self):
        for slug in ("nothing", "a" * 300, "9"):
            self.assertEqual(self.client.get(f"/articles/{slug}/").status_code, 404)

    def test_only_reading(self):
        for address in (
            "/",
            self.article.get_absolute_url(),
            self.topic.get_absolute_url(),
            self.author.get_absolute_url(),
        ):
            for method in ("post", "put", "delete", "patch"):
                self.assertEqual(getattr(self.client, method)(address).status_code, 405)
            self.assertEqual(self.client.head(address).status_code, 200)

    def test_editors_find_the_way_to_the_desk_and_others_do_not(self):
        desk = f"/admin/articles/article/{self.article.pk}/change/"
        for viewer, sees in ((None, False), (make_user(), False), (make_editor(), True)):
            client = Client()
            if viewer:
                client.force_login(viewer)
            links = [e.get("href") for e in Page(client.get(self.article.get_absolute_url())).elements("a")]
            self.assertEqual(desk in links, sees)

    def test_every_picture_has_a_text_and_a_size(self):
        for image in self.page().elements("img"):
            self.assertIsNotNone(image.get("alt"))
            self.assertTrue(image.get("width") and image.get("height"))

    def test_nothing_comes_from_elsewhere(self):
        for element in self.page().tree.iter():
            if isinstance(element.tag, str) and element.tag in ("img", "script", "iframe", "source", "video"):
                self.assertRegex(element.get("src") or "/", r"^/(?!/)")
            if element.tag == "link" and element.get("rel") in ("stylesheet", "icon", "preload"):
                self.assertRegex(element.get("href"), r"^/(?!/)")


class TopicAndAuthorTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.topic, cls.author = (
            make_topic(name="Rivers & lakes", description="Water."),
            make_author("Mirel Adeyo", bio="Writes."),
        )
        now = timezone.now()
        cls.made = [
            make_article(topics=[cls.topic], authors=[cls.author], publish_at=now - timedelta(hours=n))
            for n in range(13)
        ]
        make_article()

    def test_list_what_belongs_to_them_newest_first_and_over_pages(self):
        for place in (self.topic, self.author):
            first = read(self.client, place.get_absolute_url())
            second = read(self.client, place.get_absolute_url() + first.next)
            self.assertEqual(articles_on(first) + articles_on(second), [a.get_absolute_url() for a in self.made])
            self.assertIsNone(second.next)

    def test_say_who_and_what_they_are(self):
        page = read(self.client, self.topic.get_absolute_url())
        self.assertIn("Rivers & lakes", page.text)
        self.assertIn("Water.", page.text)
        self.assertIn("Writes.", read(self.client, self.author.get_absolute_url()).text)

    def test_each_page_has_its_own_canonical_address(self):
        for place in (self.topic, self.author):
            for query in ("", "?page=2"):
                page = read(self.client, place.get_absolute_url() + query)
                (canonical,) = [e.get("href") for e in page.elements("link") if e.get("rel") == "canonical"]
                self.assertEqual(canonical, f"{settings.SITE_URL}{place.get_absolute_url()}{query}")

    def test_without_articles(self):
        for place in (make_topic(), make_author()):
            self.assertIn("Nothing here yet", read(self.client, place.get_absolute_url()).text)

    def test_none_of_that_name(self):
        for address in ("/topics/nothing/", "/authors/nobody/"):
            self.assertEqual(self.client.get(address).status_code, 404)

    def test_cost_as_many_queries_with_few_articles_as_with_many(self):
        for place, few in ((self.topic, make_topic()), (self.author, make_author())):
            made = make_article(
                topics=[few] if place is self.topic else [], authors=[few] if place is self.author else []
            )
            made.topics.add(make_topic())
            numbers = []
            for thing in (few, place):
                with CaptureQueriesContext(connection) as captured:
                    self.client.get(thing.get_absolute_url())
                numbers.append(len(captured))
            self.assertLessEqual(max(numbers) - min(numbers), 1, numbers)
