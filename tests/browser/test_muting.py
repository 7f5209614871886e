"""What a member does not want to hear: by keyboard alone, with scripts and without."""

import pytest
from playwright.sync_api import expect

from accounts import muting
from tests.browsing import LOOKS, check_accessible, no_complaints, open_page
from tests.factories import make_article, make_comment, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def loud():
    """A comment that somebody is tired of, with an answer below it."""
    comment = make_comment(
        make_article().discussion, author=make_user("Dov Harkin", handle="dov-h"), body="LOUD WORDS here."
    )
    make_comment(parent=comment, body="A calm answer.")
    return comment


def tab_to(page, selector, limit=80):
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_the_comment_to_the_silence_and_back(browser, live_server, loud, scripts):
    member = make_user("Nkemi Ashgrove")
    page = open_page(browser, live_server, loud.discussion.url, member, java_script_enabled=scripts)
    text, way = (page.locator(f"#c-{loud.pk} > .c-card {part}") for part in ("> .c-body", ".unmute > summary"))

    def through_the_profile(button):
        tab_to(page, f"#c-{loud.pk} h3 a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/members/**")
        tab_to(page, "main a[href*='mute/']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/*mute/**")
        tab_to(page, "main button")
        expect(page.locator("main button:focus")).to_have_text(button)
        page.keyboard.press("Enter")
        page.wait_for_url("**/members/dov-h/")
        page.goto(live_server.url + loud.discussion.url)

    with no_complaints(page):
        through_the_profile("Mute")
        expect(text).to_be_hidden()
        expect(page.get_by_text("A calm answer.")).to_be_visible()
        expect(page.get_by_text("LOUD WORDS")).to_have_count(1)  # and not in the outline beside the threads
        tab_to(page, f"#c-{loud.pk} .unmute > summary")
        page.keyboard.press("Enter")
        expect(text).to_be_visible()
        page.keyboard.press("Enter")
        expect(text).to_be_hidden()
        # Whoever follows a link to it wants to read it.
        page.goto(f"{live_server.url}/c/{loud.pk}/")
        expect(text).to_be_visible()
        expect(way).to_be_hidden()
        page.goto(live_server.url + loud.discussion.url)
        through_the_profile("Unmute")
        expect(text).to_be_visible()
        expect(way).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS)
def test_looks_are_accessible(browser, live_server, loud, look):
    member = make_user("Nkemi Ashgrove")
    muting.mute(member, loud.author)
    page = open_page(browser, live_server, loud.discussion.url, member, look)
    with no_complaints(page):
        check_accessible(page, "folded")
        page.locator(".unmute > summary").click()
        expect(page.get_by_text("LOUD WORDS")).to_be_visible()
        check_accessible(page, "open")
