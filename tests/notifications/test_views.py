"""The inbox, its preferences and its way out: what a member sees and does there, and nobody else can."""

from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import muting
from comments import following
from comments.models import Comment, Follow
from notifications import inbox, unsubscribing
from notifications.models import DEFAULT_WAYS, FeedKey, Kind, Notification, Preference, Way

from ..factories import make_comment, make_discussion, make_editor, make_moderator, make_user
from .telling import answer, choose, hide, mails, make_member, page_lines, told

INBOX = "/notifications/"


class InboxCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.member, cls.other = make_member(), make_member("Dov Harkin")
        cls.comment = make_comment(make_discussion(title="The valley"), author=cls.member)

    def setUp(self):
        self.client.force_login(self.member)

    def answer(self, body="The weir was locked.", **fields):
        comment = answer(self.comment, author=self.other, body=body, **fields)
        return Notification.objects.get(subject_id=comment.pk, kind=Kind.REPLY)

    def get(self, path=INBOX, status=200):
        response = self.client.get(path)
        self.assertEqual(response.status_code, status)
        return response.content.decode()

    def unread(self):
        return inbox.unread(self.member)["count"]


class ListTests(InboxCase):
    def test_lists_what_the_member_was_told_and_nobody_else(self):
        self.answer()
        page = self.get()
        for words in ("Dov H.", "replied to you in", "The valley", "The weir was locked.", "Today"):
            self.assertIn(words, page)
        self.client.force_login(self.other)
        self.assertNotIn("The weir was locked.", self.get())

    def test_groups_by_day(self):
        for days in (0, 2, 9):
            note = self.answer(f"{days} days ago.")
            Notification.objects.filter(pk=note.pk).update(due_at=timezone.now() - timedelta(days=days))
        page = self.get()
        places = [
            page.index(words)
            for words in ("Today", "0 days", "Earlier this week", "2 days ago.", "Older", "9 days ago.")
        ]
        self.assertEqual(places, sorted(places))

    def test_tabs_show_their_kinds_and_count_what_is_unread(self):
        self.answer()
        following.follow(self.member, make_discussion(title="Elsewhere"))
        answer(discussion=Follow.objects.get().discussion, author=self.other)
        self.assertIn("The weir", self.get(f"{INBOX}?show=replies"))
        elsewhere = self.get(f"{INBOX}?show=following")
        self.assertNotIn("The weir", elsewhere)
        self.assertIn("commented on", elsewhere)
        unread = {name: number for name, _label, number in inbox.tabs(self.member) if number}
        self.assertEqual(unread, {"": 2, "replies": 1, "following": 1})

    def test_pages_by_key_reach_every_row_once(self):
        moment = timezone.now() - timedelta(hours=1)
        for number in range(45):
            self.answer(f"Answer {number:02}.")
        Notification.objects.update(due_at=moment)  # at one moment: the id decides
        seen, before = [], ""
        while True:
            page = inbox.page(self.member, "", before)
            seen += [line.quote for _name, _heading, lines in page.groups for line in lines]
            if not page.older:
                break
            self.assertIn(f"before={page.older}", self.get(f"{INBOX}?before={before}"))
            before = page.older
        self.assertEqual(seen, [f"Answer {number:02}." for number in range(44, -1, -1)])

    def test_nonsense_in_the_address_is_a_page_that_is_not_there(self):
        for query in (
            "show=x",
            "before=x",
            "before=1",
            "before=-1--1",
            "before=" + "9" * 60 + "-1",
            "before=1-²",
            "before=1-" + "9" * 30,
        ):
            status = 200 if query == "before=1-" + "9" * 30 else 404
            self.get(f"{INBOX}?{query}", status)

    def test_costs_the_same_for_5_and_50(self):
        counts = []
        for number in (5, 45):
            for each in range(number):
                self.answer(
                    f"Answer {each}.",
                )
                rater = make_member(f"Rater {each}")
                other = make_comment(author=self.member)
                answer(other, author=rater)
            self.get()
            with CaptureQueriesContext(connection) as queries:
                self.get()
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 12)

    def test_an_empty_one_says_what_will_stand_there(self):
        self.assertIn("Nothing new, and nothing old", self.get())
        self.assertIn("Nothing here", self.get(f"{INBOX}?show=praise"))


