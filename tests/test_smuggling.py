"""Fields that no form asks for change nothing: every form is sent with the name of every field of every model."""

from django.apps import apps
from django.db import connection, models, transaction

from tests.conftest import all_rows
from tests.factories import PASSWORD
from tests.matrix import rows
from tests.settings import forget_cache
from tests.test_routes import RoutesTestCase

# What a form asks for, complete: whatever else is sent must change nothing.
ASKED = {
    "account_signup": {"email": "new@example.org", "display_name": "Nia Quell", "password1": "barn owl ledger"},
    "account_signup_by_passkey": {"email": "new@example.org", "display_name": "Nia Quell"},
    "account_request_login_code": {"email": "new@example.org"},
    "account_reset_password": {"email": "new@example.org"},
    "account_email": {"action_add": "", "email": "new@example.org"},
    "account_change_password": {
        "oldpassword": PASSWORD,
        "password1": "barn owl ledger",
        "password2": "barn owl ledger",
    },
    "accounts:profile_edit": {"display_name": "Nia Quell", "handle": "nia-quell", "bio": "Words.", "place": "Here"},
    "accounts:privacy": {"shows_full_name": "on", "shows_follows": "on"},
    "accounts:appearance": {"theme": "dark", "language": "", "time_zone": ""},
    "accounts:erase": {"what": "words"},
    "account_reauthenticate": {"password": PASSWORD},
    "comments:feature": {"revision": "1"},
    "mfa_edit_webauthn": {"name": "Key on my ring"},
}
# Of these it is known that they were complete: something is stored.
STORING = {
    "account_login", "account_signup", "account_signup_by_passkey", "account_change_password", "accounts:profile_edit",
    "accounts:privacy", "accounts:appearance", "accounts:erase", "mfa_edit_webauthn",
    "comments:create", "comments:edit", "moderation:hide",
}  # fmt: skip
ROLES_IN_ORDER = ("O", "M", "Mo", "E", "A", "S")
OF_VISITORS = {"account_login", "account_signup", "account_signup_by_passkey"}


def smuggled(user):
    """A value for each field there is: rights, other people's rows, marks in every text."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            match field:
                case models.BooleanField():
                    value = "on"
                case models.ForeignKey() | models.AutoField() | models.IntegerField():
                    value = str(user.pk)
                case models.DateTimeField():
                    value = "2031-01-01 00:00:00"
                case models.EmailField():
                    value = "smuggled@example.org"
                case _:
                    value = "smuggled"
            found[field.name] = found[field.attname] = value
    return found | {"state": "published", "groups": "1", "user_permissions": "1"}


class SmugglingTests(RoutesTestCase):
    def rows_after(self, role, path, data):
        """What each column holds once the form was sent; it is undone."""
        forget_cache()
        before = transaction.savepoint()
        if path:
            self.assertLess(self.client_of(role).post(path, data).status_code, 500)
        found = all_rows(connection)
        transaction.savepoint_rollback(before)
        return {
            (table, column): sorted(str(row[at]) for row in lines)
            for table, (columns, lines) in found.items()
            if table != "django_session"
            for at, column in enumerate(columns)
        }

    def test_no_form_takes_what_it_does_not_ask_for(self):
        extra, stored = smuggled(self.world.roles["A"]), set()
        untouched = self.rows_after("V", "", {})
        known = ASKED | {"account_login": {"login": self.world.roles["M"].email, "password": PASSWORD}}
        for row in rows():
            role = next((role for role in ROLES_IN_ORDER if row.roles[role] == "y"), None)
            if row.method != "POST" or row.route.startswith("admin:") or role is None:
                continue
            role = "V" if row.route in OF_VISITORS else role
            path, asked = self.world.path(self.routes[row.route], row.example), known.get(row.route) or row.data()
            with self.subTest(str(row), role=role):
                once, twice, more = (self.rows_after(role, path, data) for data in (asked, asked, extra | asked))
                noise = {key for key in once | twice if once.get(key) != twice.get(key)}  # clocks and chance
                self.assertEqual({key for key in once | more if once.get(key) != more.get(key)} - noise, set())
                stored |= {row.route} if once != untouched else set()
        self.assertEqual(STORING - stored, set())
