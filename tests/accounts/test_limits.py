"""Guessing and flooding are stopped at every door of an account, whatever address the visitor claims to have."""

import re
from unittest.mock import patch

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client, TestCase, override_settings

from accounts.models import User
from tests.factories import PASSWORD, make_user
from tests.factors import give_app, note
from tests.provider import provider
from tests.settings import forget_cache

from . import test_providers

WRONG = {"login": "nkemi@example.org", "password": "wrong"}


class LimitTests(TestCase):
    def setUp(self):
        self.member = make_user(email="nkemi@example.org")

    def tries_until_stopped(self, path, data, most=60, client=None, **options):
        """How many requests are answered before one is not."""
        for number in range(most):
            asked = {name: value.format(number) for name, value in data.items()}
            extra = {name: value.format(number) for name, value in options.items()}
            page = (client or Client()).post(path, asked, **extra)
            if page.status_code == 429 or "Too many tries" in page.text:
                return number
        return most

    def test_passwords_from_one_visitor(self):
        data = {"login": "nobody-{}@example.org", "password": "wrong {}"}
        self.assertLess(self.tries_until_stopped("/accounts/login/", data), 15)

    def test_passwords_of_one_account_from_many_visitors(self):
        self.assertLess(self.tries_until_stopped("/accounts/login/", WRONG, REMOTE_ADDR="203.0.113.{}"), 8)

    def test_one_network_of_ipv6_is_one_visitor(self):
        data = {"login": "nobody-{}@example.org", "password": "wrong {}"}
        self.assertLess(self.tries_until_stopped("/accounts/login/", data, REMOTE_ADDR="2001:db8:1:2::{}"), 15)

    def test_a_forged_address_helps_nobody_without_a_proxy(self):
        data = {"login": "nobody-{}@example.org", "password": "wrong {}"}
        self.assertLess(self.tries_until_stopped("/accounts/login/", data, HTTP_X_FORWARDED_FOR="203.0.113.{}"), 15)

    @override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
    def test_a_forged_address_helps_nobody_behind_a_proxy(self):
        data = {"login": "nobody-{}@example.org", "password": "wrong {}"}
        forwarded = {"HTTP_X_FORWARDED_FOR": "203.0.113.{}, 198.51.100.7"}
        self.assertLess(self.tries_until_stopped("/accounts/login/", data, **forwarded), 15)

    @override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
    def test_visitors_behind_a_proxy_do_not_share_a_limit(self):
        data = {"login": "nobody-{}@example.org", "password": "wrong {}"}
        self.assertEqual(
            self.tries_until_stopped("/accounts/login/", data, most=30, HTTP_X_FORWARDED_FOR="203.0.113.{}"), 30
        )

    @override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
    def test_nor_do_they_where_it_writes_them_as_ipv6(self):
        data = {"login": "nobody-{}@example.org", "password": "wrong {}"}
        for forwarded in ("::ffff:203.0.113.{}", "2001:db8:1:{}::7"):
            stopped = self.tries_until_stopped("/accounts/login/", data, most=30, HTTP_X_FORWARDED_FOR=forwarded)
            self.assertEqual(stopped, 30, forwarded)

    def test_codes_to_one_address_and_to_many(self):
        self.assertLess(self.tries_until_stopped("/accounts/login/code/", {"email": "nkemi@example.org"}), 5)
        self.assertLessEqual(len(mail.outbox), 3)
        self.assertLess(self.tries_until_stopped("/accounts/login/code/", {"email": "n-{}@example.org"}), 25)

    def test_a_code_is_guessed_three_times(self):
        self.client.post("/accounts/login/code/", {"email": "nkemi@example.org"})
        code = re.search(r"^[A-Z0-9-]{6,}$", mail.outbox[-1].body, re.M)[0]
        for number in range(3):
            self.client.post("/accounts/login/code/confirm/", {"code": f"WRONG{number}"})
        self.client.post("/accounts/login/code/confirm/", {"code": code})
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_resets_of_one_address_and_of_many(self):
        self.assertLess(self.tries_until_stopped("/accounts/password/reset/", {"email": "nkemi@example.org"}), 7)
        self.assertLess(self.tries_until_stopped("/accounts/password/reset/", {"email": "n-{}@example.org"}), 25)

    def test_sign_ups(self):
        form = {"display_name": "Rook", "email": "r-{}@example.org"}
        self.assertLess(self.tries_until_stopped("/accounts/signup/passkey/", form), 25)

    def test_passkeys(self):
        self.assertLess(self.tries_until_stopped("/accounts/2fa/webauthn/login/", {"credential": "{{}}"}), 15)

    def test_showing_who_one_is(self):
        self.client.force_login(self.member)
        self.assertLess(
            self.tries_until_stopped("/accounts/reauthenticate/", {"password": "wrong {}"}, client=self.client), 15
        )
        give_app(self.member)
        other = Client()
        other.force_login(self.member)
        self.assertLess(self.tries_until_stopped("/accounts/2fa/reauthenticate/", {"code": "{:06}"}, client=other), 15)

    def test_addresses_added(self):
        self.client.force_login(self.member)
        note(self.client, self.member, reauthenticated=True)
        data = {"action_add": "", "email": "n-{}@example.org"}
        self.assertLess(self.tries_until_stopped("/accounts/email/", data, client=self.client), 15)

    def test_the_way_to_a_provider(self):
        self.assertLess(self.tries_until_stopped("/accounts/with/github/", {}), 40)