class GoneTests(InboxCase):
    def test_of_what_is_hidden_nothing_is_shown_but_that_it_went(self):
        note = self.answer("A quernstone.")
        hide(note_subject(note))
        page = self.get()
        for word in ("quernstone", "Dov H.", "The valley"):
            self.assertNotIn(word, page)
        self.assertIn("no longer there", page)
        response = self.client.post(f"{INBOX}{note.pk}/open/", follow=True)
        self.assertEqual(response.redirect_chain, [(INBOX, 302)])
        self.assertNotIn("no longer there", response.content.decode())

    def test_what_was_read_before_is_left_out(self):
        note = self.answer("A quernstone.")
        Notification.objects.mark_read()
        hide(note_subject(note))
        self.assertEqual(page_lines(self.member), [])

    def test_a_moderator_sees_no_more(self):
        moderator = make_moderator()
        reply = answer(make_comment(author=moderator), author=self.other, body="A quernstone.")
        hide(reply)
        self.client.force_login(moderator)
        self.assertNotIn("quernstone", self.get())

    def test_a_subject_that_is_deleted_or_of_an_unknown_sort(self):
        note = self.answer()
        Notification.objects.filter(pk=note.pk).update(subject_id=10**9)
        self.assertIn("no longer there", self.get())
        unknown = ContentType.objects.create(app_label="gone", model="thing")
        Notification.objects.filter(pk=note.pk).update(subject_type=unknown)
        self.assertIn("no longer there", self.get())

    def test_who_is_muted_since_is_not_shown_or_counted(self):
        self.answer()
        self.assertEqual(self.unread(), 1)
        muting.mute(self.member, self.other)
        self.assertEqual((self.unread(), page_lines(self.member)), (0, []))
        muting.unmute(self.member, self.other)
        self.assertEqual(self.unread(), 1)

    def test_one_that_cannot_be_said_breaks_no_page(self):
        note = self.answer()
        Notification.objects.filter(pk=note.pk).update(kind=Kind.REPORT)
        with self.assertLogs("notifications", "ERROR"):
            self.assertIn("no longer there", self.get())


def note_subject(note):
    return Comment.objects.select_related("discussion").get(pk=note.subject_id)


class ReadTests(InboxCase):
    def test_looking_changes_nothing(self):
        note = self.answer()
        self.get()
        self.get(f"{INBOX}{note.pk}/open/", 405)
        self.get(f"{INBOX}read/", 405)
        self.assertEqual(self.unread(), 1)

    def test_opening_marks_it_and_leads_there(self):
        note, other = self.answer(), self.answer()
        response = self.client.post(f"{INBOX}{note.pk}/open/")
        self.assertRedirects(response, f"/c/{note.subject_id}/", fetch_redirect_response=False)
        self.assertEqual(list(Notification.objects.unread()), [other])
        read_at = Notification.objects.get(pk=note.pk).read_at
        self.client.post(f"{INBOX}{note.pk}/open/")
        self.assertEqual(Notification.objects.get(pk=note.pk).read_at, read_at)

    def test_nobody_opens_what_is_not_theirs(self):
        note = self.answer()
        self.client.force_login(self.other)
        self.assertEqual(self.client.post(f"{INBOX}{note.pk}/open/").status_code, 404)
        self.client.post(f"{INBOX}read/")
        self.assertEqual(self.unread(), 1)

    def test_marks_what_stood_on_the_page_and_what_is_older(self):
        self.answer("Seen.")
        until = inbox.page(self.member).until
        new = self.answer("Not seen yet.")
        self.client.post(f"{INBOX}read/", {"until": until})
        self.assertEqual(list(Notification.objects.unread()), [new])
        self.client.post(f"{INBOX}read/")
        self.assertEqual(self.unread(), 0)
        self.assertEqual(self.client.post(f"{INBOX}read/", {"until": "x"}).status_code, 404)

    def test_the_masthead_counts_to_99_in_one_query(self):
        self.answer()
        self.assertIn("Notifications, 1 unread", self.get("/accounts/profile/"))
        kind = ContentType.objects.get_for_model(self.comment)
        Notification.objects.bulk_create(
            Notification(recipient=self.member, kind=Kind.REPLY, subject_type=kind, subject_id=1, key=f"k{n}")
            for n in range(150)
        )
        with self.assertNumQueries(1):
            self.assertEqual(self.unread(), 99)
        self.assertIn("Notifications, 99+ unread", self.get("/accounts/profile/"))
        Notification.objects.mark_read()
        self.assertNotIn("unread", self.get("/accounts/profile/"))

    def test_guests_are_led_to_sign_in(self):
        guest = Client()
        for path in (INBOX, f"{INBOX}preferences/", f"{INBOX}feed/"):
            self.assertRedirects(guest.get(path), f"/accounts/login/?next={path}", fetch_redirect_response=False)
        for path in (f"{INBOX}read/", f"{INBOX}1/open/", f"{INBOX}preferences/", f"{INBOX}feed/"):
            self.assertIn("/accounts/login/", guest.post(path)["Location"])
        self.assertNotIn('icon-btn" href="/notifications/', guest.get("/").content.decode())

    def test_is_kept_by_no_cache(self):
        self.assertIn("private", self.client.get(INBOX)["Cache-Control"])


