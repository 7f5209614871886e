import threading

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.test import TestCase, TransactionTestCase

from comments.models import Comment, Discussion, State
from moderation import decisions
from moderation.models import Decision, Rule
from tests.conftest import LONG
from tests.factories import make_admin, make_comment, make_moderator, make_rule, make_user


class DecisionCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.moderator = make_moderator()
        cls.rule = make_rule(title="Off topic")

    def hide(self, comment, **fields):
        fields = {"moderator": self.moderator, "rule": self.rule, "facts": "About tennis."} | fields
        return decisions.hide_comment(comment, **fields)

    def assert_undecided(self, comment, state):
        self.assertEqual(Comment.objects.get(pk=comment.pk).state, state)
        self.assertFalse(Decision.objects.exists())


class HideCommentTests(DecisionCase):
    def test_leaves_a_tombstone_that_names_the_rule(self):
        comment = make_comment()
        self.hide(comment)
        comment.refresh_from_db()
        self.assertEqual((comment.state, comment.hidden_under), (State.HIDDEN, "Off topic"))

    def test_records_who_what_why_and_from_which_state(self):
        comment = make_comment(state=State.PENDING)
        decision = Decision.objects.get(pk=self.hide(comment).pk)
        self.assertEqual(
            (decision.action, decision.comment, decision.moderator, decision.rule, decision.facts),
            ("hide", comment, self.moderator, self.rule, "About tennis."),
        )
        self.assertEqual((decision.state_before, decision.state_after), (State.PENDING, State.HIDDEN))

    def test_takes_the_comment_from_all_counts_and_raises_the_version(self):
        root = make_comment()
        reply = make_comment(parent=root)
        before = Discussion.objects.get(pk=root.discussion_id)
        self.hide(reply)
        after = Discussion.objects.get(pk=root.discussion_id)
        self.assertEqual((before.comment_count, after.comment_count), (2, 1))
        self.assertGreater(after.version, before.version)
        root.refresh_from_db()
        self.assertEqual(root.descendant_count, 0)

    def test_leaves_the_text_as_it_was(self):
        comment = make_comment(body="Every *byte* \N{ZERO WIDTH JOINER} of it.")
        before = (comment.body, comment.html)
        self.hide(comment)
        comment.refresh_from_db()
        self.assertEqual((comment.body, comment.html), before)

    def test_refuses_a_comment_that_no_reader_sees(self):
        for state in (State.HIDDEN, State.WITHDRAWN, State.ERASED):
            with self.subTest(state):
                comment = make_comment(state=state)
                with self.assertRaises(decisions.AlreadyHidden):
                    self.hide(comment)
                self.assert_undecided(comment, state)

    def test_refuses_with_an_old_copy_of_the_comment(self):
        comment = make_comment()
        old = Comment.objects.get(pk=comment.pk)
        self.hide(comment)
        with self.assertRaises(decisions.AlreadyHidden):
            self.hide(old)
        self.assertEqual(Decision.objects.count(), 1)

    def test_nobody_judges_their_own_comment(self):
        comment = make_comment(author=self.moderator)
        with self.assertRaises(decisions.OwnComment):
            self.hide(comment)
        self.assert_undecided(comment, State.PUBLISHED)

    def test_administrators_are_judged_by_administrators(self):
        comment = make_comment(author=make_admin())
        with self.assertRaises(decisions.AdministratorsComment):
            self.hide(comment)
        self.assert_undecided(comment, State.PUBLISHED)
        self.hide(comment, moderator=make_admin())

    def test_a_failed_record_leaves_the_comment_visible(self):
        comment = make_comment()
        with self.assertRaises(ValueError):
            self.hide(comment, rule=Rule(title="Not saved"))
        self.assert_undecided(comment, State.PUBLISHED)

    def test_a_guests_comment_can_be_hidden(self):
        comment = make_comment()
        Comment.objects.filter(pk=comment.pk).update(author=None, guest_name="Passer-by")
        self.hide(Comment.objects.get(pk=comment.pk))


