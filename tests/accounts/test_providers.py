import json
import re
from html import unescape
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, SimpleTestCase, TestCase, override_settings
from requests import Response

from accounts.models import User
from campaign import providers
from tests.browsing import check_accessible, no_complaints
from tests.factories import PASSWORD, make_user
from tests.factors import give_app, note
from tests.provider import provider
from tests.settings import forget_cache

from . import test_doors
from .test_doors import CODE, code_from_mail

LEAVE, BACK = "/accounts/with/guild/", "/accounts/oidc/guild/login/callback/"


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


class EnvironmentTests(SimpleTestCase):
    def test_names_none_by_default(self):
        self.assertEqual(providers.from_environment({"SIGN_IN_OIDC_GUILD": "", "HOME": "/"}), {})

    def test_names_them_by_address_id_and_secret(self):
        found = providers.from_environment(
            {
                "SIGN_IN_GOOGLE": "abc.apps.googleusercontent.com:s:1",
                "SIGN_IN_OIDC_PRESS_GUILD": "https://me:p%40ss@id.example.org/realms/news/",
                "SIGN_IN_GITHUB": "me:secret",
            }
        )
        google, guild = found["openid_connect"]["APPS"]
        self.assertEqual((google["client_id"], google["secret"]), ("abc.apps.googleusercontent.com", "s:1"))
        self.assertEqual((guild["provider_id"], guild["name"]), ("press-guild", "Press Guild"))
        self.assertEqual((guild["client_id"], guild["secret"]), ("me", "p@ss"))
        self.assertEqual(guild["settings"]["server_url"], "https://id.example.org/realms/news")
        self.assertEqual(found["github"]["APPS"][0]["secret"], "secret")

    def test_says_what_is_wrong(self):
        for name, value in {
            "SIGN_IN_GOOGLE": "no-secret",
            "SIGN_IN_GITHUB": ":x",
            "SIGN_IN_OIDC_GUILD": "http://me:pass@id.example.org",
            "SIGN_IN_OIDC_NEWS": "https://id.example.org",
            "SIGN_IN_OIDC_GOOGLE": "https://me:pass@id.example.org",
        }.items():
            with self.assertRaisesMessage(ImproperlyConfigured, name):
                providers.from_environment({name: value})


@override_settings(SOCIALACCOUNT_PROVIDERS={})
class SwitchedOffTests(TestCase):
    def test_no_page_names_one_and_no_way_leads_there(self):
        for path in ("login/", "signup/"):
            self.assertNotContains(self.client.get(f"/accounts/{path}"), "Go on with")
        self.assertEqual(self.client.post(LEAVE).status_code, 404)
        self.assertEqual(self.client.get(BACK).status_code, 404)
        self.client.force_login(make_user())
        self.assertNotContains(self.client.get("/accounts/profile/"), "Connected accounts")


