"""More replies and more threads where one reads: by mouse, by keyboard, as a guest, as a member, and without scripts."""

import pytest
from playwright.sync_api import expect

from tests.browsing import check_accessible, no_complaints, open_page
from tests.comments import trees
from tests.factories import make_comment, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def member():
    return make_user("Nkemi Ashgrove")


def ids(page, selector):
    return page.locator(selector).evaluate_all("all => all.map(one => one.id)")


def focused(page):
    return page.evaluate("document.activeElement.id")


@pytest.mark.parametrize("who", ["guest", "member"])
def test_more_replies_open_in_place_by_keyboard(browser, live_server, member, who):
    comments = trees.grow(trees.holes(50))  # one thread with 49 replies
    root = comments[0]
    expected = [f"c-{comment.pk}" for comment in comments[1:]]
    page = open_page(browser, live_server, root.discussion.url, member if who == "member" else None)
    address, replies = page.url, f"#c-{root.pk} > .branch > .thread > .c"
    with no_complaints(page):
        for shown in (3, 23, 43):
            expect(page.locator(replies)).to_have_count(shown)
            link = page.locator(f"#c-{root.pk} > .branch > p > a")
            link.focus()
            page.keyboard.press("Enter")
            expect(page.locator(replies)).to_have_count(min(shown + 20, 49))
            assert focused(page) == expected[shown]
        assert page.url == address
        assert ids(page, replies) == expected
        expect(page.locator(f"#c-{root.pk} > .branch > p")).to_have_count(0)
        check_accessible(page)


def test_a_comment_without_a_list_gets_one_and_folds(browser, live_server, member):
    # Replies below the second level are left out.
    comments = trees.grow([None, 0, 1, 2, 2, 2])
    page = open_page(browser, live_server, comments[0].discussion.url, member)
    holder = page.locator(f"#c-{comments[2].pk}")
    holder.get_by_role("link", name="3 more replies").click()
    expect(holder.locator("> .branch > .thread > .c")).to_have_count(3)
    holder.locator("> .branch > summary").click()
    expect(page.locator(f"#c-{comments[3].pk}")).to_be_hidden()


def test_what_came_is_answered_and_recommended_like_the_rest(browser, live_server, member):
    comments = trees.grow(trees.holes(10))
    page = open_page(browser, live_server, comments[0].discussion.url, member)
    page.get_by_role("link", name="6 more replies").click()
    last = page.locator(f"#c-{comments[-1].pk}")
    last.get_by_role("button", name="Recommend").click()
    expect(last.locator(".num")).to_have_text("1")
    last.locator(".reply").click()
    expect(last.locator("textarea[name=body]")).to_be_focused()


def test_the_next_threads_come_below_the_others(browser, live_server):
    comments = trees.grow(trees.wide(45))
    page = open_page(browser, live_server, f"{comments[0].discussion.url}?sort=oldest")
    expected = [f"c-{comment.pk}" for comment in comments]
    with no_complaints(page):
        for shown in (20, 40):
            expect(page.locator(".disc-body > .thread > .c")).to_have_count(shown)
            page.get_by_role("link", name="More comments").click()
            expect(page.locator(f"#{expected[shown]}")).to_be_focused()
        assert ids(page, ".disc-body > .thread > .c") == expected
        expect(page.locator(".outline li")).to_have_count(45)
        expect(page.get_by_role("link", name="More comments")).to_have_count(0)


def test_a_new_tab_and_a_lost_connection_lead_to_the_page(browser, live_server):
    comments = trees.grow(trees.wide(25))
    page = open_page(browser, live_server, comments[0].discussion.url)
    more = page.get_by_role("link", name="More comments")
    with page.context.expect_page() as opened:
        more.click(modifiers=["Control"])
    assert "after=" in opened.value.url
    expect(page.locator(".disc-body > .thread > .c")).to_have_count(20)
    page.route(
        "**after=**", lambda route: route.continue_() if route.request.is_navigation_request() else route.abort()
    )
    more.click()
    page.wait_for_url("**after=**")
    expect(page.locator(".disc-body > .thread > .c")).to_have_count(5)


