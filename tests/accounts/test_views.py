from datetime import UTC, datetime
from unittest.mock import patch

from django.db import IntegrityError
from django.test import Client, TestCase
from django.utils import timezone

from accounts.models import User
from tests.factories import make_article, make_comment, make_user


class ProfileEditTests(TestCase):
    def setUp(self):
        self.member = make_user("Nkemi Ashgrove", handle="nkemi")
        self.client.force_login(self.member)

    def save(self, **fields):
        fields = {"display_name": "Nkemi Ashgrove", "handle": "nkemi", "bio": ""} | fields
        response = self.client.post("/accounts/profile/", fields)
        self.member.refresh_from_db()
        return response

    def test_changes_what_others_see(self):
        response = self.save(display_name="Nkemi A. Ashgrove", handle="Keeper", bio="Numbers.")
        self.assertRedirects(response, "/accounts/profile/")
        self.assertEqual((self.member.handle, self.member.bio), ("keeper", "Numbers."))
        self.assertEqual(self.member.display_name, "Nkemi A. Ashgrove")

    def test_changes_nothing_else_whatever_is_sent(self):
        self.save(is_staff="on", is_superuser="on", email="other@example.org", password="x", joined_at="2001-01-01")
        fresh = User.objects.get(pk=self.member.pk)
        self.assertEqual((fresh.is_staff, fresh.is_superuser, fresh.email), (False, False, self.member.email))
        self.assertEqual(fresh.joined_at, self.member.joined_at)
        self.assertEqual(fresh.password, self.member.password)

    def test_takes_a_place_that_hides_nothing(self):
        self.save(place="  Upper   Callow ")
        self.assertEqual(self.member.place, "Upper Callow")
        self.assertContains(self.client.get(self.member.get_absolute_url()), "Upper Callow")
        self.assertContains(self.save(place="Up\u202eper"), 'id="id_place_error"', status_code=422)

    def test_refuses_a_handle_that_is_taken_reserved_or_no_handle(self):
        make_user(handle="dov")
        for handle in ("dov", "admin", "Settings", "-x", "x", "a b", "ädov"):
            response = self.save(handle=handle)
            self.assertContains(response, 'id="id_handle_error"', status_code=422)
            self.assertEqual(self.member.handle, "nkemi")

    def test_the_slower_of_two_who_want_one_handle_is_told(self):
        with patch("accounts.forms.ProfileForm.save", side_effect=IntegrityError):
            self.assertContains(self.save(handle="keeper"), "This handle is taken, or looks like one", status_code=422)

    def test_asks_a_guest_to_sign_in(self):
        self.client.logout()
        self.assertRedirects(self.client.get("/accounts/profile/"), "/accounts/login/?next=/accounts/profile/")


class PrivacyTests(TestCase):
    def setUp(self):
        self.member = make_user("Nkemi Ashgrove")
        self.client.force_login(self.member)

    def save(self, **fields):
        response = self.client.post("/accounts/privacy/", fields)
        self.member.refresh_from_db()
        return response

    def test_how_much_of_the_name_is_public_shows_on_the_next_page_of_a_guest(self):
        url = make_comment(make_article().discussion, author=self.member).discussion.url
        self.assertNotContains(Client().get(url), "Nkemi Ashgrove")
        self.assertRedirects(self.save(shows_full_name="on"), "/accounts/privacy/")
        self.assertContains(Client().get(url), "Nkemi Ashgrove")
        self.save()
        self.assertNotContains(Client().get(url), "Nkemi Ashgrove")

    def test_changes_nothing_else_whatever_is_sent(self):
        self.save(is_staff="on", display_name="Rook", handle="rook", shows_follows="on")
        fresh = User.objects.get(pk=self.member.pk)
        self.assertEqual((fresh.is_staff, fresh.display_name, fresh.shows_follows), (False, "Nkemi Ashgrove", True))


