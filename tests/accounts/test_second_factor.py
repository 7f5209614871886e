import gzip
import json
import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.staticfiles import finders
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client, TestCase, TransactionTestCase, override_settings
from django.urls import reverse

from accounts import second_factor
from accounts.models import User
from tests.factories import PASSWORD, make_admin, make_article, make_moderator, make_user
from tests.factors import code_of, give_app, give_codes, give_passkey, note
from tests.passkeys import Passkey
from tests.routes import all_routes
from tests.settings import forget_cache

from .test_doors import code_from_mail


def options(page):
    """What the server asks of a passkey on this page."""
    data = json.loads(
        re.search(r'<script id="js_data" type="application/json">(.+?)</script>', page.content.decode())[1]
    )
    return data.get("creation_options") or data["request_options"]


def sign_in(client, user, password=PASSWORD, **fields):
    return client.post("/accounts/login/", {"login": user.email, "password": password} | fields, follow=True)


class AppTests(TestCase):
    """The code of an app (TOTP)."""

    def setUp(self):
        self.member = make_user(email="nkemi@example.org")
        self.client.force_login(self.member)

    def test_is_set_up_after_the_password_once_more_and_gives_recovery_codes(self):
        page = self.client.get("/accounts/2fa/totp/activate/")
        self.assertRedirects(page, "/accounts/reauthenticate/?next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F")
        page = self.client.post(
            page["Location"], {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"}, follow=True
        )
        secret = page.context["form"].secret
        self.assertContains(page, secret)
        self.assertContains(page, "data:image/svg+xml;base64,")
        page = self.client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}, follow=True)
        self.assertEqual(page.redirect_chain[-1][0], "/accounts/2fa/recovery-codes/")
        self.assertEqual(len(re.findall(r"<code>\d{8}</code>", page.text)), 10)

    def test_a_wrong_code_sets_up_nothing(self):
        note(self.client, self.member, reauthenticated=True)
        self.client.get("/accounts/2fa/totp/activate/")
        self.assertContains(
            self.client.post("/accounts/2fa/totp/activate/", {"code": "000000"}), "This code is not right."
        )
        self.assertFalse(second_factor.has_one(self.member))

    def test_is_asked_after_the_password_and_works_once(self):
        secret = give_app(self.member)
        for signed_in in (True, False):
            client = Client()
            page = sign_in(client, self.member)
            self.assertEqual(page.redirect_chain[-1][0], "/accounts/2fa/authenticate/")
            self.assertNotIn("_auth_user_id", client.session)
            client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
            self.assertIs("_auth_user_id" in client.session, signed_in)

    @time_machine.travel(datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC), tick=False)
    def test_a_clock_may_differ_by_half_a_minute(self):
        secret = give_app(self.member)
        for later, signed_in in ((-2, False), (-1, True), (1, True), (2, False)):
            client = Client()
            sign_in(client, self.member)
            client.post("/accounts/2fa/authenticate/", {"code": code_of(secret, later)})
            self.assertIs("_auth_user_id" in client.session, signed_in, later)

    def test_a_code_works_once_as_long_as_it_would_be_taken(self):
        secret = give_app(self.member)
        with time_machine.travel(datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC), tick=False) as clock:
            code = code_of(secret, 1)
            for seconds, signed_in in ((0, True), (31, False), (28, False)):
                clock.shift(seconds)
                client = Client()
                sign_in(client, self.member)
                client.post("/accounts/2fa/authenticate/", {"code": code})
                self.assertIs("_auth_user_id" in client.session, signed_in, seconds)

    def test_the_code_that_set_it_up_does_not_sign_in(self):
        note(self.client, self.member, reauthenticated=True)
        page = self.client.get("/accounts/2fa/totp/activate/")
        code = code_of(page.context["form"].secret)
        self.client.post("/accounts/2fa/totp/activate/", {"code": code})
        client = Client()
        sign_in(client, self.member)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        self.assertNotIn("_auth_user_id", client.session)

    def test_is_asked_after_a_code_by_mail_too(self):
        give_app(self.member)
        client = Client()
        client.post("/accounts/login/code/", {"email": "nkemi@example.org"})
        page = client.post("/accounts/login/code/confirm/", {"code": code_from_mail()})
        self.assertRedirects(page, "/accounts/2fa/authenticate/", fetch_redirect_response=False)
        self.assertNotIn("_auth_user_id", client.session)

    def test_a_recovery_code_takes_its_place_once(self):
        give_app(self.member)
        code = give_codes(self.member)[0]
        for signed_in in (True, False):
            client = Client()
            sign_in(client, self.member)
            client.post("/accounts/2fa/authenticate/", {"code": code})
            self.assertIs("_auth_user_id" in client.session, signed_in)

    def test_guessing_is_stopped(self):
        secret = give_app(self.member)
        client = Client()
        sign_in(client, self.member)
        for number in range(5):
            client.post("/accounts/2fa/authenticate/", {"code": f"{number:06}"}, REMOTE_ADDR=f"203.0.113.{number}")
        page = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)}, REMOTE_ADDR="203.0.113.9")
        self.assertContains(page, "Too many tries.")
        self.assertNotIn("_auth_user_id", client.session)

    def test_is_turned_off_after_the_password_and_takes_the_recovery_codes_along(self):
        give_app(self.member)
        give_codes(self.member)
        self.assertIn("/accounts/reauthenticate/", self.client.post("/accounts/2fa/totp/deactivate/")["Location"])
        self.assertTrue(second_factor.has_one(self.member))
        note(self.client, self.member, reauthenticated=True)
        self.client.post("/accounts/2fa/totp/deactivate/")
        self.assertFalse(Authenticator.objects.exists())
        self.assertEqual(mail.outbox[-1].subject, "A second factor was turned off")

    def test_new_recovery_codes_end_the_old_ones(self):
        give_app(self.member)
        old = give_codes(self.member)
        note(self.client, self.member, reauthenticated=True)
        page = self.client.post("/accounts/2fa/recovery-codes/generate/", follow=True)
        self.assertNotContains(page, old[0])
        file = self.client.get("/accounts/2fa/recovery-codes/download/")
        self.assertEqual(len(file.text.split()), 10)
        self.assertIn("attachment", file["Content-Disposition"])


