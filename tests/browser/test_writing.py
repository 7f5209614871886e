"""Writing in a discussion, as members do it: by keyboard alone, with a session that ends, without a network, without scripts."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from comments import editing, recommending
from comments.models import Comment, Discussion, ReadMark
from tests.browsing import LOOKS, check_accessible, no_complaints, sign_in
from tests.factories import make_article, make_comment, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def discussion():
    return make_article(title="The valley that pays for water").discussion


@pytest.fixture
def member():
    return make_user("Nkemi Ashgrove", handle="nkemi")


@pytest.fixture
def ilse(discussion):
    """The first comment, by somebody else."""
    return make_comment(discussion, author=make_user("Ilse Marrow", handle="ilse-m"), body="We carry it up the hill.")


class Writer:
    """A member's browser, on the page of a discussion."""

    def __init__(self, browser, live_server, member, discussion, **look):
        self.context = browser.new_context(**LOOKS["light"] | look)
        self.page = self.context.new_page()
        self.base, self.discussion, self.member = live_server.url, discussion, member
        sign_in(self.page, self.base, member)
        self.open()

    def open(self, query=""):
        self.page.goto(f"{self.base}{self.discussion.url}{query}")

    def of(self, comment):
        return self.page.locator(f"#c-{comment.pk}")

    def act(self, comment, name):
        """One of the links below a comment."""
        return self.of(comment).locator(f"> .c-card > .c-acts > {name}")

    def field(self, place="#reply"):
        return self.page.locator(f"{place} textarea[name=body]")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, selector, back=False, limit=120):
        """Press Tab until the focus is there."""
        for _ in range(limit):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"the keyboard does not reach {selector}")

    def newest(self):
        return Comment.objects.latest("pk")


@pytest.fixture
def writer(browser, live_server, member, discussion, ilse):
    writer = Writer(browser, live_server, member, discussion)
    yield writer
    writer.context.close()


def heard(page, text):
    expect(page.locator("[data-said]")).to_have_text(text)


# By keyboard alone ---------------------------------------------------------------------------------------------------
def test_from_the_skip_link_to_a_new_comment(writer):
    page = writer.page
    with no_complaints(page):
        writer.tab_to(".skip")
        writer.press("Enter")
        writer.tab_to("details.write > summary")
        writer.press("Enter")
        writer.tab_to("details.write textarea")
        page.keyboard.type("A word from the keyboard.")
        writer.tab_to("details.write button[type=submit]")
        writer.press("Enter")
        heard(page, "Comment posted")
        comment = writer.newest()
        expect(writer.of(comment)).to_be_focused()
        expect(writer.of(comment)).to_contain_text("A word from the keyboard.")
        assert page.url.endswith(f"#c-{comment.pk}")
        expect(page.locator("[data-comment-count]").first).to_have_attribute("data-comment-count", "2")
        # And again: the form has a new token.
        page.locator("details.write > summary").click()
        page.fill("details.write textarea", "A second word.")
        page.click("details.write button[type=submit]")
        expect(page.locator(".c", has_text="A second word.")).to_be_focused()
        assert page.locator(".disc-body > .thread > .c").count() == 3


def test_reply_cancel_and_reply_again_at_depth_five(writer, ilse):
    page, parent = writer.page, ilse
    for number in range(5):
        parent = make_comment(parent=parent, body=f"Reply at depth {number + 1}.", author=make_user(f"Reader {number}"))
    writer.open(f"?at={parent.pk}")
    reply = writer.act(parent, ".reply")
    with no_complaints(page):
        reply.focus()
        writer.press("Enter")
        expect(writer.field()).to_be_focused()
        page.keyboard.type("Half a thought")
        writer.tab_to("#reply [data-cancel]")
        writer.press("Enter")
        expect(page.locator("#reply")).to_have_count(0)
        expect(reply).to_be_focused()
        writer.press("Enter")
        expect(writer.field()).to_have_value("Half a thought")
        expect(page.locator("#reply [data-note=kept]")).to_be_visible()
        page.keyboard.type(", and the rest.")
        writer.tab_to("#reply button[type=submit]")
        writer.press("Enter")
        heard(page, "Reply posted")
        comment = writer.newest()
        assert (comment.body, comment.parent) == ("Half a thought, and the rest.", parent)
        expect(writer.of(comment)).to_be_focused()
        expect(writer.of(comment)).to_contain_text("replying to")
        expect(page.locator("#reply")).to_have_count(0)


