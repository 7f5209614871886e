from django.core import mail
from django.test import Client, TestCase
from django.utils import timezone

from accounts.look_alikes import look
from accounts.models import User
from tests.factories import make_admin, make_article, make_comment, make_editor, make_moderator, make_user


class UserAdminTests(TestCase):
    def setUp(self):
        self.client.force_login(make_admin())

    def test_lists_finds_and_filters(self):
        make_user("Dov Harkin", email="dov@example.org")
        make_user("Kaia Verrin")
        page = self.client.get("/admin/accounts/user/", {"q": "dov@example", "is_staff__exact": "0"})
        self.assertContains(page, "Dov Harkin")
        self.assertNotContains(page, "Kaia Verrin")

    def test_shows_no_password(self):
        member = make_user()
        page = self.client.get(f"/admin/accounts/user/{member.pk}/change/")
        self.assertNotContains(page, 'name="password')
        self.assertNotContains(page, member.password)

    def test_new_staff_choose_a_password_themselves(self):
        form = {"display_name": "Teo Rafferty", "email": "Teo@example.org", "is_staff": "on", "groups": []}
        self.client.post("/admin/accounts/user/add/", form)
        teo = User.objects.get(email="teo@example.org")
        self.assertFalse(teo.has_usable_password())
        self.assertEqual(teo.handle, "teo-rafferty")
        self.client.logout()
        self.client.post("/accounts/password/reset/", {"email": "teo@example.org"})
        self.assertIn("/accounts/password/reset/key/", mail.outbox[0].body)

    def test_a_change_leaves_other_fields_alone(self):
        member = make_user()
        form = {
            "display_name": "Another Name",
            "email": member.email,
            "handle": member.handle,
            "bio": "",
            "is_active": "on",
        }
        self.client.post(f"/admin/accounts/user/{member.pk}/change/", form)
        password = member.password
        member.refresh_from_db()
        self.assertEqual((member.display_name, member.password), ("Another Name", password))
        self.assertEqual(member.name_look, look("Another Name"))

    def change(self, member, **fields):
        form = {"display_name": member.display_name, "email": member.email, "handle": member.handle, "bio": ""}
        return self.client.post(f"/admin/accounts/user/{member.pk}/change/", form | {"is_active": "on"} | fields)

    def test_names_are_checked_here_too(self):
        member = make_user("Nkemi Ashgrove")
        make_user(handle="dov-harkin")
        for fields in ({"display_name": "A\u202enn"}, {"handle": "d0v-harkln"}, {"handle": "-x"}):
            self.assertEqual(self.change(member, **fields).status_code, 200, fields)
        self.assertEqual(self.change(member, display_name="Newsroom", handle="newsroom").status_code, 302)

    def test_nobody_sets_the_address_of_whoever_has_signed_in(self):
        member = make_user("Nkemi Ashgrove", email="nkemi@example.org", last_login=timezone.now())
        self.change(member, email="other@example.org", display_name="Quite Another")
        member.refresh_from_db()
        self.assertEqual((member.email, member.display_name), ("nkemi@example.org", "Quite Another"))
        address = member.emailaddress_set.get()
        form = {"user": member.pk, "email": "other@example.org", "verified": "on"}
        action = {"action": "make_verified", "_selected_action": address.pk}
        address.set_as_primary()
        member.emailaddress_set.update(verified=False)
        self.client.post("/admin/account/emailaddress/add/", form)
        self.client.post(f"/admin/account/emailaddress/{address.pk}/change/", form)
        self.client.post("/admin/account/emailaddress/", action)
        self.assertEqual(list(member.emailaddress_set.values_list("email", "verified")), [("nkemi@example.org", False)])
        self.assertContains(self.client.get("/admin/account/emailaddress/"), "nkemi@example.org")

    def test_an_address_mistyped_for_new_staff_is_corrected(self):
        member = make_user("Nkemi Ashgrove", email="nkemi@example.org", is_staff=True, verified=False)
        self.change(member, email="Nkemi.A@example.org")
        member.refresh_from_db()
        self.assertEqual(member.email, "nkemi.a@example.org")

    def test_the_last_administrator_keeps_the_rights(self):
        admin = User.objects.get()
        for fields in ({}, {"is_superuser": "on", "is_active": ""}):
            page = self.change(admin, is_staff="on", **fields)
            self.assertContains(page, "This is the last administrator.")
        make_admin()
        self.assertEqual(self.change(admin, is_staff="on").status_code, 302)

    def test_a_new_name_shows_on_the_next_page_of_a_guest(self):
        comment = make_comment(make_article().discussion)
        self.assertNotContains(Client().get(comment.discussion.url), "Quite A.")
        self.change(comment.author, display_name="Quite Another")
        self.assertContains(Client().get(comment.discussion.url), "Quite A.")

    def test_is_for_superusers_alone(self):
        member = make_user()
        for staff in (make_editor(), make_moderator()):
            self.client.force_login(staff)
            for path in ("", "add/", f"{member.pk}/change/", f"{member.pk}/delete/"):
                self.assertEqual(self.client.get(f"/admin/accounts/user/{path}").status_code, 403, path)

    def test_nobody_deletes_a_member(self):
        self.assertEqual(self.client.get(f"/admin/accounts/user/{make_user().pk}/delete/").status_code, 403)
