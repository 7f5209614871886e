"""The pages that readers open, as a browser shows them, and the main line of work: reply, hide, restore."""

import pytest
from playwright.sync_api import expect

from comments import states
from comments.models import State
from tests.browsing import LOOKS, check_accessible, no_complaints, sign_in
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_moderator,
    make_topic,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def article():
    """An article with a discussion in every state."""
    author = make_author(user=make_user("Mirel Adeyo", shows_full_name=True))
    article = make_article(
        title="The valley that pays for water it cannot drink",
        kicker="Ysmere Valley",
        standfirst="For three years the standpipes have run brown.",
        body="<p>The tap coughs twice.</p><h2>The windowsill</h2><p>There are thirty-one jars.</p>"
        '<blockquote class="pull"><p>They only tell us the account is overdue.</p><footer>Ilse Marrow</footer></blockquote>'
        '<aside class="facts"><h2>What we know</h2><ul><li>Nine standpipes.</li></ul></aside>',
        cta_line="Publish every water test",
        cta_url="https://example.org/petition",
        correction="Corrected: the year of the repair.",
        authors=[author],
        topics=[make_topic(name="Water", slug="water")],
    )
    make_article(title="The reservoir was full on paper", topics=article.topics.all())
    first = make_comment(
        article.discussion, body="I live on the **third** terrace.\n\n> a quote\n\nWe carry it up the hill."
    )
    parent = first
    for number in range(6):
        parent = make_comment(parent=parent, body=f"Reply at depth {number + 1}.", author=author.user)
    hidden = make_comment(article.discussion, body="A slur.")
    make_comment(parent=hidden, body="Let us keep this about the pipes.")
    states.move(hidden, to=State.HIDDEN, expected=State.PUBLISHED, hidden_under="Personal attack")
    return article


@pytest.mark.parametrize("look", LOOKS)
def test_pages_are_accessible_fit_and_break_no_policy(browser, live_server, article, look):
    page = browser.new_context(**LOOKS[look]).new_page()
    with no_complaints(page):
        for path in (
            "/",
            article.get_absolute_url(),
            "/topics/water/",
            article.bylines.get().author.get_absolute_url(),
        ):
            page.goto(live_server.url + path)
            check_accessible(page)
        page.goto(
            live_server.url + article.get_absolute_url() + "?reply=" + str(article.discussion.comments.first().pk)
        )
        check_accessible(page)
        sign_in(page, live_server.url, make_moderator())
        page.goto(live_server.url + article.get_absolute_url())
        page.click("details.write > summary")
        check_accessible(page)


def test_a_missing_page_says_so(browser, live_server, db):
    page = browser.new_context(**LOOKS["phone"]).new_page()
    page.goto(live_server.url + "/articles/nothing-here/")
    check_accessible(page)
    expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_member_replies_and_a_moderator_hides_and_restores(browser, live_server, article, scripts):
    look = LOOKS["light"] | {"java_script_enabled": scripts}
    member, moderator, guest = (browser.new_context(**look).new_page() for _ in range(3))
    first = article.discussion.comments.earliest("pk")
    address = live_server.url + article.get_absolute_url()

    sign_in(member, live_server.url, make_user("Nkemi Ashgrove"))
    member.goto(address)
    member.click(f"#c-{first.pk} > .c-card .reply")
    member.fill("#reply textarea[name=body]", "Is there a *public* survey?")
    member.click("#reply button[type=submit]")
    posted = member.locator(".c", has_text="Is there a public survey?").last
    expect(posted).to_be_visible()
    assert member.url.rpartition("#")[2] == posted.get_attribute("id")
    guest.goto(address)
    expect(guest.get_by_text("Is there a public survey?")).to_be_visible()

    sign_in(moderator, live_server.url, make_moderator())
    moderator.goto(member.url)
    number = posted.get_attribute("id").removeprefix("c-")
    moderator.click(f"#c-{number} .modbar a[href*='/hide/']")
    moderator.locator("main input[type=radio]").first.check()
    moderator.click("main form button[type=submit]")
    guest.goto(address)
    expect(guest.get_by_text("Is there a public survey?")).to_have_count(0)
    guest.goto(f"{live_server.url}/c/{number}/")
    expect(guest.locator(f"#c-{number} .tomb")).to_contain_text("Hidden by moderators")

    moderator.goto(f"{live_server.url}/comments/{number}/restore/")
    moderator.click("main form button[type=submit]")
    guest.goto(address)
    expect(guest.get_by_text("Is there a public survey?")).to_be_visible()


