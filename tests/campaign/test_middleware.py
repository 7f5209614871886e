import json
import logging
from unittest.mock import patch

from django.conf import settings
from django.db import OperationalError
from django.test import Client, RequestFactory, SimpleTestCase, TestCase, override_settings

from campaign import limits, logs
from campaign.sessions import SessionStore
from tests import factories

PAGES = override_settings(ROOT_URLCONF="tests.campaign.pages")


def lines_of(test, work):
    """What `work` logs, as the JSON objects that stand in the log file."""
    handler = Keep()
    for log_filter in (logs.RequestFilter(), logs.OneLineFilter()):
        handler.addFilter(log_filter)
    handler.setFormatter(logs.JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    test.addCleanup(root.removeHandler, handler)
    try:
        work()
    finally:
        root.removeHandler(handler)
    for line in handler.lines:
        test.assertNotIn("\n", line)
    return [json.loads(line) for line in handler.lines]


class Keep(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


class PagesTestCase(TestCase):
    def setUp(self):
        self.client.raise_request_exception = False


@PAGES
class RequestLogTests(PagesTestCase):
    def test_one_request_is_one_line(self):
        [line] = lines_of(self, lambda: self.client.get("/plain/?q=something+private", HTTP_USER_AGENT="Agent"))
        self.assertEqual((line["method"], line["path"], line["status"], line["level"]), ("GET", "/plain/", 200, "INFO"))
        self.assertEqual(
            set(line), {"time", "level", "logger", "message", "request_id", "method", "path", "status", "ms"}
        )

    def test_a_refused_request_is_one_line_without_a_traceback(self):
        for path, status in (("/nowhere/", 404), ("/echo/", 403), ("/admin/", 403)):
            with self.subTest(path):
                client = Client(enforce_csrf_checks=True)
                lines = lines_of(self, lambda path=path, c=client: c.post(path, {"text": "private"}))
                self.assertEqual([line["status"] for line in lines if line["logger"] == "campaign.request"], [status])
                self.assertNotIn("Traceback", str(lines))
                self.assertNotIn("private", str(lines))
                self.assertLessEqual(len(lines), 2)  # and what Django's security log says about it

    def test_a_line_break_in_an_address_makes_no_second_line(self):
        [line] = lines_of(self, lambda: self.client.get("/nowhere/%0a%7b%22level%22:1%7d/"))
        self.assertEqual(line["path"], "/nowhere/%0A%7B%22level%22:1%7D/".replace(":", "%3A"))

    def test_keys_of_mailed_links_stand_in_no_line(self):
        for path in (
            "/accounts/password/reset/key/7-abc123secret/",
            "/broken/abc123secret/",
        ):
            lines = lines_of(self, lambda path=path: self.client.get(path))
            self.assertTrue(lines)
            self.assertNotIn("abc123secret", str(lines), path)

    def test_all_lines_of_a_request_bear_its_id(self):
        answers = []
        lines = lines_of(self, lambda: answers.append(self.client.get("/broken/")))
        self.assertEqual({line["request_id"] for line in lines}, {answers[0]["X-Request-ID"]})
        self.assertEqual(len(lines), 2)
        self.assertIn("ZeroDivisionError", str(lines))

    def test_health_is_silent_while_all_is_well(self):
        self.assertEqual(lines_of(self, lambda: self.client.get("/healthz")), [])
        with patch.dict("campaign.views.READY", database=lambda: False):
            self.assertEqual(
                [line["status"] for line in lines_of(self, lambda: self.client.get("/readyz")) if "status" in line],
                [503],
            )


@PAGES
class FaultTests(PagesTestCase):
    def check_pause(self, response):
        self.assertEqual((response.status_code, response["Retry-After"]), (503, "10"))
        self.assertIn("no-store", response["Cache-Control"])
        self.assertContains(response, "A short pause", status_code=503)
        self.assertIn("script-src 'self'", response["Content-Security-Policy"])

    def test_a_view_without_its_database(self):
        with self.assertNumQueries(0):
            self.check_pause(self.client.get("/database-away/"))

    def test_is_told_in_one_line(self):
        lines = lines_of(self, lambda: self.client.get("/database-away/"))
        self.assertEqual(
            [line["message"] for line in lines if line["level"] == "ERROR"], ["database fault: no route to host"]
        )
        self.assertNotIn("Traceback", str(lines))

    def test_a_session_that_cannot_be_read(self):
        self.client.force_login(factories.make_user())
        with patch.object(SessionStore, "load", side_effect=OperationalError):
            self.check_pause(self.client.get("/admin/"))

    def test_a_session_that_cannot_be_saved(self):
        with patch.object(SessionStore, "save", side_effect=OperationalError):
            self.check_pause(self.client.get("/writes-session/"))

    def test_a_missing_page_without_its_database(self):
        self.client.force_login(factories.make_user())
        with patch.object(SessionStore, "load", side_effect=OperationalError):
            self.check_pause(self.client.get("/nowhere/"))

    def test_a_fault_of_ours_shows_nothing_of_it(self):
        response = self.client.get("/broken/")
        self.assertEqual(response.status_code, 500)
        self.assertNotIn("ZeroDivision", response.text)
        self.assertIn("no-store", response["Cache-Control"])

    def test_even_when_its_page_is_broken(self):
        with patch("campaign.views.get_template", side_effect=ValueError):
            self.assertEqual(self.client.get("/broken/").status_code, 500)


@PAGES
class CachePolicyTests(TestCase):
    def policy(self, path, **extra):
        return self.client.get(path, **extra)["Cache-Control"]

    def test_what_guests_get_may_be_kept(self):
        response = self.client.get("/plain/")
        self.assertEqual(response["Cache-Control"], "public, max-age=0, must-revalidate")
        self.assertIn("Cookie", response["Vary"])
        self.assertFalse(response.cookies)
        again = self.client.get("/plain/", HTTP_IF_NONE_MATCH=response["ETag"])
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.assertEqual(again["Cache-Control"], response["Cache-Control"])

    def test_a_form_token_is_for_one_reader(self):
        for _time in range(2):  # with a new cookie, and with the one that it brought
            response = self.client.get("/token/")
            self.assertIn("no-store", response["Cache-Control"])
            self.assertIn("private", response["Cache-Control"])
            self.assertNotIn("ETag", response)

    def test_a_cookie_is_for_one_reader(self):
        self.assertIn("no-store", self.policy("/cookie/"))

    def test_a_choice_of_theme_leaves_a_guest_a_guest(self):
        self.client.cookies["theme"] = "dark"
        self.assertIn("public", self.policy("/plain/"))

    def test_what_members_get_is_kept_nowhere(self):
        self.client.force_login(factories.make_user())
        response = self.client.get("/plain/")
        self.assertIn("no-store", response["Cache-Control"])
        self.assertNotIn("ETag", response)

    def test_a_session_that_has_ended_is_no_guest_either(self):
        self.client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
        self.assertIn("no-store", self.policy("/plain/"))

    def test_answers_to_forms_are_kept_nowhere(self):
        self.assertIn("no-store", self.client.post("/echo/")["Cache-Control"])

    def test_a_view_may_say_otherwise(self):
        self.assertEqual(self.policy("/own-policy/"), "public, max-age=60")


@PAGES
class BoundsTests(PagesTestCase):
    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
    def test_a_body_that_is_too_large(self):
        self.assertEqual(
            self.client.post(
                "/echo/", "text=" + "x" * 200, content_type="application/x-www-form-urlencoded"
            ).status_code,
            413,
        )
        self.assertEqual(
            self.client.post("/echo/", "text=x", content_type="application/x-www-form-urlencoded").status_code, 200
        )

    @override_settings(CAMPAIGN_UPLOAD_BYTES=100)
    def test_an_upload_that_is_too_large(self):
        self.assertEqual(self.client.post("/echo/", {"text": "x" * 200}).status_code, 413)

    def test_more_fields_than_any_form_has(self):
        body = "&".join(f"f{n}=1" for n in range(10_000))
        response = self.client.post("/echo/", body, content_type="application/x-www-form-urlencoded")
        self.assertEqual(response.status_code, 400)
        self.assertIn("no-store", response["Cache-Control"])

    def test_nul_is_refused_everywhere(self):
        for path in ("/plain/%00/", "/plain/?q=a%00b", "/%00"):
            self.assertEqual(self.client.get(path).status_code, 400, path)
        self.client.cookies[settings.SESSION_COOKIE_NAME] = "aaaaaaaa\\000bbbbbbbb"
        response = self.client.get(
            "/admin/", headers={"cookie": f'{settings.SESSION_COOKIE_NAME}="aaaaaaaa\\000bbbbbb"'}
        )
        self.assertEqual(response.status_code, 400)

    def test_a_length_that_is_no_number(self):
        self.assertLess(self.client.post("/echo/", {}, CONTENT_LENGTH="many").status_code, 500)

    def test_a_foreign_host(self):
        for host in ("evil.example", "127.0.0.1.evil.example", "[::1", "a b", "x" * 300):
            self.assertEqual(self.client.get("/plain/", HTTP_HOST=host).status_code, 400, host)


class VisitorTests(SimpleTestCase):
    def visitor(self, address="203.0.113.7", forwarded=None):
        headers = {"x-forwarded-for": forwarded} if forwarded else {}
        return limits.visitor(RequestFactory().get("/", REMOTE_ADDR=address, headers=headers))

    def test_a_forged_header_is_not_believed(self):
        self.assertEqual(self.visitor(forwarded="198.51.100.1"), "203.0.113.7")

    @override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
    def test_a_trusted_proxy_is(self):
        self.assertEqual(self.visitor("10.0.0.1", "6.6.6.6, 198.51.100.1"), "198.51.100.1")

    def test_a_whole_network_of_ipv6_is_one_visitor(self):
        self.assertEqual(self.visitor("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64")
        self.assertEqual(self.visitor("::ffff:203.0.113.7"), "203.0.113.7")
