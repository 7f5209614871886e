from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase, TestCase, override_settings

from accounts.models import User
from tests.factories import PASSWORD, make_moderator, make_user
from tests.factors import note


class PolicyTests(SimpleTestCase):
    MEMBER = User(email="nkemi.ashgrove@example.org", display_name="Nkemi Ashgrove", handle="keeper-of-sheets")
    STAFF = User(email="moss@example.org", display_name="Moss Tarrow", is_staff=True)

    def refused(self, password, user=MEMBER):
        try:
            validate_password(password, user)
        except ValidationError as error:
            return error.error_list[0].code
        return ""

    def test_what_is_refused_and_why(self):
        for password, code in {
            "": "password_too_short",
            "abc-def": "password_too_short",
            "x" * 129: "password_too_long",
            "password123": "password_too_common",
            "nkemi.ashgrove": "password_too_similar",
            "Nkemi Ashgrove!": "password_too_similar",
            "keeperofsheets": "password_too_similar",
            "Rostrum2026": "site_name",
            "rostrumrostrum": "site_name",
            "R-o-s-t-r-u-m!!": "site_name",
        }.items():
            self.assertEqual(self.refused(password), code, password)

    def test_what_is_taken(self):
        for password in (
            "barn owl ledger",
            "aaaabbbbccccdddd",
            "12345678901234567x",
            "пароль из слов",
            "rostrum barn owl",
            "x y" * 42,
        ):
            self.assertEqual(self.refused(password), "", password)

    def test_staff_need_twelve(self):
        self.assertEqual(self.refused("owl ledger", self.STAFF), "password_too_short")
        self.assertEqual(self.refused("owl ledger "), "")
        self.assertEqual(self.refused("barn owl ledger", self.STAFF), "")

    @override_settings(SITE_URL="https://news.callowpost.example", CAMPAIGN_SITE_NAME="The Callow Post")
    def test_the_name_is_that_of_the_site(self):
        for password in ("callowpost1", "The Callow Post", "newscallowpost7"):
            self.assertEqual(self.refused(password), "site_name", password)
        self.assertEqual(self.refused("Rostrum2026"), "")


class DoorTests(TestCase):
    """Each door where a password is chosen holds to the policy."""

    def test_sign_up(self):
        form = {"display_name": "Rook", "email": "rook@example.org", "password1": "Rostrum2026"}
        self.assertContains(self.client.post("/accounts/signup/", form), 'id="id_password1_error"')

    def test_change(self):
        self.client.force_login(make_moderator())
        form = {"oldpassword": PASSWORD, "password1": "owl ledger", "password2": "owl ledger"}
        self.assertContains(self.client.post("/accounts/password/change/", form), "12 characters")

    def test_set(self):
        member = make_user()
        member.set_unusable_password()
        member.save()
        self.client.force_login(member)
        note(self.client, member, reauthenticated=True)
        form = {"password1": "password123", "password2": "password123"}
        self.assertContains(self.client.post("/accounts/password/set/", form), 'id="id_password1_error"')
