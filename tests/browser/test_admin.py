"""The desk as editors and moderators see it: the rich-text editor under the live policy, pictures, lists, accessibility.

axe adds style elements of its own, so that what the policy refuses is listened for in tests without it.
"""

import pytest
from PIL import Image
from playwright.sync_api import expect

from articles.models import Article, Picture
from campaign import images
from comments.models import Comment, State
from tests.browsing import LOOKS, check_accessible, click_in_closing, no_complaints, sign_in
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_editor,
    make_moderator,
    make_topic,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = ".ProseMirror[contenteditable=true]"


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (1200, 800), (120, 30, 90)).save(path)
    return path


@pytest.fixture
def picture(photo, settings, tmp_path):
    """A picture of the library with its files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    kept = Picture(alt="The weir", caption="At dawn.", credit="Photograph: Sabine Thorle")
    with photo.open("rb") as file:
        images.store(kept, file)
    return kept


@pytest.fixture
def article(picture):
    topic, author = make_topic(name="Water"), make_author("Mirel Adeyo")
    return make_article(
        title="The valley that pays for water",
        body='<p>Jars.</p><aside class="facts"><p>Nine standpipes.</p></aside>'
        '<blockquote class="pull"><p>Overdue.</p></blockquote>',
        picture=picture,
        topics=[topic],
        authors=[author],
    )


def test_typed_text_is_published_under_the_live_policy(page, live_server, photo, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    make_author("Mirel Adeyo")
    make_topic(name="Water")
    sign_in(page, live_server.url, make_editor())
    with no_complaints(page):
        page.goto(f"{live_server.url}/admin/articles/article/add/")
        page.fill("#id_title", "What the Board says")
        page.click(TEXT)
        page.keyboard.type("The tap coughs twice.")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+b")
        page.keyboard.type("Thirty-one  jars")
        page.click("button[data-name=facts]")
        expect(page.locator("#id_slug")).to_have_value("what-the-board-says")
        page.click(".select2-selection")
        page.keyboard.type("Mir")
        expect(page.locator(".select2-results__option--highlighted")).to_have_text("Mirel Adeyo")
        page.keyboard.press("Enter")
        page.check("text=Water")
        page.set_input_files("#id_upload", photo)
        shown = page.locator(".focal.fresh canvas")
        box = shown.bounding_box()
        shown.click(position={"x": box["width"] / 4, "y": box["height"] * 3 / 4})
        page.fill("#id_upload_alt", "A weir at dawn")
        page.fill("#id_upload_credit", "Photograph: Sabine Thorle")
        page.click("text=Publish now")
        expect(page.locator(".messagelist")).to_contain_text("What the Board says is on the site")
    article = Article.objects.get()
    assert article.is_published
    assert "<p>The tap coughs twice.</p>" in article.html
    assert "<strong>Thirty-one  jars</strong>" in article.html
    assert '<aside class="facts">' in article.html
    assert [byline.author.name for byline in article.bylines.all()] == ["Mirel Adeyo"]
    assert [topic.name for topic in article.topics.all()] == ["Water"]
    assert (article.picture.focal_x, article.picture.focal_y) == (25, 75)


def test_opening_and_changing_an_article_loses_none_of_its_text(page, live_server, article):
    sign_in(page, live_server.url, make_editor())
    with no_complaints(page):
        page.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/")
        page.click(f"{TEXT} p >> nth=0")
        page.keyboard.press("End")
        page.keyboard.type(" And more.")
        page.click("text=Save changes")
        expect(page.locator(".messagelist")).to_be_visible()
    before, after = article.html, Article.objects.get().html
    assert after == before.replace("<p>Jars.</p>", "<p>Jars. And more.</p>")


def test_a_picture_of_the_library_joins_text_and_lead(page, live_server, picture):
    sign_in(page, live_server.url, make_editor())
    with no_complaints(page):
        page.goto(f"{live_server.url}/admin/articles/article/add/")
        page.fill("#id_title", "With pictures")
        with page.expect_popup() as popup:
            page.click("#lookup_id_picture")
        click_in_closing(popup.value, "text=At dawn.")
        expect(page.locator(".library .words")).to_have_text("At dawn.")
        page.click(TEXT)
        page.click(
            "button[data-name=figure], button[data-name='image figure'], .prose-menubar button:has-text('image')"
        )
        with page.expect_popup() as popup:
            page.click("dialog button:has-text('Browse')")
        click_in_closing(popup.value, "[data-pick]")
        page.click("dialog button[type=submit]")
        page.click("text=Save draft >> nth=0")
        expect(page.locator(".messagelist")).to_contain_text("Saved as a draft")
    article = Article.objects.get()
    assert article.picture == picture
    assert f'<img src="{picture.file.url}" alt="The weir">' in article.html


def test_text_that_was_not_saved_is_not_left_by_accident(page, live_server):
    sign_in(page, live_server.url, make_editor())
    page.goto(f"{live_server.url}/admin/articles/article/add/")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.fill("#id_title", "Half a story")
    page.goto(f"{live_server.url}/admin/")
    assert asked == ["beforeunload"]


def test_an_editor_publishes_with_a_picture_without_scripts(browser, live_server, photo, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    make_author("Mirel Adeyo")
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, live_server.url, make_editor())
    page.goto(f"{live_server.url}/admin/articles/article/add/")
    page.fill("#id_title", "Without scripts")
    page.fill("#id_body", "<p>Typed as HTML.</p>")
    page.select_option("#id_bylines-0-author", label="Mirel Adeyo")
    page.set_input_files("#id_upload", photo)
    page.fill("#id_upload_alt", "A weir")
    page.fill("#id_upload_credit", "Photograph: Sabine Thorle")
    page.click("text=Publish now")
    expect(page.locator(".messagelist")).to_contain_text("Without scripts is on the site")
    page.goto(live_server.url)
    expect(page.locator("main")).to_contain_text("Without scripts")


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_the_editors_desk_is_accessible(browser, live_server, article, look):
    page = browser.new_context(**LOOKS[look]).new_page()
    sign_in(page, live_server.url, make_editor())
    for path in ("", "articles/article/", f"articles/article/{article.pk}/change/", "articles/article/add/"):
        page.goto(f"{live_server.url}/admin/{path}")
        page.wait_for_load_state("networkidle")
        check_accessible(page)
    for path in (f"articles/picture/{article.picture_id}/change/", "articles/picture/", "articles/picture/pick/"):
        page.goto(f"{live_server.url}/admin/{path}")
        check_accessible(page)


@pytest.fixture
def comments():
    discussion = make_article(title="The weir").discussion
    made = [make_comment(discussion, author=make_user("Ilse Marrow"), body=f"Words {n}. " * 20) for n in range(3)]
    make_comment(discussion, state=State.HIDDEN)
    make_comment(discussion, state=State.PENDING)
    return made


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_the_moderators_desk_is_accessible(browser, live_server, comments, look):
    page = browser.new_context(**LOOKS[look]).new_page()
    sign_in(page, live_server.url, make_moderator())
    paths = [
        "comments/comment/",
        f"comments/comment/{comments[0].pk}/change/",
        "comments/discussion/",
        "moderation/rule/",
    ]
    for path in [*(f"/admin/{path}" for path in paths), f"/comments/{comments[0].pk}/hide/"]:
        page.goto(live_server.url + path)
        check_accessible(page)
    page.goto(f"{live_server.url}/admin/comments/comment/")
    page.check(".action-select >> nth=0")
    page.select_option("[name=action]", "hide")
    page.click("text=Go")
    expect(page.locator("h1")).to_have_text("Hide these comments")
    check_accessible(page)


def test_a_moderator_hides_several_comments_from_the_list(page, live_server, comments):
    sign_in(page, live_server.url, make_moderator())
    with no_complaints(page):
        page.goto(f"{live_server.url}/admin/comments/comment/?state__exact=published")
        page.check("#action-toggle")
        page.select_option("[name=action]", "hide")
        page.click("text=Go")
        page.check("text=Off topic")
        page.click(".submit-row >> text=Hide")
        expect(page.locator(".messagelist")).to_contain_text("Hidden. 3 comments.")
    assert not Comment.objects.filter(state=State.PUBLISHED).exists()
