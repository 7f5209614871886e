"""A member is suspended: who may do it, what it closes, what stays open, and how it ends."""

from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client, TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import leaving, muting, suspending
from accounts.backends import Backend
from accounts.models import UNTIL_LIFTED, User
from campaign import personal_data
from comments import editing, featuring, following, posting, recommending
from comments.models import Comment, State
from tests.campaign.test_images import picture
from tests.comments.test_races import RaceCase, at_once
from tests.factories import PASSWORD, make_admin, make_article, make_comment, make_editor, make_moderator, make_user

REASON = "You attacked <b>others</b> & their work."
DAY = timedelta(days=1)


def suspend(member, *, by, until=None, reason=REASON):
    suspending.suspend(member, until=until or timezone.now() + DAY, reason=reason, by=by)


class SuspendTests(TestCase):
    def setUp(self):
        self.member, self.moderator = make_user("Sus Pended"), make_moderator()

    def test_holds_until_its_time_and_no_longer(self):
        suspend(self.member, by=self.moderator)
        there = User.objects.get(pk=self.member.pk)
        self.assertTrue(there.is_suspended and self.member.is_suspended)
        self.assertFalse(there.takes_part)
        there.suspended_until = timezone.now()
        self.assertFalse(there.is_suspended)
        self.assertTrue(there.takes_part)

    def test_the_member_is_told_why_in_their_words(self):
        suspend(self.member, by=self.moderator)
        suspending.lift(self.member, by=self.moderator)
        first, last = mail.outbox
        self.assertEqual((first.to, first.subject), ([self.member.email], "You are suspended"))
        self.assertIn(REASON, first.body)
        self.assertEqual(last.subject, "You are no longer suspended")

    def test_their_sessions_end_and_they_can_sign_in_anew(self):
        at_home, way_in = Client(), {"login": self.member.email, "password": PASSWORD}
        at_home.post("/accounts/login/", way_in)
        self.assertEqual(at_home.get("/accounts/profile/").status_code, 200)
        suspend(self.member, by=self.moderator)
        answer = at_home.get("/accounts/profile/")
        self.assertRedirects(answer, "/accounts/login/?next=/accounts/profile/", fetch_redirect_response=False)
        at_home.post("/accounts/login/", way_in)
        self.assertEqual(at_home.get("/accounts/profile/").status_code, 200)

    def test_the_log_tells_who_did_what_to_whom_and_why(self):
        suspend(self.member, by=self.moderator, until=UNTIL_LIFTED)
        suspending.lift(self.member, by=self.moderator)
        first, last = LogEntry.objects.order_by("pk")
        self.assertEqual((first.user, first.get_edited_object()), (self.moderator, self.member))
        self.assertEqual(first.get_change_message(), f"Suspended until lifted: {REASON}")
        self.assertEqual(last.get_change_message(), "Suspension lifted")

    def test_the_log_forgets_why_when_the_member_goes(self):
        suspend(self.member, by=self.moderator)
        pk = self.member.pk
        personal_data.erase(self.member, name=True, words=False)
        [entry] = LogEntry.objects.all()
        self.assertEqual((entry.change_message, entry.object_repr), ("", ""))
        self.assertEqual((entry.user, entry.object_id), (self.moderator, str(pk)))

    def test_nobody_decides_about_themselves_and_moderators_not_about_staff(self):
        for other in (make_moderator(), make_editor(), make_admin()):
            with self.assertRaises(suspending.IsStaff):
                suspend(other, by=self.moderator)
            with self.assertRaises(suspending.IsStaff):
                suspending.lift(other, by=self.moderator)
        for person in (self.moderator, make_admin()):
            with self.assertRaises(suspending.Oneself):
                suspend(person, by=person)
        self.assertFalse(User.objects.exclude(suspended_until=None).exists())
        self.assertEqual((LogEntry.objects.count(), mail.outbox), (0, []))

    def test_an_administrator_suspends_staff(self):
        admin, other = make_admin(), make_admin()
        suspend(self.moderator, by=admin)
        suspend(other, by=admin)
        self.assertEqual(list(User.objects.administrators()), [admin])

    def test_a_suspended_administrator_suspends_nobody(self):
        admin, other = make_admin(), make_admin()
        as_loaded = User.objects.get(pk=other.pk)
        suspend(other, by=admin)
        with self.assertRaises(suspending.Changed):
            suspend(admin, by=as_loaded)

    def test_the_last_administrator_who_can_act_does_not_leave(self):
        admin, other = make_admin(), make_admin()
        suspend(other, by=admin)
        with self.assertRaises(leaving.LastAdministrator):
            leaving.ask(admin, name=True, words=False)

    def test_what_has_changed_meanwhile_is_not_overwritten(self):
        again = User.objects.get(pk=self.member.pk)
        suspend(self.member, by=self.moderator, reason="First.")
        for act in (lambda: suspend(again, by=self.moderator), lambda: suspending.lift(again, by=self.moderator)):
            with self.assertRaises(suspending.Changed):
                act()
        self.assertEqual(User.objects.get(pk=self.member.pk).suspended_for, "First.")
        made_staff = make_user()
        User.objects.filter(pk=made_staff.pk).update(is_staff=True)
        with self.assertRaises(suspending.Changed):
            suspend(made_staff, by=self.moderator)

    def test_there_is_no_suspension_without_a_reason(self):
        for values in ({"suspended_until": timezone.now()}, {"suspended_for": "Why."}):
            with self.assertRaises(IntegrityError), transaction.atomic():
                User.objects.filter(pk=self.member.pk).update(**values)

    def test_suspended_staff_have_no_rights(self):
        admin, other = make_admin(), make_admin()
        suspend(self.moderator, by=admin)
        suspend(other, by=admin)
        comment = make_comment()
        for person in (self.moderator, other):
            there = User.objects.get(pk=person.pk)
            self.assertFalse(there.has_perm("moderation.add_decision") or there.has_module_perms("moderation"))
            self.client.force_login(person)
            for path in (f"/comments/{comment.pk}/hide/", f"/comments/{comment.pk}/feature/"):
                self.assertEqual(self.client.post(path).status_code, 403)
            self.assertEqual(self.client.get("/admin/", follow=True).status_code, 403)
            self.assertNotContains(self.client.get(person.get_absolute_url()), "/admin/")


