"""Accounts on a real site: guessing with and without a proxy in front; every way in while mail and Redis are away."""

import re
import socket
import time
from http.cookies import SimpleCookie
from unittest import TestCase

from tests.factories import PASSWORD
from tests.notifications import smtp

from .site import Site, free_port

ADMIN = "from tests.factories import make_admin; make_admin(email='admin@example.org')"
STOPPED = re.compile("Too many tries")


def is_stopped(answer):
    return answer.status == 429 or STOPPED.search(answer.text)


class Guessing:
    """Sixty wrong passwords at the door of the site, and at that of the admin, which leads there."""

    MOST = 60

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = Site(TRUSTED_PROXIES=cls.PROXIES)
        cls.addClassCleanup(cls.site.remove)
        cls.site.make(members=1)
        cls.site.manage("shell", "-v", "0", "-c", ADMIN)
        cls.site.start()

    def tearDown(self):
        self.assertEqual(self.site.trouble(), [])

    def guesses(self, forwarded, login="nobody-{}@example.org", door="/accounts/login/", most=MOST):
        """How many guesses are answered before one is not; forwarded, login: with a place for the number."""
        for number in range(most):
            headers = {"X-Forwarded-For": forwarded.format(number)}
            form = {"login": login.format(number), "password": f"wrong {number}", "next": "/admin/"}
            answer = self.site.post(door, form, headers=headers)
            self.assertLess(answer.status, 500)
            if is_stopped(answer):
                return number
        return most

    def check_the_account_is_guarded(self):
        """Whoever comes from wherever, with the right password even."""
        self.assertLess(self.guesses("203.0.113.{}", login="admin@example.org"), 8)
        form = {"login": "admin@example.org", "password": PASSWORD}
        self.assertTrue(is_stopped(self.site.post("/accounts/login/", form, headers={"X-Forwarded-For": "192.0.2.1"})))

    def check_the_admin_takes_no_password(self):
        form = {"username": "admin@example.org", "password": "rostrum", "next": "/admin/"}
        for number in range(self.MOST):
            answer = self.site.post("/admin/login/", form, headers={"X-Forwarded-For": f"198.51.100.{number}"})
            self.assertTrue(answer.headers["Location"].startswith("/accounts/login/"))
            self.assertNotIn("session", answer.headers.get("Set-Cookie", ""))


class WithoutProxyTests(Guessing, TestCase):
    PROXIES = "0"

    def test_forged_addresses_help_nobody(self):
        self.assertLess(self.guesses("203.0.113.{}"), 31)
        self.assertLess(self.guesses("2001:db8:{}::1"), 31)

    def test_an_account_is_guarded_from_all_together(self):
        self.check_the_account_is_guarded()

    def test_the_admin_takes_no_password(self):
        self.check_the_admin_takes_no_password()


class BehindProxyTests(Guessing, TestCase):
    PROXIES = "1"

    def test_a_visitor_is_the_address_that_the_proxy_saw(self):
        self.assertLess(self.guesses("203.0.113.{}, 198.51.100.7"), 31)
        self.assertEqual(self.guesses("198.51.101.{}", most=40), 40, "others may go on")

    def test_a_network_of_ipv6_is_one_visitor(self):
        self.assertLess(self.guesses("2001:db8:1:2::{}"), 31)
        self.assertEqual(self.guesses("2001:db8:1:9{}::1", most=40), 40, "others may go on")

    def test_an_account_is_guarded_from_all_together(self):
        self.check_the_account_is_guarded()

    def test_the_admin_takes_no_password(self):
        self.check_the_admin_takes_no_password()


MAIL = """
import json
from notifications.models import OutgoingMail
mail = OutgoingMail.objects.order_by("-pk").first()
print(json.dumps([mail.recipients, bytes(mail.message).decode()]))
"""
DUE_NOW = "from notifications.models import *; OutgoingMail.objects.update(due_at=timezone.now())"
SECONDS = 5  # that a page may take; the mail server would hold it for ten


