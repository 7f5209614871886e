import io
import re
from datetime import timedelta
from pathlib import Path

import html5lib
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from articles.models import Article, Byline, Picture
from articles.publishing import withdraw
from comments.models import Discussion
from tests.factories import (
    make_admin,
    make_article,
    make_author,
    make_comment,
    make_editor,
    make_moderator,
    make_picture,
    make_topic,
    make_user,
)

ARTICLES = "/admin/articles/article/"
PICTURES = "/admin/articles/picture/"


def upload(size=(1200, 800), kind="JPEG", name="photo.jpg"):
    """A picture as a browser sends it."""
    file = io.BytesIO()
    Image.new("RGB", size, (120, 30, 90)).save(file, kind)
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


def in_library(**fields):
    return make_picture(uploaded_at=timezone.now(), **fields)


def stored_files():
    return {path.name for path in Path(settings.MEDIA_ROOT).glob("pictures/*.*")}


def filled(response):
    """What a browser would send back of the article form in a page: {name: value or values}."""
    document = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    form = next(element for element in document.iter("form") if element.get("id") == "article_form")
    fields = {}
    for element in form.iter():
        name = element.get("name")
        if not name or element.get("type") in ("submit", "file"):
            continue
        if element.tag == "input" and element.get("type") in ("checkbox", "radio"):
            if element.get("checked") is not None:
                fields.setdefault(name, []).append(element.get("value", "on"))
        elif element.tag == "input":
            fields[name] = element.get("value", "")
        elif element.tag == "textarea":
            fields[name] = (element.text or "").removeprefix("\n")
        elif element.tag == "select":
            fields[name] = next((o.get("value") for o in element.iter("option") if o.get("selected") is not None), "")
    return fields


class DeskCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()

    def setUp(self):
        self.client.force_login(self.editor)

    def form(self, article=None):
        path = f"{ARTICLES}{article.pk}/change/" if article else f"{ARTICLES}add/"
        return path, filled(self.client.get(path))

    def send(self, button, article=None, **fields):
        """Open the form, fill in `fields`, press `button`; return the answer."""
        path, data = self.form(article)
        if not article:
            data |= {"title": "A story", "slug": "a-story", "body": "<p>Text.</p>"}
        return self.client.post(path, data | fields | {button: "1"})

    def send_picture(self, button="_publish", article=None, **fields):
        words = {"upload_alt": "A river", "upload_credit": "Photograph: Sabine Thorle", "upload": upload()}
        return self.send(button, article, **(words | fields))