class LoadingTests(TestCase):
    def test_whoever_signs_in_comes_with_the_answer_in_one_query(self):
        for verified in (True, False):
            member = make_user(verified=verified)
            with CaptureQueriesContext(connection) as asked:
                loaded = Backend().get_user(member.pk)
                self.assertEqual((loaded.is_verified, loaded.takes_part), (verified, verified))
            self.assertEqual(len(asked), 1)
            self.assertEqual(User.objects.get(pk=member.pk).is_verified, verified)

    def test_an_address_that_waits_is_not_confirmed(self):
        member = make_user(verified=False)
        member.emailaddress_set.create(email=member.email, verified=False, primary=True)
        self.assertFalse(Backend().get_user(member.pk).takes_part)
        member.emailaddress_set.update(verified=True)
        self.assertTrue(Backend().get_user(member.pk).takes_part)


class DoorTests(TestCase):
    def setUp(self):
        self.member, self.moderator = make_user("Sus Pended"), make_moderator()
        self.path = f"{self.member.get_absolute_url()}suspend/"
        self.client.force_login(self.moderator)

    def there(self):
        return User.objects.get(pk=self.member.pk)

    def post(self, **data):
        return self.client.post(self.path, {"seen": "", **data})

    def test_administrators_read_it_in_the_account_and_its_history(self):
        suspend(self.member, by=self.moderator, until=UNTIL_LIFTED)
        self.client.force_login(make_admin())
        account = f"/admin/accounts/user/{self.member.pk}/"
        shown = "others&lt;/b&gt; &amp; their work."
        self.assertContains(self.client.get(f"{account}change/"), shown)
        self.assertContains(self.client.get(f"{account}history/"), shown)

    def test_each_length(self):
        for days, wanted in (("1", DAY), ("7", 7 * DAY), ("30", 30 * DAY)):
            seen = self.client.get(self.path).context["seen"]
            response = self.post(days=days, reason=REASON, seen=seen)
            self.assertRedirects(response, self.member.get_absolute_url())
            self.assertAlmostEqual(self.there().suspended_until - timezone.now(), wanted, delta=timedelta(minutes=1))
        self.post(days="0", reason=REASON, seen=self.there().suspended_until.isoformat())
        self.assertTrue(self.there().is_suspended_until_lifted)
        self.assertContains(self.client.get(self.path), "Suspended until somebody lifts it.")

    def test_without_a_reason_or_length_the_form_comes_back(self):
        for data in ({"days": "7", "reason": " "}, {"days": "5", "reason": "Why."}, {"reason": "Why."}):
            response = self.post(**data)
            self.assertEqual(response.status_code, 422)
            self.assertIsNone(self.there().suspended_until)
        self.assertContains(response, "Why.", status_code=422)

    def test_the_reason_is_shown_as_written(self):
        self.post(days="7", reason=REASON)
        self.assertContains(self.client.get(self.path), "&lt;b&gt;others&lt;/b&gt; &amp; their work.")

    def test_lifting(self):
        self.post(days="7", reason=REASON)
        seen = self.client.get(self.path).context["seen"]
        self.assertRedirects(self.post(lift="1", seen=seen), self.member.get_absolute_url())
        self.assertEqual((self.there().suspended_until, self.there().suspended_for), (None, ""))
        self.assertEqual(self.post(lift="1").status_code, 409)

    def test_whoever_was_slower_sees_what_holds_and_keeps_their_words(self):
        self.post(days="7", reason="First.")
        response = self.post(days="1", reason="Second words.")
        self.assertContains(response, "First.", status_code=409)
        self.assertContains(response, "Second words.", status_code=409)
        self.assertEqual(self.there().suspended_for, "First.")

    def test_the_way_to_it_stands_on_the_profile_of_whom_one_may_suspend(self):
        profile = self.member.get_absolute_url()
        self.assertContains(self.client.get(profile), self.path)
        suspend(self.member, by=self.moderator)
        self.assertContains(self.client.get(profile), "Suspended: change")
        for reader in (make_user(), make_editor(), self.member):
            self.client.force_login(reader)
            self.assertNotContains(self.client.get(profile), self.path)

    def test_others_do_not_see_it(self):
        suspend(self.member, by=self.moderator)
        for reader in (make_user(), None):
            self.client.logout()
            if reader:
                self.client.force_login(reader)
            self.assertNotContains(self.client.get(self.member.get_absolute_url()), "uspended")


