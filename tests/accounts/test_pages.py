"""What every page owes its readers, and every template the content security policy."""

import gzip
import re
from collections import Counter

import html5lib
from django.conf import settings
from django.core import mail
from django.template.loader import get_template
from django.test import Client, SimpleTestCase, TestCase, override_settings

from comments.models import Comment
from tests.factories import make_comment, make_editor, make_moderator, make_user

GUEST = ["login/", "signup/", "login/code/", "password/reset/", "password/reset/done/", "appearance/"]
MEMBER = ["profile/", "email/", "password/change/", "appearance/", "privacy/", "logout/", "reauthenticate/"]


def faults(response):
    """What a page gets wrong, in words; empty if nothing."""
    document = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    elements = list(document.iter())
    count = Counter(element.tag for element in elements)
    labelled = {element.get("for") for element in elements if element.tag == "label"}
    ids = Counter(element.get("id") for element in elements if element.get("id"))
    for tag in ("h1", "main", "title"):
        if count[tag] != 1:
            yield f"{count[tag]} <{tag}>"
    if not document.get("lang"):
        yield "no language"
    for name, times in ids.items():
        if times > 1:
            yield f"id {name} {times} times"
    for element in elements:
        if element.tag in ("input", "select", "textarea") and element.get("type") not in ("hidden", "submit"):
            if element.get("id") not in labelled and not element.get("aria-label"):
                yield f"no label: {element.get('name')}"
            if missing := set((element.get("aria-describedby") or "").split()) - set(ids):
                yield f"described by nothing: {missing}"
        if element.tag == "style" or element.get("style") or (element.tag == "script" and not element.get("src")):
            yield f"inline {element.tag}"
        if handlers := [name for name in element.attrib if name.startswith("on")]:
            yield f"inline {handlers}"
        if element.tag == "a" and (element.get("href") or "").startswith("#") and element.get("href")[1:] not in ids:
            yield f"leads nowhere: {element.get('href')}"


class PageTests(TestCase):
    def check(self, path, client, status=200):
        response = client.get(path)
        self.assertEqual(response.status_code, status, path)
        self.assertEqual(list(faults(response)), [], path)
        return response

    def test_of_guests(self):
        for path in GUEST:
            self.check(f"/accounts/{path}", Client())

    def test_of_members(self):
        member = make_user()
        comment = make_comment(author=member)
        Comment.objects.filter(pk=comment.pk).update(featured_at=comment.posted_at)
        self.client.force_login(member)
        for path in MEMBER:
            self.check(f"/accounts/{path}", self.client)
        for page in ("", "unseen/", "following/"):
            self.check(member.get_absolute_url() + page, self.client)

    def test_of_moderators(self):
        moderator = make_moderator()
        self.client.force_login(moderator)
        self.check(moderator.get_absolute_url(), self.client)

    def test_show_staff_the_way_to_their_work(self):
        for person, links in (
            (make_user(), []),
            (make_editor(), ["Desk"]),
            (make_moderator(), ["Moderate", "Desk"]),
        ):
            self.client.force_login(person)
            page = self.client.get("/accounts/appearance/").content.decode()
            self.assertEqual(re.findall(r'<a class="btn ghost s hide-s"[^>]*>(\w+)</a>', page), links)

    def test_of_codes_and_links(self):
        make_user(email="nkemi@example.org")
        self.client.post("/accounts/login/code/", {"email": "nkemi@example.org"})
        self.check("/accounts/login/code/confirm/", self.client)
        newcomer = Client()
        form = {"display_name": "Rook", "email": "rook@example.org", "password1": "barn owl ledger"}
        newcomer.post("/accounts/signup/", form)
        self.check("/accounts/confirm-email/", newcomer)
        forgetful = Client()
        forgetful.post("/accounts/password/reset/", {"email": "nkemi@example.org"})
        link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[-1].body)[0]
        self.check(forgetful.get(link)["Location"], forgetful)
        self.check("/accounts/password/reset/key/1-nonsense/", Client())

    def test_of_refused_forms(self):
        self.client.force_login(make_user())
        for path in ("login/", "signup/", "login/code/", "password/reset/"):
            self.assertEqual(list(faults(Client().post(f"/accounts/{path}", {}))), [], path)
        for path in ("profile/", "password/change/", "appearance/"):
            response = self.client.post(f"/accounts/{path}", {"theme": "x"})
            self.assertEqual(list(faults(response)), [], path)
            self.assertContains(response, "<title>Error: ", status_code=response.status_code)
            self.assertContains(response, "error-summary", status_code=response.status_code)

    def test_that_is_not_there(self):
        response = self.check("/nothing-here/", self.client, 404)
        self.assertFalse(response.cookies)

    def test_of_a_form_without_its_token(self):
        response = Client(enforce_csrf_checks=True).post(
            "/accounts/login/", {"login": "a@example.org", "password": "x"}
        )
        self.assertEqual(response.status_code, 403)
        self.assertEqual(list(faults(response)), [])


class FaultPageTests(SimpleTestCase):
    """Simple tests may not touch the database: neither do these pages."""

    def test_need_nothing_but_the_stylesheet(self):
        for name in ("400", "500", "503"):
            page = get_template(f"{name}.html").render()
            self.assertIn("site.css", page)
            self.assertIn(f"Error {name}", page)
            self.assertNotIn("<script", page)

    @override_settings(CAMPAIGN_SITE_NAME="Klarion")
    def test_a_site_of_another_name_shows_the_mark_and_its_name(self):
        page = get_template("_wordmark.html").render({"site_name": "Klarion"})
        self.assertIn("#mark", page)
        self.assertIn("Klarion", page)


class TemplateTests(SimpleTestCase):
    def sources(self):
        for path in sorted((settings.BASE_DIR / "templates").rglob("*.html")):
            yield path.relative_to(settings.BASE_DIR), path.read_text()

    def test_hold_no_inline_style_script_or_handler(self):
        for path, source in self.sources():
            if "emails" in path.parts:
                continue  # mail has no stylesheet to link, and no policy; tests/lint.py says what it may hold
            self.assertIsNone(re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", source), path)
            for attributes in re.findall(r"<script([^>]*)>", source):
                self.assertRegex(attributes, r"src=|application/ld\+json", path)

    def test_name_icons_that_exist(self):
        sprite = (settings.BASE_DIR / "static" / "icons.svg").read_text()
        for path, source in self.sources():
            for name in re.findall(r'{% icon "(\w+)"', source):
                self.assertIn(f'<symbol id="{name}"', sprite, path)

    def test_say_what_they_need(self):
        for path, source in self.sources():
            if path.name.startswith("_"):
                self.assertTrue(source.startswith("{#"), f"{path} is a partial and does not say what it needs")

    def test_the_stylesheet_is_no_larger_than_its_budget(self):
        styles = (settings.BASE_DIR / "static" / "site.css").read_bytes()
        self.assertLess(len(gzip.compress(styles)), 20_000)
