import os
import subprocess
import sys
from datetime import timedelta
from tempfile import TemporaryDirectory
from unittest.mock import patch

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client, SimpleTestCase, TestCase
from django.utils import timezone

from accounts import sessions
from tests.factories import PASSWORD, make_article, make_user

from . import test_doors
from .test_doors import code_from_mail

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
AGENTS = {
    "Firefox, Linux": "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0",
    "Safari, iPhone": f"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) {WEBKIT} Version/19.0 Mobile/15E148 Safari/604.1",
    "Chrome, Android": f"Mozilla/5.0 (Linux; Android 16) {WEBKIT} Chrome/142.0 Mobile Safari/537.36",
    "Edge, Windows": f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/142.0 Safari/537.36 Edg/142.0",
    "Safari, macOS": f"Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) {WEBKIT} Version/19.0 Safari/605.1.15",
    "A browser that does not say what it is": "curl/8",
}


class SessionsTests(TestCase):
    def setUp(self):
        self.member = make_user(email="nkemi@example.org")
        self.here, self.there = self.sign_in(), self.sign_in(AGENTS["Safari, iPhone"])

    def sign_in(self, agent=AGENTS["Firefox, Linux"]):
        client = Client(headers={"User-Agent": agent})
        client.post("/accounts/login/", {"login": "nkemi@example.org", "password": PASSWORD})
        return client

    def is_in(self, client):
        return client.get("/accounts/profile/").status_code == 200

    def test_lists_them_by_device_and_says_which_is_this_one(self):
        page = self.here.get("/accounts/sessions/")
        self.assertContains(page, 'Firefox, Linux</strong> <span class="badge">This one</span>')
        self.assertContains(page, "Safari, iPhone</strong>\n")
        self.assertContains(page, "127.0.0.1", 2)

    def test_names_devices(self):
        for name, agent in AGENTS.items():
            self.assertEqual(sessions.device(agent), name)

    def test_a_stolen_one_ends_from_the_page(self):
        self.assertTrue(self.is_in(self.there))
        self.assertContains(self.here.post("/accounts/sessions/", follow=True), "You are signed in nowhere else.")
        self.assertTrue(self.is_in(self.here))
        self.assertFalse(self.is_in(self.there))

    def test_ends_nobody_else_s(self):
        other = make_user(email="dov@example.org")
        client = Client()
        client.post("/accounts/login/", {"login": other.email, "password": PASSWORD})
        self.here.post("/accounts/sessions/")
        self.assertTrue(self.is_in(client))

    def test_a_new_password_ends_the_others(self):
        form = {"oldpassword": PASSWORD, "password1": "barn owl ledger", "password2": "barn owl ledger"}
        self.here.post("/accounts/password/change/", form)
        self.assertTrue(self.is_in(self.here))
        self.assertFalse(self.is_in(self.there))
        self.assertEqual(len(sessions.of(self.member)), 1)
        self.assertContains(self.here.get("/accounts/sessions/"), "This one")
        self.assertEqual(mail.outbox[-1].subject, "Your password was changed")

    def test_a_reset_password_ends_all(self):
        guest = Client()
        guest.post("/accounts/password/reset/", {"email": "nkemi@example.org"})
        page = guest.get(test_doors.ResetTests.link(None).path, follow=True)
        guest.post(page.redirect_chain[-1][0], {"password1": "barn owl ledger", "password2": "barn owl ledger"})
        self.assertFalse(self.is_in(self.here) or self.is_in(self.there))
        self.assertFalse(Session.objects.filter(session_key__in=UserSession.objects.values("session_key")).exists())

    def test_sign_in_gives_a_new_key(self):
        client = Client()
        client.post("/accounts/login/code/", {"email": "nkemi@example.org"})  # a guest with a session
        before = client.session.session_key
        client.post("/accounts/login/code/confirm/", {"code": code_from_mail()})
        self.assertTrue(self.is_in(client))
        self.assertNotEqual(client.session.session_key, before)
        self.assertFalse(Session.objects.filter(session_key=before).exists())

    def test_a_cache_that_loses_everything_signs_nobody_out_and_ends_no_sign_in(self):
        client = Client()
        client.post("/accounts/login/code/", {"email": "nkemi@example.org"})
        cache.clear()
        self.assertTrue(self.is_in(self.here))
        client.post("/accounts/login/code/confirm/", {"code": code_from_mail()})
        self.assertTrue(self.is_in(client))

    def test_signing_out_ends_it(self):
        self.there.post("/accounts/logout/")
        self.assertEqual(len(sessions.of(self.member)), 1)

    def test_what_has_run_out_is_neither_listed_nor_kept(self):
        Session.objects.filter(session_key=self.there.session.session_key).update(
            expire_date=timezone.now() - timedelta(seconds=1)
        )
        self.assertEqual(len(sessions.of(self.member)), 1)
        self.assertEqual(sessions.forget_ended(), 1)
        self.assertEqual((UserSession.objects.count(), Session.objects.count()), (1, 1))

    def test_a_member_has_so_many_and_the_oldest_ends(self):
        with patch.object(sessions, "KEPT", 2):
            third = self.sign_in()
        self.assertEqual([self.is_in(client) for client in (self.here, self.there, third)], [False, True, True])

    def test_more_of_them_cost_no_more_queries(self):
        with self.assertNumQueries(4):
            self.here.get("/accounts/sessions/")
        for _number in range(3):
            self.sign_in()
        with self.assertNumQueries(4):
            self.here.get("/accounts/sessions/")

    def test_reading_notes_nothing(self):
        article = make_article()
        self.here.get(article.get_absolute_url())
        before = list(UserSession.objects.values())
        self.here.get(article.get_absolute_url())
        self.assertEqual(list(UserSession.objects.values()), before)


class CookieTests(SimpleTestCase):
    SAY = (
        "from campaign import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, "
        "s.CSRF_COOKIE_SECURE, s.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN)"
    )

    def said(self, site):
        with TemporaryDirectory() as folder:
            environment = {"PATH": os.environ["PATH"], "DATA_DIR": folder, "SITE_URL": site}
            run = {"cwd": settings.BASE_DIR, "env": environment, "capture_output": True, "text": True, "check": True}
            return subprocess.run([sys.executable, "-c", self.SAY], timeout=60, **run).stdout.split()

    def test_are_bound_to_the_host_and_to_https_where_the_site_is(self):
        self.assertEqual(
            self.said("https://news.example.org"), ["__Host-session", "__Host-csrf", "True", "True", "False"]
        )
        self.assertEqual(self.said("http://localhost:8000"), ["session", "csrf", "False", "False", "True"])
