"""Posts and pages as articles: title, address, dates, text, pictures as links, bylines, topics, comments open or closed."""

from datetime import UTC, datetime

from django.test import TestCase
from django.utils import timezone

from articles.models import Article, Author, Topic
from comments.models import Comment, Discussion
from interchange.models import ImportedRecord
from tests import factories

from .exports import HEAD, SITE, attachment, author, bring, comment, meta, post, run_parts, term

HILL = "https://old.example/files/hill.jpg"


class ArticleTests(TestCase):
    def article(self, *parts, **fields):
        self.report = bring(post(7, *parts, **fields))
        return Article.objects.get()

    def test_a_post_is_an_article(self):
        found = self.article(
            title="Pipes &amp; <em>valves</em>",
            slug="pipes",
            excerpt="What <b>leaks</b>,\n and why.",
            content="One\n\n<h1>Two</h1>[gallery]",
        )
        self.assertEqual((found.title, found.slug, found.kind), ("Pipes & valves", "pipes", Article.Kind.ARTICLE))
        self.assertEqual(found.standfirst, "What leaks, and why.")
        self.assertEqual(found.html, '<p>One</p>\n<h2 id="s-1">Two</h2>')
        self.assertEqual(found.word_count, 2)
        self.assertEqual((found.state, found.publish_at), ("published", datetime(2020, 3, 4, 5, 6, 7, tzinfo=UTC)))
        self.assertEqual(found.updated_at, found.publish_at)
        self.assertEqual(self.report.messages, ["“Pipes & valves” (line 5): left out of the text: gallery"])

    def test_a_page_is_a_page(self):
        found = self.article(kind="page", slug="about")
        self.assertEqual(found.kind, Article.Kind.PAGE)
        self.assertEqual((self.report.added["articles"], self.report.added["pages"]), (1, 1))

    def test_its_discussion_follows_and_stays_open(self):
        found = self.article(slug="pipes").discussion
        self.assertEqual((found.title, found.url), ("A title", "/articles/pipes/"))
        self.assertEqual(found.opens_at, datetime(2020, 3, 4, 5, 6, 7, tzinfo=UTC))
        self.assertIsNone(found.closes_at)
        self.assertTrue(found.is_open)

    def test_closed_comments_are_a_locked_discussion(self):
        found = self.article(comment(1), comment_status="closed").discussion
        self.assertEqual((found.mode, found.comment_count), (Discussion.Mode.LOCKED, 1))

    def test_titles_that_are_missing_or_too_long(self):
        self.assertEqual(self.article(title="", content="Some <b>words</b> of it.").title, "Some words of it.")
        bring(post(8, title="", content=""), post(9, title="long " * 99))
        titles = set(Article.objects.values_list("title", flat=True))
        self.assertEqual(titles, {"Some words of it.", "Untitled", ("long " * 39).rstrip() + "…"})
        self.assertTrue(all(len(title) <= 200 for title in titles))

    def test_a_date_that_is_missing_or_to_come_is_today(self):
        before = timezone.now()
        report = bring(post(1, date="0000-00-00 00:00:00"), post(2, date="2990-01-01 00:00:00"))
        self.assertEqual(Article.objects.filter(publish_at__range=(before, timezone.now())).count(), 2)
        self.assertIn("without a date", report.messages[0])

    def test_a_scheduled_post_is_a_draft_that_keeps_its_time(self):
        found = self.article(status="future", date="2990-01-01 00:00:00")
        self.assertEqual((found.state, found.publish_at.year), ("draft", 2990))
        self.assertIsNone(found.discussion.opens_at)
        self.assertIsNone(self.article_again(8, status="draft").publish_at)

    def article_again(self, number, **fields):
        bring(post(number, **fields))
        return Article.objects.latest("pk")

    def test_an_address_that_is_taken_gets_a_number(self):
        factories.make_article(slug="pipes")
        bring(post(1, slug="pipes"), post(2, slug="pipes", kind="page"), post(3, slug="", title="Pipes"))
        self.assertEqual(
            set(Article.objects.values_list("slug", flat=True)), {"pipes", "pipes-2", "pipes-3", "pipes-4"}
        )

    def test_an_address_in_other_letters(self):
        bring(
            post(1, slug="%CE%B5%CF%80%CE%AF-2"), post(2, slug="%C3%A9t%C3%A9"), post(3, slug="", title="", content="")
        )
        self.assertEqual(set(Article.objects.values_list("slug", flat=True)), {"article-1", "ete", "untitled"})

    def test_zeros_in_addresses_are_dropped(self):
        found = self.article(
            term("post_tag", "w%00ater", "Water"),
            slug="pi%00pes",
            content='<iframe src="https://x.example/%00"></iframe><img src="/a%00.jpg">',
        )
        self.assertEqual((found.slug, found.topics.get().slug), ("pipes", "water"))
        self.assertNotIn("\x00", found.html)

    def test_a_text_that_is_too_long_is_told_and_left_out(self):
        report = run_parts(post(1, comment(1), content="x" * 500_001), post(2))
        self.assertEqual((report["articles"], report["comments"], report["errors"]), (1, 0, 1))
        self.assertEqual(report["skipped_by_reason"], {"long": 1, "of left out": 1})
        self.assertIn("“A title” (line 5): longer than 500000 characters", report["messages"][0])

    # Pictures

    def test_pictures_become_links(self):
        found = self.article(content=f'a\n\n<img src="{HILL}" alt="A hill">\n\nb')
        link = f'<figure><figcaption><a href="{HILL}" rel="noopener">A hill</a></figcaption></figure>'
        self.assertEqual(found.html, f"<p>a</p>\n{link}\n<p>b</p>")
        self.assertIn("--fetch-images", self.report.messages[0])

    def test_a_featured_picture_becomes_a_link_before_the_text(self):
        report = bring(
            post(1, meta("_thumbnail_id", 5), content="Text"),
            attachment(5, HILL, meta("_wp_attachment_image_alt", "A hill"), title="hill"),  # they often come last
        )
        found = Article.objects.get()
        link = f'<figure><figcaption><a href="{HILL}">Picture: A hill</a></figcaption></figure>'
        self.assertEqual(found.body, f"{link}\n<p>Text</p>")
        self.assertIsNone(found.picture)
        self.assertEqual(report.kinds, {"attachment": 1})

    def test_a_featured_picture_that_the_text_shows_too_is_linked_once(self):
        bring(
            attachment(5, HILL),
            post(
                1, meta("_thumbnail_id", 5), content=f'<img src="{HILL.replace(".jpg", "-300x200.jpg")}" alt="A hill">'
            ),
        )
        self.assertEqual(Article.objects.get().body.count("<a "), 1)

    def test_a_gallery_shows_what_it_names_or_what_was_uploaded_for_its_post(self):
        files = [attachment(n, f"https://old.example/{n}.jpg", title=f"Picture {n}", parent=1) for n in (5, 6)]
        files += [attachment(7, "https://old.example/7.jpg", title="Picture 7"), attachment(8, "/8.pdf", parent=1)]
        bring(*files, post(1, content="[gallery]"), post(2, content='[gallery ids="7, 6,99"]'))
        first, second = Article.objects.order_by("pk")
        self.assertEqual([first.body.count(f"Picture {n}") for n in (5, 6, 7)], [1, 1, 0])
        self.assertLess(second.body.index("Picture 7"), second.body.index("Picture 6"))

    def test_relative_addresses_lead_to_the_old_site(self):
        self.assertIn('href="https://old.example/c"', self.article(content='<a href="/c">x</a>').html)

    # Bylines

    def test_a_login_is_one_author_by_the_name_that_was_printed(self):
        bring(author("ada", name="Ada Quorn"), post(1, creator="ada"), post(2, creator="ada"), post(3, creator="bob"))
        self.assertEqual(set(Author.objects.values_list("name", "slug")), {("Ada Quorn", "ada-quorn"), ("bob", "bob")})
        self.assertEqual(Author.objects.get(slug="ada-quorn").articles.count(), 2)
        bring(author("ada", name="Ada Q."), post(4, creator="ada"))
        self.assertEqual(Author.objects.get(slug="ada-quorn").articles.count(), 3)

    def test_an_author_of_the_same_name_without_an_account_is_that_author(self):
        known = factories.make_author("Ada Quorn")
        bring(
            author("ada", name="Ada Quorn"),
            author("eve", name="Ada Quorn"),
            post(1, creator="ada"),
            post(2, creator="eve"),
        )
        self.assertEqual(known.articles.count(), 1)
        self.assertEqual(Author.objects.filter(name="Ada Quorn").count(), 2)  # two logins, two people

    def test_an_account_needs_the_verified_address(self):
        member = factories.make_user("Ada Quorn", email="ada@example.org")
        factories.make_user("Bob Roe", email="bob@example.org", verified=False)
        bring(
            author("ada", "Ada@Example.org", "Ada Q."),
            author("bob", "bob@example.org", "Bob Roe"),
            post(1, creator="ada"),
            post(2, creator="bob"),
        )
        self.assertEqual(Author.objects.get(user=member).name, "Ada Q.")
        self.assertIsNone(Author.objects.get(name="Bob Roe").user)

    def test_a_member_who_is_an_author_already_stays_that_author(self):
        member = factories.make_user("Ada Quorn", email="ada@example.org")
        known = factories.make_author("Ada Q., reporter", user=member)
        factories.make_author("Bob Roe", user=factories.make_user("Bob Roe"))
        bring(
            author("ada", "ada@example.org", "Ada Quorn"),
            author("bob", "", "Bob Roe"),
            post(1, creator="ada"),
            post(2, creator="bob"),
        )
        self.assertEqual(known.articles.count(), 1)
        self.assertEqual(Author.objects.filter(name="Bob Roe", user=None).count(), 1)  # a name proves nothing

    def test_no_creator_no_byline(self):
        self.assertEqual(self.article().bylines.count(), 0)

    def test_no_member_is_made(self):
        report = run_parts(author("ada", "ada@example.org", "Ada"), post(1, comment(1, email="e@example.org", user=3)))
        self.assertEqual(report["members"], 0)

    # Topics

    def test_categories_and_tags_are_topics(self):
        found = self.article(
            term("category", "news", "News &amp; views"),
            term("post_tag", "water", "Water"),
            term("category", "uncategorized", "Uncategorized"),
            term("post_format", "post-format-aside", "Aside"),
            term("nav_menu", "m", "Menu"),
        )
        self.assertEqual([topic.name for topic in found.topics.all()], ["News & views", "Water"])
        self.assertEqual([topic.slug for topic in found.topics.all()], ["news", "water"])
        self.assertEqual(self.report.added["topics"], 2)

    def test_a_topic_of_the_same_name_or_address_is_that_topic(self):
        water, power = factories.make_topic(name="Water"), factories.make_topic(name="Electricity", slug="power")
        bring(
            post(
                1,
                term("category", "h2o", "water"),
                term("post_tag", "power", "Power"),
                term("post_tag", "h2o", "Water"),
            )
        )
        self.assertEqual(set(Article.objects.get().topics.all()), {water, power})
        self.assertEqual(Topic.objects.count(), 2)

    def test_a_topic_that_was_renamed_or_deleted_here_stays_so(self):
        bring(post(1, term("category", "news", "News"), term("post_tag", "old", "Old")))
        Topic.objects.filter(slug="news").update(name="Latest", slug="latest")
        Topic.objects.filter(slug="old").delete()
        bring(post(2, term("category", "news", "News"), term("post_tag", "old", "Old")))
        self.assertEqual([topic.name for topic in Article.objects.latest("pk").topics.all()], ["Latest"])

    def test_a_topic_keeps_its_description(self):
        described = (
            "<wp:category><wp:category_nicename>news</wp:category_nicename><wp:cat_name>News</wp:cat_name>"
            "<wp:category_description>What is &lt;b&gt;new&lt;/b&gt;</wp:category_description></wp:category>"
        )
        bring(described, post(1, term("category", "news", "News")))
        self.assertEqual(Topic.objects.get().description, "What is new")

    # Once, and again

    def test_what_was_deleted_here_does_not_come_back(self):
        parts = [post(1, comment(1)), post(2)]
        bring(*parts)
        first = Article.objects.order_by("pk").first()
        Comment.objects.all().delete()
        first.delete()
        report = bring(*parts)
        self.assertEqual(report.skipped, {"deleted": 1, "deleted comment": 1, "here": 1})
        self.assertEqual(Article.objects.count(), 1)

    def test_what_was_changed_here_stays_changed(self):
        self.article(title="Old")
        Article.objects.update(title="Changed here")
        bring(post(7, title="Old, again"))
        self.assertEqual(Article.objects.get().title, "Changed here")

    def test_new_comments_join_an_article_that_is_here(self):
        bring(post(1, comment(1)))
        report = bring(post(1, comment(1), comment(2, parent=1)), post(2))
        self.assertEqual((report.added["articles"], report.added["comments"]), (1, 1))
        self.assertEqual(Discussion.objects.get(article__slug="a-title").comment_count, 2)

    def test_two_sites_do_not_mix(self):
        bring(post(1, comment(1)))
        report = bring(post(1, comment(1)), source="another")
        self.assertEqual((report.added["articles"], report.added["comments"]), (1, 1))
        self.assertEqual(set(ImportedRecord.objects.values_list("source", flat=True)), {"old.example/blog", "another"})

    def test_the_site_is_known_however_its_address_is_written(self):
        bring(post(1))
        for written in (SITE.replace("https", "http"), SITE + "/", SITE.replace("old", "OLD")):
            head = HEAD.replace(SITE, written)
            self.assertEqual(bring(post(1), head=head).added["articles"], 0)

    def test_items_with_one_number_are_told_apart(self):
        parts = [post(1, slug="a", title="A"), post(1, slug="b", title="B"), post(1, slug="b", title="B")]
        report = bring(*parts)
        self.assertEqual((report.added["articles"], report.skipped), (2, {"repeated": 1}))
        self.assertEqual(bring(*parts).added["articles"], 0)

    def test_comments_with_one_number_are_told_apart(self):
        parts = [
            comment(1, "a"),
            comment(1, "b", author="Bob"),
            comment(0, "c"),
            comment(0, "d"),
            comment(1, "b", author="Bob"),
        ]
        report = bring(post(1, *parts), post(2, comment(1, "e")))
        self.assertEqual((report.added["comments"], report.skipped), (5, {"repeated comment": 1}))
        self.assertEqual(bring(post(1, *parts), post(2, comment(1, "e"))).added["comments"], 0)

    # Comments

    def test_only_an_account_over_there_with_an_address_verified_here_is_a_member(self):
        member = factories.make_user(email="eve@example.org")
        factories.make_user(email="bob@example.org", verified=False)
        bring(
            post(
                1,
                comment(1, "a", email="Eve@example.org", user=3),
                comment(2, "b", email="eve@example.org"),  # typed in by a guest
                comment(3, "c", email="bob@example.org", user=4, author="Bob"),
                comment(4, "d", email="", user=5, author="admin"),
            )
        )
        found = dict(Comment.objects.values_list("body", "author"))
        self.assertEqual(found, {"a": member.pk, "b": None, "c": None, "d": None})
        names = dict(Comment.objects.values_list("body", "guest_name"))
        self.assertEqual(names, {"a": "", "b": "Eve", "c": "Bob", "d": "admin (old.example/blog)"})

    def test_a_comment_without_a_date_has_that_of_its_article(self):
        bring(post(1, comment(1, date=""), comment(2, "b", date="2990-01-01 00:00:00")))
        first, second = Comment.objects.order_by("pk")
        self.assertEqual(first.posted_at, Article.objects.get().publish_at)
        self.assertLessEqual(second.posted_at, timezone.now())

    def test_comments_of_a_draft_are_kept_out_of_sight(self):
        found = self.article(comment(1), status="draft")
        self.assertEqual(found.discussion.comment_count, 1)
        self.assertEqual(Comment.objects.published().count(), 0)

    def test_control_characters_are_counted(self):
        report = bring(post(1, title="A\x07B\x00"))
        self.assertEqual(Article.objects.get().title, "AB")
        self.assertRegex(report.messages[0], "control characters.*: 2$")
