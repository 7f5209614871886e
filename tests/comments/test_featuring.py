"""Featured comments: who may, what readers see of them and where, and that nothing else of them changes."""

from datetime import timedelta

from django.test import Client, TestCase
from django.utils import timezone

from accounts import muting
from comments import editing, featuring, posting, states, threads
from comments.models import Comment, Discussion, State
from notifications.models import Kind, Notification

from ..factories import make_admin, make_article, make_comment, make_editor, make_moderator, make_user
from . import trees
from .reading import read
from .test_races import ROUNDS, RaceCase, at_once


def block(page):
    """The links of the block above a discussion, in order; None where there is no block."""
    section = next((e for e in page.elements("section") if e.get("class") == "featured"), None)
    return None if section is None else [a.get("href") for a in section.iter("a")]


class FeaturingCase(TestCase):
    def setUp(self):
        self.discussion = make_article(title="The valley").discussion
        self.author, self.editor = make_user("Ilse Marrow"), make_editor()
        self.comment = make_comment(self.discussion, author=self.author, body="We **boil** it.\n\nAnd pay.")
        self.client.force_login(self.editor)

    def fresh(self, comment=None):
        return Comment.objects.select_related("discussion", "author").get(pk=(comment or self.comment).pk)

    def version(self):
        return Discussion.objects.get(pk=self.discussion.pk).version

    def post(self, comment=None, **data):
        return self.client.post(f"/comments/{(comment or self.comment).pk}/feature/", data)

    def guest(self, address=""):
        return read(Client(), self.discussion.url + address)


class FeatureTests(FeaturingCase):
    def test_marks_it_once_and_lets_kept_pages_know(self):
        before = self.version()
        self.assertTrue(featuring.feature(self.comment))
        first = self.fresh().featured_at
        self.assertEqual(self.version(), before + 1)
        self.assertFalse(featuring.feature(self.comment))
        self.assertEqual((self.fresh().featured_at, self.version()), (first, before + 1))

    def test_taken_back_it_is_as_before(self):
        before = self.guest()
        featuring.feature(self.comment)
        version = self.version()
        self.assertTrue(featuring.unfeature(self.comment))
        self.assertEqual(self.version(), version + 1)
        self.assertFalse(featuring.unfeature(self.comment))
        after = self.guest()
        self.assertEqual((after.order, after[self.comment].words), (before.order, before[self.comment].words))

    def test_only_what_readers_see(self):
        for state in (State.PENDING, State.HIDDEN, State.WITHDRAWN, State.ERASED):
            comment = make_comment(self.discussion, state=state)
            with self.subTest(state), self.assertRaises(featuring.NotFeaturable):
                featuring.feature(comment)
        Discussion.objects.filter(pk=self.discussion.pk).update(opens_at=None)
        with self.assertRaises(featuring.NotFeaturable):
            featuring.feature(self.comment)
        self.assertFalse(Comment.objects.exclude(featured_at=None).exists())

    def test_its_author_is_told_once_however_often(self):
        for _time in range(2):
            with self.captureOnCommitCallbacks(execute=True):
                featuring.feature(self.comment)
            featuring.unfeature(self.comment)
        self.assertEqual(Notification.objects.filter(recipient=self.author, kind=Kind.FEATURED).count(), 1)


