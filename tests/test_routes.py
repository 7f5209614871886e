"""House rules over all routes: who may do what, forms need their token, reading changes nothing, headers on every answer."""

import re

from django.conf import settings
from django.db import connection, transaction
from django.test import Client, TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories, factors
from tests.matrix import ROLES, rows
from tests.routes import all_routes
from tests.settings import forget_cache
from tests.world import SECRET, World

# The session is no row of ours: it is written when somebody signs in, and forgotten when it has run out.
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE)\b(?!.{0,20}\bdjango_session\b)", re.I)
METHODS = ("GET", "POST")
# A mail program unsubscribes without cookie or token (RFC 8058); the signature in the path says who and what.
WITHOUT_TOKEN = {"notifications:unsubscribe"}
SIGN_IN = ("/accounts/login/", "/admin/login/")
# These lead to the sign-in page whoever asks: its other door, and steps of a sign-in that has not begun.
MIDWAY = {
    "admin:login",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_logout",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "socialaccount_signup",
}


@override_settings(CAMPAIGN_STAFF_SECOND_FACTOR=True)
class RoutesTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.world = World()
        cls.routes = all_routes()
        cls.cookies = {role: cls.session_of(user) for role, user in cls.world.roles.items()}

    @staticmethod
    def session_of(user):
        client = Client()
        if user:
            client.force_login(user)
            factors.note(client, user, reauthenticated=True)  # nothing is refused for want of a password
            factors.note(client, user, method="mfa")
        return {name: morsel.value for name, morsel in client.cookies.items()}

    def client_of(self, role, **options):
        client = Client(raise_request_exception=False, **options)
        for name, value in self.cookies[role].items():
            client.cookies[name] = value
        return client

    def ask(self, role, method, path, data=None, **options):
        """The answer, and the statements that changed rows; whatever they changed is undone."""
        forget_cache()  # no pair uses up the limits of another
        before = transaction.savepoint()
        with CaptureQueriesContext(connection) as queries:
            response = self.client_of(role, **options).generic_form(method, path, data or {})
        transaction.savepoint_rollback(before)
        return response, [query["sql"] for query in queries if WRITES.match(query["sql"])]


def generic_form(self, method, path, data):
    return self.get(path) if method == "GET" else self.post(path, data)


Client.generic_form = generic_form


class MatrixTests(RoutesTestCase):
    """One test for each role, so that they run side by side."""

    def check(self, role):
        for row in rows():
            expected = row.roles[role]
            with self.subTest(role=role, row=str(row)):
                route = self.routes[row.route]
                response, changed = self.ask(role, row.method, self.world.path(route, row.example), row.data())
                said = f"{response.status_code} {response.headers.get('Location', '')}"
                if expected == "y":
                    self.assertTrue(is_allowed(response, row), said)
                    continue
                self.assertEqual(changed, [], "a refusal changed rows")
                if expected == "0":
                    self.assertEqual(response.status_code, 404, said)
                else:
                    self.assertTrue(is_refused(response, role, row), said)
                self.assertNotIn(SECRET, response.text)

    def test_visitor(self):
        self.check("V")

    def test_unverified(self):
        self.check("U")

    def test_member(self):
        self.check("M")

    def test_owner(self):
        self.check("O")

    def test_suspended(self):
        self.check("S")

    def test_moderator(self):
        self.check("Mo")

    def test_editor(self):
        self.check("E")

    def test_superuser(self):
        self.check("A")


def leads_to_sign_in(response):
    return response.status_code == 302 and response["Location"].startswith(SIGN_IN)


def is_allowed(response, row):
    if leads_to_sign_in(response):
        return row.route in MIDWAY
    # 401: another site was asked who this is, and has not said.
    return response.status_code < 400 or response.status_code in (401, 409, 422)


def is_refused(response, role, row):
    if role == "V":
        return leads_to_sign_in(response)
    # The admin leads whoever is no staff to its sign-in page, which refuses them there.
    return response.status_code in (403, 404) or (row.route.startswith("admin:") and leads_to_sign_in(response))


