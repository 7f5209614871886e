"""Two who act at the same moment: real threads, each with its own connection, on a database that all of them share.

Every round ends in one of the legal states, and all that is kept agrees with a recount.
"""

import random
import uuid
from functools import partial
from threading import Barrier, Thread

from django.db import connections
from django.test import Client, TransactionTestCase, override_settings
from django.utils import timezone

from comments import posting, states
from comments.models import Comment, Discussion

from ..conftest import LONG
from ..factories import make_article, make_comment, make_user
from .reading import differences

ROUNDS = 50 if LONG else 15


def at_once(*acts):
    """Run functions in threads that start together. Return what each returned or raised, in order."""
    barrier, results = Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            connections["default"].ensure_connection()
            barrier.wait(20)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if any(thread.is_alive() for thread in threads):
        raise AssertionError("they wait for each other")
    return results


@override_settings(CAMPAIGN_COMMENT_RATES=[])
class RaceCase(TransactionTestCase):
    def setUp(self):
        self.first, self.second = make_user("First One"), make_user("Second One")
        self.discussion = make_article().discussion

    def fresh(self, comment):
        return Comment.objects.select_related("discussion", "author").get(pk=comment.pk)

    def reply(self, parent, author=None, body=None, token=None):
        """An act: post a reply."""
        return lambda: posting.post_comment(
            discussion_id=self.discussion.pk,
            author=author or self.first,
            body=body or f"Words {uuid.uuid4()}",
            parent_id=parent and parent.pk,
            form_token=token,
        )

    def move(self, comment, to, expected):
        comment = self.fresh(comment)
        return lambda: states.move(comment, to=to, expected=expected)

    def assert_all_well(self, results, allowed=()):
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, allowed):
                raise AssertionError(f"{type(result).__name__}: {result}") from result
        self.assertEqual(differences(self.discussion), [])


class DoubleSubmitRaces(RaceCase):
    def test_one_form_sent_twice_is_one_comment(self):
        parent = make_comment(self.discussion)
        for number in range(ROUNDS):
            token, body = uuid.uuid4(), f"Twice {number}"
            answering = parent if number % 2 else None
            acts = [self.reply(answering, body=body, token=token) for _ in range(3)]
            results = at_once(*acts)
            self.assertEqual(Comment.objects.filter(form_token=token).count(), 1)
            self.assert_all_well(results)
            self.assertEqual(len({comment.pk for comment in results}), 1)

    def test_and_both_answers_lead_to_it(self):
        for number in range(ROUNDS):
            clients = [Client(), Client()]
            for client in clients:
                client.force_login(self.first)
            data = {"body": f"Clicked twice {number}", "parent": "", "token": str(uuid.uuid4())}
            results = at_once(
                *[partial(client.post, f"/discussions/{self.discussion.pk}/comments/", data) for client in clients]
            )
            self.assert_all_well(results)
            comment = Comment.objects.get(form_token=data["token"])
            self.assertEqual([r.status_code for r in results], [302, 302])
            self.assertEqual({r["Location"] for r in results}, {comment.get_absolute_url()})


class CountRaces(RaceCase):
    def test_replies_to_one_comment(self):
        parent = make_comment(self.discussion)
        for _ in range(ROUNDS):
            before = self.fresh(parent).descendant_count
            self.assert_all_well(at_once(*[self.reply(parent, who) for who in (self.first, self.second) * 2]))
            self.assertEqual(self.fresh(parent).descendant_count, before + 4)

    def test_replies_at_two_places_of_one_chain(self):
        chain = [make_comment(self.discussion)]
        for _ in range(34):
            chain.append(make_comment(parent=chain[-1]))
        for number in range(ROUNDS):
            high, low = chain[number % 20], chain[-1 - number % 5]
            self.assert_all_well(at_once(self.reply(low), self.reply(high, self.second), self.reply(chain[0])))

    def test_new_threads(self):
        for _ in range(ROUNDS):
            before = Discussion.objects.get(pk=self.discussion.pk)
            self.assert_all_well(at_once(*[self.reply(None) for _ in range(4)]))
            after = Discussion.objects.get(pk=self.discussion.pk)
            self.assertEqual(after.comment_count, before.comment_count + 4)
            self.assertEqual(after.version, before.version + 4)