def test_replies_stand_where_the_server_puts_them(writer, ilse):
    """First one below a comment without any, then below that one, then beside it."""
    page = writer.page
    parents = [ilse]
    for number in range(3):
        parent = parents[min(number, 1)]
        writer.act(parent, ".reply").click()
        writer.field().fill(f"Number {number}.")
        page.click("#reply button[type=submit]")
        expect(page.locator(".c", has_text=f"Number {number}.").last).to_be_focused()
        parents.append(writer.newest())
    shape = "all => all.map(c => [c.id, c.parentElement.closest('.c')?.id || ''])"
    here = page.locator(".disc-body .c").evaluate_all(shape)
    labels = page.locator(".branch > summary").all_inner_texts()
    page.goto(f"{writer.base}{writer.discussion.url}")
    assert page.locator(".disc-body .c").evaluate_all(shape) == here
    assert page.locator(".branch > summary").all_inner_texts()[1:] == labels[1:]


def test_edit_with_the_keyboard(writer, member):
    comment = make_comment(writer.discussion, author=member, body="The well is dri.")
    writer.open()
    page, link = writer.page, writer.act(comment, "[href$='/edit/']")
    with no_complaints(page):
        link.focus()
        writer.press("Enter")
        expect(writer.field("#act")).to_be_focused()
        expect(writer.field("#act")).to_have_value("The well is dri.")
        expect(writer.of(comment).locator(".c-body").first).to_be_hidden()
        writer.tab_to("#act [data-cancel]")
        writer.press("Enter")
        expect(link).to_be_focused()
        writer.press("Enter")
        expect(writer.field("#act")).to_be_focused()
        writer.press("Backspace", "Backspace")
        page.keyboard.type("y.")
        writer.tab_to("#act button[type=submit]")
        writer.press("Enter")
        heard(page, "Your comment is changed.")
        expect(writer.of(comment)).to_be_focused()
        expect(writer.of(comment).locator(".c-body")).to_have_text("The well is dry.")
        expect(writer.of(comment)).to_have_class(re.compile("is-own"))


def test_withdraw_with_the_keyboard(writer, member, ilse):
    alone = make_comment(writer.discussion, author=member, body="Nobody answers this.")
    answered = make_comment(parent=ilse, author=member, body="Somebody answers this.")
    make_comment(parent=answered, author=ilse.author, body="Here.")
    writer.open()
    page = writer.page
    for comment in (answered, alone):
        writer.act(comment, "[href$='/withdraw/']").focus()
        writer.press("Enter")
        expect(page.locator("#act button")).to_be_focused()
        writer.press("Enter")
        heard(page, "Your comment is withdrawn.")
    expect(writer.of(answered)).to_contain_text("Removed by its author")
    expect(writer.of(answered)).to_contain_text("Here.")
    expect(writer.of(alone)).to_have_count(0)
    expect(page.locator(":focus")).to_have_count(1)
    expect(page.locator("[data-comment-count]").first).to_have_attribute("data-comment-count", "2")


def test_recommend_with_the_keyboard(writer, ilse):
    page, link = writer.page, writer.act(ilse, ".rec")
    expect(link).to_have_role("button")
    for key, pressed, number in (("Enter", "true", "1"), ("Space", "false", ""), ("Space", "true", "1")):
        link.focus()
        writer.press(key)
        expect(link).to_have_attribute("aria-pressed", pressed)
        expect(link.locator(".num")).to_have_text(number)
    assert Comment.objects.get(pk=ilse.pk).recommend_count == 1
    page.reload()
    expect(link).to_have_attribute("aria-pressed", "true")
    expect(link).to_be_visible()


def test_ones_own_comment_leads_to_who_recommends_it(writer, member, ilse):
    comment = make_comment(writer.discussion, author=member)
    recommending.recommend(comment, member=ilse.author)
    writer.open()
    writer.act(comment, ".rec").click()
    expect(writer.page.locator("h1")).to_have_text("1 recommendation")
    expect(writer.page.locator(".people")).to_contain_text("Ilse M.")