class TableTests(RoutesTestCase):
    def test_every_route_has_its_row(self):
        known = {row.route for row in rows()}
        self.assertEqual(sorted(set(self.routes) - known), [], "add rows to tests/matrix.py")
        self.assertEqual(sorted(known - set(self.routes)), [], "rows of tests/matrix.py without a route")

    def test_a_method_without_a_row_changes_nothing(self):
        known = {}
        for row in rows():
            known.setdefault(row.route, (set(), row.example))[0].add(row.method)
        for name, (methods, example) in known.items():
            for method in set(METHODS) - methods:
                with self.subTest(f"{method} {name}"):
                    response, changed = self.ask("A", method, self.world.path(self.routes[name], example))
                    self.assertLess(response.status_code, 500)
                    self.assertEqual(changed, [])

    def test_rows_are_whole(self):
        for row in rows():
            self.assertEqual(list(row.roles), ROLES, str(row))
            self.assertLessEqual(set(row.roles.values()), set("y-0"), str(row))

    def test_an_account_that_may_not_sign_in_is_a_visitor(self):
        user = factories.make_user()
        client = Client()
        client.force_login(user)
        type(user).objects.filter(pk=user.pk).update(is_active=False)
        for path in (
            "/accounts/profile/",
            "/admin/",
            reverse("comments:create", args=[self.world.article.discussion_id]),
        ):
            self.assertTrue(leads_to_sign_in(client.get(path)), path)


class FormTests(RoutesTestCase):
    def paths(self):
        """One path for each route, with an example that exists."""
        seen = {}
        for row in rows():
            seen.setdefault(row.route, row.example)
        for name, example in seen.items():
            if name in self.routes:
                yield name, self.world.path(self.routes[name], example)

    def test_an_unsafe_request_without_its_token_is_refused(self):
        exempt = {name for name, route in self.routes.items() if getattr(route.view, "csrf_exempt", False)}
        self.assertEqual(exempt, WITHOUT_TOKEN)
        for name, path in self.paths():
            for role in ("V", "A") if name not in exempt else ():
                with self.subTest(name, role=role):
                    client = self.client_of(role, enforce_csrf_checks=True)
                    with CaptureQueriesContext(connection) as queries:
                        status = {
                            method: client.generic(method, path).status_code
                            for method in ("POST", "PUT", "PATCH", "DELETE")
                        }
                    self.assertEqual(status, dict.fromkeys(status, 403))
                    self.assertEqual([q["sql"] for q in queries if WRITES.match(q["sql"])], [])

    def test_reading_changes_nothing(self):
        for name, path in self.paths():
            for role in self.world.roles:
                with self.subTest(name, role=role):
                    response, changed = self.ask(role, "GET", path)
                    self.assertLess(response.status_code, 500)
                    self.assertEqual(changed, [])

    def test_head_is_get_without_a_body(self):
        for name, path in self.paths():
            with self.subTest(name):
                client = self.client_of("V")
                got, head = client.get(path), client.head(path)
                self.assertEqual((head.status_code, head.content), (got.status_code, b""))

    def test_nul_in_any_field_is_no_fault(self):
        for row in rows():
            if row.method == "POST" and row.roles["A"] == "y" and not row.route.startswith("admin:"):
                with self.subTest(str(row)):
                    data = {name: f"{value}a\0b" for name, value in row.data().items()}
                    names = (
                        "body",
                        "login",
                        "email",
                        "password",
                        "code",
                        "display_name",
                        "handle",
                        "bio",
                        "next",
                        "theme",
                        "facts",
                    )
                    data = dict.fromkeys(names, "a\0b") | data
                    response, _changed = self.ask(
                        "M" if row.roles["M"] == "y" else "A",
                        "POST",
                        self.world.path(self.routes[row.route], row.example),
                        data,
                    )
                    self.assertLess(response.status_code, 500)


