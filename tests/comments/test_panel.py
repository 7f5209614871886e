"""What the address of a discussion may ask for: any nonsense in it is a page that is not there, never a fault."""

from urllib.parse import quote

from django.test import TestCase
from django.utils import timezone

from comments.models import Comment

from ..factories import make_article, make_author, make_comment, make_moderator, make_user
from . import trees
from .reading import read

SORTS = ["best", "newest", "oldest", "busy", "featured"]
NONSENSE = [
    "0", "-1", "1.5", "1e9", "x", "'", "\"><b>", "null", "%00", "\x00", "²", "١٢", "1_0", " 1", "+1", "1-", "-", "--",
    "1-1-1", "1-x", "9" * 18, "9" * 19, "9" * 40, "9" * 5_000, f"{'9' * 40}-1", f"1-{'9' * 40}", "-5-3", "-" + "9" * 40,
    f"{2**63}", f"{2**63 - 1}", f"-{2**63}", "99999999999999999-1", "63931026642760447-99999999999999999999", "0-0",
    "a" * 3_000, "é", "😀", "1;2", "[]", "{}",
]  # fmt: skip


class BadAddressTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.comments = trees.grow([*trees.mixed(60), *trees.wide(30)])
        cls.url = cls.comments[0].discussion.url
        Comment.objects.filter(discussion=cls.comments[0].discussion).update(featured_at=timezone.now())
        cls.foreign = make_comment()
        cls.member, cls.moderator = make_user("Odd Asker"), make_moderator()

    def check(self, query, statuses=(404,)):
        for viewer in (None, self.member, self.moderator):
            if viewer:
                self.client.force_login(viewer)
            else:
                self.client.logout()
            with self.subTest(query=query[:80], viewer=viewer):
                # 400: a NUL is refused before anything looks at it.
                allowed = (*statuses, 400) if "%00" in query else statuses
                self.assertIn(self.client.get(f"{self.url}?{query}").status_code, allowed)

    def test_a_key_that_no_page_gave_out(self):
        for value in NONSENSE:
            for sort in SORTS:
                # A number is a key of some sort, beyond the end or before the beginning perhaps.
                self.check(f"sort={sort}&after={quote(value)}", (200, 404))
            self.check(f"at={self.comments[0].pk}&after={quote(value)}", (200, 404))

    def test_a_key_that_is_no_key(self):
        for value in ("x", "'", "1-x", "1-1-1", "-", "é", "1.5", "\x00"):
            for sort in SORTS:
                self.check(f"sort={sort}&after={quote(value)}")

    def test_a_key_of_another_sort(self):
        keys = {sort: read(self.client, f"{self.url}?sort={sort}").next for sort in SORTS}
        for sort, href in keys.items():
            self.assertIn("after=", href, sort)
        by_number = keys["best"].partition("after=")[2].partition("#")[0]
        by_time = keys["newest"].partition("after=")[2].partition("#")[0]
        self.check(f"sort=newest&after={by_number}")
        self.check(f"after={by_time}")

    def test_a_sort_that_is_none(self):
        for value in ("loudest", "BEST", "", "best ", "__class__", "\x00", "best&sort=x", "1"):
            if value:
                self.check(f"sort={quote(value)}" if "&" not in value else f"sort={value}")

    def test_a_sort_that_is_none_beside_a_comment_to_answer(self):
        for comment in (self.comments[0], max(self.comments, key=lambda c: c.depth)):
            self.check(f"sort=loudest&reply={comment.pk}")

    def test_a_sort_that_is_none_beside_a_comment_to_show(self):
        self.check(f"sort=loudest&at={self.comments[0].pk}")

    def test_a_comment_that_is_none(self):
        for value in set(NONSENSE) - {"١٢"}:  # a number, written by an Arab
            for name in ("at", "reply"):
                self.check(f"{name}={quote(value)}")

    def test_a_comment_of_another_discussion(self):
        for name in ("at", "reply"):
            self.check(f"{name}={self.foreign.pk}")

    def test_both_at_once(self):
        self.check(f"at={self.comments[0].pk}&reply={self.comments[-1].pk}", (200,))
        self.check(f"at={self.comments[0].pk}&reply=x")

    def test_words_that_mean_nothing_here(self):
        self.check("utm_source=mail&page=7&before=1", (200,))