def test_a_refused_comment_gives_the_text_back(browser, live_server, article):
    page = browser.new_context(**LOOKS["phone"]).new_page()
    sign_in(page, live_server.url, make_user())
    page.goto(live_server.url + article.get_absolute_url())
    page.click("details.write > summary")
    page.fill("details.write textarea", "THIS IS A SCANDAL AND NOTHING ELSE")
    page.click("details.write button[type=submit]")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("textarea[name=body]")).to_have_value("THIS IS A SCANDAL AND NOTHING ELSE")
    assert article.discussion.comments.filter(body__contains="SCANDAL").count() == 0


def test_the_bar_at_the_foot_of_a_phone_covers_nothing_that_has_the_focus(browser, live_server):
    article = make_article(cta_url="https://example.org/", cta_line="Sign for the water")
    for _ in range(6):
        make_comment(parent=make_comment(article.discussion))
    page = browser.new_context(**LOOKS["phone"]).new_page()
    page.goto(live_server.url + article.get_absolute_url())
    bar = page.locator(".action-bar").bounding_box()["y"]
    for _ in range(60):
        page.keyboard.press("Tab")
        reached, top, bottom = page.evaluate(
            """() => { const at = document.activeElement, { top, bottom } = at.getBoundingClientRect();
                return [at.matches(".discussion *") && at.textContent, top, bottom]; }"""
        )
        if reached:
            assert 0 <= top < bottom <= bar, reached


def test_what_is_folded_is_printed_too(browser, live_server):
    reply = make_comment(parent=make_comment(make_article().discussion), body="Folded away.")
    page = browser.new_context(**LOOKS["light"]).new_page()
    page.goto(live_server.url + reply.discussion.url)
    text = page.locator(f"#c-{reply.pk} .c-body")
    for button in ("Fold all", "Only top comments"):
        page.get_by_role("button", name=button).click()
        expect(text).to_be_hidden()
        page.emulate_media(media="print")
        expect(text).to_be_visible()
        assert text.evaluate("element => element.checkVisibility()")
        page.emulate_media(media="screen")
        page.get_by_role("button", name=button).click()


@pytest.fixture
def large_text(launch_browser):
    """A browser whose owner has set letters twice as large as usual."""
    browser = launch_browser(args=["--blink-settings=defaultFontSize=32"])
    yield browser
    browser.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_twice_as_large_a_text_still_fits(large_text, live_server, article, width):
    page = large_text.new_context(viewport={"width": width, "height": 800}).new_page()
    for path in ("/", article.get_absolute_url(), "/accounts/login/"):
        page.goto(live_server.url + path)
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 30
        check_accessible(page, f"{path} with larger text")


def test_nothing_moves_for_whoever_wants_no_motion(browser, live_server, article):
    page = browser.new_context(reduced_motion="reduce").new_page()
    page.goto(live_server.url + article.get_absolute_url())
    moving = """[...document.querySelectorAll("*")].filter((element) => ["", "::before", "::after"].some((part) => {
      const style = getComputedStyle(element, part || null);
      const seconds = [style.transitionDuration, style.animationDuration].join().split(",").map(parseFloat);
      return seconds.some((each) => each > .001) || style.scrollBehavior === "smooth";
    })).length"""
    assert page.evaluate(moving) == 0


def test_focus_and_icons_are_seen_in_forced_colours(browser, live_server, article):
    page = browser.new_context(forced_colors="active").new_page()
    page.goto(live_server.url + article.get_absolute_url())
    outline = "element => [getComputedStyle(element).outlineStyle, parseFloat(getComputedStyle(element).outlineWidth)]"
    for selector in (".c-acts .rec", ".sortbar nav a", ".branch > summary", ".composer.closed"):
        target = page.locator(selector).first
        target.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        style, thickness = target.evaluate(outline)
        assert style != "none", selector
        assert thickness >= 2, selector
    painted = "(element, part) => getComputedStyle(element, part).backgroundColor"
    icon = page.locator(".c-acts .rec").first.evaluate(painted, "::before")
    assert icon != page.locator("body").evaluate(painted, None)