class DoorTests(FeaturingCase):
    def test_looking_changes_nothing(self):
        page = self.client.get(f"/comments/{self.comment.pk}/feature/")
        self.assertContains(page, "<strong>boil</strong>")
        self.assertIsNone(self.fresh().featured_at)

    def test_editors_moderators_and_administrators(self):
        for user in (self.editor, make_moderator(), make_admin()):
            self.client.force_login(user)
            for to, is_featured in (("on", True), ("on", True), ("off", False), ("off", False)):
                self.assertRedirects(self.post(to=to), f"/c/{self.comment.pk}/", fetch_redirect_response=False)
                self.assertEqual(self.fresh().featured_at is not None, is_featured)

    def test_nobody_else(self):
        for user in (self.author, make_user()):
            self.client.force_login(user)
            self.assertEqual(self.client.get(f"/comments/{self.comment.pk}/feature/").status_code, 403)
            self.assertEqual(self.post().status_code, 403)
        self.client.logout()
        self.assertIn("/accounts/login/", self.post()["Location"])
        self.assertIsNone(self.fresh().featured_at)

    def test_not_ones_own(self):
        own = make_comment(self.discussion, author=self.editor)
        self.assertContains(self.post(own), "a colleague", status_code=403)
        self.assertIsNone(self.fresh(own).featured_at)

    def test_what_a_colleague_featured_of_ones_own_one_may_take_back(self):
        own = make_comment(self.discussion, author=self.editor, featured_at=timezone.now())
        self.assertEqual(self.post(own, to="off").status_code, 302)
        self.assertIsNone(self.fresh(own).featured_at)

    def test_another_text_than_the_one_that_was_read_is_not_featured(self):
        read_as = self.fresh()
        editing.edit_comment(self.fresh(), body="Buy my filters.", revision=1)
        self.assertContains(self.post(to="on", revision="1"), "Buy my filters.", status_code=409)
        with self.assertRaises(featuring.NotFeaturable):
            featuring.feature(read_as)
        self.assertIsNone(self.fresh().featured_at)
        self.assertEqual(self.post(to="on", revision="2").status_code, 302)

    def test_an_edit_takes_it_out_and_its_author_reads_so_before(self):
        featuring.feature(self.comment)
        self.client.force_login(self.author)
        self.assertContains(self.client.get(f"/comments/{self.comment.pk}/edit/"), "featured no more")
        self.client.post(f"/comments/{self.comment.pk}/edit/", {"body": "Buy my filters.", "revision": "1"})
        self.assertIsNone(self.fresh().featured_at)
        self.assertIsNone(block(self.guest()))

    def test_hidden_meanwhile_says_so_without_its_words(self):
        states.move(self.comment, to=State.HIDDEN, expected=State.PUBLISHED)
        self.assertNotContains(self.post(), "boil", status_code=409)

    def test_the_way_to_it_stands_on_the_page_for_those_who_may(self):
        for user, there in ((self.editor, True), (make_moderator(), True), (make_user(), False), (None, False)):
            client = Client()
            if user:
                client.force_login(user)
            links = read(client, self.discussion.url)[self.comment].links
            self.assertEqual(f"/comments/{self.comment.pk}/feature/" in links, there)

    def test_the_way_is_not_offered_where_it_leads_nowhere(self):
        own = make_comment(self.discussion, author=self.editor)
        self.assertNotIn(f"/comments/{own.pk}/feature/", read(self.client, self.discussion.url)[own].links)


