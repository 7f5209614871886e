"""In which role somebody speaks: the author of the page, a moderator, somebody else of the staff, or a reader."""

from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext

from campaign import keeping

from ..factories import make_admin, make_article, make_author, make_comment, make_editor, make_moderator, make_user
from .reading import Page


class BadgeTests(TestCase):
    def setUp(self):
        self.editor, self.moderator = make_editor(), make_moderator()
        self.article = make_article(authors=[make_author(user=self.editor)])

    def badge(self, author):
        comment = make_comment(self.article.discussion, author=author)
        head = Page(Client().get(self.article.get_absolute_url()))[comment].words
        return [word for word in ("Author", "Moderator", "Staff") if word in head]

    def test_is_the_role_that_counts_here(self):
        for author, expected in (
            (self.editor, ["Author"]),
            (self.moderator, ["Moderator"]),
            (make_editor(), ["Staff"]),
            (make_admin(), ["Staff"]),
            (make_user(), []),
        ):
            with self.subTest(author):
                self.assertEqual(self.badge(author), expected)

    def test_changes_with_the_group(self):
        comment = make_comment(self.article.discussion, author=self.moderator)
        self.client.force_login(make_admin())
        editors = Group.objects.get(name="Editors")
        form = {
            "display_name": self.moderator.display_name,
            "email": self.moderator.email,
            "handle": self.moderator.handle,
            "bio": "",
            "is_active": "on",
            "is_staff": "on",
            "groups": [editors.pk],
        }
        self.assertIn("Moderator", Page(Client().get(self.article.get_absolute_url()))[comment].words)
        self.assertEqual(self.client.post(f"/admin/accounts/user/{self.moderator.pk}/change/", form).status_code, 302)
        self.assertIn("Staff", Page(Client().get(self.article.get_absolute_url()))[comment].words)

    def test_more_comments_of_staff_cost_no_more_queries(self):
        counts = []
        for number in (1, 12):
            for _comment in range(number):
                make_comment(self.article.discussion, author=make_moderator())
            self.client.get(self.article.get_absolute_url())
            keeping.forget_all()
            with CaptureQueriesContext(connection) as queries:
                self.client.get(self.article.get_absolute_url())
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])
