"""A member's picture: made anew, served as what it is, shown at once, and gone when it is replaced."""

import os
import tempfile
import time
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client, TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts import avatars
from accounts.models import User
from campaign import images
from comments import authors
from tests.factories import make_article, make_comment, make_user


def stored():
    """Names of all files of avatars."""
    try:
        return sorted(f"avatars/{name}" for name in default_storage.listdir("avatars")[1])
    except FileNotFoundError:
        return []


class PictureTestCase(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        settings = override_settings(MEDIA_ROOT=Path(folder.name))
        settings.enable()
        self.addCleanup(settings.disable)
        self.member = make_user("Nkemi Ashgrove", handle="nkemi")
        self.client.force_login(self.member)

    def save(self, content=None, **fields):
        fields = {"display_name": "Nkemi Ashgrove", "handle": "nkemi", "bio": ""} | fields
        if content is not None:
            fields["picture"] = SimpleUploadedFile("me.svg.png", content, "image/png")
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post("/accounts/profile/", fields)
        self.member.refresh_from_db()
        return response

    def png(self, colour="purple"):
        file = BytesIO()
        Image.new("RGB", (640, 400), colour).save(file, "PNG")
        return file.getvalue()


class PictureTests(PictureTestCase):
    def test_is_made_anew_under_a_name_of_ours(self):
        self.assertRedirects(self.save(self.png()), "/accounts/profile/")
        self.assertRegex(self.member.avatar.name, r"^avatars/[0-9a-f]{32}\.webp$")
        stem = self.member.avatar.name.removesuffix(".webp")
        self.assertEqual(stored(), sorted(stem + end for end in images.AVATARS))
        page = self.client.get(self.member.get_absolute_url())
        for end in ("-256.avif", "-256.webp", ".avif", ".webp"):  # the large one, and the masthead's
            self.assertContains(page, f"/media/{stem}{end}")

    def test_is_served_as_what_it_is_and_runs_nothing(self):
        self.save(self.png())
        stem = self.member.avatar.url.removesuffix(".webp")
        for end in images.AVATARS:
            response = Client().get(stem + end)
            self.assertEqual(response["Content-Type"], f"image/{end.rpartition('.')[2]}")
            self.assertEqual(response["X-Content-Type-Options"], "nosniff")
            self.assertIn("sandbox", response["Content-Security-Policy"])
            self.assertTrue(response.getvalue())

    def test_a_full_disk_is_told_and_the_text_kept(self):
        with patch("campaign.files.write_whole", side_effect=OSError("full")):
            response = self.save(self.png(), bio="Numbers.")
        self.assertContains(response, "could not be stored", status_code=422)
        self.assertEqual((bool(self.member.avatar), self.member.bio), (False, ""))

    def test_an_old_one_leaves_the_disk(self):
        self.save(self.png())
        first = set(stored())
        self.save(self.png("green"))
        self.assertEqual((len(stored()), first & set(stored())), (4, set()))
        self.save(drops_picture="on")
        self.assertFalse(self.member.avatar)
        self.assertEqual(stored(), [])

    def test_other_changes_keep_it(self):
        self.save(self.png())
        name = self.member.avatar.name
        self.save(bio="Numbers.")
        self.assertEqual(self.member.avatar.name, name)
        self.assertTrue(self.member.avatar.storage.exists(name))

    def test_what_is_no_picture_is_refused_and_the_text_kept(self):
        for content in (b"", b"<svg onload='alert(1)'/>", self.png()[:90]):
            response = self.save(content, bio="Numbers.")
            self.assertContains(response, 'id="id_picture_error"', status_code=422)
            self.assertContains(response, "Numbers.", status_code=422)
            self.assertFalse(self.member.avatar)

    def test_too_many_are_refused(self):
        with patch("accounts.views.settings.PICTURE_RATES", [(1, 3_600)]):
            self.save(self.png())
            self.assertContains(self.save(self.png()), "Too many pictures", status_code=422)

    def test_a_lost_race_leaves_no_file_behind(self):
        with patch.object(User, "save", side_effect=IntegrityError):
            self.save(self.png())
        self.assertEqual(stored(), [])

    def test_what_does_not_commit_leaves_the_old_one(self):
        self.save(self.png())
        before = stored()
        with (
            patch("accounts.views.settings.authors.changed", side_effect=RuntimeError),
            self.assertRaises(RuntimeError),
        ):
            self.save(self.png("green"))
        self.assertEqual(stored(), before)


class ShownTests(PictureTestCase):
    """A kept page is never older than the picture beside its comments."""

    def page(self, discussion):
        return Client().get(discussion.url)

    def test_the_next_page_of_a_guest_has_the_new_one(self):
        discussions = [make_article().discussion for _number in range(2)]
        for discussion in discussions:
            make_comment(discussion, author=self.member)
            self.assertContains(self.page(discussion), 'aria-hidden="true">NA</span>')
        self.save(self.png())
        first = self.member.avatar.url
        for discussion in discussions:
            self.assertContains(self.page(discussion), first)
        self.save(self.png("green"))
        for discussion in discussions:
            page = self.page(discussion)
            self.assertContains(page, self.member.avatar.url)
            self.assertNotContains(page, first)
        self.save(drops_picture="on")
        self.assertContains(self.page(discussions[0]), 'aria-hidden="true">NA</span>')

    def test_a_change_that_no_page_shows_makes_none_anew(self):
        discussion = make_comment(author=self.member).discussion
        version = discussion.version
        self.save(bio="Numbers.")
        discussion.refresh_from_db()
        self.assertEqual(discussion.version, version)

    def test_more_discussions_cost_no_more_queries(self):
        def queries():
            with CaptureQueriesContext(connection) as found:
                authors.changed(self.member)
            return len(found)

        make_comment(author=self.member)
        few = queries()
        for _number in range(5):
            make_comment(author=self.member)
        self.assertEqual(queries(), few)


class SweepTests(PictureTestCase):
    def test_takes_what_a_dead_process_left_and_nothing_else(self):
        self.save(self.png())
        kept = stored()
        lost = images.reencode_avatar(BytesIO(self.png())).write()
        self.assertEqual(avatars.sweep(), 0, "it may be on its way into a row")
        for name in stored():
            hours_ago = time.time() - 7_200
            os.utime(default_storage.path(name), (hours_ago, hours_ago))
        self.assertEqual(avatars.sweep(), 4)
        self.assertEqual(stored(), kept)
        self.assertNotIn(lost, kept)