class BlockTests(FeaturingCase):
    def test_the_five_that_were_featured_last_with_the_way_to_their_places(self):
        comments = [make_comment(parent=self.comment) for _ in range(6)]
        for comment in [self.comment, *comments]:
            featuring.feature(comment)
        expected = [f"/c/{comment.pk}/" for comment in comments[:0:-1]]
        for sort in ("best", "newest", "oldest", "busy"):
            self.assertEqual(block(self.guest(f"?sort={sort}")), expected)

    def test_none_is_no_block_and_no_order(self):
        page = self.guest()
        self.assertIsNone(block(page))
        self.assertNotIn("sort=featured", page.source)

    def test_not_on_the_pages_that_follow_nor_around_one_comment(self):
        trees.grow(trees.wide(25), article=self.discussion.article)
        featuring.feature(self.comment)
        first = self.guest()
        self.assertEqual(block(first), [f"/c/{self.comment.pk}/"])
        following = read(Client(), first.next)
        self.assertIsNone(block(following))
        self.assertIn("?sort=featured", following.source)
        self.assertIsNone(block(self.guest(f"?at={self.comment.pk}")))

    def test_leaves_out_for_a_member_whom_they_mute(self):
        other, reader = make_comment(self.discussion), make_user()
        featuring.feature(self.comment)
        featuring.feature(other)
        muting.mute(reader, self.author)
        self.client.force_login(reader)
        self.assertEqual(block(read(self.client, self.discussion.url)), [f"/c/{other.pk}/"])
        self.assertEqual(len(block(self.guest())), 2)
        muting.mute(reader, other.author)
        self.assertIsNone(block(read(self.client, self.discussion.url)))

    def test_quotes_its_first_words_and_not_those_that_it_quotes(self):
        featuring.feature(make_comment(self.discussion, body="> Said by another.\n\nMy *own* <i> answer."))
        page = self.guest()
        quoted = next(e for e in page.elements("q"))
        self.assertEqual(" ".join("".join(quoted.itertext()).split()), "My own <i> answer.")

    def test_a_featured_comment_keeps_its_place(self):
        other = make_comment(self.discussion)
        order = self.guest().order
        featuring.feature(min(self.comment, other, key=lambda c: order.index(c.pk)))
        featuring.feature(max(self.comment, other, key=lambda c: order.index(c.pk)))
        self.assertEqual(self.guest().order, order)

    def test_hidden_it_leaves_at_once_and_restored_it_is_back(self):
        featuring.feature(self.comment)
        way = [f"/c/{self.comment.pk}/"]
        self.assertEqual(block(self.guest()), way)
        states.move(self.fresh(), to=State.HIDDEN, expected=State.PUBLISHED)
        self.assertIsNone(block(self.guest()))
        states.move(self.fresh(), to=State.PUBLISHED, expected=State.HIDDEN)
        self.assertEqual(block(self.guest()), way)
        states.move(self.fresh(), to=State.WITHDRAWN, expected=State.PUBLISHED)
        self.assertIsNone(block(self.guest()))

    def test_the_front_page_hears_of_it(self):
        for act, there in ((featuring.feature, True), (featuring.unfeature, False)):
            act(self.comment)
            self.assertEqual("We boil it." in " ".join(read(Client(), "/").text.split()), there)