class PublishTests(DeskCase):
    def test_save_draft_keeps_it_from_readers_and_stays_on_the_form(self):
        response = self.send("_continue")
        article = Article.objects.get()
        self.assertRedirects(response, f"{ARTICLES}{article.pk}/change/", fetch_redirect_response=False)
        self.assertEqual((article.state, article.publish_at), (Article.State.DRAFT, None))
        self.assertFalse(article.discussion.is_readable)
        self.client.logout()
        self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 404)

    def test_publish_now_shows_it_at_once(self):
        before = timezone.now()
        self.send("_publish")
        article = Article.objects.get()
        self.assertTrue(article.is_published)
        self.assertGreaterEqual(article.publish_at, before)
        self.assertEqual(Discussion.objects.get().title, "A story")
        self.client.logout()
        self.assertContains(self.client.get("/"), "A story")

    def test_publish_now_keeps_a_date_that_has_passed(self):
        self.send("_publish", publish_at_0="2020-02-03", publish_at_1="04:05:06")
        self.assertEqual(Article.objects.get().publish_at.isoformat(), "2020-02-03T04:05:06+00:00")

    def test_publish_now_means_now_whatever_was_planned(self):
        article = make_article(publish_at=timezone.now() + timedelta(days=3))
        self.send("_publish", article)
        self.assertTrue(Article.objects.get().is_published)

    def test_schedule_needs_a_time_to_come(self):
        for fields in ({}, {"publish_at_0": "2020-02-03", "publish_at_1": "04:05:06"}):
            response = self.send("_schedule", **fields)
            self.assertContains(response, "still to come")
            self.assertContains(response, "A story")
        self.assertFalse(Article.objects.exists())

    def test_schedule_keeps_it_from_readers_until_then(self):
        self.send("_schedule", publish_at_0="2099-02-03", publish_at_1="04:05:06")
        article = Article.objects.get()
        self.assertTrue(article.is_scheduled)
        self.client.logout()
        self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 404)

    def test_save_changes_leaves_a_published_article_published(self):
        article = make_article()
        self.send("_continue", article, title="Another title")
        article.refresh_from_db()
        self.assertEqual((article.title, article.state), ("Another title", Article.State.PUBLISHED))
        self.assertEqual(article.discussion.title, "Another title")

    def test_a_published_article_needs_a_date(self):
        response = self.send("_continue", make_article(), publish_at_0="", publish_at_1="")
        self.assertContains(response, "A published article needs a date.")

    def test_back_to_draft_takes_it_and_its_discussion_from_readers(self):
        article = make_article()
        self.send("_withdraw", article)
        article.refresh_from_db()
        self.assertEqual(article.state, Article.State.DRAFT)
        self.assertFalse(article.discussion.is_readable)

    def test_preview_saves_and_leads_to_the_page(self):
        response = self.send("_preview")
        self.assertRedirects(response, "/articles/a-story/", fetch_redirect_response=False)
        self.assertEqual(Article.objects.get().state, Article.State.DRAFT)

    def test_the_first_button_never_publishes(self):
        """Enter in a text field presses it."""
        page = self.client.get(f"{ARTICLES}add/").content.decode()
        self.assertEqual(re.findall(r'type="submit"[^>]* name="(_\w+)"', page)[0], "_continue")

    def test_without_an_address_the_title_gives_one(self):
        self.send("_continue", title="What the Board says", slug="")
        self.assertEqual(Article.objects.get().slug, "what-the-board-says")

    def test_an_address_that_is_taken_is_said_kindly_and_nothing_typed_is_lost(self):
        make_article(slug="a-story")
        response = self.send("_publish", body="<p>Long text.</p>", standfirst="All of it.")
        self.assertContains(response, "Another article has this address.")
        self.assertContains(response, "&lt;p&gt;Long text.&lt;/p&gt;")
        self.assertContains(response, "All of it.")

    def test_a_call_to_action_needs_line_and_link(self):
        response = self.send("_publish", cta_line="Sign for clean water")
        self.assertContains(response, "A call to action needs both a line and a link.")

    def test_actions_publish_and_withdraw(self):
        draft, published = make_article(state="draft", publish_at=None), make_article()
        data = {"_selected_action": [draft.pk, published.pk]}
        self.client.post(ARTICLES, data | {"action": "publish"})
        self.assertEqual({article.is_published for article in Article.objects.all()}, {True})
        self.assertTrue(Discussion.objects.get(article=draft).is_readable)
        self.client.post(ARTICLES, data | {"action": "withdraw"})
        self.assertEqual({article.state for article in Article.objects.all()}, {Article.State.DRAFT})
        article = Article.objects.get(pk=published.pk)
        self.assertTrue(article.html)  # what the list does not load is kept


class ConflictTests(DeskCase):
    def test_the_second_of_two_editors_is_told_and_keeps_their_text(self):
        article = make_article(body="<p>First.</p>")
        path, mine = self.form(article)
        theirs = dict(mine)
        self.client.post(path, theirs | {"body": "<p>Theirs.</p>", "_continue": "1"})
        response = self.client.post(path, mine | {"body": "<p>Mine.</p>", "_continue": "1"})
        self.assertContains(response, "Somebody saved this article")
        self.assertContains(response, "&lt;p&gt;Mine.&lt;/p&gt;")
        self.assertEqual(Article.objects.get().body, "<p>Theirs.</p>")
        self.client.post(path, filled(response) | {"_continue": "1"})  # knowing it
        self.assertEqual(Article.objects.get().body, "<p>Mine.</p>")


