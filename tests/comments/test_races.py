"""Two who act at the same moment: real threads, each with its own connection, on a database that all of them share.

Every round ends in one of the legal states, and all that is kept agrees with a recount.
"""

import random
import uuid
from functools import partial
from io import StringIO
from threading import Barrier, Thread
from unittest.mock import patch

from django.core.management import call_command
from django.db import connections
from django.test import Client, TransactionTestCase, override_settings
from django.utils import timezone

from accounts import muting
from accounts.models import Mute
from comments import editing, following, posting, quoting, states
from comments.models import Comment, CommentVersion, Discussion, Follow

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

    def tearDown(self):
        call_command("check_integrity", stdout=StringIO())  # exits where anything differs

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

    def test_other_words_by_the_same_form_are_kept_as_well(self):
        for number in range(ROUNDS):
            token = uuid.uuid4()
            results = at_once(*[self.reply(None, body=f"{number} {each}", token=token) for each in range(3)])
            self.assert_all_well(results)
            self.assertEqual({comment.body for comment in results}, {f"{number} {each}" for each in range(3)})
            self.assertEqual(len({comment.pk for comment in results}), 3)


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


class BetweenLookAndStoreTests(RaceCase):
    """What changes after a post has looked and before it stores, as slowly as one likes."""

    def post(self, change, **fields):
        with patch.object(posting, "check_rate", lambda author: change()):
            return self.reply(**{"parent": None} | fields)()

    def test_its_parent_goes(self):
        for state in ("hidden", "withdrawn", "pending"):
            parent = make_comment(parent=make_comment(self.discussion))
            with self.assertRaises(posting.ParentGone):
                self.post(self.move(parent, state, "published"), parent=parent)
            self.assertFalse(Comment.objects.filter(parent=parent).exists())
            self.assert_all_well([])

    def test_its_discussion_closes(self):
        here = Discussion.objects.filter(pk=self.discussion.pk)
        for change in ({"closes_at": timezone.now()}, {"mode": "locked"}, {"opens_at": None}):
            here.update(**{"closes_at": None, "mode": "open"})
            with self.assertRaises(posting.Closed):
                self.post(partial(here.update, **change))
            self.assertFalse(Comment.objects.exists())

    def test_what_it_quotes_goes(self):
        source = make_comment(self.discussion, body="We carry the quernstone.")
        comment = self.post(self.move(source, "hidden", "published"), body=quoting.as_quote(source) + "So.")
        self.assertNotIn("quernstone", self.fresh(comment).html)
        self.assertIn("So.", self.fresh(comment).html)

    def test_what_it_answers_and_quotes_is_edited(self):
        source = self.fresh(make_comment(self.discussion, author=self.second, body="We carry the quernstone."))
        edit = partial(editing.edit_comment, source, body="We carried it.", revision=1)
        comment = self.post(edit, parent=source, body=quoting.as_quote(source) + "So.")
        self.assertIn("quernstone", self.fresh(comment).html)
        self.assertEqual(self.fresh(source).body, "We carried it.")
        self.assert_all_well([])

    def test_its_author_edits_what_it_answers_and_the_edit_is_marked(self):
        comment, lock = self.fresh(make_comment(self.discussion, author=self.first)), states.lock

        def answered_first(ids):
            with patch.object(states, "lock", lock):
                make_comment(parent=comment)
            return lock(ids)

        with patch.object(states, "lock", answered_first):
            editing.edit_comment(comment, body="Other words.", revision=1)
        self.assertIsNotNone(self.fresh(comment).edited_at)