class OrderTests(FeaturingCase):
    def feature(self, comments):
        for number, comment in enumerate(comments):
            Comment.objects.filter(pk=comment.pk).update(featured_at=timezone.now() + timedelta(seconds=number))

    def test_shows_each_featured_comment_once_the_last_featured_first(self):
        comments = trees.grow(trees.mixed(120), article=self.discussion.article)
        chosen = comments[::2]
        self.feature(chosen)
        Comment.objects.filter(pk=comments[50].pk).update(state=State.HIDDEN)
        address, seen = "?sort=featured", []
        while address:
            page = self.guest(address)
            self.assertLessEqual(len(page.order), threads.ROOTS)
            seen += page.order
            address = page.next and page.next.removeprefix(self.discussion.url)
        self.assertEqual(seen, [comment.pk for comment in chosen[::-1] if comment != comments[50]])

    def test_featured_in_the_same_moment_none_is_left_out(self):
        comments = trees.grow(trees.wide(45), article=self.discussion.article)
        Comment.objects.filter(discussion=self.discussion).update(featured_at=timezone.now())
        seen, address = [], "?sort=featured"
        while address:
            page = self.guest(address)
            seen += page.order
            address = page.next and page.next.removeprefix(self.discussion.url)
        self.assertEqual(seen, sorted([self.comment.pk, *(c.pk for c in comments)], reverse=True))

    def test_says_whom_a_reply_answers_and_leads_to_its_place_and_its_replies(self):
        reply = make_comment(parent=self.comment, body="I have the key.")
        make_comment(parent=reply)
        featuring.feature(reply)
        page = self.guest("?sort=featured")
        self.assertEqual(page.order, [reply.pk])
        self.assertIn("replying to Ilse M.", page[reply].words)
        self.assertIn(f"/c/{reply.pk}/", page[reply].links)
        self.assertEqual([(pk, number) for pk, _href, number in page.more], [(reply.pk, 1)])
        self.assertIsNone(block(page))

    def test_names_nobody_whose_comment_is_hidden(self):
        reply = make_comment(parent=self.comment)
        featuring.feature(reply)
        states.move(self.fresh(), to=State.HIDDEN, expected=State.PUBLISHED)
        page = self.guest("?sort=featured")
        self.assertIn("replying to a removed comment", page[reply].words)
        self.assertNotIn("Ilse", page.source)

    def test_says_in_words_that_there_is_none(self):
        page = self.guest("?sort=featured")
        self.assertEqual(page.order, [])
        self.assertIn("Nothing is featured here yet", page.text)

    def test_a_permalink_keeps_to_the_order(self):
        deep = self.comment
        for _ in range(5):
            deep = make_comment(parent=deep)
        featuring.feature(deep)
        url = self.discussion.url
        for comment, where in ((deep, ""), (self.comment, f"&at={self.comment.pk}")):
            self.assertRedirects(
                self.client.get(f"/c/{comment.pk}/?sort=featured"),
                f"{url}?sort=featured{where}#c-{comment.pk}",
                fetch_redirect_response=False,
            )

    def test_hidden_between_two_queries_it_is_not_shown(self):
        """The ids were read, then it was hidden, then the rows were read."""
        featuring.feature(self.comment)
        load = threads.load

        def hide_first(*args):
            Comment.objects.filter(pk=self.comment.pk).update(state=State.HIDDEN)
            return load(*args)

        threads.load = hide_first
        self.addCleanup(setattr, threads, "load", load)
        self.assertEqual(threads.page_of_roots(self.discussion, "featured").nodes, [])


class AdminTests(FeaturingCase):
    def act(self, action, *comments):
        data = {"action": action, "_selected_action": [comment.pk for comment in comments]}
        return self.client.post("/admin/comments/comment/", data, follow=True)

    def test_several_at_once_and_back(self):
        moderator = make_moderator()
        self.client.force_login(moderator)
        own, hidden = make_comment(author=moderator), make_comment(self.discussion, state=State.HIDDEN)
        page = self.act("feature", self.comment, own, hidden)
        self.assertContains(page, "1 comment is featured.")
        self.assertContains(page, "2 comments are left out")
        self.assertContains(page, "published, featured")
        self.assertEqual(list(Comment.objects.exclude(featured_at=None)), [self.comment])
        self.assertContains(self.act("unfeature", self.comment, own), "1 comment is featured no more.")
        self.assertIsNone(self.fresh().featured_at)

    def test_without_the_permission_there_is_no_such_action(self):
        moderator = make_moderator()
        moderator.groups.get().permissions.filter(codename="feature_comment").delete()
        self.client.force_login(moderator)
        self.act("feature", self.comment)
        self.assertIsNone(self.fresh().featured_at)


class FeatureRaces(RaceCase):
    def test_of_two_one_features_it(self):
        for _ in range(ROUNDS):
            comment = make_comment(self.discussion)
            results = at_once(*[lambda c=comment: featuring.feature(self.fresh(c)) for _ in range(2)])
            self.assert_all_well(results)
            self.assertEqual(sorted(results), [False, True])

    def test_against_a_hide_and_a_reply(self):
        for _ in range(ROUNDS):
            comment = make_comment(self.discussion)
            results = at_once(
                lambda c=comment: featuring.feature(self.fresh(c)),
                self.move(comment, State.HIDDEN, State.PUBLISHED),
                self.reply(comment),
            )
            self.assert_all_well(results, allowed=(featuring.NotFeaturable, posting.ParentGone))
            self.assertIsNone(block(read(Client(), self.discussion.url)))
