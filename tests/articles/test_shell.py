import re
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.template.loader import render_to_string
from django.test import RequestFactory, TestCase
from django.utils import timezone

from articles import editions, shell
from articles.models import Article
from articles.views import article_context
from campaign import keeping
from comments.models import Discussion, ReadMark
from comments.orders import SORTS
from comments.panel import find_place
from notifications.models import Kind
from notifications.telling import tell
from tests.factories import make_article, make_author, make_comment, make_editor, make_topic, make_user

OWN_EACH_TIME = re.compile(r'(csrfmiddlewaretoken" value=|X-CSRFToken": |name="token" value=)"[^"]+"')


class Messages(list):
    """Stands for the messages of a request, which the middleware gives it."""


class ShellTests(TestCase):
    """A page from a shell is the page that the templates print, for whoever reads it."""

    def setUp(self):
        self.article = make_article(title='100 % of "it" & more', topics=[make_topic()], authors=[make_author()])
        self.discussion = self.article.discussion
        self.member = make_user("Nkemi <Ashgrove>")

    def request(self, query="", user=None):
        request = RequestFactory().get(self.article.get_absolute_url() + query)
        request.user, request._messages = user or AnonymousUser(), Messages()
        return request

    def context(self, request):
        [found] = editions.beside(Article.objects.select_related("picture", "discussion"), timezone.now()).filter(
            pk=self.article.pk
        )
        return article_context(request, found, find_place(request, found.discussion))

    def check(self, query="", user=None):
        """The shell's page, new and kept, against the templates'. Return it."""
        request = self.request(query, user)
        context = self.context(request)
        expected = OWN_EACH_TIME.sub(r"\1", render_to_string(shell.TEMPLATE, context, request))
        first = shell.page(request, context)
        again = shell.page(request, context)
        self.compare(OWN_EACH_TIME.sub(r"\1", first), expected)
        self.compare(OWN_EACH_TIME.sub(r"\1", again), expected)
        self.assertNotIn("\0", again)
        return again

    def compare(self, got, expected):
        # Line by line: a difference is then shown in a few words.
        for one, other in zip(got.splitlines(), expected.splitlines(), strict=True):
            self.assertEqual(one, other)

    def readers(self):
        return {"guest": None, "member": self.member}

    def test_is_the_page_without_comments(self):
        for name, reader in self.readers().items():
            with self.subTest(name):
                self.check(user=reader)

    def test_is_the_page_with_comments_in_every_order_and_place(self):
        queries = [f"?sort={sort}" for sort in SORTS]
        made = [make_comment(self.discussion) for _ in range(25)]
        self.check("?sort=featured")
        made += [make_comment(self.discussion, parent=made[0], featured_at=timezone.now()) for _ in range(25)]
        queries += [f"?at={made[0].pk}", f"?at={made[-1].pk}"]
        page = self.check("?sort=oldest")
        queries += [re.search(r'rel="next" href="[^"?]+(\?[^"#]+)', page)[1].replace("&amp;", "&")]
        for query in queries:
            for name, reader in self.readers().items():
                with self.subTest(query, reader=name):
                    self.check(query, reader)

    def test_is_the_page_of_a_closed_and_of_a_locked_discussion(self):
        make_comment(self.discussion)
        for change in ({"closes_at": timezone.now()}, {"closes_at": None, "mode": Discussion.Mode.LOCKED}):
            Discussion.objects.filter(pk=self.discussion.pk).update(**change)
            for name, reader in self.readers().items():
                with self.subTest(name, **change):
                    self.check(user=reader)

    def test_is_the_page_of_a_member_with_something_new(self):
        first = make_comment(self.discussion)
        before = first.posted_at - timedelta(hours=1)
        ReadMark.objects.create(member=self.member, discussion=self.discussion, before_at=before, seen_at=before)
        page = self.check(user=self.member)
        self.assertIn("1 new since your last visit", page)
        make_comment(self.discussion)
        self.assertIn("2 new since your last visit", self.check(user=self.member))

    def test_is_the_page_of_a_member_with_notifications(self):
        for number in range(1, 3):
            tell([self.member.pk], kind=Kind.REPLY, subject=self.article, key=f"event {number}")
            page = self.check(user=self.member)
            self.assertIn(f"Notifications, {number} unread", page)

    def test_is_the_page_of_a_member_with_a_picture(self):
        self.member.avatar = "avatars/abc.webp"
        self.member.save()
        self.assertIn("avatars/abc.avif", self.check(user=self.member))

    def test_is_filled_for_each_member_anew(self):
        request = self.request(user=self.member)
        shell.page(request, self.context(request))
        other = make_user("Tunde Bello")
        page = self.check(user=other)
        self.assertIn("Tunde", page)
        for private in ("Nkemi", self.member.handle, f"draft:{self.member.pk}:"):
            self.assertNotIn(private, page)

    def test_gives_every_form_a_token_of_its_own(self):
        request = self.request(user=self.member)
        context = self.context(request)
        tokens = {re.search(r'name="token" value="([^"]+)"', shell.page(request, context))[1] for _ in range(3)}
        self.assertEqual(len(tokens), 3)

    def test_is_rendered_whole_for_staff_replies_and_messages(self):
        comment = make_comment(self.discussion)
        request = self.request(user=self.member)
        request._messages.append("Saved.")
        self.assertEqual(len(get_messages(request)), 1)
        cases = {
            "staff": self.request(user=make_editor()),
            "reply": self.request(f"?reply={comment.pk}", self.member),
            "message": request,
        }
        for name, case in cases.items():
            with self.subTest(name):
                keeping.forget_all()
                context = self.context(case)
                shell.page(case, context)
                self.assertEqual(shell.kept.bytes, 0)

    def test_prints_what_looks_like_a_place_as_it_is(self):
        self.article.standfirst = "{{ csrf_token }} %(token)s %s %%"
        self.article.save()
        self.check(user=self.member)