class QuotedSourceRaces(RaceCase):
    @patch("comments.editing.RATES", [])
    def test_a_source_is_edited_while_it_is_quoted(self):
        for number in range(ROUNDS):
            source = make_comment(self.discussion, author=self.second, body="We carry the quernstone.")
            fresh, body = self.fresh(source), quoting.as_quote(source) + f"Number {number}."
            results = at_once(
                self.reply(source, body=body),
                partial(editing.edit_comment, fresh, body=f"We carried it, {number}.", revision=1),
                self.reply(None, body=body + " Again.", author=make_user()),
            )
            self.assert_all_well(results)
            for quoting_it in (results[0], results[2]):
                self.assertIn("quernstone", self.fresh(quoting_it).html)
                self.assertEqual(list(quoting_it.quotes.values_list("source", flat=True)), [source.pk])
            self.assertEqual(self.fresh(source).revision, 2)

    @patch("comments.editing.RATES", [])
    def test_a_source_is_purged_while_what_quotes_it_is_edited(self):
        """Of the two, neither undoes what the other did."""
        for number in range(ROUNDS):
            source = make_comment(self.discussion, body="We carry the quernstone.")
            quote = quoting.as_quote(source)
            comment = self.fresh(make_comment(self.discussion, author=self.first))
            editing.edit_comment(comment, body=quote + f"Number {number}.", revision=1)
            states.move(source, to="withdrawn", expected="published")
            comment, new = self.fresh(comment), quote + f"And more than {number}."
            results = at_once(
                partial(editing.purge, self.fresh(source)),
                partial(editing.edit_comment, comment, body=new, revision=2),
            )
            self.assert_all_well(results)
            there = self.fresh(comment)
            self.assertIn(f"And more than {number}.", there.body)
            self.assertIn(f"And more than {number}.", there.html)
            self.assertEqual(CommentVersion.objects.filter(comment=comment).count(), 2)
            self.assertNotIn("quernstone", there.html)

    @patch("comments.editing.RATES", [])
    def test_a_purge_overwrites_no_edit(self):
        """The edit comes while the purge has read the text and not stored it."""
        source = make_comment(self.discussion, body="We carry the quernstone.")
        comment = self.fresh(make_comment(self.discussion, author=self.first))
        editing.edit_comment(comment, body=quoting.as_quote(source) + "So.", revision=1)
        states.move(source, to="withdrawn", expected="published")
        edit = Thread(
            target=at_once, args=[partial(editing.edit_comment, self.fresh(comment), body="Mine.", revision=2)]
        )
        without = quoting.without

        def slowly(body, gone):
            if gone == {source.pk} and edit.ident is None:
                edit.start()
                edit.join(0.5)
            return without(body, gone)

        with patch.object(quoting, "without", slowly):
            editing.purge(self.fresh(source))
            edit.join(30)
        self.assertEqual(self.fresh(comment).body, "Mine.")
        self.assertEqual(self.fresh(comment).html, "<p>Mine.</p>\n")
        versions = CommentVersion.objects.filter(comment=comment).values_list("body", "html")
        self.assertNotIn("quernstone", str(list(versions)))


class OnceRaces(RaceCase):
    """What a member can have but once: asked for many times, it is there once; nobody sees a fault."""

    def check(self, rows, do, undo):
        for _ in range(ROUNDS):
            self.assert_all_well(at_once(*[do] * 4))
            self.assertEqual(rows().count(), 1)
            self.assert_all_well(at_once(do, undo, do, undo))
            self.assertLessEqual(rows().count(), 1)
            self.assert_all_well(at_once(*[undo] * 3))
            self.assertFalse(rows().exists())

    def test_following_a_discussion(self):
        acts = (partial(verb, self.first, self.discussion) for verb in (following.follow, following.unfollow))
        self.check(lambda: Follow.objects.filter(member=self.first), *acts)

    def test_following_a_thread(self):
        thread = make_comment(self.discussion)
        acts = (partial(verb, self.first, self.discussion, thread) for verb in (following.follow, following.unfollow))
        self.check(lambda: Follow.objects.filter(member=self.first), *acts)

    def test_muting(self):
        acts = (partial(verb, self.first, self.second) for verb in (muting.mute, muting.unmute))
        self.check(lambda: Mute.objects.filter(member=self.first), *acts)


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
    def check(self, **closed):
        here, parent = Discussion.objects.filter(pk=self.discussion.pk), make_comment(self.discussion)
        for _ in range(ROUNDS):
            here.update(closes_at=None, mode="open")
            before = Comment.objects.count()
            *posts, changed = results = at_once(
                self.reply(None), self.reply(parent, self.second), partial(here.update, **closed)
            )
            self.assert_all_well(results, posting.Closed)
            self.assertEqual(changed, 1)
            self.assertEqual(Comment.objects.count() - before, sum(isinstance(post, Comment) for post in posts))
            with self.assertRaises(posting.Closed):
                self.reply(None)()

    def test_a_comment_while_the_discussion_closes(self):
        self.check(closes_at=timezone.now())

    def test_a_comment_while_the_discussion_is_locked(self):
        self.check(mode="locked")

    def test_the_limit_holds(self):
        with override_settings(CAMPAIGN_COMMENT_RATES=[(5, 3_600)]):
            author = make_user()
            results = at_once(*[self.reply(None, author) for _ in range(8)])
            self.assert_all_well(results, posting.TooFast)
            self.assertEqual(Comment.objects.filter(author=author).count(), 5)