class LeadPictureTests(DeskCase):
    def test_an_editor_publishes_with_a_picture(self):
        self.send_picture(upload_focal_x="20", upload_focal_y="70", upload_caption="The weir.")
        picture = Article.objects.get().picture
        self.assertEqual(
            (picture.alt, picture.caption, picture.credit, picture.focal_x, picture.focal_y),
            ("A river", "The weir.", "Photograph: Sabine Thorle", 20, 70),
        )
        self.assertEqual((picture.width, picture.height, picture.widths), (1200, 800, [480, 960]))
        stem = Path(picture.file.name).stem
        self.assertLessEqual({f"{stem}.webp", f"{stem}-480.webp", f"{stem}-960.webp"}, stored_files())
        self.client.logout()
        self.assertContains(self.client.get("/articles/a-story/"), picture.file.url)

    def test_a_picture_needs_words_and_a_credit(self):
        before = stored_files()
        response = self.send_picture(upload_alt="", upload_credit="")
        self.assertContains(response, "Describe the picture, or mark it as decorative.")
        self.assertContains(response, "Choose the file once more")
        self.assertEqual((Article.objects.count(), Picture.objects.count()), (0, 0))
        self.assertEqual(stored_files(), before)

    def test_a_decorative_picture_needs_no_words(self):
        self.send_picture(upload_alt="", upload_is_decorative="on")
        self.assertTrue(Article.objects.get().picture.is_decorative)

    def test_a_file_that_is_no_picture_is_refused_in_words(self):
        for name in ("x.svg", "x.jpg"):
            response = self.send_picture(upload=SimpleUploadedFile(name, b"<svg onload='alert(1)'/>", "image/jpeg"))
            self.assertContains(response, "This is no JPEG, PNG, GIF or WebP picture.")
            self.assertContains(response, "A story")
        self.assertFalse(Picture.objects.exists())

    def test_no_file_stays_where_another_part_of_the_form_is_wrong(self):
        before = stored_files()
        self.send_picture(**{"bylines-0-author": "999999"})
        self.assertEqual((Article.objects.count(), Picture.objects.count()), (0, 0))
        self.assertEqual(stored_files(), before)

    def test_a_picture_of_the_library_is_chosen_by_its_number(self):
        picture = in_library(alt="A bridge")
        self.send("_publish", picture=str(picture.pk))
        article = Article.objects.get()
        self.assertEqual(article.picture, picture)
        self.assertContains(self.client.get(f"{ARTICLES}{article.pk}/change/"), picture.thumbnail_url)

    def test_a_new_file_takes_the_place_of_the_chosen_one(self):
        self.send_picture(picture=str(in_library().pk))
        self.assertEqual(Article.objects.get().picture.alt, "A river")


class BylineTests(DeskCase):
    def bylines(self, *authors_and_positions):
        fields = {"bylines-TOTAL_FORMS": str(len(authors_and_positions)), "bylines-INITIAL_FORMS": "0"}
        for number, (author, position) in enumerate(authors_and_positions):
            fields |= {f"bylines-{number}-author": str(author.pk), f"bylines-{number}-position": position}
        return fields

    def printed(self):
        return [byline.author.name for byline in Article.objects.get().bylines.all()]

    def test_stand_in_the_order_of_their_rows(self):
        one, two = make_author("Zoya"), make_author("Abe")
        self.send("_publish", **self.bylines((one, ""), (two, "")))
        self.assertEqual(self.printed(), ["Zoya", "Abe"])
        self.assertEqual(list(Byline.objects.values_list("position", flat=True)), [1, 2])

    def test_stand_by_their_numbers_where_given(self):
        one, two = make_author("Zoya"), make_author("Abe")
        self.send("_publish", **self.bylines((one, "2"), (two, "1")))
        self.assertEqual(self.printed(), ["Abe", "Zoya"])

    def test_one_author_stands_once(self):
        author = make_author()
        response = self.send("_publish", **self.bylines((author, ""), (author, "")))
        self.assertEqual(response.status_code, 200)
        self.assertFalse(Article.objects.exists())

    def test_authors_can_be_chosen_without_javascript(self):
        author = make_author("Mirel Adeyo")
        self.assertContains(self.client.get(f"{ARTICLES}add/"), f'<option value="{author.pk}">Mirel Adeyo</option>')


class HostileTextTests(DeskCase):
    PAYLOADS = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<a href='javascript:alert(1)'>x</a>")

    def assert_harmless(self, response):
        document = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
        for element in document.iter():
            for name, value in element.attrib.items():
                self.assertFalse(str(name).startswith("on"), (element.tag, name))
                self.assertFalse(value.strip().lower().startswith("javascript:"), (element.tag, name))
            if element.tag == "script":
                self.assertNotIn("alert(1)", element.text or "")
            if element.tag == "img":
                self.assertNotEqual(element.get("src"), "x")

    def test_is_neutralised_on_the_page_and_on_the_desk(self):
        payload = "".join(self.PAYLOADS)
        author = make_author("<script>alert(1)</script>")
        topic = make_topic(name="<img src=x onerror=alert(1)>")
        self.send_picture(
            title="<script>alert(1)</script>",
            body=payload,
            standfirst=payload,
            kicker="<script>alert(1)</script>",
            correction=payload,
            topics=[topic.pk],
            upload_caption=payload,
            upload_credit=payload,
            upload_alt=payload,
            **{"bylines-0-author": str(author.pk)},
        )
        article = Article.objects.get()
        paths = [article.get_absolute_url(), "/", ARTICLES, PICTURES, f"{PICTURES}pick/"]
        paths += [f"{ARTICLES}{article.pk}/change/", f"{PICTURES}{article.picture_id}/change/"]
        for path in paths:
            with self.subTest(path):
                response = self.client.get(path)
                self.assertEqual(response.status_code, 200)
                self.assert_harmless(response)
        self.assertNotIn("<script", article.html)

    def test_a_text_that_is_too_long_is_refused(self):
        response = self.send("_continue", body="x" * 500_001)
        self.assertContains(response, "longer than 500000 characters")