def test_quote_with_the_keyboard(writer, ilse):
    page = writer.page
    writer.act(ilse, ".reply").focus()
    writer.press("Enter")
    writer.tab_to("#reply [data-quote]")
    writer.press("Enter")
    words = f"> We carry it up the hill.\n>\n> — [Ilse M.](/c/{ilse.pk}/)\n\n"
    expect(writer.field()).to_have_value(words)
    expect(writer.field()).to_be_focused()
    page.keyboard.type("So do we.")
    writer.tab_to("#reply button[type=submit]")
    writer.press("Enter")
    comment = writer.of(Comment.objects.get(pk=ilse.pk)).locator(".c", has_text="So do we.")
    expect(comment.locator("blockquote a")).to_have_attribute("href", f"/c/{ilse.pk}/")


def test_what_is_selected_is_quoted(writer, ilse):
    writer.page.evaluate(
        """pk => {
            const text = document.querySelector(`#c-${pk} .c-body p`).firstChild;
            getSelection().setBaseAndExtent(text, 3, text, 11);
        }""",
        ilse.pk,
    )
    writer.act(ilse, ".reply").focus()
    writer.press("Enter")
    expect(writer.field()).to_have_value(f"> carry it\n>\n> — [Ilse M.](/c/{ilse.pk}/)\n\n")


# What helps to write --------------------------------------------------------------------------------------------------
def test_preview_is_what_will_be_posted(writer, ilse):
    page = writer.page
    with no_complaints(page):
        writer.act(ilse, ".reply").click()
        expect(page.locator("#reply .preview")).to_be_hidden()
        writer.field().fill("Is there a **public** survey, @ilse-m?\n\n> a quote\n\n<b>x</b>")
        preview = page.locator("#reply .preview .c-body")
        expect(preview.locator("strong")).to_have_text("public")
        expect(preview.locator(".mention")).to_have_text("@ilse-m")
        shown = preview.inner_html()
        page.click("#reply button[type=submit]")
        expect(page.locator("#reply")).to_have_count(0)
        assert writer.newest().html == shown
        page.locator("details.write > summary").click()
        page.fill("details.write textarea", "Gone again.")
        expect(page.locator("details.write .preview")).to_contain_text("Gone again.")
        page.fill("details.write textarea", "")
        expect(page.locator("details.write .preview")).to_be_hidden()


def test_counts_as_the_server_does(writer, ilse):
    page = writer.page
    writer.act(ilse, ".reply").click()
    count = page.locator("#reply [data-count]")
    for text, left in (
        ("", "5,000 characters left."),
        ("😀" * 10, "4,990 characters left."),
        ("a" * 4_999, "1 character left."),
        ("a" * 5_001, "1 over the limit."),
    ):
        writer.field().fill(text)
        expect(count).to_have_text(left)
    heard(page, "1 over the limit.")
    page.click("#reply button[type=submit]")
    expect(page.locator("#reply .error-summary")).to_be_focused()
    expect(writer.field()).to_have_value("a" * 5_001)
    writer.field().fill("😀" * 5_000)
    page.click("#reply button[type=submit]")
    expect(page.locator("#reply")).to_have_count(0)
    assert writer.newest().body == "😀" * 5_000


def test_buttons_and_keys_format(writer, ilse):
    page = writer.page
    writer.act(ilse, ".reply").click()
    for act, before, after in (
        ("bold", "word", "**word**"),
        ("italic", "word", "*word*"),
        ("quote", "one\ntwo", "> one\n> two"),
        ("link", "word", "[word](https://)"),
        ("Control+b", "word", "**word**"),
        ("Control+i", "word", "*word*"),
        ("Control+k", "word", "[word](https://)"),
    ):
        writer.field().fill(before)
        writer.field().press("Control+a")
        if "+" in act:
            writer.press(act)
        else:
            page.click(f"#reply [data-fmt={act}]")
        expect(writer.field()).to_have_value(after)
        expect(writer.field()).to_be_focused()
    # The address is selected, so that it can be typed over; and all of it can be undone.
    page.keyboard.type("https://example.org/")
    expect(writer.field()).to_have_value("[word](https://example.org/)")
    for _ in range(3):
        writer.press("Control+z")
    expect(writer.field()).not_to_have_value("[word](https://example.org/)")