class Person:
    """Somebody with a browser that keeps its session."""

    def __init__(self, site):
        self.site, self.session = site, ""

    def post(self, path, form):
        started = time.monotonic()
        answer = self.site.post(path, form, session=self.session)
        assert time.monotonic() - started < SECONDS, path
        self.session = cookie_of(answer, "session") or self.session
        return answer.status, answer.headers["Location"]

    def is_signed_in(self):
        return self.site.get("/accounts/profile/", session=self.session).status == 200


def cookie_of(answer, name):
    for line in answer.headers.get_all("Set-Cookie", []):
        if morsel := SimpleCookie(line).get(name):
            return morsel.value
    return ""


class NobodyThereTests(TestCase):
    """Redis is away, and whoever delivers mail accepts the connection and never says a word."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        silent = socket.create_server(("127.0.0.1", 0))
        cls.addClassCleanup(silent.close)
        cls.silent, cls.port = silent, silent.getsockname()[1]
        cls.site = Site(EMAIL_URL=f"smtp://127.0.0.1:{cls.port}", REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
        cls.addClassCleanup(cls.site.remove)
        cls.site.make(members=1)
        cls.site.start()

    def tearDown(self):
        self.assertEqual(self.site.trouble(), [])

    def mailed(self, pattern, to):
        """What of the newest mail, which waits, matches."""
        recipients, text = self.site.ask(MAIL)
        self.assertEqual(recipients, to)
        return re.search(pattern, text, re.M)[1]

    def test_signing_up_in_and_choosing_a_new_password_go_on_and_the_mail_follows_once(self):
        code, email = r"^([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", "nia@example.org"
        nia = Person(self.site)
        form = {"email": email, "display_name": "Nia Quell", "password1": "correct horse battery"}
        self.assertEqual(nia.post("/accounts/signup/", form), (302, "/accounts/confirm-email/"))
        nia.post("/accounts/confirm-email/", {"code": self.mailed(code, email)})
        self.assertTrue(nia.is_signed_in())

        by_password = Person(self.site)
        by_password.post("/accounts/login/", {"login": email, "password": "correct horse battery"})
        self.assertTrue(by_password.is_signed_in())

        by_code = Person(self.site)
        status, path = by_code.post("/accounts/login/code/", {"email": email})
        self.assertEqual(status, 302)
        by_code.post(path, {"code": self.mailed(code, email)})
        self.assertTrue(by_code.is_signed_in())

        forgetful = Person(self.site)
        self.assertEqual(forgetful.post("/accounts/password/reset/", {"email": email})[0], 302)
        link = self.mailed(rf"{self.site.port}(/accounts/password/reset/key/\S+)", email)
        answer = self.site.get(link)
        forgetful.session = cookie_of(answer, "session")
        words = "another barn owl ledger"
        status, path = forgetful.post(answer.headers["Location"], {"password1": words, "password2": words})
        self.assertEqual((status, path), (302, "/accounts/password/reset/key/done/"))
        self.assertFalse(nia.is_signed_in(), "one of the sessions may be the reason")
        nia.post("/accounts/login/", {"login": email, "password": words})
        self.assertTrue(nia.is_signed_in())

        wrong = {"login": "nobody@example.org", "password": "wrong"}
        self.assertTrue(any(is_stopped(self.site.post("/accounts/login/", wrong)) for _try in range(8)))
        self.assertLessEqual(self.site.said().count("Redis is away"), 3 * 2, "once a minute in each process")

        count = (
            "import json; from notifications.models import *; print(OutgoingMail.objects.filter(state='{}').count())"
        )
        waiting = self.site.ask(count.format("waiting"))
        self.silent.close()
        with smtp.running(port=self.port) as server:
            until = time.monotonic() + 60
            while len(server.received) < waiting and time.monotonic() < until:
                self.site.manage("shell", "-v", "0", "-c", DUE_NOW)
                time.sleep(1)
            time.sleep(2)
        self.assertEqual([to for to, _message in server.received], [[email]] * waiting)
        self.assertEqual(self.site.ask(count.format("waiting")), 0)
