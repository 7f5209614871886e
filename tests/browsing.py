"""What browser tests share: looks, accessibility, signing in."""

from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe

from .factories import PASSWORD

LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
    "narrow": {"color_scheme": "dark", "viewport": {"width": 320, "height": 700}},
}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"target-size": {"enabled": True}},
}


@contextmanager
def no_complaints(page):
    """Fail at the end if the page wrote an error to the console: a refused style, a script that broke, a missing file."""
    heard = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert not heard, heard


def check_accessible(page, what=""):
    """axe finds nothing, and the page does not scroll sideways."""
    found = Axe().run(page, options=RULES).response["violations"]
    assert not [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found], what or page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} scrolls sideways"


def sign_in(page, base, user):
    page.goto(f"{base}/accounts/login/")
    page.fill("#id_login", user.email)
    page.fill("#id_password", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/" not in url)


def open_page(browser, live_server, address, user=None, look="light", **options):
    """A page of the site in a browser of its own, signed in as `user`."""
    page = browser.new_context(**LOOKS[look] | options).new_page()
    if user:
        sign_in(page, live_server.url, user)
    page.goto(live_server.url + address)
    return page


def click_in_closing(popup, selector):
    """Click in a popup that its own click closes: the browser may end the page before it answers that the click was done."""
    target = popup.locator(selector).first
    target.scroll_into_view_if_needed()
    with popup.expect_event("close"):
        target.evaluate("element => setTimeout(() => element.click())")
