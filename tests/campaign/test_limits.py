"""Rate limits: what is counted, until when, and whom a limit is for."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine
from django.core.cache import cache, caches
from django.core.management import call_command
from django.db import connections
from django.test import RequestFactory, SimpleTestCase, TestCase, TransactionTestCase, override_settings

from campaign import limits

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)  # the beginning of a minute, an hour and a day


def ask(key="a", action="post", rates=((2, 60),)):
    return limits.seconds_to_wait(action, key, rates)


class CountingTests(SimpleTestCase):
    def test_allows_so_many_and_then_says_how_long_to_wait(self):
        with time_machine.travel(START + timedelta(seconds=20), tick=False):
            self.assertEqual([ask(), ask()], [0, 0])
            self.assertEqual(ask(), 41)

    def test_allows_again_after_what_it_said(self):
        with time_machine.travel(START + timedelta(seconds=20), tick=False):
            seconds = [ask() for _ in range(3)][-1]
        with time_machine.travel(START + timedelta(seconds=20 + seconds), tick=False):
            self.assertEqual(ask(), 0)

    def test_every_wait_is_long_enough_and_not_longer_than_the_window(self):
        for second in (0, 0.001, 1, 29.5, 59, 59.999):
            with time_machine.travel(START + timedelta(seconds=second), tick=False):
                wait = [ask(key=second) for _ in range(3)][-1]
                self.assertTrue(1 <= wait <= 61, (second, wait))
                self.assertGreaterEqual(second + wait, 60)

    def test_a_refused_act_counts(self):
        with time_machine.travel(START, tick=False):
            for _ in range(5):
                ask(rates=[(2, 60), (4, 3_600)])
        with time_machine.travel(START + timedelta(seconds=90), tick=False):
            self.assertGreater(ask(rates=[(2, 60), (4, 3_600)]), 3_000)

    def test_the_longest_wait_of_several_windows_holds(self):
        with time_machine.travel(START, tick=False):
            waits = [ask(rates=[(1, 60), (3, 3_600)]) for _ in range(4)]
        self.assertEqual(waits, [0, 61, 61, 3_601])

    def test_keys_and_acts_are_counted_apart(self):
        with time_machine.travel(START, tick=False):
            for key, action in (("a", "post"), ("b", "post"), ("a", "report")):
                self.assertEqual([bool(ask(key, action)) for _ in range(3)], [False, False, True])

    def test_without_rates_there_is_no_limit(self):
        self.assertEqual([ask(rates=[]) for _ in range(50)], [0] * 50)

    def test_a_clock_that_jumps_back_ends_no_limit_for_ever(self):
        with time_machine.travel(START, tick=False):
            for _ in range(3):
                ask()
        with time_machine.travel(START - timedelta(hours=1), tick=False):
            self.assertEqual(ask(), 0)
        with time_machine.travel(START, tick=False):
            self.assertTrue(0 < ask() <= 61)

    def test_a_counter_that_was_thrown_out_begins_anew(self):
        with time_machine.travel(START, tick=False):
            for _ in range(3):
                ask()
            cache.clear()
            self.assertEqual(ask(), 0)


class ManyAtOnceTests(TransactionTestCase):
    databases = {"default", "cache"}

    def race(self):
        def act(_number):
            try:
                return ask(key="crowd", rates=[(5, 3_600)])
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as pool:
            return sum(wait == 0 for wait in pool.map(act, range(24)))

    def test_no_more_pass_than_are_allowed(self):
        self.assertEqual(self.race(), 5)

    def test_nor_with_the_database_as_the_cache(self):
        call_command("createcachetable", database="cache", verbosity=0)
        with in_the_database():
            self.assertEqual(self.race(), 5)


@contextmanager
def in_the_database():
    """With the cache of a site without Redis."""
    with override_settings(CACHES=dict.fromkeys(["default", "database"], caches.settings["database"])):
        yield


class InTheDatabaseTests(TestCase):
    databases = {"default", "cache"}

    @classmethod
    def setUpTestData(cls):
        call_command("createcachetable", database="cache", verbosity=0)

    def test_all_windows_are_one_statement_whatever_is_counted_already(self):
        with in_the_database():
            for _ in range(3):
                with self.assertNumQueries(1, using="cache"):
                    ask(rates=[(5, 60), (40, 3_600), (100, 86_400)])

    def test_an_hour_stays_counted_through_quiet_minutes(self):
        with in_the_database():
            for minutes in (0, 6, 12, 18):
                with time_machine.travel(START + timedelta(minutes=minutes), tick=False):
                    wait = ask(rates=[(3, 3_600)])
        self.assertEqual(wait, 42 * 60 + 1)

    def test_what_is_over_can_be_thrown_out(self):
        with in_the_database():
            with time_machine.travel(START, tick=False):
                ask(key="early", rates=[(3, 60), (3, 3_600)])
            with time_machine.travel(START + timedelta(minutes=2), tick=False):
                cache.set("other", 1)
                with connections["cache"].cursor() as cursor:
                    table = caches["database"]._table
                    cursor.execute(f"SELECT count(*) FROM {table} WHERE expires < %s", [START + timedelta(minutes=2)])
                    self.assertEqual(cursor.fetchone()[0], 1)


class VisitorTests(SimpleTestCase):
    def visitor(self, address, **meta):
        return limits.visitor(RequestFactory().get("/", REMOTE_ADDR=address, **meta))

    def test_an_address(self):
        self.assertEqual(self.visitor("192.0.2.7"), "192.0.2.7")
        self.assertNotEqual(self.visitor("192.0.2.7"), self.visitor("192.0.2.8"))

    def test_of_ipv6_the_network_that_one_house_has(self):
        self.assertEqual(self.visitor("2001:db8:1:2::1"), self.visitor("2001:db8:1:2:ffff:ffff:ffff:ffff"))
        self.assertNotEqual(self.visitor("2001:db8:1:2::1"), self.visitor("2001:db8:1:3::1"))

    def test_one_address_in_different_spelling(self):
        self.assertEqual(self.visitor("2001:DB8::1"), self.visitor("2001:0db8:0:0::2"))

    def test_ipv4_in_the_clothes_of_ipv6(self):
        self.assertEqual(self.visitor("::ffff:192.0.2.7"), self.visitor("192.0.2.7"))

    def test_a_forged_header_changes_nothing(self):
        for header in (
            "HTTP_X_FORWARDED_FOR",
            "HTTP_X_REAL_IP",
            "HTTP_FORWARDED",
            "HTTP_CF_CONNECTING_IP",
            "HTTP_CLIENT_IP",
        ):
            self.assertEqual(self.visitor("192.0.2.7", **{header: "198.51.100.1"}), "192.0.2.7", header)

    @override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
    def test_behind_a_proxy_the_last_address_that_it_added(self):
        for forwarded in ("198.51.100.1", "203.0.113.9, 198.51.100.1", "nonsense, 198.51.100.1"):
            self.assertEqual(self.visitor("127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded), "198.51.100.1")

    def test_a_link_local_address_with_its_zone(self):
        self.assertEqual(self.visitor("fe80::1%eth0"), self.visitor("fe80::2%eth0"))
