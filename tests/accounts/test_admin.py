from django.core import mail
from django.test import TestCase

from accounts.models import User
from tests.factories import make_admin, make_editor, make_moderator, make_user


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

    def test_is_for_superusers_alone(self):
        member = make_user()
        for staff in (make_editor(), make_moderator()):
            self.client.force_login(staff)
            for path in ("", "add/", f"{member.pk}/change/", f"{member.pk}/delete/"):
                self.assertEqual(self.client.get(f"/admin/accounts/user/{path}").status_code, 403, path)

    def test_nobody_deletes_a_member(self):
        self.assertEqual(self.client.get(f"/admin/accounts/user/{make_user().pk}/delete/").status_code, 403)