class HeaderTests(RoutesTestCase):
    STRICT = {
        "default-src": {"'self'"}, "script-src": {"'self'"}, "style-src": {"'self'"}, "object-src": {"'none'"},
        "base-uri": {"'none'"}, "form-action": {"'self'"}, "frame-ancestors": {"'none'"},
    }  # fmt: skip

    def check_headers(self, response, where):
        policy = {name: set(values) for name, *values in map(str.split, response["Content-Security-Policy"].split(";"))}
        for name, values in self.STRICT.items():
            # The one nonce: the import map of the editor in the admin's forms.
            found = {value for value in policy[name] if not (value.startswith("'nonce-") and "/admin/" in where)}
            self.assertEqual(found, values, f"{where}: {name}")
        self.assertEqual(response["X-Content-Type-Options"], "nosniff", where)
        self.assertEqual(response["X-Frame-Options"], "DENY", where)
        self.assertEqual(response["Referrer-Policy"], "strict-origin-when-cross-origin", where)
        self.assertEqual(response["Cross-Origin-Opener-Policy"], "same-origin", where)
        self.assertIn("geolocation=()", response["Permissions-Policy"], where)
        self.assertRegex(response["X-Request-ID"], r"^[0-9a-f]{16}$", where)
        self.assertIn("Cache-Control", response, where)

    def test_every_answer_of_every_route(self):
        for row in rows():
            route = self.routes[row.route]
            path = self.world.path(route, row.example)
            for role in ("V", "M", "A"):
                with self.subTest(str(row), role=role):
                    response, _changed = self.ask(role, row.method, path, row.data())
                    self.check_headers(response, path)
                    self.check_cache(response, role, row)

    def check_cache(self, response, role, row):
        policy = response["Cache-Control"]
        if role != "V":
            self.assertTrue("no-store" in policy or "private" in policy, policy)
        if "public" in policy:
            self.assertFalse(response.cookies, "a page that caches may keep sets a cookie")
            self.assertNotIn("csrfmiddlewaretoken", response.text)
            self.assertIn("Cookie", response["Vary"])

    def test_guests_get_no_cookie_where_there_is_no_form(self):
        for name in (
            "articles:home",
            "articles:article",
            "articles:topic",
            "articles:author",
            "accounts:member",
            "articles:feed",
        ):
            row = next(row for row in rows() if row.route == name)
            response, _changed = self.ask("V", "GET", self.world.path(self.routes[name], row.example))
            self.assertIn("public", response["Cache-Control"], name)
            self.assertIn("ETag", response, name)
            self.assertFalse(response.cookies, name)

    def test_faults_bear_them_too(self):
        for path, status in (("/nowhere/", 404), ("/%00", 400), ("/static/nowhere.css", 404), ("/admin/nowhere/", 302)):
            response = Client().get(path)
            self.assertEqual(response.status_code, status)
            self.check_headers(response, path)
        self.check_headers(Client(enforce_csrf_checks=True).post("/accounts/login/"), "403")
        self.check_headers(Client().get("/", HTTP_HOST="evil.example"), "foreign host")

    def test_static_files(self):
        response = Client().get("/static/site.css")
        self.assertEqual(response.status_code, 200)
        response.close()
        for name in ("Content-Security-Policy", "X-Content-Type-Options"):
            self.assertIn(name, response)

    def test_by_https(self):
        with self.settings(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=31_536_000):
            plain = Client().get("/")
            self.assertEqual((plain.status_code, plain["Location"]), (301, "https://testserver/"))
            self.check_headers_of_redirect(plain)
            self.assertIn("max-age=31536000", Client().get("/", secure=True)["Strict-Transport-Security"])
            self.assertEqual(Client().get("/healthz").status_code, 200)

    def check_headers_of_redirect(self, response):
        self.assertIn("default-src 'self'", response["Content-Security-Policy"])

    def test_cookies(self):
        client = Client()
        client.get("/accounts/login/")
        signed_in = client.post(
            "/accounts/login/", {"login": self.world.roles["M"].email, "password": factories.PASSWORD}
        )
        self.assertEqual(signed_in.status_code, 302)
        for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
            cookie = client.cookies[name]
            self.assertTrue(cookie["httponly"], name)
            self.assertEqual(cookie["samesite"], "Lax", name)
            self.assertEqual(cookie["path"], "/", name)
