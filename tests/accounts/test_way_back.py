"""No return parameter of any door leads to another site. The whole corpus goes through those of test_doors.py, a part here."""

import json

from django.test import Client, TestCase, override_settings

from tests.factories import PASSWORD, make_moderator, make_user
from tests.factors import code_of, give_app, give_passkey, note
from tests.settings import forget_cache

from . import test_doors
from .test_doors import code_from_mail


class DoorsTests(TestCase):
    hostile, assert_stays = test_doors.WayBackTests.hostile, test_doors.WayBackTests.assert_stays

    def setUp(self):
        self.member = make_user(email="nkemi@example.org")

    def each(self):
        for line in list(self.hostile())[::8]:
            forget_cache()
            yield line

    def test_sign_in_by_password(self):
        for line in self.each():
            form = {"login": self.member.email, "password": PASSWORD, "next": line}
            page = Client().post("/accounts/login/", form)
            self.assertEqual(page.status_code, 302, line)
            self.assert_stays(page, line)

    def test_sign_in_by_code(self):
        for line in self.each():
            client = Client()
            self.assert_stays(client.post("/accounts/login/code/", {"email": self.member.email, "next": line}), line)
            self.assert_stays(
                client.post("/accounts/login/code/confirm/", {"code": code_from_mail(), "next": line}), line
            )

    def test_sign_in_by_passkey(self):
        passkey = give_passkey(self.member)
        for line in self.each():
            client = Client()
            asked = client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"}).json()
            form = {"credential": json.dumps(passkey.show(asked["request_options"])), "next": line}
            page = client.post("/accounts/2fa/webauthn/login/", form)
            self.assertIn("_auth_user_id", client.session)
            self.assert_stays(page, line)

    def test_second_factor(self):
        secret = give_app(self.member)
        for line in self.each():
            client = Client()
            client.post("/accounts/login/", {"login": self.member.email, "password": PASSWORD, "next": line})
            page = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret), "next": line})
            self.assertIn("_auth_user_id", client.session)
            self.assert_stays(page, line)

    def test_showing_who_one_is(self):
        self.client.force_login(self.member)
        for line in self.each():
            self.assert_stays(self.client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": line}), line)

    def test_passkeys_renamed_and_removed(self):
        key = give_passkey(self.member).row.pk
        self.client.force_login(self.member)
        note(self.client, self.member, reauthenticated=True)
        for line in self.each():
            self.assert_stays(
                self.client.post(f"/accounts/2fa/webauthn/keys/{key}/edit/", {"name": "x", "next": line}), line
            )

    @override_settings(CAMPAIGN_STAFF_SECOND_FACTOR=True)
    def test_the_door_of_the_admin(self):
        self.client.force_login(make_moderator(email="moss@example.com"))
        for line in self.each():
            self.assert_stays(self.client.get("/admin/login/", {"next": line}), line)
            self.assert_stays(self.client.get("/accounts/2fa/on/"), line)