class RightsTests(DeskCase):
    def test_editors_see_neither_members_nor_settings(self):
        page = self.client.get("/admin/")
        for model in ("article", "author", "picture", "topic"):
            self.assertContains(page, f"/admin/articles/{model}/")
        self.assertEqual(
            set(re.findall(r'href="/admin/(\w+)/', page.content.decode())) - {"articles", "logout", "password_change"},
            set(),
        )
        for path in ("accounts/user/", "auth/group/", "comments/comment/", "moderation/decision/"):
            self.assertEqual(self.client.get(f"/admin/{path}").status_code, 403)

    def test_an_editor_cannot_tie_an_author_to_an_account(self):
        author, user = make_author(), make_user()
        path = f"/admin/articles/author/{author.pk}/change/"
        self.assertNotContains(self.client.get(path), 'name="user"')
        self.client.post(path, {"name": author.name, "slug": author.slug, "user": user.pk})
        author.refresh_from_db()
        self.assertIsNone(author.user)
        self.client.force_login(make_admin())
        self.assertContains(self.client.get(path), 'name="user"')

    def test_moderators_get_no_part_of_it(self):
        self.client.force_login(make_moderator())
        for path in (
            ARTICLES,
            PICTURES,
            f"{ARTICLES}add/",
            f"{PICTURES}pick/",
            f"{PICTURES}{in_library().pk}/shown/",
        ):
            self.assertEqual(self.client.get(path).status_code, 403)

    def test_whoever_may_not_write_has_no_file_made_anew(self):
        before = stored_files()
        self.client.force_login(make_moderator())
        self.assertEqual(self.client.post(f"{PICTURES}add/", {"upload": upload()}).status_code, 403)
        self.assertEqual(stored_files(), before)

    def test_what_was_published_or_discussed_is_not_deleted(self):
        self.client.force_login(make_admin())
        published, draft = make_article(), make_article(state="draft", publish_at=None)
        discussed = make_article()
        make_comment(discussed.discussion)
        withdraw(discussed)
        for article in (published, discussed):
            self.assertEqual(self.client.post(f"{ARTICLES}{article.pk}/delete/", {"post": "yes"}).status_code, 403)
        self.client.post(f"{ARTICLES}{draft.pk}/delete/", {"post": "yes"})
        self.assertEqual(set(Article.objects.all()), {published, discussed})
        self.assertFalse(Discussion.objects.filter(pk=draft.discussion_id).exists())


