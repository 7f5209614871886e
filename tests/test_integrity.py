"""`manage.py check_integrity`, over all rooms that have something to recount."""

from io import StringIO

from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import TestCase

from comments import integrity, states
from comments.models import Comment, Discussion, State
from moderation import decisions
from moderation.models import Decision, Rule
from tests import factories


class IntegrityTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.discussion = factories.make_discussion()
        cls.root = factories.make_comment(cls.discussion)
        cls.other = factories.make_comment(cls.discussion)
        cls.reply = factories.make_comment(cls.discussion, parent=cls.root)
        cls.deep = cls.reply
        for _level in range(40):
            cls.deep = factories.make_comment(cls.discussion, parent=cls.deep)
        moderator, rule = factories.make_moderator(), Rule.objects.first()
        decisions.hide_comment(cls.reply, moderator=moderator, rule=rule, facts="")
        decisions.restore_comment(cls.reply, moderator=moderator)
        decisions.hide_comment(cls.deep, moderator=moderator, rule=rule, facts="")

    def run_check(self, *arguments):
        """The lines it prints, without the last one; and whether it found something."""
        out = StringIO()
        try:
            call_command("check_integrity", *arguments, stdout=out)
            failed = False
        except CommandError:
            failed = True
        return out.getvalue().splitlines(), failed

    def check_finds(self, *words):
        lines, failed = self.run_check()
        self.assertTrue(failed)
        self.assertEqual(len(lines), len(words), lines)
        for line, word in zip(lines, words, strict=True):
            self.assertIn(word, line)

    def test_what_the_verbs_did_agrees(self):
        self.assertEqual(self.run_check(), (["Nothing differs."], False))

    def test_a_wrong_count_of_a_discussion(self):
        Discussion.objects.filter(pk=self.discussion.pk).update(comment_count=F("comment_count") + 3)
        self.check_finds(f"discussion {self.discussion.pk}: comment_count is 45, 42 comments are published")

    def test_wrong_counts_below_comments(self):
        Comment.objects.filter(pk__in=[self.root.pk, self.other.pk]).update(descendant_count=9)
        self.check_finds(
            f"comment {self.root.pk}: descendant_count is 9, 40", f"comment {self.other.pk}: descendant_count is 9, 0"
        )

    def test_a_wrong_count_of_recommendations(self):
        Comment.objects.filter(pk=self.other.pk).update(recommend_count=2)
        self.check_finds(f"comment {self.other.pk}: recommend_count is 2, 0 members recommend it")
        self.assertEqual(integrity.repair(), 1)
        self.assertFalse(self.run_check()[1])

    def test_repair_sets_counts_right_and_lets_pages_notice(self):
        Comment.objects.filter(pk__in=[self.root.pk, self.other.pk]).update(descendant_count=9)
        Discussion.objects.filter(pk=self.discussion.pk).update(comment_count=1)
        before = Discussion.objects.get().version
        self.assertEqual(self.run_check("--repair"), (["3 counters set right.", "Nothing differs."], False))
        self.assertGreater(Discussion.objects.get().version, before)
        self.assertEqual(integrity.repair(), 0)

    def test_places_that_are_not_what_the_parent_says(self):
        elsewhere = factories.make_discussion()
        # The counts that follow are told as well; only the place is looked at here.
        for wrong, word in (
            ({"depth": 5}, "has the wrong depth"),
            ({"thread": self.other}, "another thread"),
            ({"discussion": elsewhere}, "another discussion"),
            ({"under": self.other}, "under the wrong comment"),
            ({"above": self.other.path}, "the wrong place"),
        ):
            with self.subTest(word):
                kept = {name: getattr(self.reply, name) for name in wrong}
                Comment.objects.filter(pk=self.reply.pk).update(**wrong)
                lines, failed = self.run_check()
                self.assertTrue(failed)
                self.assertIn(f"comment {self.reply.pk}: ", "\n".join(line for line in lines if word in line))
                Comment.objects.filter(pk=self.reply.pk).update(**kept)
        self.assertFalse(self.run_check()[1])

    def test_a_state_that_no_decision_gave(self):
        Comment.objects.filter(pk=self.deep.pk).update(state=State.PENDING, hidden_under="")
        self.check_finds(f"comment {self.deep.pk}: is pending, its last decision made it hidden")

    def test_a_comment_that_its_author_withdrew_later(self):
        states.move(Comment.objects.get(pk=self.reply.pk), to=State.WITHDRAWN, expected=State.PUBLISHED)
        self.assertFalse(self.run_check()[1])

    def test_a_decision_that_follows_from_none(self):
        Decision.objects.create(
            comment=self.deep,
            moderator=factories.make_moderator(),
            action="approve",
            state_before="pending",
            state_after="hidden",
        )
        self.check_finds(f"found comment {self.deep.pk} pending; the one before left it hidden")

    def test_counts_in_the_database(self):
        with self.assertNumQueries(5):
            self.assertEqual(list(integrity.differences()), [])
