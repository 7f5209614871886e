"""What the suite promises its own tests."""

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import TestCase, TransactionTestCase

from accounts.models import User
from comments.models import Comment, Discussion
from moderation.models import Decision, Rule


class EmptyDatabaseTests(TransactionTestCase):
    def check_fresh(self):
        self.assertEqual(set(Group.objects.values_list("name", flat=True)), {"Editors", "Moderators"})
        self.assertTrue(Group.objects.get(name="Moderators").permissions.exists())
        self.assertTrue(Rule.objects.exists())
        self.assertTrue(ContentType.objects.exists())
        self.assertFalse(User.objects.exists())
        member = User.objects.create_user("a@example.org", display_name="A")
        discussion = Discussion.objects.create(title="D", url="/")
        comment = Comment.objects.create(discussion=discussion, body="b", html="b", markup_version=1, author=member)
        decision = Decision.objects.create(
            comment=comment,
            moderator=member,
            action="hide",
            rule=Rule.objects.first(),
            state_before="published",
            state_after="hidden",
        )
        with self.assertRaises(DatabaseError):
            Decision.objects.filter(pk=decision.pk).update(facts="changed")

    def test_what_migrations_wrote_is_there(self):
        self.check_fresh()

    def test_and_there_again_after_another_test(self):
        self.check_fresh()


class CacheTests(TestCase):
    def check_forgotten(self):
        self.assertIsNone(cache.get("name"))
        cache.set("name", 1)

    def test_forgets(self):
        self.check_forgotten()

    def test_forgets_again(self):
        self.check_forgotten()


class DatabaseTests(TestCase):
    def test_is_a_file_that_threads_share(self):
        if connection.vendor == "sqlite":
            self.assertFalse(connection.is_in_memory_db())
