"""Words that readers must not see are in no byte that leaves for them; what is made for one reader is kept for nobody else."""

import uuid

from django.test import Client, TestCase, override_settings
from django.utils import timezone

from comments import states
from comments.models import Comment, Discussion

from ..factories import (
    make_article,
    make_author,
    make_comment,
    make_editor,
    make_moderator,
    make_topic,
    make_user,
)
from .reading import Page, read

UNSEEN = ["hidden", "pending", "withdrawn", "erased"]
SORTS = ["best", "newest", "oldest", "busy", "featured"]


def everything(response):
    """All that leaves for the reader: status line, headers, cookies, body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.headers} {response.cookies}\n".encode() + body


class LeakTests(TestCase):
    """One comment of each unseen state as a root, as a reply, and with a reply of its own; each word of it is a canary."""

    @classmethod
    def setUpTestData(cls):
        cls.author = make_user("Canaria Birdsong", handle="canaria")
        cls.member, cls.moderator = make_user("Other Reader"), make_moderator()
        cls.topic, cls.writer = make_topic(name="Rivers", slug="rivers"), make_author(slug="writer")
        cls.article = make_article(topics=[cls.topic], authors=[cls.writer], slug="the-article")
        discussion = cls.article.discussion
        cls.open = make_comment(discussion, body="Everybody reads this.")
        cls.unseen = {}
        for state in UNSEEN:
            root = make_comment(discussion, author=cls.author, body=f"canary-{state}-root", featured_at=timezone.now())
            reply = make_comment(
                parent=cls.open, author=cls.author, body=f"canary-{state}-reply [x](http://canary.example/)"
            )
            holder = make_comment(parent=cls.open, author=cls.author, body=f"**canary-{state}-holder**")
            below = make_comment(parent=holder, body="An answer that stays.")
            deep = make_comment(parent=below, author=cls.author, body=f"> canary-{state}-deep\n\ncanary")
            cls.unseen[state] = [root, reply, holder, deep]
        # All were published once, so that a cache or a counter may have seen them.
        for address in cls.addresses():
            Client().get(address)
        for state, comments in cls.unseen.items():
            for comment in comments:
                states.move(
                    comment, to=state, expected="published", hidden_under="Off topic" if state == "hidden" else ""
                )

    @classmethod
    def addresses(cls):
        url = cls.article.get_absolute_url()
        found = [
            "/",
            url,
            "/feeds/articles/",
            "/sitemap.xml",
            "/sitemap-articles.xml",
            "/sitemap-topics.xml",
            "/sitemap-authors.xml",
        ]
        found += [cls.topic.get_absolute_url(), cls.writer.get_absolute_url(), cls.author.get_absolute_url()]
        found += [cls.open.author.get_absolute_url(), f"/discussions/{cls.article.discussion_id}/comments/"]
        found += [f"{url}?sort={sort}" for sort in SORTS]
        for comment in Comment.objects.filter(discussion=cls.article.discussion):
            found += [
                f"{url}?at={comment.pk}",
                f"{url}?reply={comment.pk}",
                f"/c/{comment.pk}/",
                f"/comments/{comment.pk}/reply/",
            ]
            found += [f"/c/{comment.pk}/?sort=newest"]
            found += [
                f"/comments/{comment.pk}/{verb}/"
                for verb in ("hide", "restore", "approve", "edit", "withdraw", "recommend", "feature", "report")
            ]
        return found

    def check_nowhere(self, client, words=("canary",)):
        for address in self.addresses():
            for htmx in ({}, {"HX-Request": "true"}):
                sent = everything(client.get(address, headers=htmx))
                for word in words:
                    with self.subTest(address=address, word=word):
                        self.assertNotIn(word.encode(), sent)

    def test_nowhere_for_a_guest(self):
        self.check_nowhere(Client())

    def test_nowhere_for_another_member(self):
        client = Client()
        client.force_login(self.member)
        self.check_nowhere(client)

    def test_nowhere_for_an_editor(self):
        client = Client()
        client.force_login(make_editor())
        self.check_nowhere(client)

    def test_not_its_authors_name_either(self):
        """A tombstone says that something was there, not by whom."""
        for viewer in (None, self.member):
            client = Client()
            if viewer:
                client.force_login(viewer)
            for address in self.addresses():
                if address == self.author.get_absolute_url():
                    continue
                sent = everything(client.get(address))
                with self.subTest(address=address, viewer=viewer):
                    self.assertNotIn(b"Canaria", sent)
                    self.assertNotIn(b"canaria", sent)

    @override_settings(CAMPAIGN_COMMENT_RATES=[])
    def test_nowhere_in_a_refused_reply(self):
        client = Client()
        client.force_login(self.member)
        for comments in self.unseen.values():
            for comment in comments:
                response = client.post(
                    f"/discussions/{comment.discussion_id}/comments/",
                    {"body": "I answer you.", "parent": comment.pk, "token": "0" * 31 + "1"},
                )
                self.assertEqual(response.status_code, 422)
                self.assertNotIn(b"canary", everything(response))

    def test_nowhere_in_a_refusal_for_another_reason(self):
        """Too fast, said before, closed: the form comes back, and nothing of the comment that it names."""
        url = f"/discussions/{self.article.discussion_id}/comments/"
        client = Client()
        client.force_login(self.member)
        with override_settings(CAMPAIGN_COMMENT_RATES=[]):
            self.assertEqual(client.post(url, {"body": "Said before.", "token": uuid.uuid4()}).status_code, 302)

        def refused(body, status):
            for comment in [comment for comments in self.unseen.values() for comment in comments]:
                response = client.post(url, {"body": body, "parent": comment.pk, "token": uuid.uuid4()})
                with self.subTest(body, state=comment.state):
                    self.assertEqual(response.status_code, status)
                    self.assertNotIn(b"canary", everything(response))
                    self.assertNotIn(b"Canaria", everything(response))

        with override_settings(CAMPAIGN_COMMENT_RATES=[]):
            refused("Said before.", 422)
            refused("CAPITALS AND NOTHING ELSE", 422)
        with override_settings(CAMPAIGN_COMMENT_RATES=[(0, 60)]):
            refused("Too fast, my friend.", 429)
        with override_settings(CAMPAIGN_COMMENT_RATES=[]):
            Discussion.objects.filter(pk=self.article.discussion_id).update(closes_at=timezone.now())
            refused("Too late, my friend.", 422)

    def test_counts_leave_them_out(self):
        published = Comment.objects.filter(state="published").count()
        self.assertEqual(read(Client(), self.article.get_absolute_url()).count, published)
        home = Page(Client().get("/"))
        self.assertIn(f"{published} comments", " ".join(home.text.split()))
        profile = Page(Client().get(self.author.get_absolute_url()))
        said, featured, _answers = ["".join(e.itertext()) for e in profile.elements("dd")]
        self.assertEqual((said, featured), ("0", "0"))

    def test_its_author_reads_what_is_hidden_or_waits_with_a_label(self):
        self.client.force_login(self.author)
        for state, label in (("hidden", "Hidden"), ("pending", "Waiting for review")):
            for comment in self.unseen[state]:
                page = read(self.client, f"{self.article.get_absolute_url()}?at={comment.pk}", strict=False)
                self.assertIn(f"canary-{state}", page[comment].text)
                self.assertIn(label, page[comment].words)

    def test_a_moderator_reads_what_is_hidden_or_waits_with_a_label(self):
        self.client.force_login(self.moderator)
        for state, label in (("hidden", "Hidden"), ("pending", "Waiting for review")):
            for comment in self.unseen[state]:
                page = read(self.client, f"{self.article.get_absolute_url()}?at={comment.pk}", strict=False)
                self.assertIn(f"canary-{state}", page[comment].text)
                self.assertIn(label, page[comment].words)

    def test_withdrawn_and_erased_are_for_nobody(self):
        for viewer in (self.author, self.moderator):
            client = Client()
            client.force_login(viewer)
            self.check_nowhere_of(client, "withdrawn", "erased")

    def check_nowhere_of(self, client, *states):
        for address in self.addresses():
            sent = everything(client.get(address))
            for state in states:
                with self.subTest(address=address, state=state):
                    self.assertNotIn(f"canary-{state}".encode(), sent)

    def test_leaves_without_replies_are_not_listed(self):
        page = read(Client(), self.article.get_absolute_url())
        for root, reply, holder, deep in self.unseen.values():
            self.assertNotIn(root, page)
            self.assertNotIn(reply, page)
            self.assertNotIn(
                deep,
                read(Client(), f"{self.article.get_absolute_url()}?at={holder.pk}")
                if holder.state != "pending"
                else page,
            )

    def test_a_tombstone_says_why_and_when(self):
        page = read(Client(), f"{self.article.get_absolute_url()}?at={self.unseen['hidden'][2].pk}")
        words = page[self.unseen["hidden"][2]].words
        self.assertIn("Hidden by moderators", words)
        self.assertIn("Off topic", words)
        self.assertIn(str(timezone.now().year), words)
        page = read(Client(), f"{self.article.get_absolute_url()}?at={self.unseen['withdrawn'][2].pk}")
        self.assertIn("Removed by its author", page[self.unseen["withdrawn"][2]].words)


class KeptPagesTests(TestCase):
    """What caches may keep, and that they ask again."""

    @classmethod
    def setUpTestData(cls):
        cls.topic, cls.writer = make_topic(), make_author()
        cls.article = make_article(topics=[cls.topic], authors=[cls.writer])
        cls.comment = make_comment(cls.article.discussion, body="Soon to be hidden.", featured_at=timezone.now())
        cls.public = [
            "/",
            cls.article.get_absolute_url(),
            f"{cls.article.get_absolute_url()}?sort=newest",
            f"{cls.article.get_absolute_url()}?at={cls.comment.pk}",
            f"{cls.article.get_absolute_url()}?reply={cls.comment.pk}",
            cls.topic.get_absolute_url(),
            cls.writer.get_absolute_url(),
            cls.comment.author.get_absolute_url(),
            "/feeds/articles/",
            "/sitemap.xml",
        ]

    def test_a_guests_pages_hold_nothing_of_one_guest(self):
        for address in [*self.public, self.comment.get_absolute_url()]:
            response = Client(enforce_csrf_checks=True).get(address)
            with self.subTest(address):
                self.assertFalse(response.cookies)
                self.assertNotIn(b"csrfmiddlewaretoken", response.content)
                self.assertNotIn(b"X-CSRFToken", response.content)
                self.assertIn("public", response["Cache-Control"])
                self.assertNotIn("private", response["Cache-Control"])
                self.assertIn("max-age=0", response["Cache-Control"])
                self.assertIn("Cookie", response.get("Vary", ""))

    def test_two_guests_get_the_same_bytes(self):
        for address in self.public:
            self.assertEqual(Client().get(address).content, Client().get(address).content, address)

    def test_a_members_pages_are_kept_by_nobody(self):
        for viewer in (make_user(), make_moderator(), make_editor()):
            self.client.force_login(viewer)
            for address in [
                *self.public,
                self.comment.get_absolute_url(),
                f"/discussions/{self.article.discussion_id}/comments/",
            ]:
                response = self.client.get(address)
                with self.subTest(address, viewer=viewer):
                    self.assertIn("private", response["Cache-Control"])
                    self.assertIn("no-store", response["Cache-Control"])

    def test_a_page_answers_304_as_long_as_it_is_the_same(self):
        for address in self.public:
            first = Client().get(address)
            with self.subTest(address):
                self.assertTrue(first["ETag"])
                again = Client().get(address, headers={"If-None-Match": first["ETag"]})
                self.assertEqual(again.status_code, 304)
                self.assertEqual(again.content, b"")

    def test_what_was_kept_holds_no_longer_once_it_is_hidden(self):
        holding = [a for a in self.public if b"Soon to be hidden" in Client().get(a).content]
        self.assertGreaterEqual(len(holding), 5)
        tags = {address: Client().get(address)["ETag"] for address in holding}
        states.move(self.comment, to="hidden", expected="published", hidden_under="Off topic")
        for address, tag in tags.items():
            response = Client().get(address, headers={"If-None-Match": tag})
            with self.subTest(address):
                self.assertEqual(response.status_code, 200)
                self.assertNotIn(b"Soon to be hidden", response.content)
                self.assertNotEqual(response["ETag"], tag)

    def test_what_a_moderator_or_its_author_saw_is_not_kept_for_others(self):
        address = self.article.get_absolute_url()
        author = self.comment.author
        make_comment(self.article.discussion, author=author, body="Only its author sees this.", state="pending")
        readers = [
            make_moderator(),
            author,
            make_user("Other"),
            None,
            author,
            make_moderator(),
            None,
            make_user("Third"),
        ]
        for reader in readers:
            client = Client()
            if reader:
                client.force_login(reader)
            sees = b"Only its author sees this." in client.get(address).content
            self.assertEqual(sees, reader is not None and reader.display_name in ("Moss Tarrow", author.display_name))

    def test_what_is_said_about_a_reader_is_not_kept_for_others(self):
        make_comment(self.article.discussion, author=make_user("Own Words"), body="Mine.")
        for name in ("First Reader", "Second Reader"):
            client = Client()
            client.force_login(make_user(name))
            page = Page(client.get(self.article.get_absolute_url()))
            other = {"First Reader": "Second", "Second Reader": "First"}[name]
            self.assertIn(name.split()[0], page.source)
            self.assertNotIn(other, page.source)

    def test_a_change_of_name_is_seen_at_once(self):
        address, author = self.article.get_absolute_url(), self.comment.author
        Client().get(address)
        self.client.force_login(author)
        fields = {"display_name": "Quite Another", "handle": author.handle, "bio": ""}
        self.assertEqual(self.client.post("/accounts/profile/", fields).status_code, 302)
        self.assertIn("Quite A.", Page(Client().get(address))[self.comment].words)
        self.client.post("/accounts/privacy/", {"shows_full_name": "on"})
        self.assertIn("Quite Another", Page(Client().get(address))[self.comment].words)

    def test_and_not_once_there_is_another_comment(self):
        address = self.article.get_absolute_url()
        tag = Client().get(address)["ETag"]
        make_comment(self.article.discussion, body="Something new.")
        self.assertIn(b"Something new.", Client().get(address, headers={"If-None-Match": tag}).content)

    def test_a_member_gets_no_304_for_a_guests_page(self):
        address = self.article.get_absolute_url()
        tag = Client().get(address)["ETag"]
        self.client.force_login(make_user())
        self.assertEqual(self.client.get(address, headers={"If-None-Match": tag}).status_code, 200)

    def test_head_is_get_without_the_body(self):
        for address in self.public:
            got, head = Client().get(address), Client().head(address)
            with self.subTest(address):
                self.assertEqual(head.status_code, got.status_code)
                self.assertEqual(head.content, b"")
                self.assertEqual(head.get("Cache-Control"), got.get("Cache-Control"))