class PictureLibraryTests(DeskCase):
    def add(self, **fields):
        data = {"alt": "A river", "credit": "Photograph: S.", "focal_x": "50", "focal_y": "50", "upload": upload()}
        return self.client.post(f"{PICTURES}add/", data | fields)

    def test_a_picture_is_made_anew_and_its_measures_are_filled_in(self):
        self.add()
        picture = Picture.objects.get()
        self.assertEqual((picture.width, picture.height, picture.widths), (1200, 800, [480, 960]))
        self.assertRegex(picture.file.name, r"^pictures/[0-9a-f]{32}\.webp$")

    def test_words_can_be_changed_without_another_file(self):
        self.add()
        picture = Picture.objects.get()
        data = {"alt": "A canal", "credit": "Photograph: S.", "focal_x": "10", "focal_y": "50"}
        self.client.post(f"{PICTURES}{picture.pk}/change/", data)
        changed = Picture.objects.get()
        self.assertEqual((changed.alt, changed.focal_x, changed.file.name), ("A canal", 10, picture.file.name))

    def test_another_file_replaces_the_first_and_its_copies(self):
        self.add()
        picture = Picture.objects.get()
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(
                f"{PICTURES}{picture.pk}/change/",
                {"alt": "A", "credit": "P.", "focal_x": "5", "focal_y": "5", "upload": upload((700, 700))},
            )
        changed = Picture.objects.get()
        self.assertEqual((changed.width, changed.widths), (700, [480]))
        self.assertFalse([name for name in stored_files() if Path(picture.file.name).stem in name])

    def test_a_bad_file_is_refused_in_words_and_nothing_is_stored(self):
        before = stored_files()
        response = self.add(upload=SimpleUploadedFile("x.png", b"no picture"))
        self.assertContains(response, "This is no JPEG, PNG, GIF or WebP picture.")
        self.add(credit="")
        self.assertFalse(Picture.objects.exists())
        self.assertEqual(stored_files(), before)

    def test_a_focal_point_lies_inside(self):
        self.assertContains(self.add(focal_x="101"), "0 to 100")

    def test_a_picture_in_use_cannot_be_deleted(self):
        self.client.force_login(make_admin())
        picture = in_library()
        make_article(picture=picture)
        self.client.post(f"{PICTURES}{picture.pk}/delete/", {"post": "yes"})
        self.assertTrue(Picture.objects.exists())

    def test_deleting_one_deletes_its_files(self):
        self.add()
        self.client.force_login(make_admin())
        picture = Picture.objects.get()
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(f"{PICTURES}{picture.pk}/delete/", {"post": "yes"})
        self.assertFalse([name for name in stored_files() if Path(picture.file.name).stem in name])

    def test_the_picker_finds_by_words(self):
        in_library(alt="A bridge")
        in_library(alt="A river")
        page = self.client.get(f"{PICTURES}pick/?q=bridge")
        self.assertContains(page, "A bridge")
        self.assertNotContains(page, "A river")


class ListTests(DeskCase):
    def test_tells_the_state_in_words(self):
        make_article(state="draft", publish_at=None, title="One")
        make_article(publish_at=timezone.now() + timedelta(days=1), title="Two")
        make_article(title="Three")
        for word, title in (("draft", "One"), ("scheduled", "Two"), ("published", "Three")):
            page = self.client.get(f"{ARTICLES}?is={word}")
            self.assertContains(page, f'<span class="state state-{word}">{word}</span>')
            self.assertContains(page, title)
            self.assertContains(page, "1 article")

    def test_is_searched_by_title_standfirst_and_text(self):
        make_article(title="Weir", standfirst="About pipes", body="<p>Chlorine</p>")
        make_article()
        for word in ("weir", "pipes", "chlorine"):
            self.assertContains(self.client.get(f"{ARTICLES}?q={word}"), "1 article")

    def test_is_cut_by_topic_author_kind_and_month(self):
        topic, author = make_topic(), make_author()
        make_article(topics=[topic], authors=[author], kind="page", publish_at=timezone.now() - timedelta(days=400))
        make_article()
        year = (timezone.now() - timedelta(days=400)).year
        for query in (f"topics__id__exact={topic.pk}", f"authors__id__exact={author.pk}", "kind__exact=page"):
            self.assertContains(self.client.get(f"{ARTICLES}?{query}"), "1 article", msg_prefix=query)
        self.assertEqual(self.client.get(f"{ARTICLES}?publish_at__year={year}").context["cl"].result_count, 1)

    def test_more_rows_cost_no_more_queries(self):
        for path, make in (
            (ARTICLES, lambda: make_article(authors=[make_author()], topics=[make_topic()], picture=in_library())),
            (PICTURES, in_library),
        ):
            numbers = []
            for rows in (10, 40):
                for _row in range(rows):
                    make()
                with CaptureQueriesContext(connection) as captured:
                    self.client.get(path)
                numbers.append(len(captured))
            self.assertEqual(*numbers, path)


class PolicyTests(DeskCase):
    def test_the_import_map_alone_has_a_nonce_and_the_policy_stays_strict(self):
        response = self.client.get(f"{ARTICLES}add/")
        policy = response["Content-Security-Policy"]
        nonce = re.search(r"script-src 'self' 'nonce-([^']+)'", policy)[1]
        self.assertNotIn("unsafe", policy)
        document = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
        inline = [script for script in document.iter("script") if not script.get("src")]
        self.assertEqual([(script.get("type"), script.get("nonce")) for script in inline], [("importmap", nonce)])

    def test_other_pages_of_the_desk_have_none(self):
        for path in ("/admin/", ARTICLES, PICTURES, f"{PICTURES}add/"):
            self.assertNotIn("nonce", self.client.get(path)["Content-Security-Policy"])