class StateRaces(RaceCase):
    def test_a_reply_while_its_parent_is_hidden(self):
        for number in range(ROUNDS):
            parent = make_comment(parent=make_comment(self.discussion)) if number % 2 else make_comment(self.discussion)
            reply, hidden = results = at_once(self.reply(parent), self.move(parent, "hidden", "published"))
            self.assert_all_well(results, posting.ParentGone)
            self.assertIs(hidden, True)
            self.assertEqual(self.fresh(parent).state, "hidden")
            stored = Comment.objects.filter(parent=parent)
            if isinstance(reply, posting.ParentGone):
                self.assertFalse(stored)
                self.assertIsNone(self.fresh(parent).shown_at)
            else:
                self.assertEqual(stored.get(), reply)
                self.assertIsNotNone(self.fresh(parent).shown_at)  # a tombstone holds its place

    def test_a_reply_while_its_parent_is_withdrawn(self):
        for _ in range(ROUNDS):
            parent = make_comment(self.discussion)
            reply, gone = results = at_once(self.reply(parent), self.move(parent, "withdrawn", "published"))
            self.assert_all_well(results, posting.ParentGone)
            self.assertIs(gone, True)
            self.assertEqual(Comment.objects.filter(parent=parent).exists(), isinstance(reply, Comment))

    def test_a_reply_while_what_is_above_its_parent_is_hidden(self):
        for _ in range(ROUNDS):
            root = make_comment(self.discussion)
            parent = make_comment(parent=make_comment(parent=root))
            results = at_once(
                self.reply(parent), self.move(root, "hidden", "published"), self.reply(parent, self.second)
            )
            self.assert_all_well(results)
            self.assertEqual(self.fresh(root).descendant_count, 4)

    def test_two_moderators_hide(self):
        for _ in range(ROUNDS):
            comment = make_comment(parent=make_comment(self.discussion))
            results = at_once(*[self.move(comment, "hidden", "published") for _ in range(3)])
            self.assert_all_well(results)
            self.assertEqual(sorted(results), [False, False, True])

    def test_one_hides_while_another_restores(self):
        for number in range(ROUNDS):
            start, other = ("published", "hidden") if number % 2 else ("hidden", "published")
            comment = make_comment(parent=make_comment(self.discussion), state=start)
            hide, restore = at_once(
                self.move(comment, "hidden", "published"), self.move(comment, "published", "hidden")
            )
            self.assert_all_well([hide, restore])
            first, second = (hide, restore) if start == "published" else (restore, hide)
            self.assertIs(first, True)
            self.assertEqual(self.fresh(comment).state, start if second else other)

    def test_its_author_withdraws_while_a_moderator_hides(self):
        for _ in range(ROUNDS):
            comment = make_comment(parent=make_comment(self.discussion))
            results = at_once(self.move(comment, "hidden", "published"), self.move(comment, "withdrawn", "published"))
            self.assert_all_well(results)
            self.assertEqual(sorted(results), [False, True])
            self.assertEqual(self.fresh(comment).state, "hidden" if results[0] else "withdrawn")

    def test_parent_and_child_change_at_once(self):
        for _ in range(ROUNDS):
            root = make_comment(self.discussion)
            middle = make_comment(parent=root)
            leaf = make_comment(parent=middle)
            results = at_once(*[self.move(c, "hidden", "published") for c in (leaf, middle, root)])
            self.assert_all_well(results)
            self.assertEqual(results, [True] * 3)
            self.assertFalse(Comment.objects.filter(pk__in=[root.pk, middle.pk, leaf.pk], shown_at__isnull=False))

    def test_many_acts_in_one_long_chain(self):
        chain = [make_comment(self.discussion)]
        for _ in range(36):
            chain.append(make_comment(parent=chain[-1]))
        dice = random.Random(1)
        for _ in range(ROUNDS):
            acts = []
            for _ in range(4):
                comment = dice.choice(chain)
                acts.append(
                    dice.choice(
                        [
                            self.reply(comment),
                            self.move(comment, "hidden", "published"),
                            self.move(comment, "published", "hidden"),
                            self.move(comment, "withdrawn", "published"),
                            self.move(comment, "published", "withdrawn"),
                        ]
                    )
                )
            self.assert_all_well(at_once(*acts), posting.ParentGone)


class ClosingRaces(RaceCase):
    def test_a_comment_while_the_discussion_closes(self):
        for _ in range(ROUNDS):
            Discussion.objects.filter(pk=self.discussion.pk).update(closes_at=None)

            def close():
                return Discussion.objects.filter(pk=self.discussion.pk).update(closes_at=timezone.now())

            before = Comment.objects.count()
            post, closed = results = at_once(self.reply(None), close)
            self.assert_all_well(results, posting.Closed)
            self.assertEqual(closed, 1)
            self.assertEqual(Comment.objects.count() - before, isinstance(post, Comment))
            with self.assertRaises(posting.Closed):
                self.reply(None)()

    def test_the_limit_holds(self):
        with override_settings(CAMPAIGN_COMMENT_RATES=[(5, 3_600)]):
            author = make_user()
            results = at_once(*[self.reply(None, author) for _ in range(8)])
            self.assert_all_well(results, posting.TooFast)
            self.assertEqual(Comment.objects.filter(author=author).count(), 5)
