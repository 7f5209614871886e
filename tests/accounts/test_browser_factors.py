"""Passkeys with Chromium's virtual authenticator, the code of an app, and how their pages look."""

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.models import User
from tests.browsing import LOOKS, check_accessible, no_complaints
from tests.factories import PASSWORD, make_moderator, make_user
from tests.factors import code_of, give_app, give_codes, give_passkey

from .test_doors import CODE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def give_authenticator(page):
    """Plug a device that makes passkeys and knows its owner into the browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    about = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    about |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": about})
    return session


def sign_in(page, base, email):
    page.goto(f"{base}/accounts/login/")
    page.fill("#id_login", email)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")


def sign_out(page):
    page.click(".own-menu > summary")
    page.click(".own-menu form button")
    page.wait_for_url(lambda url: "/accounts/" not in url)


def test_a_passkey_from_sign_up_to_signing_in(page, live_server):
    base = live_server.url
    with no_complaints(page):
        give_authenticator(page)
        page.goto(f"{base}/accounts/signup/")
        page.get_by_role("link", name="Sign up with a passkey").click()
        page.fill("#id_display_name", "Rook Sandiway")
        page.fill("#id_email", "rook@example.org")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{base}/accounts/confirm-email/")
        page.fill("#id_code", CODE.search(mail.outbox[-1].body)[0])
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Make the passkey").click()
        page.wait_for_url(f"{base}/accounts/2fa/recovery-codes/")
        expect(page.locator(".codes code")).to_have_count(10)
        page.get_by_role("link", name="Go on to where you were").click()
        page.wait_for_url(f"{base}/")
        sign_out(page)
        page.goto(f"{base}/accounts/login/?next=/accounts/2fa/")
        page.get_by_role("button", name="Sign in with a passkey").press("Enter")
        page.wait_for_url(f"{base}/accounts/2fa/")
        expect(page.get_by_text("You have 1 passkey.")).to_be_visible()
    assert not User.objects.get(email="rook@example.org").has_usable_password()


def test_a_password_and_then_a_code(page, live_server):
    base = live_server.url
    with no_complaints(page):
        page.goto(f"{base}/accounts/signup/?next=/accounts/sessions/")
        page.fill("#id_display_name", "Rook Sandiway")
        page.fill("#id_email", "rook@example.org")
        page.fill("#id_password1", "barn owl ledger")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{base}/accounts/confirm-email/")
        page.fill("#id_code", CODE.search(mail.outbox[-1].body)[0])
        page.keyboard.press("Enter")
        page.wait_for_url(f"{base}/accounts/sessions/")
        sign_out(page)
        page.goto(f"{base}/accounts/login/?next=/accounts/sessions/")
        page.get_by_role("link", name="Email me a sign-in code").click()
        page.fill("#id_email", "rook@example.org")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/code/confirm/" in url)
        page.fill("#id_code", CODE.search(mail.outbox[-1].body)[0])
        page.keyboard.press("Enter")
        page.wait_for_url(f"{base}/accounts/sessions/")


def test_codes_alone(page, live_server):
    base = live_server.url
    with no_complaints(page):
        page.goto(f"{base}/accounts/signup/?next=/accounts/sessions/")
        page.fill("#id_display_name", "Rook Sandiway")
        page.fill("#id_email", "rook@example.org")
        page.keyboard.press("Enter")
        for where in ("/accounts/confirm-email/", "/accounts/login/code/confirm/"):
            page.wait_for_url(lambda url, where=where: where in url)
            page.fill("#id_code", CODE.search(mail.outbox[-1].body)[0])
            page.keyboard.press("Enter")
            page.wait_for_url(f"{base}/accounts/sessions/")
            sign_out(page)
            page.goto(f"{base}/accounts/login/code/?next=/accounts/sessions/")
            page.fill("#id_email", "rook@example.org")
            page.keyboard.press("Enter")
    assert not User.objects.get(email="rook@example.org").has_usable_password()


def test_a_stolen_session_ends_from_the_page(browser, page, live_server):
    base, member = live_server.url, make_user(email="nkemi@example.org")
    thief = browser.new_context()
    elsewhere = thief.new_page()
    for there in (page, elsewhere):
        sign_in(there, base, member.email)
        there.wait_for_url(f"{base}/")
    page.goto(f"{base}/accounts/sessions/")
    page.get_by_role("button", name="End all others").press("Enter")
    expect(page.get_by_text("You are signed out everywhere else.")).to_be_visible()
    elsewhere.goto(f"{base}/accounts/profile/")
    assert elsewhere.url.startswith(f"{base}/accounts/login/")
    thief.close()


def test_a_passkey_that_comes_after_the_password(page, live_server):
    base, member = live_server.url, make_user(email="nkemi@example.org")
    give_authenticator(page)
    with no_complaints(page):
        sign_in(page, base, member.email)
        page.wait_for_url(f"{base}/")
        page.goto(f"{base}/accounts/2fa/webauthn/add/")
        page.fill("#id_password", PASSWORD)
        page.keyboard.press("Enter")
        page.fill("#id_name", "Key on my ring")
        page.uncheck("#id_passwordless")
        page.get_by_role("button", name="Add the passkey").click()
        page.wait_for_url(f"{base}/accounts/2fa/recovery-codes/")
        page.goto(f"{base}/accounts/2fa/webauthn/")
        expect(page.locator("bdi", has_text="Key on my ring")).to_be_visible()
        sign_out(page)
        sign_in(page, base, member.email)
        page.wait_for_url(f"{base}/accounts/2fa/authenticate/")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url(f"{base}/")


def test_a_browser_that_gives_no_passkey_says_so_and_another_way_is_left(page, live_server):
    base, device = live_server.url, give_authenticator(page)
    device.send("WebAuthn.disable")
    page.add_init_script("navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError'))")
    page.goto(f"{base}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("The browser gave no passkey.")).to_be_visible()
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(f"{base}/accounts/login/")
    expect(page.get_by_text("This browser knows no passkeys.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


def test_staff_set_up_an_app_and_come_to_the_admin(page, live_server, settings):
    settings.CAMPAIGN_STAFF_SECOND_FACTOR = True
    base, moderator = live_server.url, make_moderator(email="moss@example.com")
    with no_complaints(page):
        page.goto(f"{base}/admin/comments/comment/")
        page.fill("#id_login", moderator.email)
        page.fill("#id_password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{base}/accounts/2fa/")
        expect(page.get_by_text("Staff need a second factor")).to_be_visible()
        page.get_by_role("link", name="Set up an app").click()
        page.fill("#id_password", PASSWORD)
        page.keyboard.press("Enter")
        secret = page.input_value("#totp-key")
        page.fill("#id_code", code_of(secret))
        page.keyboard.press("Enter")
        page.wait_for_url(f"{base}/accounts/2fa/recovery-codes/")
        spare = page.locator(".codes code").first.inner_text()
        page.get_by_role("link", name="Go on to where you were").click()
        page.wait_for_url(f"{base}/admin/comments/comment/")
        page.goto(f"{base}/")
        sign_out(page)
        sign_in(page, base, moderator.email)
        page.fill("#id_code", spare)  # the telephone is lost
        page.keyboard.press("Enter")
        page.wait_for_url(f"{base}/")
        page.goto(f"{base}/admin/")
        assert page.url == f"{base}/admin/"


def test_without_scripts_the_pages_say_what_does_not_work(browser, live_server):
    member = make_user(email="nkemi@example.org")
    secret = give_app(member)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    assert not page.get_by_role("button", name="Sign in with a passkey").is_visible()
    sign_in(page, live_server.url, member.email)
    page.fill("#id_code", code_of(secret))
    page.click("main form button")
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}/accounts/sessions/")
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    context.close()


@pytest.mark.parametrize("look", LOOKS)
def test_pages_are_accessible_fit_and_break_no_policy(browser, live_server, look):
    member = make_user(email="nkemi@example.org")
    secret = give_app(member)
    passkey = give_passkey(member, "Telephone")
    give_codes(member)
    context = browser.new_context(**LOOKS[look])
    page, base = context.new_page(), f"{live_server.url}/accounts/"
    with no_complaints(page):

        def check(path):
            page.goto(base + path)
            check_accessible(page, path)

        check("signup/passkey/")
        sign_in(page, live_server.url, member.email)
        page.wait_for_url(base + "2fa/authenticate/")
        check_accessible(page)
        page.fill("#id_code", code_of(secret))
        page.keyboard.press("Enter")
        page.wait_for_url(f"{live_server.url}/")
        check("2fa/webauthn/reauthenticate/")
        check("2fa/reauthenticate/")
        page.goto(base + "reauthenticate/?next=/accounts/2fa/")
        page.fill("#id_password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(base + "2fa/")
        key = f"2fa/webauthn/keys/{passkey.row.pk}"
        paths = ["2fa/", "2fa/webauthn/", "2fa/webauthn/add/", f"{key}/edit/", f"{key}/remove/", "2fa/totp/deactivate/"]
        for path in [*paths, "2fa/recovery-codes/", "2fa/recovery-codes/generate/", "sessions/", "email/"]:
            check(path)
        page.goto(base + "2fa/totp/deactivate/")
        page.get_by_role("button", name="Turn it off").click()
        page.wait_for_url(base + "2fa/")
        check("2fa/totp/activate/")
    context.close()
