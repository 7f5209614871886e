import re
from unittest.mock import patch
from urllib.parse import urljoin, urlsplit

from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client, TestCase, override_settings

from accounts.models import User
from tests import corpora
from tests.factories import PASSWORD, make_moderator, make_user

NEW = {"display_name": "Rook Sandiway", "email": "rook@example.org", "password1": "barn owl ledger"}
CODE = re.compile(r"^[A-Z0-9]{3,}(?:-[A-Z0-9]{3,})?$", re.MULTILINE)


def code_from_mail():
    return CODE.search(mail.outbox[-1].body)[0]


class SignupTests(TestCase):
    def sign_up(self, **fields):
        return self.client.post("/accounts/signup/", NEW | fields)

    def test_by_code_from_the_form_to_a_signed_in_member(self):
        response = self.client.post("/accounts/signup/?next=/feeds/articles/", NEW | {"next": "/feeds/articles/"})
        self.assertRedirects(response, "/accounts/confirm-email/", fetch_redirect_response=False)
        self.assertEqual([message.to for message in mail.outbox], [["rook@example.org"]])
        code = code_from_mail()
        self.assertContains(self.client.get("/accounts/confirm-email/"), "rook@example.org")
        self.assertContains(self.client.post("/accounts/confirm-email/", {"code": "WRONG1"}), "This code is not right.")
        response = self.client.post("/accounts/confirm-email/", {"code": code})
        self.assertRedirects(response, "/feeds/articles/", fetch_redirect_response=False)
        member = User.objects.get(email="rook@example.org")
        self.assertEqual((member.display_name, member.handle), ("Rook Sandiway", "rook-sandiway"))
        self.assertEqual(self.client.session["_auth_user_id"], str(member.pk))

    def test_without_the_code_nobody_is_signed_in(self):
        self.sign_up()
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_without_a_password_codes_are_the_way_in(self):
        self.sign_up(password1="")
        self.client.post("/accounts/confirm-email/", {"code": code_from_mail()})
        self.assertFalse(User.objects.get().has_usable_password())
        again = Client()
        again.post("/accounts/login/", {"login": NEW["email"], "password": ""})
        self.assertNotIn("_auth_user_id", again.session)
        again.post("/accounts/login/code/", {"email": NEW["email"]})
        again.post("/accounts/login/code/confirm/", {"code": code_from_mail()})
        self.assertIn("_auth_user_id", again.session)
        self.assertIn("/accounts/reauthenticate/mail/", again.get("/accounts/data/")["Location"])

    def test_two_members_of_one_name_get_two_handles(self):
        make_user("Rook Sandiway")
        self.sign_up()
        self.assertRegex(User.objects.get(email="rook@example.org").handle, r"^rook-sandiway-[0-9a-f]{4}$")

    def test_a_taken_address_gets_the_same_answer_one_mail_and_one_hash(self):
        make_user(email="taken@example.org")
        answers = []
        for email in ("taken@example.org", "fresh@example.org"):
            browser, outbox = Client(), len(mail.outbox)
            with patch.object(
                MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
            ) as hashed:
                response = browser.post("/accounts/signup/", NEW | {"email": email})
            page = browser.get(response["Location"]).content.decode().replace(email, "X")
            page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
            answers.append(
                (response.status_code, response["Location"], hashed.call_count, len(mail.outbox) - outbox, page)
            )
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0][2:4], (1, 1))
        self.assertEqual(User.objects.filter(email="taken@example.org").count(), 1)

    def test_an_address_taken_while_the_form_was_checked_makes_no_second_account(self):
        make_user(email="rook@example.org")
        with patch("allauth.account.internal.flows.manage_email.email_already_exists", lambda email: (email, False)):
            response = self.sign_up()
        self.assertRedirects(response, "/accounts/confirm-email/", fetch_redirect_response=False)
        self.assertEqual(User.objects.count(), 1)

    def test_refuses_names_of_the_site_and_names_that_hide_something(self):
        for name in (
            "Admin",
            "  ＭＯＤＥＲＡＴＯＲ ",
            "Rostrum",
            "Ann\u202eEvil",
            "A\u200bnn",
            "…",
            "x" * 41,
            "A\x07nn",
        ):
            with self.subTest(name):
                self.assertContains(self.sign_up(display_name=name), 'id="id_display_name_error"')
        self.assertFalse(User.objects.exists())

    def test_keeps_what_was_typed_and_says_what_is_wrong_first(self):
        page = self.sign_up(password1="password").content.decode()
        self.assertIn("<title>Error: ", page)
        self.assertIn('value="Rook Sandiway"', page)
        self.assertNotIn('value="password"', page)
        self.assertLess(page.index("error-summary"), page.index('id="id_display_name"'))
        self.assertIn('href="#id_password1"', page)

    def test_is_limited(self):
        statuses = [self.sign_up(email=f"rook-{number}@example.org").status_code for number in range(21)]
        self.assertEqual((statuses[19], statuses[20]), (302, 429))

    def test_names_no_username(self):
        self.sign_up()
        self.assertNotIn("username", mail.outbox[0].body.lower())