class NoPartTests(TestCase):
    """What a suspended member and one without a confirmed address may do, by the doors and by the verbs."""

    def setUp(self):
        self.article = make_article()
        self.discussion = self.article.discussion
        self.suspended, self.unverified = make_user("Sus Pended"), make_user("Una Varr", verified=False)
        self.moderator = make_moderator()
        suspend(self.suspended, by=self.moderator)
        self.others = make_comment(self.discussion)

    def each(self):
        for member, words in (
            (self.suspended, "others&lt;/b&gt; &amp; their work."),
            (self.unverified, "/accounts/email/"),
        ):
            self.client.force_login(member)
            with self.subTest(member.display_name):
                yield User.objects.get(pk=member.pk), words

    def test_verbs_refuse(self):
        for member, _words in self.each():
            own = make_comment(self.discussion, author=member)
            with self.assertRaises(posting.TakesNoPart):
                posting.post_comment(discussion_id=self.discussion.pk, author=member, body="Words.")
            with self.assertRaises(editing.NotEditable):
                editing.edit_comment(own, body="Other words.", revision=1)
            for verb in (recommending.recommend, recommending.unrecommend):
                with self.assertRaises(recommending.NotRecommendable):
                    verb(self.others, member=member)
            self.assertFalse(own.is_editable_by(member))

    def test_the_composer_gives_way_to_the_reason(self):
        for _member, words in self.each():
            for query in ("", f"?reply={self.others.pk}"):
                page = self.client.get(self.article.get_absolute_url() + query)
                self.assertContains(page, words)
                self.assertNotContains(page, "data-composer")
                self.assertContains(page, "data-kept-drafts")  # what the browser keeps can be copied

    def test_own_comments_can_be_withdrawn_and_not_edited(self):
        for member, words in self.each():
            own = make_comment(self.discussion, author=member)
            page = self.client.get(self.article.get_absolute_url())
            self.assertContains(page, f"/comments/{own.pk}/withdraw/")
            self.assertNotContains(page, f"/comments/{own.pk}/edit/")
            refused = self.client.post(f"/comments/{own.pk}/edit/", {"body": "Typed words.", "revision": "1"})
            self.assertContains(refused, words, status_code=403)
            self.assertContains(refused, "Typed words.", status_code=403)
            self.client.post(f"/comments/{own.pk}/withdraw/")
            self.assertEqual(Comment.objects.get(pk=own.pk).state, State.WITHDRAWN)

    def test_a_text_that_was_sent_comes_back(self):
        for _member, words in self.each():
            path = f"/discussions/{self.discussion.pk}/comments/"
            for headers, status in (({}, 403), ({"HX-Request": "true"}, 409)):
                refused = self.client.post(path, {"body": "Typed <words>."}, headers=headers)
                self.assertContains(refused, words, status_code=status)
                self.assertContains(refused, "Typed &lt;words&gt;.", status_code=status)
            self.assertContains(self.client.get(path), words, status_code=403)
            self.assertContains(self.client.get(f"/comments/{self.others.pk}/reply/"), words, status_code=403)
        self.assertEqual(Comment.objects.count(), 1)

    def test_recommending_says_why_not(self):
        for member, words in self.each():
            page = self.client.get(f"/comments/{self.others.pk}/recommend/")
            self.assertContains(page, words)
            self.assertNotContains(page, 'name="to"')
            refused = self.client.post(f"/comments/{self.others.pk}/recommend/", {"to": "on"})
            self.assertContains(refused, words, status_code=403)
            self.assertFalse(recommending.is_recommended(self.others, member))

    def test_the_profile_can_lose_words_and_picture_and_gain_none(self):
        for member, words in self.each():
            User.objects.filter(pk=member.pk).update(bio="Old.", place="There")
            path = "/accounts/profile/"
            as_it_is = {"display_name": member.display_name, "handle": member.handle, "bio": "Old.", "place": "There"}
            self.assertContains(self.client.get(path), words)
            for field, value in (
                ("display_name", "New Name"),
                ("handle", "new-handle"),
                ("bio", "New."),
                ("place", "Here"),
                ("picture", picture()),
            ):
                refused = self.client.post(path, as_it_is | {field: value})
                self.assertContains(refused, "only take it away", status_code=422)
            there = User.objects.get(pk=member.pk)
            self.assertEqual(
                (there.display_name, there.handle, there.bio), (member.display_name, member.handle, "Old.")
            )
            self.assertFalse(there.avatar)
            self.assertRedirects(self.client.post(path, as_it_is | {"bio": "", "place": ""}), path)
            there = User.objects.get(pk=member.pk)
            self.assertEqual((there.bio, there.place), ("", ""))

    def test_what_is_theirs_stays_open(self):
        for member, _words in self.each():
            following.follow(member, self.discussion)
            muting.mute(member, self.others.author)
            for path in (self.article.get_absolute_url(), "/notifications/", "/accounts/data/", "/accounts/delete/"):
                self.assertIn(self.client.get(path).status_code, (200, 302), path)
            leaving.ask(member, name=True, words=True)

    def test_featured_stays_and_staff_without_an_address_feature_nothing(self):
        editor = make_editor(verified=False)
        self.assertTrue(featuring.feature(self.others))
        self.assertFalse(self.others.is_featurable_by(editor))

    def test_pages_cost_them_no_more(self):
        counts = []
        for member in (make_user(), self.suspended, self.unverified):
            self.client.force_login(member)
            self.client.get(self.article.get_absolute_url())
            with CaptureQueriesContext(connection) as asked:
                self.client.get(self.article.get_absolute_url())
            counts.append(len(asked))
        self.assertEqual(len(set(counts)), 1, counts)