class RestoreCommentTests(DecisionCase):
    def restore(self, comment, **fields):
        return decisions.restore_comment(comment, **({"moderator": self.moderator} | fields))

    def test_gives_back_exactly_the_state_before(self):
        for state in (State.PUBLISHED, State.PENDING):
            with self.subTest(state):
                root = make_comment(author=make_user())
                comment = make_comment(parent=root, state=state)
                text = Comment.objects.values("body", "html", "posted_at", "path", "edited_at").get(pk=comment.pk)
                counts = (root.discussion.comment_count, root.descendant_count)
                before = Discussion.objects.get(pk=root.discussion_id).comment_count
                self.hide(comment)
                self.restore(comment)
                comment = Comment.objects.get(pk=comment.pk)
                self.assertEqual((comment.state, comment.hidden_under), (state, ""))
                self.assertEqual(
                    Comment.objects.values("body", "html", "posted_at", "path", "edited_at").get(pk=comment.pk), text
                )
                self.assertEqual(Discussion.objects.get(pk=root.discussion_id).comment_count, before, counts)

    def test_names_the_decision_that_it_reverses(self):
        comment = make_comment()
        hiding = self.hide(comment)
        decision = self.restore(comment, facts="I misread it.")
        self.assertEqual((decision.reverses, decision.facts), (hiding, "I misread it."))
        self.assertEqual((decision.state_before, decision.state_after), (State.HIDDEN, State.PUBLISHED))

    def test_reverses_the_last_hiding_each_time(self):
        comment = make_comment()
        for _time in range(3):
            hiding = self.hide(comment)
            self.assertEqual(self.restore(comment).reverses, hiding)
        self.assertEqual(Decision.objects.count(), 6)

    def test_refuses_what_is_not_hidden(self):
        for state in (State.PUBLISHED, State.PENDING, State.WITHDRAWN, State.ERASED):
            with self.subTest(state):
                comment = make_comment(state=state)
                with self.assertRaises(decisions.NotHidden):
                    self.restore(comment)
                self.assert_undecided(comment, state)

    def test_nobody_restores_their_own_comment(self):
        comment = make_comment(author=self.moderator)
        self.hide(comment, moderator=make_moderator())
        with self.assertRaises(decisions.OwnComment):
            self.restore(comment)

    def test_hidden_without_a_decision_it_waits_for_review(self):
        comment = make_comment(state=State.HIDDEN)
        self.assertIsNone(self.restore(comment).reverses)
        self.assertEqual(comment.state, State.PENDING)


class ApproveCommentTests(DecisionCase):
    def test_publishes_and_counts(self):
        comment = make_comment(state=State.PENDING)
        decision = decisions.approve_comment(comment, moderator=self.moderator)
        comment = Comment.objects.get(pk=comment.pk)
        self.assertEqual((comment.state, comment.discussion.comment_count), (State.PUBLISHED, 1))
        self.assertEqual((decision.action, decision.state_before), ("approve", State.PENDING))

    def test_refuses_what_does_not_wait(self):
        for state in (State.PUBLISHED, State.HIDDEN, State.WITHDRAWN, State.ERASED):
            with self.subTest(state):
                comment = make_comment(state=state)
                with self.assertRaises(decisions.NotPending):
                    decisions.approve_comment(comment, moderator=self.moderator)
                self.assert_undecided(comment, state)

    def test_nobody_approves_their_own_comment(self):
        comment = make_comment(author=self.moderator, state=State.PENDING)
        with self.assertRaises(decisions.OwnComment):
            decisions.approve_comment(comment, moderator=self.moderator)
        self.assert_undecided(comment, State.PENDING)


class AppendOnlyTests(DecisionCase):
    """The database itself keeps the record, whoever asks."""

    def refuses(self, change):
        with self.assertRaises(DatabaseError), transaction.atomic():
            change()

    def test_a_decision_is_never_changed_or_deleted(self):
        decision = self.hide(make_comment())
        rows = Decision.objects.filter(pk=decision.pk)
        self.refuses(lambda: rows.update(facts="Something else."))
        self.refuses(lambda: rows._raw_delete("default"))
        self.refuses(decision.delete)
        with connection.cursor() as cursor:
            self.refuses(lambda: cursor.execute("DELETE FROM moderation_decision"))
        self.assertEqual(rows.get().facts, "About tennis.")

    def test_a_comment_with_a_decision_cannot_be_deleted(self):
        comment = make_comment()
        self.hide(comment)

        def delete():
            Comment.objects.filter(pk=comment.pk)._raw_delete("default")
            connection.check_constraints()

        self.refuses(delete)

    def test_hiding_needs_a_rule(self):
        self.refuses(
            lambda: Decision.objects.create(
                action="hide",
                comment=make_comment(),
                moderator=self.moderator,
                state_before=State.PUBLISHED,
                state_after=State.HIDDEN,
            )
        )