class AppearanceTests(TestCase):
    def choose(self, theme, **fields):
        return self.client.post("/accounts/appearance/", {"theme": theme} | fields)

    def test_a_guest_s_choice_is_kept_in_a_cookie_and_shown_on_every_page(self):
        response = self.choose("dark", next="/accounts/login/")
        self.assertRedirects(response, "/accounts/login/")
        cookie = response.cookies["theme"]
        self.assertEqual((cookie.value, cookie["samesite"], cookie["max-age"]), ("dark", "Lax", 31_536_000))
        page = self.client.get("/accounts/login/")
        self.assertContains(page, 'data-theme="dark"')
        self.assertContains(page, '<meta name="theme-color" content="#110d11">', html=True)
        self.assertNotContains(page, "#fefdfe")

    def test_auto_forgets_the_choice(self):
        self.choose("dark")
        self.assertEqual(self.choose("auto").cookies["theme"].value, "")
        self.assertNotContains(self.client.get("/accounts/login/"), "data-theme")

    def test_the_form_shows_the_choice(self):
        self.choose("light")
        light = '<input type="radio" name="theme" value="light" id="id_theme_1" required checked>'
        self.assertContains(self.client.get("/accounts/appearance/"), light, html=True)

    def test_refuses_what_is_no_theme(self):
        self.assertEqual(self.choose("<script>").status_code, 422)
        self.client.cookies["theme"] = "<script>"
        self.assertNotContains(self.client.get("/accounts/login/"), "data-theme")

    def test_the_cookie_is_secure_where_the_site_is(self):
        with self.settings(HTTPS=True):
            self.assertTrue(self.choose("dark").cookies["theme"]["secure"])


class PreferencesTests(TestCase):
    def setUp(self):
        self.member = make_user()
        self.client.force_login(self.member)

    def choose(self, **fields):
        response = self.client.post(
            "/accounts/appearance/", {"theme": "auto", "language": "", "time_zone": ""} | fields
        )
        self.member.refresh_from_db()
        return response

    def elsewhere(self):
        other = Client()
        other.force_login(self.member)
        return other

    def test_a_member_s_theme_holds_in_every_browser(self):
        self.choose(theme="dark")
        self.assertContains(self.elsewhere().get("/accounts/muted/"), 'data-theme="dark"')
        self.assertNotContains(Client().get("/"), "data-theme")
        self.choose(theme="auto")
        self.assertNotContains(self.elsewhere().get("/accounts/muted/"), "data-theme")

    def test_times_are_those_of_the_member_s_zone_and_nobody_else_s(self):
        comment = make_comment(make_article().discussion, posted_at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
        self.choose(time_zone="Asia/Tokyo")
        url, here, there = comment.discussion.url, "22 November 2026, 23:30", "23 November 2026, 08:30"
        guest, member = Client(), self.elsewhere()
        for _again in range(2):
            self.assertContains(guest.get(url), here)
            self.assertContains(member.get(url), there)
            self.assertNotContains(member.get(url), here)
        self.assertEqual(timezone.get_current_timezone_name(), "UTC")

    def test_a_language_of_the_site_is_offered_where_there_are_several(self):
        self.assertNotContains(self.client.get("/accounts/appearance/"), "Language")
        with self.settings(LANGUAGES=[("en", "English"), ("ar", "Arabic")]):
            self.choose(language="ar")
            self.assertContains(self.elsewhere().get("/accounts/muted/"), '<html lang="ar" dir="rtl"')
            self.assertContains(Client().get("/"), '<html lang="en"')
        self.assertContains(self.elsewhere().get("/accounts/muted/"), '<html lang="en"')

    def test_refuses_what_is_no_zone_and_lives_with_one_that_has_gone(self):
        self.assertEqual(self.choose(time_zone="../../etc/passwd").status_code, 422)
        User.objects.filter(pk=self.member.pk).update(time_zone="Europe/Atlantis")
        self.assertEqual(self.client.get("/accounts/appearance/").status_code, 200)