class EvenWorkTests(TestCase):
    """Whether an address has an account, and which kind, is in no answer and costs no hash more or less."""

    def setUp(self):
        make_user(email="known@example.org")
        make_user(email="closed@example.org", is_active=False)
        by_passkey = make_user(email="passkey@example.org")
        by_passkey.set_unusable_password()
        by_passkey.save()
        several = make_user(email="first@example.org")
        several.emailaddress_set.create(email="second@example.org", verified=True)
        make_user(email="unconfirmed@example.org", verified=False)

    def answers(self, path, field, come=Client, **fields):
        """For each kind of address: status, where it leads, mails, hashes and the page. come: makes a browser."""
        found = {}
        for kind in ("known", "closed", "passkey", "second", "unconfirmed", "nobody"):
            client, sent, email = come(REMOTE_ADDR="203.0.113.7"), len(mail.outbox), f"{kind}@example.org"
            with patch.object(
                MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
            ) as hashed:
                page = client.post(path, {field: email} | fields, follow=True)
            text = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"\w+"', "", page.text.replace(email, "X"))
            found[kind] = (page.status_code, page.redirect_chain, len(mail.outbox) - sent, hashed.call_count, text)
        return found

    def assert_even(self, found):
        for kind, answer in found.items():
            self.assertEqual(answer[:4], found["nobody"][:4], kind)
            self.assertEqual(answer[4], found["nobody"][4], kind)

    def test_sign_in(self):
        found = self.answers("/accounts/login/", "login", password="wrong")
        self.assert_even(found)
        self.assertGreater(found["nobody"][3], 0)

    def test_code(self):
        found = self.answers("/accounts/login/code/", "email")
        self.assert_even(found)
        self.assertEqual(found["nobody"][2], 1)

    def test_reset(self):
        found = self.answers("/accounts/password/reset/", "email")
        self.assert_even(found)
        self.assertEqual(found["nobody"][2], 1)

    def test_sign_up(self):
        for path, more in (("", {"password1": "barn owl ledger"}), ("", {}), ("passkey/", {})):
            forget_cache()  # one mail to an address in ten seconds
            found = self.answers(f"/accounts/signup/{path}", "email", display_name="Rook Sandiway", **more)
            User.objects.get(email="nobody@example.org").delete()
            self.assert_even(found)
            self.assertEqual(found["nobody"][2:4], (1, 1))

    def test_sign_up_after_a_provider(self):
        """With another address than that of the provider, who may say of its own what it likes."""
        with provider() as guild:

            def come(**options):
                guild.who["sub"] += "1"
                client = Client(**options)
                back = test_providers.GuildTests.visit(self, client)
                client.get(f"{back.path}?{back.query}")
                return client

            found = self.answers("/accounts/3rdparty/signup/", "email", come, display_name="Rook Sandiway")
        self.assert_even(found)
        self.assertEqual(found["nobody"][1:4], ([("/accounts/confirm-email/", 302)], 1, 1))
        self.assertFalse(SocialAccount.objects.exclude(user__email="nobody@example.org").exists())

    def test_another_address_for_a_member(self):
        def come(**options):
            client, member = Client(**options), make_user("Wren Tolliver")
            client.force_login(member)
            note(client, member, reauthenticated=True)
            return client

        found = self.answers("/accounts/email/", "email", come, action_add="")
        for kind, answer in found.items():
            self.assertEqual(answer[:4], found["nobody"][:4], kind)
            self.assertEqual(without_whose(answer[4]), without_whose(found["nobody"][4]), kind)
        self.assertEqual(found["nobody"][1:3], ([("/accounts/confirm-email/", 302)], 1))


def without_whose(text):
    """A page without what names its reader."""
    return re.sub(r"/members/[\w-]+/|hue-\d+", "", text)


class HeaderTests(TestCase):
    """No field puts a line into a mail's header or a response's."""

    BREAKS = ("\n", "\r", "\r\n", "%0a", "%0d%0a", "\u2028", "\x0b", "\x0c", "\x85", "\\r\\n", "=?utf-8?q?=0A?=")

    def test_of_any_door(self):
        make_user(email="nkemi@example.org")
        for line_end in self.BREAKS:
            evil = f"x{line_end}Bcc: evil@example.org"
            for path, form in {
                "login/code/": {"email": f"nkemi@example.org{line_end}Bcc: evil@example.org"},
                "password/reset/": {"email": f"nkemi@example.org{line_end}evil@example.org"},
                "signup/": {"display_name": evil, "email": "rook@example.org", "password1": PASSWORD},
            }.items():
                agent = evil.encode("ascii", "ignore").decode().replace("\n", " ").replace("\r", " ")
                page = Client(headers={"User-Agent": agent}).post(f"/accounts/{path}", form | {"next": f"/{evil}"})
                for name, value in page.items():
                    self.assertNotRegex(f"{name}{value}", "[\r\n]")
                self.assertFalse(page.has_header("Bcc"))
        for message in mail.outbox:
            self.assertEqual(len(message.recipients()), 1)
            self.assertNotIn("evil@example.org", message.recipients())
            self.assertNotIn("Bcc", message.message())