def test_without_scripts_the_links_lead_to_pages(browser, live_server):
    comments = trees.grow(trees.holes(30))
    page = open_page(browser, live_server, comments[0].discussion.url, java_script_enabled=False)
    page.get_by_role("link", name="26 more replies").click()
    expect(page.locator(f"#c-{comments[0].pk} > .branch > .thread > .c")).to_have_count(20)
    page.get_by_role("link", name="More replies").click()
    expect(page.locator(f"#c-{comments[29].pk}")).to_be_visible()


def test_replies_too_deep_for_a_list_open_on_their_page(browser, live_server):
    chain = trees.grow([None, *range(30)])
    page = open_page(browser, live_server, f"{chain[0].discussion.url}?at={chain[8].pk}")
    link = page.locator(".continue a").last
    leads_to = link.get_attribute("href")
    link.click()
    page.wait_for_url(live_server.url + leads_to)
    assert focused(page) == leads_to.partition("#")[2]


def test_what_is_new_to_a_guest_is_marked_in_what_comes_too(browser, live_server):
    comments = trees.grow(trees.wide(25))
    page = open_page(browser, live_server, f"{comments[0].discussion.url}?sort=oldest")
    page.locator("#discussion").scroll_into_view_if_needed()
    page.wait_for_function("localStorage['rostrum:read']")
    page.evaluate("""() => {  // as if that had been an hour ago
        const seen = JSON.parse(localStorage["rostrum:read"]);
        for (const key in seen) seen[key][2] -= 3600e3;
        localStorage["rostrum:read"] = JSON.stringify(seen);
    }""")
    new = make_comment(comments[0].discussion)
    page.reload()
    page.get_by_role("link", name="More comments").click()
    expect(page.locator(f"#c-{new.pk}.is-new")).to_be_visible()
    expect(page.locator(f"#c-{comments[0].pk}.is-new")).to_have_count(0)


@pytest.mark.parametrize("who", ["guest", "member"])
def test_the_browser_remembers_the_order(browser, live_server, member, who):
    comments = trees.grow(trees.wide(25))
    url = live_server.url + comments[0].discussion.url
    page = open_page(browser, live_server, comments[0].discussion.url, member if who == "member" else None)
    page.locator(".sortbar").get_by_role("link", name="Oldest").click()
    # It takes the place of the page, so that the way back is one step.
    page.goto(f"{live_server.url}/")
    page.goto(url)
    page.wait_for_url("**?sort=oldest")
    page.wait_for_load_state()
    page.go_back()
    page.wait_for_url(f"{live_server.url}/")
    # What is featured is another question, which most discussions have no answer to.
    page.goto(f"{url}?sort=featured")
    page.locator(".sortbar").get_by_role("link", name="Featured").click()
    page.goto(url)
    page.wait_for_url("**?sort=oldest")
    # A link to a comment, and the order chosen anew, go before it.
    page.goto(f"{live_server.url}/c/{comments[0].pk}/")
    expect(page.locator(f"#c-{comments[0].pk}")).to_be_focused()
    assert "sort=" not in page.url
    page.goto(f"{url}?sort=oldest")
    page.locator(".sortbar").get_by_role("link", name="Conversation").click()
    page.goto(url)
    expect(page.locator(".sortbar [aria-current]")).to_have_text("Conversation")
    assert page.url == url


def test_a_message_is_read_before_the_order_is_changed(browser, live_server, member):
    comments = trees.grow(trees.wide(2))
    page = open_page(browser, live_server, f"{comments[0].discussion.url}?sort=oldest", member)
    page.locator(".sortbar").get_by_role("link", name="Oldest").click()
    page.evaluate("document.querySelector('form.follow').submit()")  # as a form, without htmx
    expect(page.locator(".messages")).to_contain_text("You follow it now.")
    assert "sort=" not in page.url
