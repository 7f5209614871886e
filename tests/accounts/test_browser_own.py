"""A member's own pages in a browser: fit to look at in every look, and whole without scripts."""

import zipfile

import pytest

from accounts.models import Leaving
from comments import following
from moderation import decisions
from tests.browsing import LOOKS, check_accessible
from tests.factories import PASSWORD, make_article, make_comment, make_moderator, make_rule, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def member():
    member = make_user("Nkemi Ashgrove", email="nkemi@example.org", bio="Keeper of spreadsheets.", place="Upper Callow")
    discussion = make_article(title="The valley").discussion
    root = make_comment(discussion, author=make_user("Dov Harkin"), body="Who pays for it?")
    make_comment(author=member, parent=root, body="Where do the numbers come from?")
    make_comment(discussion, author=member, body="This one waits.", state="pending")
    hidden = make_comment(discussion, author=member, body="This one is hidden.")
    decisions.hide_comment(hidden, moderator=make_moderator(), rule=make_rule(title="Off topic"), facts="About jars.")
    following.follow(member, discussion)
    following.follow(member, discussion, root)
    return member


def sign_in(page, base):
    page.goto(f"{base}/accounts/login/")
    page.fill("#id_login", "nkemi@example.org")
    page.fill("#id_password", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(f"{base}/")


def show_who_one_is(page, base, path):
    page.goto(base + path)
    page.fill("#id_password", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(base + path)


@pytest.mark.parametrize("look", LOOKS)
def test_pages_are_accessible_fit_and_break_no_policy(browser, live_server, member, look):
    context = browser.new_context(**LOOKS[look])
    page, complaints = context.new_page(), []
    sign_in(page, live_server.url)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    own = member.get_absolute_url()
    for path in (own, f"{own}unseen/", f"{own}following/", "/accounts/privacy/", "/accounts/appearance/"):
        page.goto(live_server.url + path)
        check_accessible(page, path)
    show_who_one_is(page, live_server.url, "/accounts/data/")
    check_accessible(page, "data")
    page.click("text=Ask for my data")
    page.wait_for_selector("text=It is ready")
    check_accessible(page, "data, ready")
    page.goto(f"{live_server.url}/accounts/delete/")
    check_accessible(page, "delete")
    page.check("#id_what_1")
    page.click("text=Delete in 24 hours")
    page.wait_for_selector("text=I have changed my mind")
    check_accessible(page, "delete, asked for")
    assert not complaints
    context.close()


def test_data_and_leaving_work_without_scripts(browser, live_server, member):
    context = browser.new_context(java_script_enabled=False, accept_downloads=True)
    page = context.new_page()
    sign_in(page, live_server.url)
    show_who_one_is(page, live_server.url, "/accounts/data/")
    page.click("text=Ask for my data")
    with page.expect_download() as download:
        page.click("text=Download")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "Where do the numbers come from?" in archive.read("comments/comment.json").decode()
    page.goto(f"{live_server.url}/accounts/delete/")
    page.check("#id_what_0")
    page.click("text=Delete in 24 hours")
    assert Leaving.objects.get(member=member).removes_name
    page.click("text=I have changed my mind")
    assert not Leaving.objects.exists()
    context.close()