def test_names_complete_by_keyboard(writer, ilse):
    make_user("Ilka Sorn", handle="ilka-s")
    page = writer.page
    with no_complaints(page):
        writer.act(ilse, ".reply").click()
        expect(writer.field()).to_be_focused()
        page.keyboard.type("I agree with @il")
        options = page.locator("#reply [role=listbox] [role=option]")
        expect(options).to_have_count(2)
        expect(options.first).to_contain_text("Ilse M.")  # she is in the discussion
        heard(page, "2 names: choose with the arrow keys")
        expect(writer.field()).to_have_attribute("aria-activedescendant", "name-0")
        check_accessible(page)
        writer.press("ArrowDown")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        writer.press("ArrowDown", "Enter")
        expect(writer.field()).to_have_value("I agree with @ilse-m ")
        expect(options).to_have_count(0)
        page.keyboard.type("and @ilk")
        expect(options).to_have_count(1)
        writer.press("Escape")
        expect(options).to_have_count(0)
        page.keyboard.type("a")
        expect(options).to_have_count(1)
        options.first.click()
        expect(writer.field()).to_have_value("I agree with @ilse-m and @ilka-s ")
        page.keyboard.type("@nobody at all")
        page.wait_for_timeout(300)
        expect(options).to_have_count(0)


def test_a_refused_text_comes_back_in_its_place(writer, ilse):
    page = writer.page
    writer.act(ilse, ".reply").click()
    writer.field().fill("THIS IS A SCANDAL AND NOTHING ELSE")
    page.click("#reply button[type=submit]")
    expect(page.locator("#reply .error-summary")).to_be_focused()
    expect(writer.field()).to_have_value("THIS IS A SCANDAL AND NOTHING ELSE")
    expect(page.locator("details.write .error-summary")).to_have_count(0)
    writer.field().fill("This is a scandal and nothing else")
    page.click("#reply button[type=submit]")
    expect(page.locator(".c", has_text="This is a scandal").last).to_be_focused()


def test_too_many_in_a_minute_says_so_in_its_place(writer, ilse, settings):
    settings.CAMPAIGN_COMMENT_RATES = [(1, 60)]
    page = writer.page
    for number in range(2):
        writer.act(ilse, ".reply").click()
        writer.field().fill(f"Number {number}.")
        page.click("#reply button[type=submit]")
        if number == 0:
            expect(page.locator("#reply")).to_have_count(0)
    expect(page.locator("#reply .error-summary")).to_contain_text("try again in")
    expect(writer.field()).to_have_value("Number 1.")


def test_two_windows_edit_one_comment(writer, member):
    comment = make_comment(writer.discussion, author=member, body="The first text.")
    writer.open()
    page = writer.page
    writer.act(comment, "[href$='/edit/']").click()
    writer.field("#act").fill("From here.")
    editing.edit_comment(
        Comment.objects.select_related("discussion").get(pk=comment.pk), body="From there.", revision=1
    )
    page.click("#act button[type=submit]")
    expect(page.locator("#act .error-summary")).to_be_focused()
    expect(page.locator("#act .there")).to_contain_text("From there.")
    expect(writer.field("#act")).to_have_value("From here.")
    check_accessible(page)
    page.click("#act button[type=submit]")
    expect(writer.of(comment).locator("> .c-card > .c-body")).to_have_text("From here.")


# Nothing is lost ------------------------------------------------------------------------------------------------------
def kept(writer):
    """Wait until the browser has stored what is written."""
    writer.page.wait_for_timeout(400)


