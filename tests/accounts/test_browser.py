import pytest

from comments.models import Comment
from tests.browsing import LOOKS, check_accessible
from tests.factories import PASSWORD, make_article, make_comment, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def member():
    member = make_user("Nkemi Ashgrove", email="nkemi@example.org", bio="Keeper of spreadsheets.")
    comment = make_comment(
        make_article(title="The valley").discussion, author=member, body="Where do the numbers come from?"
    )
    Comment.objects.filter(pk=comment.pk).update(featured_at=comment.posted_at)
    return member


def sign_in(page, base):
    page.goto(f"{base}/accounts/login/")
    page.fill("#id_login", "nkemi@example.org")
    page.fill("#id_password", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(f"{base}/")


def refuse(page):
    page.locator("main form").first.evaluate("form => form.requestSubmit()")
    page.wait_for_selector(".error-summary")


@pytest.mark.parametrize("look", LOOKS)
def test_pages_are_accessible_fit_and_break_no_policy(browser, live_server, member, look):
    context = browser.new_context(**LOOKS[look])
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def check(path, act=None):
        page.goto(live_server.url + path)
        if act:
            act(page)
        check_accessible(page, path)

    for path in ("login/", "signup/", "password/reset/", "appearance/"):
        check(f"/accounts/{path}")
    check("/accounts/login/", refuse)
    check("/accounts/signup/", refuse)
    check(member.get_absolute_url())
    sign_in(page, live_server.url)
    complaints.clear()  # what the front page says is for its own test
    for path in ("profile/", "email/", "password/change/"):
        check(f"/accounts/{path}")
    check(member.get_absolute_url(), lambda page: page.click(".own-menu > summary"))
    check("/accounts/profile/", lambda page: (page.fill("#id_handle", "a b"), refuse(page)))
    assert not [line for line in complaints if "422" not in line]
    context.close()


def test_the_summary_of_a_refused_form_takes_the_focus_and_leads_to_the_field(page, live_server):
    page.goto(f"{live_server.url}/accounts/signup/")
    refuse(page)
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.click('.error-summary a[href="#id_email"]')
    assert page.evaluate("document.activeElement.id") == "id_email"


def test_the_menu_closes_by_escape_and_by_turning_elsewhere(page, live_server, member):
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/accounts/profile/")
    menu = page.locator(".own-menu")
    menu.locator("summary").click()
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert page.evaluate("document.activeElement.parentElement.className") == "own-menu"
    menu.locator("summary").click()
    page.click("h1")
    assert menu.get_attribute("open") is None
    menu.locator("summary").click()
    menu.locator("button", has_text="Sign out").click()
    page.wait_for_url(f"{live_server.url}/")
    assert page.get_by_role("link", name="Sign in").first.is_visible()


def test_a_password_can_be_looked_at(page, live_server):
    page.goto(f"{live_server.url}/accounts/login/")
    show = page.get_by_role("button", name="Show the password")
    show.click()
    assert page.get_attribute("#id_password", "type") == "text"
    assert show.get_attribute("aria-pressed") == "true"


def test_everything_works_without_scripts(browser, live_server, member):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/accounts/appearance/")
    page.check("#id_theme_2")
    page.click("main button[type=submit]")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.click(".own-menu > summary")
    page.click(".own-menu form button")
    page.goto(f"{live_server.url}/accounts/login/")
    assert not page.get_by_role("button", name="Show the password").is_visible()
    context.close()
