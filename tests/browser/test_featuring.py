"""An editor features a comment and readers find it above the discussion; members follow what they read."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from comments import following
from comments.models import Comment
from tests.browsing import LOOKS, check_accessible, no_complaints, open_page
from tests.comments import trees
from tests.factories import make_editor, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False])
def test_an_editor_features_from_the_comment_to_the_block_and_back(browser, live_server, scripts):
    comments = trees.grow(trees.holes(40))
    chosen, url = comments[30], comments[0].discussion.url
    page = open_page(browser, live_server, f"{url}?at={chosen.pk}", make_editor(), java_script_enabled=scripts)
    with no_complaints(page):
        page.locator(f"#c-{chosen.pk}").get_by_role("link", name="Feature", exact=True).click()
        page.get_by_role("button", name="Feature").click()
        expect(page.locator(".messages")).to_contain_text("Featured.")
        expect(page.locator(f"#c-{chosen.pk} > .c-card > .c-head")).to_contain_text("Featured by the editors")
    reader = open_page(browser, live_server, url, java_script_enabled=scripts)
    reader.get_by_role("region", name="Featured by the editors").get_by_role("link").click()
    expect(reader.locator(f"#c-{chosen.pk}")).to_be_in_viewport()
    with no_complaints(page):
        page.locator(f"#c-{chosen.pk}").get_by_role("link", name="Stop featuring").click()
        page.get_by_role("button", name="Stop featuring").click()
    reader.goto(live_server.url + url)
    expect(reader.locator("section.featured")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS)
def test_looks_are_accessible(browser, live_server, look):
    comments = trees.grow(trees.wide(9))
    Comment.objects.filter(pk__in=[comment.pk for comment in comments[:6]]).update(featured_at=timezone.now())
    Comment.objects.filter(pk=comments[0].pk).update(body="Long.", html=f"<p>{'A long word after another. ' * 40}</p>")
    url = comments[0].discussion.url
    page = open_page(browser, live_server, url, make_editor(), look)
    with no_complaints(page):
        for path in (url, f"{url}?sort=featured", f"/comments/{comments[8].pk}/feature/"):
            page.goto(live_server.url + path)
            check_accessible(page, f"{look} {path}")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_member_follows_by_keyboard_and_keeps_the_place(browser, live_server, scripts):
    comments, member = trees.grow(trees.wide(3)), make_user()
    page = open_page(browser, live_server, comments[0].discussion.url, member, java_script_enabled=scripts)
    with no_complaints(page):
        for name, then in (
            ("Follow this discussion", "Following"),
            ("Following", "Follow this discussion"),
        ):
            page.get_by_role("button", name=name).press("Enter")
            expect(page.get_by_role("button", name=then)).to_be_visible()
            if scripts:
                expect(page.get_by_role("button", name=then)).to_be_focused()
            assert following.is_followed(member, comments[0].discussion) == (then != "Follow this discussion")
        page.locator(f"#c-{comments[1].pk}").get_by_role("link", name="Follow thread").click()
        page.get_by_role("button", name="Follow this thread").click()
        if scripts:
            expect(page.get_by_role("button", name="Following this thread")).to_be_focused()
        else:
            expect(page.locator(f"#c-{comments[1].pk}").get_by_role("link", name="Following")).to_be_visible()
