"""Being told, as a browser shows it: inbox, preferences, following, muting, unsubscribing; with scripts and without."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from comments.models import Comment
from comments.tasks import tell_of_featuring
from moderation import decisions, tasks
from notifications import mailing
from notifications.models import Notification
from tests.browsing import LOOKS, check_accessible, no_complaints, sign_in
from tests.factories import make_article, make_comment, make_moderator, make_rule
from tests.notifications.telling import answer, hide, make_member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def member():
    return make_member("Nkemi Ashgrove", email="nkemi@example.org")


@pytest.fixture
def comment(member):
    """A comment of the member's that much has happened to."""
    article = make_article(title="The valley that pays for water it cannot drink")
    comment = make_comment(article.discussion, author=member, body="Who pays for the water?")
    other = make_member("Dov Harkin", shows_full_name=True)
    answer(comment, author=other, body="The dosing station at the weir was locked the whole of that summer.")
    hide(answer(comment, author=other, body="A slur."))
    Comment.objects.filter(pk=comment.pk).update(featured_at=timezone.now())
    tell_of_featuring.call(comment.pk)
    moderator, rule = make_moderator(), make_rule(title="Off topic")
    second = make_comment(article.discussion, author=member, body="About something else.")
    decision = decisions.hide_comment(second, moderator=moderator, rule=rule, facts="It is about another valley.")
    tasks.tell_of_decision.call(decision.pk)
    # A page of earlier ones, so that every group and the way to older ones is there.
    for number in range(22):
        answer(comment, author=make_member(f"Reader {number}"), body=f"Answer {number}.")
    old = Notification.objects.filter(recipient=member).order_by("-pk")[:22]
    for number, note in enumerate(old):
        Notification.objects.filter(pk=note.pk).update(
            due_at=timezone.now() - timedelta(days=1 + number), read_at=timezone.now()
        )
    Notification.objects.filter(kind="decision").update(due_at=timezone.now())
    return comment


@pytest.mark.parametrize("look", LOOKS)
def test_pages_are_accessible_fit_and_break_no_policy(browser, live_server, comment, member, look):
    page = browser.new_context(**LOOKS[look]).new_page()
    url = live_server.url
    sign_in(page, url, member)
    reader = Comment.objects.exclude(author=member).first().author
    with no_complaints(page):
        for path in (
            "/notifications/",
            "/notifications/?show=decisions",
            "/notifications/?show=following",
            "/notifications/preferences/",
            "/notifications/feed/",
            "/accounts/muted/",
            f"/members/{reader.handle}/",
            f"/members/{reader.handle}/mute/",
            f"/discussions/{comment.discussion_id}/follow/",
            f"/comments/{comment.pk}/follow/",
        ):
            page.goto(url + path)
            check_accessible(page, path)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_member_reads_what_they_were_told(browser, live_server, comment, member, scripts):
    page = browser.new_context(**LOOKS["light"], java_script_enabled=scripts).new_page()
    sign_in(page, live_server.url, member)
    page.get_by_role("link", name="Notifications, 4 unread").click()
    expect(page.locator(".note-list li.unread")).to_have_count(4)
    expect(page.get_by_text("A slur.")).to_have_count(0)
    expect(page.get_by_text("It is about another valley.")).to_be_visible()

    page.get_by_role("button", name="Dov Harkin replied to you").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#c-*")
    expect(page.get_by_text("The dosing station at the weir")).to_be_visible()
    page.get_by_role("link", name="Notifications, 3 unread").click()

    tabs = page.get_by_role("navigation", name="Filter notifications")
    tabs.get_by_role("link", name="Replies").click()
    expect(page.locator(".note-list li")).not_to_have_count(0)
    tabs.get_by_role("link", name="All").click()
    page.get_by_role("link", name="Older notifications").click()
    expect(page.get_by_role("heading", name="Older")).to_be_visible()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("All is marked as read.")).to_be_visible()
    expect(page.locator(".note-list li.unread")).to_have_count(0)
    expect(page.get_by_role("link", name="Notifications", exact=True)).to_be_visible()


def test_a_member_follows_mutes_and_chooses_without_a_mouse(browser, live_server, comment, member):
    page = browser.new_context(**LOOKS["light"]).new_page()
    url = live_server.url
    sign_in(page, url, member)

    def press(name):
        page.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")

    page.goto(f"{url}/discussions/{comment.discussion_id}/follow/")
    press("Follow this discussion")
    expect(page.get_by_role("button", name="Following")).to_be_visible()
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
    press("Following")
    expect(page.get_by_role("button", name="Follow this discussion")).to_be_visible()

    reader = Comment.objects.exclude(author=member).first().author
    page.goto(f"{url}/members/{reader.handle}/")
    page.locator("main").get_by_role("link", name="Mute").click()
    press("Mute")
    expect(page.get_by_role("link", name="Muted: change")).to_be_visible()
    page.goto(f"{url}/notifications/")
    expect(page.get_by_text("Dov Harkin")).to_have_count(0)

    page.get_by_label("Replies to my comments").select_option("daily")
    press("Save")
    expect(page.get_by_text("Saved: this is how you hear of things")).to_be_visible()
    expect(page.get_by_label("Replies to my comments")).to_have_value("daily")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_a_reader_of_the_mail_unsubscribes_without_signing_in(browser, live_server, comment, member, look, scripts):
    Notification.objects.filter(recipient=member).update(mail_at=timezone.now())
    mailing.send_due()
    message = next(m for m in mail.outbox if "Dov Harkin" in m.body)
    path = message.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    page = browser.new_context(**LOOKS[look], java_script_enabled=scripts).new_page()
    with no_complaints(page):
        page.goto(live_server.url + path)
        if scripts:
            check_accessible(page)
        page.get_by_role("button", name="Send me no more of it").press("Enter")
        expect(page.get_by_role("heading", name="No more mail of this kind")).to_be_visible()
        if scripts:
            check_accessible(page)
        assert not page.context.cookies()
    letter = page.context.new_page()
    letter.set_content(message.alternatives[0].content)
    assert letter.evaluate("document.documentElement.scrollWidth <= innerWidth")