class PageTests(TestCase):
    """What a reader finds around the comments."""

    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        cls.member = make_user("Nkemi Ashgrove")

    def page(self, query=""):
        return read(self.client, self.article.get_absolute_url() + query)

    def test_counts_what_is_published(self):
        self.assertEqual(self.page().count, 0)
        first = make_comment(self.article.discussion)
        make_comment(parent=first)
        make_comment(parent=first, state="hidden")
        make_comment(self.article.discussion, state="pending")
        self.assertEqual(self.page().count, 2)

    def test_a_guest_is_led_to_the_sign_in_and_back(self):
        page = self.page()
        self.assertEqual(page.forms, [])
        links = [e.get("href") for e in page.elements("a") if "/accounts/login/" in (e.get("href") or "")]
        self.assertIn(f"/accounts/login/?next={self.article.get_absolute_url()}%23discussion", links)

    def test_a_member_finds_the_form(self):
        self.client.force_login(self.member)
        (form,) = self.page().forms
        self.assertEqual(form.fields["parent"], "")
        self.assertTrue(form.fields["token"])

    def test_every_page_has_another_token(self):
        self.client.force_login(self.member)
        self.assertNotEqual(self.page().forms[0].fields["token"], self.page().forms[0].fields["token"])

    def test_the_form_stands_below_the_comment_that_it_answers(self):
        comments = trees.grow(trees.mixed(120), article=self.article)
        self.client.force_login(self.member)
        for comment in (comments[0], comments[60], comments[-1], max(comments, key=lambda c: c.depth)):
            page = self.page(f"?reply={comment.pk}")
            (form,) = page.forms
            self.assertEqual(form.fields["parent"], str(comment.pk))
            self.assertIn(comment, page)

    def test_a_reply_link_leads_there(self):
        comment = make_comment(self.article.discussion)
        self.client.force_login(self.member)
        (link,) = [href for href in self.page()[comment].links if "reply=" in href]
        self.assertEqual(read(self.client, link).forms[0].fields["parent"], str(comment.pk))

    def test_says_when_comments_are_closed_and_offers_no_form(self):
        make_comment(self.article.discussion)
        for facts, words in (
            ({"closes_at": "2026-01-05T12:00:00Z"}, "5 January 2026"),
            ({"closes_at": None, "mode": "locked"}, "locked"),
        ):
            type(self.article.discussion).objects.filter(pk=self.article.discussion_id).update(**facts)
            for viewer in (None, self.member):
                if viewer:
                    self.client.force_login(viewer)
                page = self.page()
                self.assertEqual(page.forms, [])
                self.assertIn(words, page.text)
                self.assertEqual(len(page.comments), 1)
                self.assertFalse([href for href in page.comments[0].links if "reply=" in href])
            self.client.logout()

    def test_each_comment_is_a_headed_article_of_a_list(self):
        comments = trees.grow(trees.mixed(30), article=self.article)
        page = self.page()
        for item in (e for e in page.elements("li") if (e.get("id") or "").startswith("c-")):
            article = next(e for e in item if e.tag == "article")
            heading = next(e for e in article.iter() if e.tag in ("h3", "h4", "h5", "h6"))
            self.assertEqual(article.get("aria-labelledby"), heading.get("id"))
        section = next(e for e in page.elements("section") if e.get("id") == "discussion")
        self.assertTrue(section.get("aria-labelledby"))
        self.assertGreater(len(comments), len(page.comments))

    def test_times_are_for_machines_too(self):
        comment = make_comment(self.article.discussion)
        times = [e.get("datetime") for e in self.page().elements("time")]
        self.assertIn(comment.posted_at.isoformat(timespec="minutes"), times)

    def test_a_name_is_shown_short(self):
        comment = make_comment(self.article.discussion, author=self.member)
        self.assertIn("Nkemi A.", self.page()[comment].words)
        self.assertNotIn("Ashgrove", self.page()[comment].words)

    def test_marks_of_the_pages_own_making_are_text(self):
        """A page is filled in from patterns; what a member writes is never taken for a part of one."""
        body = "%(body)s %(name)s %s %% 987654321987654321 \ue000body\ue001 \ue000name\ue001 {{ name }} {% now 'Y' %} {0} {body}"
        author = make_user("%(body)s \ue000")
        author.shows_full_name = True
        author.save()
        comment = make_comment(self.article.discussion, author=author, body=body)
        reply = make_comment(parent=comment, body="Yes.")
        page = self.page()
        self.assertEqual(page[comment].text, body)
        self.assertIn("%(body)s", page[comment].words.replace(body, ""))
        self.assertEqual(page[reply].text, "Yes.")

    def test_the_authors_of_the_article_are_marked(self):
        writer = make_user("Mirel Adeyo")
        article = make_article(authors=[make_author(user=writer)])
        theirs, other = make_comment(article.discussion, author=writer), make_comment(article.discussion)
        page = read(self.client, article.get_absolute_url())
        self.assertIn("Author", page[theirs].words)
        self.assertNotIn("Author", page[other].words)