def test_a_draft_outlives_a_reload(writer, ilse):
    page = writer.page
    page.locator("details.write > summary").click()
    page.fill("details.write textarea", "A long thought.")
    writer.act(ilse, ".reply").click()
    writer.field().fill("An answer.")
    kept(writer)
    page.reload()
    expect(page.locator("details.write .when-draft")).to_be_visible()
    page.locator("details.write > summary").click()
    expect(page.locator("details.write textarea")).to_have_value("A long thought.")
    expect(page.locator("details.write [data-note=kept]")).to_be_visible()
    writer.act(ilse, ".reply").click()
    expect(writer.field()).to_have_value("An answer.")
    # Posted or discarded, they are gone.
    page.click("#reply button[type=submit]")
    expect(page.locator("#reply")).to_have_count(0)
    page.click("details.write [data-discard]")
    expect(page.locator("details.write textarea")).to_have_value("")
    page.reload()
    expect(page.locator("details.write .when-draft")).to_be_hidden()
    writer.act(ilse, ".reply").click()
    expect(writer.field()).to_have_value("")


def test_a_draft_is_each_members_own_and_kept_for_a_week(writer, ilse, browser, live_server):
    page = writer.page
    writer.act(ilse, ".reply").click()
    writer.field().fill("Mine alone.")
    kept(writer)
    writer.context.clear_cookies()
    sign_in(page, writer.base, make_user("Somebody Else"))
    writer.open()
    writer.act(ilse, ".reply").click()
    expect(writer.field()).to_have_value("")
    writer.context.clear_cookies()
    sign_in(page, writer.base, writer.member)
    page.evaluate(
        """() => { for (const key of Object.keys(localStorage)) if (key.includes("draft")) {
            const draft = JSON.parse(localStorage[key]);
            localStorage[key] = JSON.stringify({...draft, at: draft.at - 8 * 864e5});
        } }"""
    )
    writer.open()
    writer.act(ilse, ".reply").click()
    expect(writer.field()).to_have_value("")


def test_a_session_that_has_ended_takes_nothing_away(writer, ilse):
    page = writer.page
    writer.act(ilse, ".reply").click()
    writer.field().fill("Written for half an hour.")
    Session.objects.all().delete()
    page.click("#reply button[type=submit]")
    expect(page.locator("#reply [data-note=expired]")).to_be_visible()
    expect(writer.field()).to_have_value("Written for half an hour.")
    page.locator("#reply [data-again]:visible").click()
    expect(page.locator("#reply [data-note=expired]")).to_be_visible()
    page.click("#reply [data-note=expired] a")
    page.fill("#id_login", writer.member.email)
    page.fill("#id_password", "correct horse battery")
    page.click("main form button[type=submit]")
    expect(writer.field()).to_have_value("Written for half an hour.")
    page.click("#reply button[type=submit]")
    expect(page.locator(".c", has_text="Written for half an hour.").last).to_be_focused()
    assert writer.newest().parent == ilse
    assert "reply=" not in page.url


def test_signed_in_again_in_another_window(writer, ilse):
    page = writer.page
    writer.act(ilse, ".reply").click()
    writer.field().fill("Written for half an hour.")
    Session.objects.all().delete()
    page.click("#reply button[type=submit]")
    expect(page.locator("#reply [data-note=expired]")).to_be_visible()
    sign_in(writer.context.new_page(), writer.base, writer.member)
    page.locator("#reply [data-again]:visible").click()
    expect(page.locator(".c", has_text="Written for half an hour.").last).to_be_focused()
    assert writer.newest().parent == ilse


def test_without_a_network_the_text_stays(writer, ilse):
    page = writer.page
    writer.act(ilse, ".reply").click()
    writer.field().fill("Sent from a tunnel.")
    page.wait_for_timeout(800)  # the preview is asked for before
    writer.context.set_offline(True)
    page.click("#reply button[type=submit]")
    expect(page.locator("#reply [data-note=failed]")).to_be_visible()
    expect(writer.field()).to_have_value("Sent from a tunnel.")
    page.locator("#reply [data-again]:visible").click()
    expect(page.locator("#reply [data-note=failed]")).to_be_visible()
    check_accessible(page)
    writer.context.set_offline(False)
    page.locator("#reply [data-again]:visible").click()
    expect(page.locator(".c", has_text="Sent from a tunnel.").last).to_be_focused()


