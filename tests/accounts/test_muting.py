"""Muting a member: by whom, of whom, and that nobody else can see it."""

from django.test import Client, TestCase

from accounts import muting
from accounts.models import Mute

from ..factories import make_user


class MuteTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.member, cls.other = make_user("Nkemi Ashgrove"), make_user("Dov Harkin")

    def setUp(self):
        self.client.force_login(self.member)
        self.mute, self.unmute = (f"/members/{self.other.handle}/{verb}/" for verb in ("mute", "unmute"))

    def mutes(self):
        return list(Mute.objects.values_list("member", "muted"))

    def test_looking_changes_nothing(self):
        for path in (self.mute, self.unmute, "/accounts/muted/"):
            self.assertEqual(self.client.get(path).status_code, 200)
        self.assertEqual(self.mutes(), [])

    def test_is_done_and_undone_however_often(self):
        for _time in range(2):
            self.assertRedirects(self.client.post(self.mute), self.other.get_absolute_url())
        self.assertEqual(self.mutes(), [(self.member.pk, self.other.pk)])
        self.assertContains(self.client.get("/accounts/muted/"), "Dov H.")
        self.assertContains(self.client.get(self.mute), "You muted this member")
        for _time in range(2):
            self.assertRedirects(self.client.post(self.unmute, {"next": "/accounts/muted/"}), "/accounts/muted/")
        self.assertEqual(self.mutes(), [])

    def test_nobody_mutes_themselves(self):
        path = f"/members/{self.member.handle}/mute/"
        self.assertContains(self.client.get(path), "nobody mutes themselves")
        self.assertEqual(self.client.post(path).status_code, 403)
        self.assertNotContains(self.client.get(self.member.get_absolute_url()), "/mute/")
        self.assertEqual(self.mutes(), [])

    def test_the_button_stands_on_the_page_of_a_member(self):
        page = self.other.get_absolute_url()
        self.assertContains(self.client.get(page), self.mute)
        muting.mute(self.member, self.other)
        self.assertContains(self.client.get(page), self.unmute)
        self.assertNotContains(Client().get(page), "/mute/")

    def test_nobody_else_can_see_it(self):
        muting.mute(self.member, self.other)
        self.client.force_login(self.other)
        self.assertNotContains(self.client.get("/accounts/muted/"), "Nkemi")
        self.assertNotContains(self.client.get(self.member.get_absolute_url()), "nmute")

    def test_who_is_gone_can_still_be_unmuted_but_not_muted(self):
        muting.mute(self.member, self.other)
        type(self.other).objects.filter(pk=self.other.pk).update(is_active=False)
        self.assertEqual(self.client.post(self.unmute, {"next": "/accounts/muted/"}).status_code, 302)
        self.assertEqual(self.mutes(), [])
        self.assertEqual(self.client.post(self.mute).status_code, 404)

    def test_leads_back_to_a_page_of_ours_alone(self):
        for way in ("//e.org/", "https://e.org/", "/\\e.org"):
            self.assertRedirects(self.client.post(self.mute, {"next": way}), self.other.get_absolute_url())

    def test_guests_are_led_to_sign_in(self):
        for path in (self.mute, self.unmute, "/accounts/muted/"):
            self.assertIn("/accounts/login/", Client().get(path)["Location"])
        self.assertIn("/accounts/login/", Client().post(self.mute)["Location"])

    def test_the_list_costs_the_same_for_5_and_50(self):
        for number in (5, 45):
            for each in range(number):
                muting.mute(self.member, make_user(f"Muted {each}"))
            with self.assertNumQueries(4):
                self.client.get("/accounts/muted/")
        self.assertEqual(Mute.objects.count(), 50)