class PreferenceTests(InboxCase):
    def save(self, **ways):
        data = {kind.value: way for kind, way in Preference.ways_of(self.member).items()} | ways
        return self.client.post(f"{INBOX}preferences/", data)

    def test_what_is_chosen_holds(self):
        self.assertRedirects(self.save(reply="daily", featured="off"), INBOX)
        self.assertEqual(
            Preference.ways_of(self.member), DEFAULT_WAYS | {Kind.REPLY: Way.DAILY, Kind.FEATURED: Way.OFF}
        )
        self.assertEqual(Preference.objects.count(), 2)
        self.assertContains(self.client.get(INBOX), '<option value="daily" selected>', count=1)

    def test_decisions_on_ones_comments_cannot_be_turned_off(self):
        response = self.save(decision="off")
        self.assertEqual(response.status_code, 422)
        self.assertContains(response, "error-summary", status_code=422)
        self.assertFalse(Preference.objects.exists())

    def test_more_fields_change_nothing(self):
        self.save(member=self.other.pk, member_id=self.other.pk, recipient=self.other.pk, nothing="off")
        self.assertFalse(Preference.objects.exists())

    def test_has_a_page_of_its_own_for_links_in_mails(self):
        self.assertIn("What reaches you", self.get(f"{INBOX}preferences/"))