class LoginTests(TestCase):
    def setUp(self):
        self.member = make_user(email="nkemi@example.org")

    def log_in(self, password=PASSWORD, client=None, **fields):
        return (client or self.client).post(
            "/accounts/login/", {"login": "nkemi@example.org", "password": password} | fields
        )

    def test_leads_back_to_where_the_reader_was(self):
        self.assertRedirects(self.log_in(next="/feeds/articles/"), "/feeds/articles/", fetch_redirect_response=False)
        self.assertEqual(self.client.session["_auth_user_id"], str(self.member.pk))

    def test_ends_with_the_browser_unless_asked_to_stay(self):
        self.log_in()
        self.assertTrue(self.client.session.get_expire_at_browser_close())
        stays = Client()
        self.log_in(client=stays, remember="on")
        self.assertFalse(stays.session.get_expire_at_browser_close())

    def test_gives_the_session_a_new_key(self):
        self.client.get("/accounts/login/")
        self.client.session.save()
        before = self.client.session.session_key
        self.log_in()
        self.assertNotEqual(self.client.session.session_key, before)

    def test_tells_nothing_of_which_part_was_wrong(self):
        answers = []
        for email in ("nkemi@example.org", "nobody@example.org"):
            with patch.object(
                MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
            ) as hashed:
                page = self.log_in("wrong", Client(), login=email).content.decode().replace(email, "X")
            answers.append((hashed.call_count, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)))
        self.assertEqual(answers[0], answers[1])
        self.assertIn("Your email or password is not right.", answers[0][1])

    def test_by_code_without_a_password(self):
        self.client.post("/accounts/login/code/", {"email": "nkemi@example.org"})
        self.client.post("/accounts/login/code/confirm/", {"code": code_from_mail()})
        self.assertEqual(self.client.session["_auth_user_id"], str(self.member.pk))

    def test_by_code_answers_an_unknown_address_alike(self):
        pages = []
        for email in ("nkemi@example.org", "nobody@example.org"):
            response = Client().post("/accounts/login/code/", {"email": email}, follow=True)
            page = response.content.decode().replace(email, "X")
            pages.append((response.redirect_chain, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)))
        self.assertEqual(pages[0], pages[1])
        self.assertEqual(len(mail.outbox), 2)

    def test_sixty_wrong_passwords_are_stopped_whatever_the_forwarded_address(self):
        for number in range(60):
            response = self.client.post(
                "/accounts/login/",
                {"login": "nkemi@example.org", "password": f"wrong {number}"},
                headers={"X-Forwarded-For": f"203.0.113.{number}"},
            )
            if response.status_code == 429:
                break
        self.assertLess(number, 59)
        self.assertTemplateUsed(response, "429.html")

    def test_an_address_is_guarded_from_all_visitors_together(self):
        for number in range(6):
            page = self.client.post(
                "/accounts/login/",
                {"login": "nkemi@example.org", "password": f"wrong {number}"},
                REMOTE_ADDR=f"203.0.113.{number}",
            )
        self.assertContains(page, "Too many tries.")

    def test_a_closed_account_cannot_sign_in(self):
        User.objects.update(is_active=False)
        self.log_in()
        self.assertNotIn("_auth_user_id", self.client.session)


class AdminDoorTests(TestCase):
    def test_leads_through_the_site_s_own_sign_in(self):
        response = self.client.get("/admin/")
        self.assertRedirects(response, "/admin/login/?next=/admin/", fetch_redirect_response=False)
        response = self.client.get("/admin/login/?next=/admin/")
        self.assertRedirects(response, "/accounts/login/?next=%2Fadmin%2F", fetch_redirect_response=False)

    def test_takes_no_password_itself(self):
        make_moderator(email="moss@example.org")
        for number in range(60):
            response = self.client.post("/admin/login/", {"username": "moss@example.org", "password": PASSWORD})
            self.assertEqual(response.status_code, 302, number)
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_turns_a_member_away(self):
        self.client.force_login(make_user())
        self.assertEqual(self.client.get("/admin/", follow=True).status_code, 403)

    def test_passwords_are_changed_at_the_limited_form(self):
        self.client.force_login(make_moderator())
        self.assertRedirects(
            self.client.get("/admin/password_change/"), "/accounts/password/change/", fetch_redirect_response=False
        )