@override_settings(CAMPAIGN_COMMENT_RATES=[])
class SuspensionRaceTests(RaceCase):
    def setUp(self):
        super().setUp()
        self.moderator = make_moderator()

    def test_posting_while_being_suspended(self):
        for number in range(10):
            member = make_user(f"Mem {number}")
            author, one = User.objects.get(pk=member.pk), User.objects.get(pk=member.pk)
            posted, _done = at_once(self.reply(None, author), lambda one=one: suspend(one, by=self.moderator))
            there = User.objects.get(pk=member.pk)
            self.assertIsInstance(posted, Comment)  # it was let in before
            with self.assertRaises(posting.TakesNoPart):
                self.reply(None, there)()
            self.assertEqual(Comment.objects.filter(author=member).count(), 1)

    def test_two_moderators_at_once(self):
        for number in range(10):
            member = make_user(f"Mem {number}")
            loaded = [User.objects.get(pk=member.pk) for _ in range(2)]
            results = at_once(*(lambda one=one: suspend(one, by=self.moderator) for one in loaded))
            self.assertEqual(sorted(type(result).__name__ for result in results), ["Changed", "NoneType"])
            self.assertEqual(LogEntry.objects.filter(object_id=str(member.pk)).count(), 1)

    def test_of_two_administrators_one_stays(self):
        for _number in range(10):
            User.objects.filter(is_superuser=True).update(is_active=False)
            one, two = make_admin(), make_admin()
            loaded = {person.pk: User.objects.get(pk=person.pk) for person in (one, two)}
            results = at_once(
                lambda one=one, loaded=loaded, two=two: suspend(loaded[two.pk], by=one),
                lambda one=one, loaded=loaded, two=two: suspend(loaded[one.pk], by=two),
            )
            self.assertEqual(sorted(type(result).__name__ for result in results), ["Changed", "NoneType"])
            self.assertEqual(User.objects.administrators().count(), 1)