class GuildTests(TestCase):
    def setUp(self):
        guild = provider()
        self.guild = guild.__enter__()
        self.addCleanup(guild.__exit__, None, None, None)

    def visit(self, client, **fields):
        """Go to the provider and come back; return the address that it leads back to."""
        page = client.post(LEAVE, fields)
        there = unescape(re.search(r'content="0; url=([^"]+)"', page.text)[1])
        try:
            build_opener(Stay).open(there)
        except OSError as answer:
            return urlsplit(answer.headers["Location"])

    def come(self, client, **fields):
        back = self.visit(client, **fields)
        return client.get(f"{back.path}?{back.query}", follow=True)

    def sign_up(self, client=None, **fields):
        page = self.come(client or self.client, next="/feeds/articles/")
        self.assertEqual(page.redirect_chain[-1][0], "/accounts/3rdparty/signup/")
        form = {"display_name": "Rook Sandiway", "email": "rook@example.org"} | fields
        return (client or self.client).post("/accounts/3rdparty/signup/", form)

    def test_signs_up_with_a_name_that_the_member_has_seen(self):
        page = self.come(self.client)
        self.assertContains(page, 'value="Rook Sandiway"')
        self.assertFalse(User.objects.exists())
        page = self.sign_up(display_name="Rook S.")
        self.assertRedirects(page, "/feeds/articles/", fetch_redirect_response=False)
        rook = User.objects.get()
        self.assertEqual((rook.display_name, rook.email), ("Rook S.", "rook@example.org"))
        self.assertEqual(self.client.session["_auth_user_id"], str(rook.pk))
        self.assertEqual(SocialAccount.objects.get().extra_data, {})
        again = Client()
        self.come(again)
        self.assertEqual(again.session["_auth_user_id"], str(rook.pk))
        self.assertEqual(SocialAccount.objects.get().extra_data, {})

    def test_proposes_no_name_that_we_refuse(self):
        for name in ("Rostrum", "Ann\u202eEvil", "", None, "x" * 60):
            self.guild.who["name"] = name
            self.assertContains(self.come(Client()), 'name="display_name" autocomplete')
        page = self.sign_up(display_name="Moderator")
        self.assertContains(page, 'id="id_display_name_error"')
        self.assertFalse(User.objects.exists())

    def test_an_address_that_it_did_not_confirm_is_confirmed_by_a_code(self):
        for number, said in enumerate((False, "false", "true", None, 1)):
            with self.subTest(said):
                self.guild.who |= {"sub": f"s-{number}", "email_verified": said, "email": f"rook-{number}@example.org"}
                client = Client()
                page = self.sign_up(client, display_name=f"Rook {said}", email=self.guild.who["email"])
                self.assertRedirects(page, "/accounts/confirm-email/", fetch_redirect_response=False)
                self.assertNotIn("_auth_user_id", client.session)
                client.post("/accounts/confirm-email/", {"code": code_from_mail()})
                self.assertIn("_auth_user_id", client.session)

    def test_an_address_that_it_confirmed_is_confirmed_however_it_is_written(self):
        self.guild.who["email"] = "Rook@Example.ORG"
        page = self.sign_up()
        self.assertRedirects(page, "/feeds/articles/", fetch_redirect_response=False)
        self.assertEqual(EmailAddress.objects.get().email, "rook@example.org")
        self.assertEqual(mail.outbox, [])

    def test_another_address_than_its_own_is_confirmed_by_a_code(self):
        page = self.sign_up(email="other@example.org")
        self.assertRedirects(page, "/accounts/confirm-email/", fetch_redirect_response=False)
        self.assertEqual(mail.outbox[-1].to, ["other@example.org"])
        address = EmailAddress.objects.get()
        self.assertEqual((address.email, address.verified), ("other@example.org", False))

    def test_takes_no_account_over_whatever_it_says_of_the_address(self):
        member = make_user("Nkemi Ashgrove", email="rook@example.org")
        for said in (True, False):
            forget_cache()  # one mail to an address in ten seconds
            client = Client()
            self.guild.who["email_verified"] = said
            page = self.sign_up(client, display_name="Another Rook")
            self.assertRedirects(page, "/accounts/confirm-email/", fetch_redirect_response=False)
            self.assertNotIn("_auth_user_id", client.session)
            self.assertEqual(mail.outbox[-1].subject, "You already have an account")
            self.assertIsNone(CODE.search(mail.outbox[-1].body))
        self.assertFalse(SocialAccount.objects.exists())
        self.assertEqual(list(User.objects.all()), [member])

    def test_a_second_factor_is_asked_all_the_same(self):
        self.sign_up()
        give_app(User.objects.get())
        client = Client()
        self.assertEqual(self.come(client).redirect_chain[-1][0], "/accounts/2fa/authenticate/")
        self.assertNotIn("_auth_user_id", client.session)

    def test_is_connected_after_the_password_once_more_and_disconnected(self):
        member = make_user("Nkemi Ashgrove", email="nkemi@example.org")
        self.client.force_login(member)
        page = self.come(self.client, process="connect")
        self.assertEqual(page.redirect_chain[-1][0], "/accounts/reauthenticate/")
        self.assertFalse(SocialAccount.objects.exists())
        page = self.client.post("/accounts/reauthenticate/", {"password": PASSWORD}, follow=True)
        self.assertContains(page, "The account is connected.")
        self.assertContains(page, "Guild <span")
        self.assertEqual(mail.outbox[-1].subject, "Another account now signs you in")
        self.assertEqual(list(member.emailaddress_set.values_list("email", flat=True)), ["nkemi@example.org"])
        self.client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
        self.assertFalse(SocialAccount.objects.exists())

    def test_connects_to_one_member_only(self):
        self.sign_up()
        other = make_user()
        client = Client()
        client.force_login(other)
        note(client, other, reauthenticated=True)
        self.assertContains(self.come(client, process="connect"), "That account is connected to another member.")
        self.assertEqual(SocialAccount.objects.get().user.email, "rook@example.org")

    def test_whoever_has_no_other_way_in_keeps_it(self):
        self.sign_up()
        page = self.client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
        self.assertContains(page, "password")
        self.assertTrue(SocialAccount.objects.exists())

    def test_whoever_has_no_password_shows_who_they_are_by_a_code(self):
        self.sign_up()
        self.client.session.flush()
        client = Client()
        self.come(client)
        page = client.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
        self.assertEqual(page["Location"], "/accounts/reauthenticate/mail/?next=%2Faccounts%2Femail%2F")
        self.assertEqual(mail.outbox, [])
        where = {"next": "/accounts/email/"}
        self.assertContains(client.get(page["Location"]), "Your account has no password.")
        page = client.post("/accounts/reauthenticate/mail/", where | {"send": ""})
        self.assertEqual(mail.outbox[-1].to, ["rook@example.org"])
        code = code_from_mail()
        page = client.get(page["Location"])
        self.assertContains(
            client.post("/accounts/reauthenticate/mail/", where | {"code": "WRONG1"}), "This code is not right."
        )
        page = client.post("/accounts/reauthenticate/mail/", where | {"code": code}, follow=True)
        self.assertEqual(page.redirect_chain[-1][0], "/accounts/confirm-email/")
        self.assertEqual(mail.outbox[-1].to, ["new@example.org"])

    def test_a_first_password_takes_that_code_too(self):
        self.sign_up()
        form = {"password1": "barn owl ledger", "password2": "barn owl ledger"}
        for page in (self.client.get("/accounts/password/set/"), self.client.post("/accounts/password/set/", form)):
            self.assertIn("/accounts/reauthenticate/mail/", page["Location"])
        self.client.post("/accounts/reauthenticate/mail/", {"send": ""})
        self.client.post("/accounts/reauthenticate/mail/", {"code": code_from_mail()})
        self.client.post("/accounts/password/set/", form)
        self.assertTrue(User.objects.get().check_password("barn owl ledger"))
        self.assertIn("password", mail.outbox[-1].subject)

    def test_that_code_is_guessed_three_times(self):
        self.sign_up()
        self.client.post("/accounts/reauthenticate/mail/", {"send": ""})
        code = code_from_mail()
        for number in range(3):
            self.client.post("/accounts/reauthenticate/mail/", {"code": f"WRONG{number}"})
        self.client.post("/accounts/reauthenticate/mail/", {"code": code})  # sends another one
        self.assertNotEqual(code_from_mail(), code)
        self.assertIn("/accounts/reauthenticate/mail/", self.client.get("/accounts/2fa/totp/activate/")["Location"])

    def test_an_answer_that_nobody_asked_for_signs_nobody_in(self):
        back = self.visit(Client())
        for query in (back.query, "code=c&state=x", "code=c", "", "error=access_denied"):
            with self.subTest(query):
                with self.assertNoLogs("accounts.providers"):
                    page = self.client.get(f"{back.path}?{query}")
                self.assertContains(page, "That did not work", status_code=401)
        self.assertFalse(SocialAccount.objects.exists())

    def test_an_answer_counts_once(self):
        back = self.visit(self.client)
        address = f"{back.path}?{back.query}"
        self.assertEqual(self.client.get(address).status_code, 302)
        self.assertEqual(self.client.get(address).status_code, 401)

    def test_leads_back_to_our_pages_only(self):
        make_user()
        self.sign_up()
        for line in ("https://evil.example/", "//evil.example", "/\\evil.example"):
            client = Client()
            back = self.visit(client, next=line)
            test_doors.WayBackTests.assert_stays(self, client.get(f"{back.path}?{back.query}"), line)

    def test_asks_for_who_it_is_and_no_more_whatever_the_address_says(self):
        page = self.client.post(f"{LEAVE}?scope=admin&auth_params=prompt%3Dnone&process=connect")
        there = parse_qs(urlsplit(unescape(re.search(r"url=([^\"]+)", page.text)[1])).query)
        self.assertEqual(set(there["scope"][0].split()), {"openid", "profile", "email"})
        self.assertNotIn("prompt", there)
        self.assertEqual(there["code_challenge_method"], ["S256"])

    def test_one_that_is_broken_breaks_nothing(self):
        back = self.visit(self.client)
        self.guild.broken = True
        with self.assertLogs("accounts.providers") as logged:
            page = self.client.get(f"{back.path}?{back.query}")
        self.assertIn("signing in by guild failed: HTTPError", logged.output[0])
        self.assertContains(page, "That did not work", status_code=401)
        self.assertContains(self.client.post(LEAVE), "That did not work", status_code=401)
        self.guild.broken = False
        for who in ({}, [], "x", {"sub": None, "email": 5}, {"sub": "8", "email": ["a"], "name": {}}):
            with self.subTest(who):
                self.guild.who = who
                page = self.come(Client())
                self.assertIn(page.status_code, (200, 401))
                if who in ({}, [], "x") or who["sub"] is None:
                    self.assertEqual(page.status_code, 401)
        self.assertFalse(User.objects.exists())