class LogoutTests(TestCase):
    def setUp(self):
        self.client.force_login(make_user())

    def test_asks_first_and_ends_the_session_by_post(self):
        self.assertContains(self.client.get("/accounts/logout/"), "Sign out?")
        self.assertIn("_auth_user_id", self.client.session)
        self.assertRedirects(self.client.post("/accounts/logout/"), "/", fetch_redirect_response=False)
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_leaves_no_session_behind(self):
        response = self.client.post("/accounts/logout/")
        self.assertEqual(response.cookies["session"].value, "")


class ResetTests(TestCase):
    def ask(self, email):
        return self.client.post("/accounts/password/reset/", {"email": email}, follow=True)

    def link(self):
        return urlsplit(re.search(r"http\S+", mail.outbox[-1].body)[0])

    def test_by_the_link_from_the_mail(self):
        member = make_user(email="nkemi@example.org")
        self.assertContains(self.ask("nkemi@example.org"), "Look into your mail")
        link = self.link().path
        page = self.client.get(link, follow=True)
        self.assertContains(page, "Choose a new password")
        form = {"password1": "an entirely new one", "password2": "an entirely new one"}
        self.client.post(page.redirect_chain[-1][0], form)
        member.refresh_from_db()
        self.assertTrue(member.check_password("an entirely new one"))
        self.assertContains(Client().get(link, follow=True), "This link no longer works")
        self.assertIn("Your password was changed", mail.outbox[-1].subject)

    def test_looking_at_the_link_changes_nothing(self):
        member = make_user(email="nkemi@example.org")
        self.ask("nkemi@example.org")
        Client().get(self.link().path, follow=True)
        member.refresh_from_db()
        self.assertTrue(member.check_password(PASSWORD))
        self.assertContains(self.client.get(self.link().path, follow=True), "Choose a new password")

    def test_answers_an_unknown_address_alike_and_sends_one_mail_too(self):
        make_user(email="nkemi@example.org")
        pages = [
            self.ask(email).content.decode().replace(email, "X") for email in ("nkemi@example.org", "no@example.org")
        ]
        self.assertEqual(pages[0], pages[1])
        self.assertEqual([message.to for message in mail.outbox], [["nkemi@example.org"], ["no@example.org"]])

    @override_settings(ALLOWED_HOSTS=["testserver", "other.example"], SITE_URL="https://news.example")
    def test_the_link_leads_to_the_site_whatever_host_was_asked(self):
        make_user(email="nkemi@example.org")
        self.client.post("/accounts/password/reset/", {"email": "nkemi@example.org"}, headers={"host": "other.example"})
        self.assertEqual((self.link().scheme, self.link().netloc), ("https", "news.example"))


class WayBackTests(TestCase):
    """No return parameter leads to another site, whatever is put into it."""

    def hostile(self):
        for file in sorted(corpora.path("redirect").iterdir()):
            yield from filter(None, file.read_text(errors="replace").splitlines())
        yield from [
            "http://localhost:9999/",
            "//127.0.0.1:9999/",
            "https:testserver.example",
            "\\\\evil.example",
            "javascript:alert(1)",
        ]

    def assert_stays(self, response, sent):
        if response.status_code in (301, 302, 303, 307, 308):
            # As browsers read it: backslashes are slashes, tabs and line ends are nothing.
            location = re.sub(r"[\t\r\n]", "", response["Location"]).replace("\\", "/").strip()
            target = urlsplit(urljoin("http://testserver/accounts/login/", location))
            self.assertEqual((target.scheme, target.netloc), ("http", "testserver"), sent)

    def test_sign_in_stays_here(self):
        self.client.force_login(make_user())
        for line in self.hostile():
            self.assert_stays(self.client.get("/accounts/login/", {"next": line}), line)
            self.assert_stays(self.client.get(f"/accounts/login/?next={line}"), line)

    def test_appearance_stays_here(self):
        for line in self.hostile():
            response = self.client.post("/accounts/appearance/", {"theme": "dark", "next": line})
            self.assertEqual(response.status_code, 302)
            self.assert_stays(response, line)

    def test_sign_out_stays_here(self):
        for line in self.hostile():
            self.assert_stays(self.client.post("/accounts/logout/", {"next": line}), line)