class UnsubscribeTests(InboxCase):
    def link(self, member=None, *kinds):
        token = unsubscribing.token_for((member or self.member).pk, kinds or [Kind.REPLY])
        return reverse("notifications:unsubscribe", args=[token])

    def way(self, kind=Kind.REPLY, member=None):
        return Preference.ways_of(member or self.member)[kind]

    def one_click(self, link):
        """As a mail program does it: no cookie, no token, no page seen before."""
        client = Client(enforce_csrf_checks=True)
        return client.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")

    def test_one_post_from_the_link_of_a_mail_is_enough(self):
        self.answer()
        [message] = mails()
        link = message.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
        response = self.one_click(link)
        self.assertEqual(response.status_code, 200)
        self.assertFalse(response.cookies)
        self.assertEqual(self.way(), Way.PAGE)
        self.answer()
        self.assertEqual(mails(timedelta(hours=1)), [])
        self.assertEqual(told(self.member), ["reply", "reply"])

    def test_looking_shows_a_button_and_changes_nothing(self):
        client = Client(enforce_csrf_checks=True)
        page = client.get(self.link())
        self.assertContains(page, "Send me no more of it")
        self.assertContains(page, "Replies to my comments")
        self.assertNotContains(page, self.member.email)
        self.assertNotContains(page, "csrfmiddlewaretoken")
        self.assertFalse(page.cookies)
        self.assertEqual(page["Cache-Control"], "max-age=0, no-cache, no-store, must-revalidate, private")
        self.assertEqual(self.way(), Way.ONCE)
        self.assertEqual(client.head(self.link()).status_code, 200)
        self.assertEqual(self.way(), Way.ONCE)

    def test_ends_what_it_names_for_whom_it_names(self):
        choose(self.member, Way.DAILY, Kind.MENTION, Kind.THREAD)
        self.one_click(self.link(None, Kind.REPLY, Kind.MENTION))
        self.assertEqual((self.way(), self.way(Kind.MENTION), self.way(Kind.THREAD)), ("page", "page", "daily"))
        self.assertEqual(self.way(member=self.other), Way.ONCE)

    def test_of_a_summary_ends_all_that_comes_in_one(self):
        choose(self.member, Way.DAILY, Kind.MENTION, Kind.THREAD)
        link = self.link(None, unsubscribing.SUMMARY)
        self.assertContains(Client().get(link), "daily summary")
        self.one_click(link)
        self.assertEqual((self.way(Kind.MENTION), self.way(Kind.THREAD), self.way()), ("page", "page", "once"))

    def test_twice_is_once_and_what_is_off_stays_off(self):
        choose(self.member, Way.OFF, Kind.REPLY)
        for _time in range(2):
            self.assertEqual(self.one_click(self.link()).status_code, 200)
        self.assertEqual(self.way(), Way.OFF)

    def test_a_link_that_nobody_signed_is_none(self):
        token = unsubscribing.token_for(self.member.pk, [Kind.REPLY])
        head, _colon, signature = token.rpartition(":")
        others = [
            head,
            f"{self.other.pk}:reply:{signature}",
            f"{head}.mention:{signature}",
            token[:-1],
            signing.Signer().sign(head),
            signing.Signer(salt="other").sign(head),
            "x",
        ]
        for wrong in others:
            with self.subTest(wrong):
                response = self.one_click(f"{INBOX}unsubscribe/{wrong}/")
                self.assertEqual(response.status_code, 404)
        self.assertFalse(Preference.objects.exists())

    def test_works_for_somebody_else_who_is_signed_in(self):
        self.client.force_login(self.other)
        self.client.post(self.link())
        self.assertEqual((self.way(), self.way(member=self.other)), (Way.PAGE, Way.ONCE))

    def test_of_a_member_who_is_gone_is_no_fault(self):
        gone = make_user()
        link = self.link(gone)
        gone.emailaddress_set.all().delete()
        gone.delete()
        self.assertEqual(self.one_click(link).status_code, 200)

    def test_no_log_holds_the_link(self):
        with self.assertLogs("campaign.request") as logs:
            self.one_click(self.link())
        self.assertNotIn(unsubscribing.token_for(self.member.pk, [Kind.REPLY]), "".join(logs.output))


class FeedKeyTests(InboxCase):
    def test_has_none_before_it_is_asked_for(self):
        self.assertIn("Make an address", self.get(f"{INBOX}feed/"))
        self.assertFalse(FeedKey.objects.exists())

    def test_a_new_one_ends_the_old(self):
        keys = []
        for _time in range(2):
            self.assertRedirects(self.client.post(f"{INBOX}feed/"), f"{INBOX}feed/")
            keys.append(FeedKey.objects.get(member=self.member).key)
            self.assertIn(f"/feeds/replies/{keys[-1]}/", self.get(f"{INBOX}feed/"))
        self.assertNotEqual(*keys)
        self.assertEqual([self.client.get(f"/feeds/replies/{key}/").status_code for key in keys], [404, 200])


class AdminTests(InboxCase):
    def test_superusers_see_what_is_parked_nobody_else_anything(self):
        note = self.answer()
        Notification.objects.filter(pk=note.pk).update(mail_at=None, last_error="ZeroDivisionError()", attempts=5)
        path = reverse("admin:notifications_notification_changelist")
        self.client.force_login(make_editor())
        self.assertEqual(self.client.get(path).status_code, 403)
        self.client.force_login(make_user(is_staff=True, is_superuser=True))
        for mail, found in (("parked", True), ("waiting", False), ("mailed", False)):
            self.assertEqual("ZeroDivisionError" in self.get(f"{path}?mail={mail}"), found, mail)
        self.assertNotIn("weir", self.get(reverse("admin:notifications_notification_change", args=[note.pk])))
        self.client.post(path, {"action": "try_again", "_selected_action": [note.pk]})
        self.assertTrue(Notification.objects.to_mail().exists())