def test_what_was_begun_is_shown_where_the_discussion_has_closed(writer, ilse):
    page = writer.page
    writer.act(ilse, ".reply").click()
    writer.field().fill("Too late, it seems.")
    Discussion.objects.update(mode="locked")
    page.click("#reply button[type=submit]")
    expect(page.locator("#reply .error-summary")).to_contain_text("takes no comments any more")
    kept(writer)
    writer.open()
    expect(page.locator("[data-kept-drafts] textarea")).to_have_value("Too late, it seems.")
    check_accessible(page)
    page.click("[data-kept-drafts] button")
    writer.open()
    expect(page.locator("[data-kept-drafts]")).to_be_hidden()


def test_on_a_page_of_its_own(writer, ilse):
    """The address that the links lead to: with scripts too."""
    page = writer.page
    with no_complaints(page):
        page.goto(f"{writer.base}/comments/{ilse.pk}/reply/?quote=1")
        expect(page.locator(".preview blockquote")).to_contain_text("We carry it up the hill.")
        page.locator("textarea[name=body]").press("Control+End")
        page.keyboard.type("From its own page.")
        expect(page.locator(".preview")).to_contain_text("From its own page.")
        check_accessible(page)
        page.click("form.composer button[type=submit]")
        expect(page.locator(".c", has_text="From its own page.").last).to_be_focused()
        assert page.url.endswith(f"#c-{writer.newest().pk}")


# Reading --------------------------------------------------------------------------------------------------------------
def test_a_visit_is_noted_and_what_came_since_is_new(writer, ilse, member):
    page = writer.page
    page.locator(".disc-body").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    mark = ReadMark.objects.get(member=member)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    ReadMark.objects.filter(pk=mark.pk).update(before_at=an_hour_ago, seen_at=an_hour_ago)
    Comment.objects.filter(pk=ilse.pk).update(posted_at=an_hour_ago - timedelta(hours=1))
    Discussion.objects.update(version=99)
    new = [make_comment(writer.discussion, author=ilse.author, body=f"New {n}.") for n in range(3)][::-1]
    writer.open()
    expect(page.locator(".is-new")).to_have_count(3)
    expect(page.locator(".jump").first).to_contain_text("3 new since your last visit")
    page.click(".sortbar .jump")
    page.keyboard.press("n")
    for comment in new:
        expect(writer.of(comment)).to_be_focused()
        page.keyboard.press("n")
    heard(page, "No more new comments on this page")
    page.keyboard.press("p")
    expect(writer.of(new[1])).to_be_focused()
    # Not while one writes, and not when they are switched off.
    writer.act(ilse, ".reply").click()
    writer.field().press("n")
    expect(writer.field()).to_have_value("n")
    page.click("#reply [data-cancel]")
    page.locator("[data-keys]").uncheck()
    writer.act(ilse, ".reply").focus()
    page.keyboard.press("p")
    expect(writer.act(ilse, ".reply")).to_be_focused()
    page.reload()
    expect(page.locator("[data-keys]")).not_to_be_checked()
    page.click("[data-go='1']")
    expect(page.locator(".is-new:focus")).to_have_count(1)


def test_a_guests_browser_remembers(browser, live_server, discussion, ilse):
    page = browser.new_context(**LOOKS["light"]).new_page()
    address = live_server.url + discussion.url
    with no_complaints(page):
        page.goto(address)
        expect(page.locator(".is-new")).to_have_count(0)
        page.locator(".disc-body").scroll_into_view_if_needed()
        page.wait_for_timeout(200)
        Comment.objects.filter(pk=ilse.pk).update(posted_at=timezone.now() - timedelta(hours=2))
        page.evaluate(
            """() => {
                const seen = JSON.parse(localStorage["rostrum:read"]);
                for (const mark of Object.values(seen)) mark[2] -= 36e5;
                localStorage["rostrum:read"] = JSON.stringify(seen);
            }"""
        )
        comment = make_comment(parent=Comment.objects.get(pk=ilse.pk), body="Since you were here.")
        page.goto(address)
        expect(page.locator(f"#c-{comment.pk}.is-new .when-new").first).to_be_visible()
        expect(page.locator(".is-new")).to_have_count(1)
        expect(page.locator("[data-jump]")).to_contain_text("1 new since your last visit")
        page.click("[data-jump]")
        assert page.url.endswith(f"#c-{comment.pk}")
        check_accessible(page)
        assert not page.context.cookies()