class NoticeTests(TransactionTestCase):
    def test_the_owner_is_told_of_a_new_app_once_it_is_stored(self):
        member = make_user(email="nkemi@example.org")
        self.client.force_login(member)
        note(self.client, member, reauthenticated=True)
        page = self.client.get("/accounts/2fa/totp/activate/")
        self.client.post("/accounts/2fa/totp/activate/", {"code": code_of(page.context["form"].secret)})
        self.assertEqual([message.subject for message in mail.outbox], ["A second factor guards your account"])
        self.assertEqual(mail.outbox[0].to, ["nkemi@example.org"])


class PasskeyTests(TestCase):
    def setUp(self):
        self.member = make_user("Nkemi Ashgrove", email="nkemi@example.org")

    def ask(self, client):
        return client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"}).json()[
            "request_options"
        ]

    def log_in(self, passkey, client=None, change=None, **fields):
        client = client or Client()
        credential = passkey.show(self.ask(client))
        if change:
            change(credential)
        data = {"credential": json.dumps(credential)} | fields
        return client, client.post("/accounts/2fa/webauthn/login/", data)

    def test_signs_up_by_mail_code_then_passkey_then_recovery_codes(self):
        client = Client()
        client.post(
            "/accounts/signup/passkey/",
            {"display_name": "Rook Sandiway", "email": "rook@example.org", "next": "/feeds/articles/"},
        )
        page = client.post("/accounts/confirm-email/", {"code": code_from_mail()}, follow=True)
        self.assertEqual(page.redirect_chain[-1][0], "/accounts/2fa/webauthn/signup/")
        self.assertNotIn("_auth_user_id", client.session)
        passkey = Passkey()
        made = {"name": "Telephone", "credential": json.dumps(passkey.make(options(page)))}
        page = client.post("/accounts/2fa/webauthn/signup/", made, follow=True)
        self.assertEqual(page.redirect_chain[-1][0], "/accounts/2fa/recovery-codes/")
        self.assertContains(page, "Go on to where you were")
        self.assertRedirects(client.get("/accounts/2fa/on/"), "/feeds/articles/", fetch_redirect_response=False)
        self.assertNotContains(client.get("/accounts/2fa/"), "Go on to where you were")
        rook = User.objects.get(email="rook@example.org")
        self.assertEqual(client.session["_auth_user_id"], str(rook.pk))
        self.assertFalse(rook.has_usable_password())
        client, _page = self.log_in(passkey)
        self.assertEqual(client.session["_auth_user_id"], str(rook.pk))

    def test_signs_in_and_leads_on(self):
        client, page = self.log_in(give_passkey(self.member), next="/feeds/articles/")
        self.assertRedirects(page, "/feeds/articles/", fetch_redirect_response=False)
        self.assertEqual(client.session["_auth_user_id"], str(self.member.pk))

    def test_leads_nowhere_else(self):
        _client, page = self.log_in(give_passkey(self.member), next="https://evil.example/")
        self.assertEqual(page["Location"], "/")

    def test_an_answer_counts_once_and_for_its_own_question(self):
        passkey, client = give_passkey(self.member), Client()
        answer = {"credential": json.dumps(passkey.show(self.ask(client)))}
        other = Client()
        self.ask(other)
        other.post("/accounts/2fa/webauthn/login/", answer)
        self.assertNotIn("_auth_user_id", other.session)
        client.post("/accounts/2fa/webauthn/login/", answer)
        self.assertIn("_auth_user_id", client.session)
        client.post("/accounts/logout/")
        client.post("/accounts/2fa/webauthn/login/", answer)
        self.assertNotIn("_auth_user_id", client.session)

    def test_needs_the_finger_or_the_pin(self):
        passkey, client = give_passkey(self.member), Client()
        answer = passkey.show(self.ask(client), verified=False)
        client.post("/accounts/2fa/webauthn/login/", {"credential": json.dumps(answer)})
        self.assertNotIn("_auth_user_id", client.session)

    def test_signs_no_one_else_in(self):
        passkey, other = give_passkey(self.member), give_passkey(make_user())
        passkey.user = other.user
        client, _page = self.log_in(passkey)
        self.assertNotIn("_auth_user_id", client.session)

    def test_signs_no_closed_account_in(self):
        passkey = give_passkey(self.member)
        User.objects.update(is_active=False)
        client, _page = self.log_in(passkey)
        self.assertNotIn("_auth_user_id", client.session)

    def test_whatever_is_sent_in_its_place_is_refused(self):
        passkey = give_passkey(self.member)
        response = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}
        hostile = ["", "5", '"x"', "[]", "{}", '{"id": 1}', "null", "{", "[" * 5000]
        hostile += [
            json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": answer})
            for answer in (None, 5, response, response | {"userHandle": 5}, response | {"attestationObject": "oA"})
        ]
        self.client.force_login(self.member)
        note(self.client, self.member, reauthenticated=True)
        guest = Client()
        for text in hostile:
            with self.subTest(text[:60]):
                forget_cache()
                self.ask(guest)
                self.assertLess(guest.post("/accounts/2fa/webauthn/login/", {"credential": text}).status_code, 400)
                self.assertNotIn("_auth_user_id", guest.session)
                for path in ("add/", "reauthenticate/"):
                    self.client.get(f"/accounts/2fa/webauthn/{path}")
                    page = self.client.post(f"/accounts/2fa/webauthn/{path}", {"credential": text, "name": "x"})
                    self.assertLess(page.status_code, 400)
        self.assertEqual(Authenticator.objects.get(), passkey.row)

    def test_is_added_renamed_and_removed(self):
        self.client.force_login(self.member)
        note(self.client, self.member, reauthenticated=True)
        page = self.client.get("/accounts/2fa/webauthn/add/")
        form = {"name": "Key on my ring", "passwordless": "on", "credential": json.dumps(Passkey().make(options(page)))}
        page = self.client.post("/accounts/2fa/webauthn/add/", form, follow=True)
        self.assertEqual(page.redirect_chain[-1][0], "/accounts/2fa/recovery-codes/")
        self.assertEqual(mail.outbox[-1].subject, "A passkey was added to your account")
        key = Authenticator.objects.get(type="webauthn")
        self.client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/edit/", {"name": "Old key"})
        self.assertContains(self.client.get("/accounts/2fa/webauthn/"), "Old key")
        self.client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
        self.assertFalse(Authenticator.objects.exists())

    def test_more_passkeys_cost_no_more_queries(self):
        self.client.force_login(self.member)
        give_passkey(self.member)
        with self.assertNumQueries(4):
            self.client.get("/accounts/2fa/webauthn/")
        for _number in range(5):
            give_passkey(self.member)
        with self.assertNumQueries(4):
            self.client.get("/accounts/2fa/webauthn/")

    def test_sign_up_tells_no_taken_address_by_answer_mails_or_hashes(self):
        answers = []
        for email in ("nkemi@example.org", "fresh@example.org"):
            client, outbox, hashes = Client(), len(mail.outbox), []
            encode = MD5PasswordHasher.encode
            MD5PasswordHasher.encode = lambda *args, encode=encode, hashes=hashes: hashes.append(1) or encode(*args)
            try:
                page = client.post("/accounts/signup/passkey/", {"display_name": "Rook", "email": email})
            finally:
                MD5PasswordHasher.encode = encode
            text = client.get(page["Location"]).text.replace(email, "X")
            text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
            answers.append((page.status_code, page["Location"], len(hashes), len(mail.outbox) - outbox, text))
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0][2:4], (1, 1))


