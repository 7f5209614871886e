import re
from unittest.mock import patch

from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError
from django.test import Client, TestCase

from tests.factories import PASSWORD, make_user
from tests.factors import note
from tests.settings import forget_cache

from . import test_doors
from .test_doors import code_from_mail

CONFIRM = "/accounts/confirm-email/"


class AddressTests(TestCase):
    def setUp(self):
        self.member = make_user("Nkemi Ashgrove", email="nkemi@example.org")
        self.client.force_login(self.member)
        note(self.client, self.member, reauthenticated=True)

    def add(self, email="new@example.org", client=None):
        forget_cache()
        return (client or self.client).post("/accounts/email/", {"action_add": "", "email": email})

    def confirm(self, client=None):
        return (client or self.client).post(CONFIRM, {"code": code_from_mail()}, follow=True)

    def addresses(self):
        return dict(self.member.emailaddress_set.order_by("pk").values_list("email", "primary"))

    def signs_in(self, email):
        forget_cache()
        client = Client()
        client.post("/accounts/login/", {"login": email, "password": PASSWORD})
        return "_auth_user_id" in client.session

    def test_change_by_a_code_to_the_new_one_with_a_notice_to_the_old_one(self):
        self.assertRedirects(self.add(), CONFIRM)
        self.assertEqual([message.to for message in mail.outbox], [["new@example.org"]])
        self.assertEqual(self.addresses(), {"nkemi@example.org": True})
        self.assertTrue(self.signs_in("nkemi@example.org"))
        self.assertFalse(self.signs_in("new@example.org"))
        page = self.confirm()
        self.assertEqual(page.redirect_chain[-1][0], "/accounts/email/")
        self.assertEqual(
            (mail.outbox[-1].subject, mail.outbox[-1].to[0]),
            ("An address was added to your account", "nkemi@example.org"),
        )
        self.assertIn("new@example.org", mail.outbox[-1].body)
        self.assertEqual(self.addresses(), {"nkemi@example.org": True, "new@example.org": False})
        self.client.post("/accounts/email/", {"action_primary": "", "email": "new@example.org"})
        self.assertEqual(
            (mail.outbox[-1].subject, mail.outbox[-1].to[0]), ("Your address was changed", "nkemi@example.org")
        )
        self.assertEqual(self.addresses(), {"nkemi@example.org": False, "new@example.org": True})
        self.client.post("/accounts/email/", {"action_remove": "", "email": "nkemi@example.org"})
        self.assertEqual([message.to for message in mail.outbox[-2:]], [["new@example.org"], ["nkemi@example.org"]])
        self.assertEqual(
            {message.subject for message in mail.outbox[-2:]}, {"An address was removed from your account"}
        )
        self.member.refresh_from_db()
        self.assertEqual((self.member.email, self.addresses()), ("new@example.org", {"new@example.org": True}))
        self.assertTrue(self.signs_in("new@example.org"))
        self.assertFalse(self.signs_in("nkemi@example.org"))

    def test_every_change_asks_who_it_is(self):
        EmailAddress.objects.create(user=self.member, email="second@example.org", verified=True)
        client = Client()
        client.force_login(self.member)
        before = self.addresses()
        for action, email in (
            ("add", "x@example.org"),
            ("primary", "second@example.org"),
            ("remove", "second@example.org"),
        ):
            page = client.post("/accounts/email/", {f"action_{action}": "", "email": email})
            self.assertIn("/accounts/reauthenticate/", page["Location"], action)
        self.assertEqual((self.addresses(), mail.outbox), (before, []))

    def test_goes_on_after_it_has_asked(self):
        client = Client()
        client.force_login(self.member)
        page = self.add(client=client)
        page = client.post(page["Location"], {"password": PASSWORD, "next": "/accounts/email/"}, follow=True)
        self.assertEqual(page.redirect_chain[-1][0], CONFIRM)
        self.assertEqual(mail.outbox[-1].to, ["new@example.org"])

    def test_a_code_works_once_and_for_the_account_that_asked(self):
        self.add()
        code = code_from_mail()
        other = make_user(email="dov@example.org")
        client = Client()
        client.force_login(other)
        client.post(CONFIRM, {"code": code})
        note(client, other, reauthenticated=True)
        self.add("dov-2@example.org", client)
        client.post(CONFIRM, {"code": code})
        self.assertEqual(other.emailaddress_set.count(), 1)
        self.client.post(CONFIRM, {"code": code})
        self.assertEqual(len(self.addresses()), 2)
        EmailAddress.objects.filter(email="new@example.org").delete()
        self.client.post(CONFIRM, {"code": code})
        self.assertEqual(len(self.addresses()), 1)

    def test_guessing_the_code_ends_it(self):
        self.add()
        code = code_from_mail()
        for number in range(3):
            self.client.post(CONFIRM, {"code": f"WRONG{number}"})
        self.client.post(CONFIRM, {"code": code})
        self.assertEqual(len(self.addresses()), 1)

    def test_a_new_password_ends_a_change_that_waits(self):
        """A thief in a session asks for a change; the owner chooses a new password; the thief's code comes too late."""
        self.add("thief@example.org")
        code = code_from_mail()
        owner = Client()
        owner.post("/accounts/password/reset/", {"email": "nkemi@example.org"})
        page = owner.get(test_doors.ResetTests.link(None).path, follow=True)
        owner.post(page.redirect_chain[-1][0], {"password1": "barn owl ledger", "password2": "barn owl ledger"})
        self.client.post(CONFIRM, {"code": code})
        self.assertEqual(self.addresses(), {"nkemi@example.org": True})

    def test_tells_no_taken_address_and_takes_none_over(self):
        other = make_user(email="taken@example.org")
        answers = []
        for email in ("taken@example.org", "fresh@example.org"):
            sent = len(mail.outbox)
            page = self.add(email)
            text = self.client.get(page["Location"]).text.replace(email, "X")
            text = re.sub(r'(name="csrfmiddlewaretoken" value=|X-CSRFToken": )"\w+"', "", text)
            body = re.sub(r"^[A-Z0-9]{3,}(-[A-Z0-9]{3,})?$", "", mail.outbox[-1].body, flags=re.M)
            answers.append((page.status_code, page["Location"], len(mail.outbox) - sent, body, text))
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0][2], 1)
        self.add("taken@example.org")
        page = self.confirm()
        self.assertContains(page, "This address belongs to another account.")
        self.assertEqual(other.emailaddress_set.get().email, "taken@example.org")
        self.assertEqual(self.addresses(), {"nkemi@example.org": True})

    def test_of_two_who_confirm_one_address_the_slower_is_told(self):
        self.add()
        with patch("allauth.account.models.EmailAddress.save", side_effect=IntegrityError):
            page = self.confirm()
        self.assertContains(page, "This address belongs to another account.")
        self.assertEqual(self.addresses(), {"nkemi@example.org": True})

    def test_each_of_several_signs_in_and_lets_choose_a_new_password(self):
        EmailAddress.objects.create(user=self.member, email="second@example.org", verified=True)
        self.assertTrue(self.signs_in("second@example.org"))
        Client().post("/accounts/password/reset/", {"email": "second@example.org"})
        self.assertEqual(mail.outbox[-1].to, ["second@example.org"])
        self.assertIn("/accounts/password/reset/key/", mail.outbox[-1].body)

    def test_there_are_five_at_most(self):
        for number in range(4):
            EmailAddress.objects.create(user=self.member, email=f"n{number}@example.org", verified=True)
        self.add()
        self.assertEqual(mail.outbox, [])
        self.assertNotContains(self.client.get("/accounts/email/"), "Add an address")

    def test_the_primary_one_stays(self):
        EmailAddress.objects.create(user=self.member, email="second@example.org", verified=True)
        self.client.post("/accounts/email/", {"action_remove": "", "email": "nkemi@example.org"})
        self.assertEqual(len(self.addresses()), 2)

    def test_nobody_changes_those_of_another(self):
        make_user(email="dov@example.org")
        for action in ("primary", "remove", "send"):
            self.client.post("/accounts/email/", {f"action_{action}": "", "email": "dov@example.org"})
        self.assertTrue(EmailAddress.objects.filter(email="dov@example.org", primary=True, verified=True).exists())
        self.assertEqual(mail.outbox, [])