def test_folds_are_remembered_and_a_link_opens_them(browser, live_server, discussion, ilse):
    reply = make_comment(parent=make_comment(parent=ilse), body="Deep down.")
    other = make_comment(parent=make_comment(discussion), body="Beside it.")
    page = browser.new_context(**LOOKS["light"]).new_page()
    address = live_server.url + discussion.url
    with no_complaints(page):
        page.goto(address)
        page.locator(f"#c-{ilse.pk} > .branch > summary").press("Enter")
        expect(page.locator(f"#c-{reply.pk}")).to_be_hidden()
        page.wait_for_timeout(100)
        page.goto(address)
        expect(page.locator(f"#c-{reply.pk}")).to_be_hidden()
        expect(page.locator(f"#c-{other.pk}")).to_be_visible()
        page.goto(f"{live_server.url}/c/{reply.pk}/")
        expect(page.locator(f"#c-{reply.pk}")).to_be_visible()
        for kind in ("all", "roots"):
            page.click(f"[data-fold={kind}]")
            expect(page.locator(f"#c-{other.pk}")).to_be_hidden()
            page.wait_for_timeout(100)
            page.goto(address)
            expect(page.locator(f"#c-{other.pk}")).to_be_hidden()
            expect(page.locator(f"[data-fold={kind}]")).to_have_attribute("aria-pressed", "true")
            check_accessible(page)
            page.click(f"[data-fold={kind}]")
            expect(page.locator(f"#c-{other.pk}")).to_be_visible()


def test_new_comments_are_told_of_and_nothing_moves(browser, live_server, discussion, ilse):
    page = browser.new_context(**LOOKS["light"]).new_page()
    page.clock.install()
    asked = []
    page.on("response", lambda response: asked.append(response.status) if "live.json" in response.url else None)
    with no_complaints(page):
        page.goto(live_server.url + discussion.url)
        link = page.locator("[data-live-link]")

        def after(seconds):
            page.clock.run_for(seconds * 1_000)
            page.wait_for_timeout(200)

        after(31)
        assert asked == [200]
        expect(link).to_be_hidden()
        after(31)
        assert asked == [200, 304]
        for _ in range(2):
            make_comment(discussion, body="Just now.")
        before = page.locator(f"#c-{ilse.pk}").bounding_box()
        after(60)
        expect(link).to_have_text("2 new comments")
        assert page.locator(f"#c-{ilse.pk}").bounding_box() == before
        expect(page.get_by_text("Just now.")).to_have_count(0)
        check_accessible(page)
        # Nobody moves for half an hour: it stops asking; a key wakes it.
        after(3_600)
        number = len(asked)
        after(3_600)
        assert len(asked) == number
        page.keyboard.press("Shift")
        page.wait_for_timeout(300)
        assert len(asked) == number + 1
        link.click()
        expect(page.get_by_text("Just now.").first).to_be_visible()


# In every look --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("look", ["light", "dark", "phone", "narrow"])
def test_every_state_is_accessible(browser, live_server, discussion, ilse, member, look):
    own = make_comment(discussion, author=member, body="The well is dri.")
    held = make_comment(discussion, author=member, body="Held.", state="pending")
    recommending.recommend(ilse, member=make_user("Dov Harkin"))
    editing.edit_comment(
        Comment.objects.select_related("discussion").get(pk=own.pk), body="The well is dry.", revision=1
    )
    writer = Writer(browser, live_server, member, discussion, **LOOKS[look])
    page = writer.page
    with no_complaints(page) as heard:
        page.locator("details.write > summary").click()
        page.fill("details.write textarea", "A **word** before the others.\n\n> quoted\n\nAnd after.")
        expect(page.locator("details.write .preview strong")).to_be_visible()
        check_accessible(page, "composer")
        writer.act(ilse, ".reply").click()
        writer.field().fill("Too long " + "x" * 5_000)
        check_accessible(page, "reply")
        page.click("#reply button[type=submit]")
        expect(page.locator("#reply .error-summary")).to_be_focused()
        check_accessible(page, "refused")
        for comment in (own, held):
            writer.act(comment, "[href$='/edit/']").click()
            expect(writer.field("#act")).to_be_focused()
            check_accessible(page, "edit")
            page.click("#act [data-cancel]")
        writer.act(own, "[href$='/withdraw/']").click()
        expect(page.locator("#act button")).to_be_focused()
        check_accessible(page, "withdraw")
        for path in ("edit", "withdraw", "recommend", "history"):
            page.goto(f"{live_server.url}/comments/{own.pk}/{path}/")
            check_accessible(page)
        page.goto(f"{live_server.url}/comments/{ilse.pk}/recommend/")
        check_accessible(page)
        heard[:] = [line for line in heard if "422" not in line]  # the refusal above, which the browser tells of