class GitHubTests(TestCase):
    """GitHub speaks OAuth 2 with addresses of its own. Nothing is asked of it here."""

    ANSWERS = {
        "https://github.com/login/oauth/access_token": {"access_token": "t", "token_type": "bearer"},
        "https://api.github.com/user": {"id": 7, "login": "rook", "name": "Rook Sandiway", "email": None},
        "https://api.github.com/user/emails": [
            {"email": "spare@example.org", "primary": False, "verified": True},
            {"email": "rook@example.org", "primary": True, "verified": True},
        ],
    }

    def answer(self, session, method, url, **about):
        response = Response()
        response.status_code, response._content = 200, json.dumps(self.ANSWERS[url]).encode()
        response.headers["content-type"] = "application/json"
        return response

    def test_signs_up_with_the_first_of_its_addresses(self):
        page = self.client.post("/accounts/with/github/")
        there = urlsplit(unescape(re.search(r'content="0; url=([^"]+)"', page.text)[1]))
        self.assertEqual((there.netloc, there.path), ("github.com", "/login/oauth/authorize"))
        asked = parse_qs(there.query)
        self.assertEqual(asked["redirect_uri"], ["http://testserver/accounts/github/login/callback/"])
        with patch("requests.Session.request", autospec=True, side_effect=self.answer):
            page = self.client.get(
                "/accounts/github/login/callback/", {"code": "c", "state": asked["state"][0]}, follow=True
            )
        self.assertContains(page, 'value="rook@example.org"')
        form = {"display_name": "Rook Sandiway", "email": "rook@example.org"}
        self.client.post("/accounts/3rdparty/signup/", form)
        self.assertEqual(list(EmailAddress.objects.values_list("email", "verified")), [("rook@example.org", True)])
        self.assertEqual(SocialAccount.objects.values_list("provider", "uid").get(), ("github", "7"))
        self.assertIn("_auth_user_id", self.client.session)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_way_there_and_back_in_the_browser(page, live_server):
    with provider(), no_complaints(page):
        page.goto(f"{live_server.url}/accounts/login/?next=/accounts/sessions/")
        page.get_by_role("button", name="Go on with Guild").click()
        page.wait_for_url(f"{live_server.url}/accounts/3rdparty/signup/")
        check_accessible(page)
        page.get_by_role("button", name="Create account").click()
        page.wait_for_url(f"{live_server.url}/accounts/sessions/")
        page.get_by_role("link", name="Connected accounts").click()
        check_accessible(page)