ORDER = [("hide", State.PUBLISHED, State.HIDDEN), ("restore", State.HIDDEN, State.PUBLISHED)]


class RaceTests(TransactionTestCase):
    """Two moderators at the same moment, on connections of their own."""

    ROUNDS = 50 if LONG else 8

    def race(self, *acts):
        """Run `acts` at once; return what each gave or raised."""
        barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

        def run(number):
            try:
                barrier.wait()
                results[number] = acts[number]()
            except decisions.CannotDecide as problem:
                results[number] = problem
            finally:
                close_old_connections()
                connection.close()

        threads = [threading.Thread(target=run, args=[number]) for number in range(len(acts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def test_of_two_who_hide_one_wins_and_one_decision_stays(self):
        moderators, rule = [make_moderator(), make_moderator()], make_rule()
        for _round in range(self.ROUNDS):
            comment = make_comment()
            copies = [Comment.objects.select_related("author").get(pk=comment.pk) for _ in moderators]
            results = self.race(
                *(
                    lambda copy=copy, moderator=moderator: decisions.hide_comment(
                        copy, moderator=moderator, rule=rule, facts="Twice."
                    )
                    for copy, moderator in zip(copies, moderators, strict=True)
                )
            )
            self.assertEqual(sorted(type(result).__name__ for result in results), ["AlreadyHidden", "Decision"])
            self.assertEqual(Decision.objects.filter(comment=comment).count(), 1)
            self.assertEqual(Discussion.objects.get(pk=comment.discussion_id).comment_count, 0)

    def test_hiding_and_approving_at_once_end_in_an_order_that_the_record_tells(self):
        moderators, rule = [make_moderator(), make_moderator()], make_rule()
        for _round in range(self.ROUNDS):
            comment = make_comment(state=State.PENDING)
            copies = [Comment.objects.select_related("author").get(pk=comment.pk) for _ in moderators]
            self.race(
                lambda: decisions.hide_comment(copies[0], moderator=moderators[0], rule=rule, facts="No."),  # noqa: B023
                lambda: decisions.approve_comment(copies[1], moderator=moderators[1]),  # noqa: B023
            )
            made = list(Decision.objects.filter(comment=comment).order_by("pk"))
            state = Comment.objects.get(pk=comment.pk).state
            self.assertEqual(len(made), 1)
            self.assertEqual(made[-1].state_after, state)
            self.assertEqual(
                Discussion.objects.get(pk=comment.discussion_id).comment_count, int(state == State.PUBLISHED)
            )

    def test_hiding_and_restoring_at_once_end_in_an_order_that_the_record_tells(self):
        moderators, rule = [make_moderator(), make_moderator()], make_rule()
        for number in range(self.ROUNDS):
            comment = make_comment(parent=make_comment())
            if number % 2:
                decisions.hide_comment(comment, moderator=moderators[0], rule=rule, facts="First.")
            copies = [Comment.objects.select_related("author").get(pk=comment.pk) for _ in moderators]
            self.race(
                lambda: decisions.hide_comment(copies[0], moderator=moderators[0], rule=rule, facts="No."),  # noqa: B023
                lambda: decisions.restore_comment(copies[1], moderator=moderators[1]),  # noqa: B023
            )
            made = list(Decision.objects.filter(comment=comment).order_by("pk"))
            self.assertEqual([(d.action, d.state_before, d.state_after) for d in made], ORDER[: len(made)])
            self.assertEqual([d.reverses for d in made], [None, made[0]][: len(made)])
            state = Comment.objects.get(pk=comment.pk).state
            self.assertEqual(made[-1].state_after, state)
            self.assertEqual(
                Discussion.objects.get(pk=comment.discussion_id).comment_count, 1 + (state == State.PUBLISHED)
            )
