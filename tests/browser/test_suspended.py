"""Being suspended, and suspending, in a browser: what stands in the place of a form, in every look."""

import pytest

from accounts import suspending
from accounts.models import UNTIL_LIFTED, User
from comments.models import Comment
from tests import factories
from tests.browsing import LOOKS, check_accessible, no_complaints, open_page, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REASON = "You called two members liars,\nafter you had been asked twice to argue with what they say."


def suspend(member):
    suspending.suspend(User.objects.get(pk=member.pk), until=UNTIL_LIFTED, reason=REASON, by=factories.make_moderator())


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_a_suspended_member(browser, live_server, look):
    member, article = factories.make_user(), factories.make_article()
    suspend(member)
    comment = factories.make_comment(article.discussion)
    page = open_page(browser, live_server, article.get_absolute_url(), member, look)
    with no_complaints(page):
        for address in (article.get_absolute_url(), "/accounts/profile/", f"/comments/{comment.pk}/recommend/"):
            page.goto(live_server.url + address)
            assert "after you had been asked twice" in page.inner_text(".no-part")
            check_accessible(page)
        page.goto(live_server.url + article.get_absolute_url())
        assert not page.locator("[data-composer]").count()


def test_a_text_under_way_is_given_back(browser, live_server):
    member, article = factories.make_user(), factories.make_article()
    page = open_page(browser, live_server, article.get_absolute_url(), member)
    page.click("details.write > summary")
    page.fill("details.write textarea[name=body]", "Words under way.")
    suspend(member)
    page.click("details.write button[type=submit]")
    # The session has ended with it: the text stays in its field and in the browser, and is there after signing in anew.
    page.wait_for_selector("[data-note=expired]:visible")
    assert page.input_value("details.write textarea[name=body]") == "Words under way."
    sign_in(page, live_server.url, member)
    page.goto(live_server.url + article.get_absolute_url())
    page.wait_for_selector(".no-part")
    assert page.input_value("[data-kept-drafts] textarea") == "Words under way."
    assert not Comment.objects.exists()


@pytest.mark.parametrize("scripts", [True, False])
def test_replying_and_recommending_lead_to_the_reason(browser, live_server, scripts):
    member, article = factories.make_user(), factories.make_article()
    suspend(member)
    comment = factories.make_comment(article.discussion)
    page = open_page(browser, live_server, article.get_absolute_url(), member, java_script_enabled=scripts)
    page.click(f"#c-{comment.pk} .reply")
    page.wait_for_selector("#reply .no-part")
    page.click(f"#c-{comment.pk} .rec")
    page.wait_for_url(f"**/comments/{comment.pk}/recommend/")
    assert "after you had been asked twice" in page.inner_text(".no-part")
    comment.refresh_from_db()
    assert comment.recommend_count == 0


@pytest.mark.parametrize("look", LOOKS)
def test_suspending_and_lifting(browser, live_server, look):
    member = factories.make_user("Sus Pended")
    page = open_page(browser, live_server, member.get_absolute_url(), factories.make_moderator(), look)
    with no_complaints(page):
        page.click("main a:has-text('Suspend')")
        check_accessible(page)
        page.check("text=A week")
        page.fill("#id_reason", REASON)
        page.click("main button:has-text('Suspend')")
        page.wait_for_selector("text=They were told by mail")
        assert User.objects.get(pk=member.pk).is_suspended
        page.click("main a:has-text('Suspended: change')")
        check_accessible(page)
        page.click("text=Lift it now")
        page.wait_for_selector("text=No longer suspended")
        assert not User.objects.get(pk=member.pk).is_suspended