class ScriptTests(TestCase):
    def test_is_small_and_on_the_pages_that_need_it_alone(self):
        script = Path(finders.find("passkeys.js")).read_bytes()
        self.assertLess(len(gzip.compress(script)), 1_500)
        self.assertContains(self.client.get("/accounts/login/"), "passkeys.js")
        for path in ("/", make_article().get_absolute_url(), "/accounts/signup/"):
            self.assertNotContains(self.client.get(path), "passkeys.js")


@override_settings(CAMPAIGN_STAFF_SECOND_FACTOR=True)
class StaffTests(TestCase):
    def setUp(self):
        self.moderator = make_moderator(email="moss@example.com")

    def test_without_a_factor_are_led_to_set_one_up_before_any_page_of_the_admin(self):
        self.client.force_login(make_admin())
        values = {"object_id": 1, "app_label": "articles", "content_type_id": 1, "url": "x", "pk": 1}
        pages = 0
        for name, route in all_routes().items():
            if not route.pattern.startswith("admin/") or name in ("admin:login", "admin:nowhere", "admin:logout"):
                continue
            try:
                path = route.path(values)
            except KeyError:
                path = reverse("admin:index") + "x/"
            with self.subTest(name):
                for method in (self.client.get, self.client.post):
                    page = method(path if "(" not in path else "/admin/articles/")
                    self.assertEqual(page.status_code, 302)
                    if name == "admin:password_change":
                        continue
                    self.assertTrue(page["Location"].startswith("/admin/login/"), page["Location"])
                    page = self.client.get(page["Location"])
                    self.assertEqual(page["Location"], "/accounts/2fa/")
            pages += 1
        self.assertGreater(pages, 50)

    def test_come_back_to_where_they_wanted_to_go(self):
        sign_in(self.client, self.moderator)
        page = self.client.get("/admin/comments/comment/?state=hidden", follow=True)
        self.assertContains(page, "Staff need a second factor")
        note(self.client, self.moderator, reauthenticated=True)
        page = self.client.get("/accounts/2fa/totp/activate/")
        code = code_of(page.context["form"].secret)
        page = self.client.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)
        self.assertContains(page, "Go on to where you were")
        page = self.client.get("/accounts/2fa/on/")
        self.assertRedirects(page, "/admin/comments/comment/?state=hidden", fetch_redirect_response=False)
        self.assertEqual(self.client.get("/admin/comments/comment/?state=hidden").status_code, 200)

    def test_show_the_factor_in_each_session(self):
        secret = give_app(self.moderator)
        self.client.force_login(self.moderator)  # a session from before, or a stolen one
        page = self.client.get("/admin/", follow=True)
        self.assertEqual(page.redirect_chain[-1][0], "/accounts/2fa/reauthenticate/?next=%2Fadmin%2F")
        page = self.client.post(page.redirect_chain[-1][0], {"code": code_of(secret)}, follow=True)
        self.assertEqual(page.redirect_chain[-1], ("/admin/", 302))
        self.assertEqual(page.status_code, 200)

    def test_who_signed_in_with_it_are_asked_no_more(self):
        secret = give_app(self.moderator)
        sign_in(self.client, self.moderator)
        self.client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        self.assertEqual(self.client.get("/admin/").status_code, 200)

    def test_who_turn_it_off_are_out(self):
        give_app(self.moderator)
        self.client.force_login(self.moderator)
        note(self.client, self.moderator, method="mfa")
        self.assertEqual(self.client.get("/admin/").status_code, 200)
        second_factor.forget(self.moderator)
        self.assertEqual(self.client.get("/admin/").status_code, 302)

    def test_recovery_codes_alone_are_no_factor(self):
        give_codes(self.moderator)
        self.client.force_login(self.moderator)
        self.assertEqual(self.client.get("/admin/", follow=True).redirect_chain[-1][0], "/accounts/2fa/")

    def test_of_the_demo_need_none_and_nobody_else_is_spared(self):
        self.client.force_login(make_moderator(email="moderator@example.org"))
        self.assertEqual(self.client.get("/admin/").status_code, 200)
        self.client.force_login(self.moderator)
        self.assertEqual(self.client.get("/admin/").status_code, 302)

    def test_who_have_lost_theirs_are_let_in_by_the_operator(self):
        give_app(self.moderator)
        give_codes(self.moderator)
        call_command("forget_second_factor", "Moss@example.com", stdout=StringIO())
        self.assertFalse(Authenticator.objects.exists())
        sign_in(self.client, self.moderator)
        self.assertIn("_auth_user_id", self.client.session)
        with self.assertRaisesMessage(CommandError, "No account"):
            call_command("forget_second_factor", "nobody@example.com")

    def test_members_are_not_asked(self):
        self.client.force_login(make_user())
        self.assertEqual(self.client.get("/").status_code, 200)
        self.assertEqual(self.client.get("/admin/", follow=True).status_code, 403)

    def test_the_door_of_the_admin_takes_no_password(self):
        give_app(self.moderator)
        self.client.force_login(self.moderator)
        note(self.client, self.moderator, method="mfa")
        page = self.client.post("/admin/login/", {"username": self.moderator.email, "password": PASSWORD})
        self.assertRedirects(page, "/admin/", fetch_redirect_response=False)