# Without scripts ------------------------------------------------------------------------------------------------------
def test_every_act_works_without_scripts(browser, live_server, discussion, ilse, member):
    writer = Writer(browser, live_server, member, discussion, java_script_enabled=False)
    page = writer.page
    # Comment.
    page.locator("details.write > summary").click()
    page.fill("details.write textarea", "Without scripts.")
    page.click("details.write button[type=submit]")
    own = writer.newest()
    expect(writer.of(own)).to_be_visible()
    # Reply, with a quote.
    writer.act(ilse, ".reply").click()
    page.click("#reply [data-quote]")
    field = page.locator("textarea[name=body]")
    expect(field).to_have_value(re.compile("^> We carry it up the hill"))
    field.fill(field.input_value() + "So do we.")
    page.click("form.composer button[type=submit]")
    reply = writer.newest()
    assert (reply.parent, reply.quotes.get().source) == (ilse, ilse)
    expect(writer.of(reply)).to_contain_text("So do we.")
    # Cancel.
    writer.act(ilse, ".reply").click()
    page.click("#reply [data-cancel]")
    expect(page.locator("#reply")).to_have_count(0)
    # Edit, read the earlier text, withdraw.
    writer.act(own, "[href$='/edit/']").click()
    page.fill("textarea[name=body]", "Still without scripts.")
    page.click("form.composer button[type=submit]")
    expect(writer.of(own)).to_contain_text("Still without scripts.")
    page.goto(f"{live_server.url}/comments/{own.pk}/history/")
    expect(page.locator("ins").first).to_contain_text("Still")
    writer.open()
    writer.act(own, "[href$='/withdraw/']").click()
    page.click("main form[action$='/withdraw/'] button")
    expect(writer.of(own)).to_have_count(0)
    # Recommend and take it back.
    for button, number in (("Recommend", 1), ("Take your recommendation back", 0)):
        writer.act(ilse, ".rec").click()
        page.get_by_role("button", name=button, exact=True).click()
        assert Comment.objects.get(pk=ilse.pk).recommend_count == number
    # Mark as read.
    page.get_by_role("button", name="Mark all as read").click()
    assert ReadMark.objects.filter(member=member).exists()
    # Nothing is offered that does nothing.
    for selector in (
        ".fmt",
        ".preview",
        "[data-fold]",
        "[data-keys]",
        "[data-live-link]",
        "[data-note=kept]",
        "[data-note=failed]",
    ):
        for element in page.locator(selector).all():
            expect(element).to_be_hidden()


def test_a_session_that_has_ended_without_scripts(browser, live_server, discussion, ilse, member):
    writer = Writer(browser, live_server, member, discussion, java_script_enabled=False)
    page = writer.page
    writer.act(ilse, ".reply").click()
    writer.field().fill("Not lost either.")
    Session.objects.all().delete()
    page.click("#reply button[type=submit]")
    page.fill("#id_login", member.email)
    page.fill("#id_password", "correct horse battery")
    page.click("main form button[type=submit]")
    expect(page.locator("textarea[name=body]")).to_have_value("Not lost either.")
    page.click("form.composer button[type=submit]")
    assert (writer.newest().body, writer.newest().parent) == ("Not lost either.", ilse)


def test_the_scripts_are_small():
    """All that a member's page loads, as it is sent: at most 25 kB."""
    import gzip

    from django.contrib.staticfiles import finders

    names = ["site.js", "django_htmx/htmx-2.min.js", "reading.js", "composer.js"]
    sizes = {name: len(gzip.compress(Path(finders.find(name)).read_bytes(), 9)) for name in names}
    assert sum(sizes.values()) <= 25_000, sizes
