"""Who is told of an event, and that it is once."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.db import transaction
from django.test import TestCase, TransactionTestCase, override_settings
from django.utils import timezone

from accounts.models import Mute
from notifications import inbox, telling
from notifications.models import DEFAULT_WAYS, Kind, Notification, Preference, Told, Way

from ..comments.test_races import at_once
from ..factories import make_comment, make_user
from .telling import choose, make_member, told


class TellingCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.member, cls.other = make_member(), make_member("Dov Harkin")
        cls.comment = make_comment(author=cls.other)

    def tell(self, *members, kind=Kind.MENTION, key="event", actor=None, **fields):
        members = members or (self.member,)
        telling.tell([m.pk for m in members], kind=kind, subject=self.comment, key=key, actor=actor, **fields)

    def note(self, **fields):
        return Notification.objects.get(recipient=self.member, **fields)


class TellTests(TellingCase):
    def test_tells_each_once_however_often_it_runs(self):
        for _run in range(3):
            self.tell(self.member, self.other)
        self.assertEqual((told(self.member), told(self.other)), (["mention"], ["mention"]))

    def test_one_event_is_one_notification_of_the_first_kind(self):
        self.tell(kind=Kind.REPLY)
        self.tell(kind=Kind.DISCUSSION)
        self.tell(kind=Kind.DISCUSSION, bundle="discussion 1")
        self.assertEqual(told(self.member), ["reply"])

    def test_never_of_ones_own_act(self):
        self.tell(self.member, self.other, actor=self.other)
        self.assertEqual((told(self.member), told(self.other)), (["mention"], []))

    def test_never_of_what_a_muted_member_does(self):
        Mute.objects.create(member=self.member, muted=self.other)
        self.tell(actor=self.other)
        self.tell(actor=self.other, bundle="some")
        self.assertEqual(told(self.member), [])
        self.tell(actor=make_member())
        self.assertEqual(told(self.member), ["mention"])

    def test_nobody_without_an_account(self):
        gone = make_user(is_active=False)
        telling.tell([None, gone.pk, 10**9], kind=Kind.REPLY, subject=self.comment, key="event")
        self.assertFalse(Notification.objects.exists())

    def test_goes_back_with_the_transaction_of_its_caller(self):
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            self.tell(bundle="some")
            raise ZeroDivisionError
        self.tell(bundle="some")
        self.assertEqual(self.note().count, 1)

    def test_costs_the_same_for_5_and_50(self):
        self.tell(key="first")  # looks up the kind of subject
        for number in (5, 50):
            members = [make_member(f"Member {n}") for n in range(number)]
            for bundle, queries in (("", 4), ("some", 9)):
                with self.assertNumQueries(queries):
                    self.tell(*members, key=f"{number}{bundle}", bundle=bundle and f"{bundle}{number}")


class WayTests(TellingCase):
    def check(self, kind, way, mailed, daily=False):
        if way:
            choose(self.member, way, kind)
        Notification.objects.all().delete()
        self.tell(kind=kind, key=f"{kind} {way}")
        note = self.note()
        self.assertEqual((note.mail_at is not None, note.is_daily), (mailed, daily), (kind, way))

    def test_replies_and_decisions_come_by_mail_unless_one_says_otherwise_all_else_does_not(self):
        for kind in Kind:
            self.check(kind, None, kind in (Kind.REPLY, Kind.DECISION, Kind.REPORT))

    def test_each_kind_has_its_own_way(self):
        for kind in Kind:
            self.check(kind, Way.PAGE, mailed=False)
            self.check(kind, Way.ONCE, mailed=True)
            self.check(kind, Way.DAILY, mailed=True, daily=True)

    def test_off_is_off(self):
        choose(self.member, Way.OFF, Kind.MENTION)
        self.tell()
        self.tell(bundle="some")
        self.assertEqual(told(self.member), [])

    def test_choosing_twice_keeps_the_second_choice(self):
        for way in (Way.OFF, Way.DAILY):
            choose(self.member, way, Kind.REPLY)
        self.assertEqual(Preference.ways_of(self.member), DEFAULT_WAYS | {"reply": "daily"})

    @override_settings(TIME_ZONE="Europe/Berlin")
    def test_the_daily_mail_leaves_in_the_morning_of_the_site(self):
        berlin = {(5, 0): (1, 6), (6, 0): (2, 6), (23, 30): (2, 6)}  # hours of UTC in winter: (day, hour)
        with timezone.override("Europe/Berlin"):
            for (hour, minute), (day, at) in berlin.items():
                moment = datetime(2026, 12, 1, hour, minute, tzinfo=UTC)
                self.assertEqual(telling.next_digest(moment), datetime(2026, 12, day, at, tzinfo=UTC), moment)
            # The clocks go forward on 29 March: seven o'clock comes an hour earlier.
            self.assertEqual(
                telling.next_digest(datetime(2026, 3, 28, 12, tzinfo=UTC)), datetime(2026, 3, 29, 5, tzinfo=UTC)
            )


class BundleTests(TellingCase):
    def grow(self, *keys):
        for key in keys:
            self.tell(kind=Kind.DISCUSSION, key=key, bundle="in discussion 1")

    def test_events_are_counted_in_one_row(self):
        self.grow("a", "b", "c", "c", "a")
        self.assertEqual(self.note().count, 3)

    def test_each_member_has_their_own(self):
        self.grow("a")
        self.tell(self.member, self.other, kind=Kind.DISCUSSION, key="b", bundle="in discussion 1")
        counts = dict(Notification.objects.values_list("recipient", "count"))
        self.assertEqual(counts, {self.member.pk: 2, self.other.pk: 1})

    def test_a_new_one_begins_once_it_is_read_or_mailed(self):
        self.grow("a", "b")
        Notification.objects.mark_read()
        self.grow("c", "d")
        Notification.objects.filter(read_at=None).update(mailed_at=timezone.now())
        self.grow("e")
        self.assertEqual(list(Notification.objects.order_by("pk").values_list("count", flat=True)), [2, 2, 1])

    def test_rises_to_the_top_when_it_grows(self):
        with time_machine.travel(timezone.now() - timedelta(hours=2)):
            self.grow("a")
        with time_machine.travel(timezone.now() - timedelta(hours=1)):
            self.tell(key="other")
        self.grow("b")
        self.assertEqual([line.note.kind for line in inbox.page(self.member).groups[0][2]], ["discussion", "mention"])


class TakeBackTests(TellingCase):
    def test_what_is_held_goes_without_a_trace(self):
        self.tell(wait=timedelta(seconds=60))
        self.assertEqual(inbox.unread(self.member)["count"], 0)
        self.assertEqual(telling.take_back("event"), 1)
        self.assertEqual(told(self.member), [])

    def test_what_has_its_time_stays(self):
        self.tell(wait=timedelta(seconds=60))
        with time_machine.travel(timezone.now() + timedelta(seconds=61)):
            self.assertEqual(inbox.unread(self.member)["count"], 1)
            self.assertEqual(telling.take_back("event"), 0)


class ForgetTests(TellingCase):
    def test_forgets_what_is_half_a_year_old(self):
        with time_machine.travel(timezone.now() - timedelta(days=181)):
            self.tell(bundle="old")
        self.tell(key="new")
        self.assertEqual(telling.forget_old(), 1)
        self.assertEqual(self.note().key, "new")
        self.assertFalse(Told.objects.exists())
        self.assertEqual(telling.forget_old(), 0)


class ManyAtOnceTests(TransactionTestCase):
    def together(self, *acts):
        self.assertEqual(at_once(*acts), [None] * len(acts))

    def test_of_two_runs_of_one_task_one_tells(self):
        member, comment = make_member(), make_comment()
        for number in range(10):
            key, bundle = f"event {number}", f"bundle {number}"

            def tell(kind=Kind.REPLY, key=key, bundle=""):
                telling.tell([member.pk], kind=kind, subject=comment, key=key, bundle=bundle)

            self.together(tell, tell, tell)
            self.together(*[lambda tell=tell, b=bundle: tell(Kind.DISCUSSION, f"{b} event", b)] * 3)
            self.assertEqual(Notification.objects.get(key=key).count, 1)
            self.assertEqual(Notification.objects.get(bundle=bundle).count, 1)

    def test_events_at_one_moment_are_all_counted(self):
        members, comment = [make_member(), make_member("Dov Harkin")], make_comment()
        for number in range(10):

            def tell(event, bundle=f"bundle {number}"):
                ids = [member.pk for member in members]
                telling.tell(ids, kind=Kind.DISCUSSION, subject=comment, key=f"{bundle} {event}", bundle=bundle)

            self.together(*[lambda tell=tell, event=event: tell(event) for event in range(4)])
            rows = Notification.objects.filter(bundle=f"bundle {number}")
            self.assertEqual(sorted(rows.values_list("recipient", "count")), sorted((m.pk, 4) for m in members))
