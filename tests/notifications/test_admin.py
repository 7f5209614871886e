from django.test import TestCase, override_settings
from django.urls import reverse

from accounts.models import User
from notifications.models import OutgoingMail

from .test_outbox import OUTBOX, write


@override_settings(EMAIL_BACKEND=OUTBOX)
class OutgoingMailAdminTests(TestCase):
    def setUp(self):
        self.mail = write()
        OutgoingMail.objects.update(state="parked", attempts=8)
        self.list = reverse("admin:notifications_outgoingmail_changelist")
        self.page = reverse("admin:notifications_outgoingmail_change", args=[self.mail.pk])

    def sign_in(self, **fields):
        self.client.force_login(User.objects.create_user("a@example.org", display_name="A", is_staff=True, **fields))

    def test_staff_without_all_rights_see_nothing(self):
        self.sign_in()
        self.assertEqual([self.client.get(path).status_code for path in (self.list, self.page)], [403, 403])

    def test_a_superuser_sees_the_backlog_but_no_message(self):
        self.sign_in(is_superuser=True)
        self.assertContains(self.client.get(self.list), "given up")
        page = self.client.get(self.page)
        self.assertContains(page, "a@example.org")
        self.assertNotContains(page, "123456")

    def test_nothing_can_be_changed(self):
        self.sign_in(is_superuser=True)
        self.assertEqual(self.client.post(self.page, {"subject": "other"}).status_code, 403)
        for name in ("add", "delete"):
            args = [self.mail.pk] if name == "delete" else []
            self.assertEqual(
                self.client.post(reverse(f"admin:notifications_outgoingmail_{name}", args=args)).status_code, 403
            )

    def test_tries_again(self):
        self.sign_in(is_superuser=True)
        self.client.post(self.list, {"action": "try_again", "_selected_action": [self.mail.pk]})
        self.mail.refresh_from_db()
        self.assertEqual((self.mail.state, self.mail.attempts), ("waiting", 0))
