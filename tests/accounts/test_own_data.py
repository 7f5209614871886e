"""What is stored about a member: told to them whole, to nobody else, and gone for good when they want it gone."""

import io
import json
import pickle
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connections
from django.test import Client, SimpleTestCase, TestCase, TransactionTestCase, override_settings
from django.utils import timezone

from accounts import archives, avatars, leaving, muting
from accounts.models import Archive, Leaving, User
from campaign import images, personal_data
from comments import editing, following, quoting, reading, recommending
from comments.models import Comment, State
from moderation import decisions
from notifications.models import FeedKey, Kind, Notification, OutgoingMail, Preference, Way
from tests.campaign.test_images import picture
from tests.conftest import all_rows
from tests.factories import (
    PASSWORD,
    make_admin,
    make_article,
    make_author,
    make_comment,
    make_moderator,
    make_rule,
    make_user,
)

NAMES = ["Quernia", "Stonemarrow", "quernia", "stonemarrow", "quernmail", "querntown", "quernbio"]
WORDS = ["zwieback", "Zwieback"]


class ModelsTests(SimpleTestCase):
    """A model or field without an answer to "what of it is a member's?" fails here."""

    def test_every_field_is_told_or_says_nothing_about_a_member(self):
        answered = {}
        for held in personal_data.held():
            answered.setdefault(held.model, set()).update(held.fields)
        nothing = {label for room in personal_data.rooms() for label in room.NOTHING}
        self.assertEqual(sorted(nothing & set(answered)), [])
        models = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
        self.assertEqual(
            sorted(set(models) - nothing - set(answered)), [], "add them to HELD or NOTHING of their room's privacy.py"
        )
        self.assertEqual(sorted((nothing | set(answered)) - set(models)), [], "there are no such models")
        for label, fields in answered.items():
            there = {field.name for field in models[label]._meta.concrete_fields}
            self.assertEqual(
                sorted(there - fields), [], f"{label}: say in its room's privacy.py whether members are told of these"
            )
            lookups = {name for name in fields if "__" in name}
            self.assertEqual(sorted(fields - there - lookups), [], f"{label} has no such fields")

    def test_nothing_is_told_and_untold(self):
        for held in personal_data.held():
            self.assertFalse(set(held.told.split()) & set(held.untold.split()), held.model)


class Traces:
    """A member who has done everything that leaves a trace. `find` says where one of these words still stands."""

    def __init__(self):
        self.member = make_user(
            "Quernia Stonemarrow",
            email="quernmail@example.org",
            handle="quernia-stonemarrow",
            bio="A quernbio.",
            place="Querntown",
            shows_full_name=True,
        )
        self.other = make_user("Dov Harkin")
        self.article = make_article(authors=[make_author("Printed Name", user=self.member)])
        discussion = self.article.discussion
        self.first = make_comment(discussion, author=self.member, body="Zwieback first, as I said.")
        self.reply = make_comment(author=self.other, parent=self.first, body="I see, @quernia-stonemarrow.")
        self.edited = make_comment(discussion, author=self.member, body="An old zwieback.")
        editing.edit_comment(self.edited, body="A new zwieback.", revision=1)
        self.quote = make_comment(
            discussion, author=self.other, body=quoting.as_quote(self.first) + "Indeed, @Quernia-Stonemarrow!"
        )
        quoting.remember(self.quote, [self.first.pk])
        editing.edit_comment(
            self.quote, body=quoting.as_quote(self.first) + "Indeed and again, @quernia-stonemarrow!", revision=1
        )
        self.own_quote = make_comment(discussion, author=self.member, body=quoting.as_quote(self.first) + "Zwieback.")
        quoting.remember(self.own_quote, [self.first.pk])
        self.unseen = [
            make_comment(discussion, author=self.member, body=f"A zwieback that is {state}.", state=state)
            for state in (State.PENDING, State.WITHDRAWN)
        ]
        self.hidden = make_comment(discussion, author=self.member, body="A zwieback that is hidden.")
        self.moderator = make_moderator()
        decisions.hide_comment(self.hidden, moderator=self.moderator, rule=make_rule(), facts="Off topic.")
        self.recommended = make_comment(discussion, author=self.other, body="A good word.")
        recommending.recommend(self.recommended, member=self.member)
        following.follow(self.member, discussion)
        reading.mark_read(self.member, discussion)
        muting.mute(self.member, make_user("Rook Sandiway"))
        muting.mute(self.other, self.member)
        Preference.choose(self.member.pk, {Kind.REPLY: Way.DAILY})
        FeedKey.renew(self.member)
        with avatars.stored(images.reencode_avatar(picture())) as name:
            User.objects.filter(pk=self.member.pk).update(avatar=name)
        self.member.refresh_from_db()
        self.note(self.other, self.first, self.member)
        self.note(self.member, self.reply, self.other)
        self.begun()
        self.mails()
        Authenticator.objects.create(user=self.member, type="totp", data={"secret": "quernia"})
        account = SocialAccount.objects.create(
            user=self.member, provider="google", uid="1", extra_data={"name": "Quernia Stonemarrow"}
        )
        SocialToken.objects.create(account=account, token="secret quernia")
        UserSession.objects.create(
            user=self.member, session_key="k" * 32, ip="192.0.2.7", user_agent="Quernia Browser", data={}
        )
        LogEntry.objects.create(
            user=make_admin(),
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(self.member.pk),
            object_repr="Quernia Stonemarrow",
            action_flag=2,
        )

    def note(self, recipient, subject, actor):
        Notification.objects.create(
            recipient=recipient,
            kind=Kind.REPLY,
            subject_type=ContentType.objects.get_for_model(Comment),
            subject_id=subject.pk,
            actor=actor,
            key=f"comment {subject.pk}",
        )

    def begun(self):
        """They and somebody else began to sign in, to sign up and to choose a new password, and went away."""
        for path in ("login/code/", "signup/", "password/reset/"):
            for email in (self.member.email, self.other.email):
                form = {"email": email, "display_name": "Somebody", "password1": PASSWORD}
                Client().post(f"/accounts/{path}", form)

    def mails(self):
        notice = {"List-Unsubscribe": "<https://example.org/>"}
        for subject, body, headers, to, state in (
            ("Quernia Stonemarrow replied", f"Zwieback\n/c/{self.first.pk}/", notice, self.other.email, "waiting"),
            ("Somebody replied", f"Zwieback, still\n/c/{self.edited.pk}/", notice, self.other.email, "waiting"),
            ("Quernia Stonemarrow replied", "", notice, self.other.email, "sent"),
            ("Your code", "Quernia Stonemarrow", {}, self.member.email, "waiting"),
            ("Your code", "", {}, self.member.email, "sent"),
            ("Your code", "Nobody's business.", {}, self.other.email, "waiting"),
        ):
            row = OutgoingMail.of(EmailMessage(subject, body, to=[to], headers=headers))
            row.save()
            if state == "sent":
                row.claim()
                row.mark_sent()

    def find(self, words):
        """Which of these words stand in a row, in a session, in the cache, or in a file of the databases."""
        texts = [("a session", json.dumps(session.get_decoded())) for session in Session.objects.all()]
        texts += [("the cache", text) for text in cached()]
        for database in connections.all():
            for table, (_columns, rows) in all_rows(database).items():
                texts += [(table, " ".join(map(as_text, row))) for row in rows]
            if database.vendor == "sqlite":
                name = database.settings_dict["NAME"]
                files = [Path(f"{name}{suffix}") for suffix in ("", "-wal")]
                texts += [(file.name, as_text(file.read_bytes())) for file in files if file.exists()]
        return sorted({(word, where) for where, text in texts for word in words if word in text})


def cached():
    """What this test has in the cache, as text."""
    if settings.REDIS_URL:
        client = cache._cache.get_client(write=True)
        return [as_text(client.get(key)) for key in client.scan_iter(match=cache.make_key("*"))]
    return [str(pickle.loads(value)) for value in cache._cache.values()]  # noqa: S301


def as_text(value):
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)


class OwnDataTestCase(TransactionTestCase):
    databases = {"default", "cache"}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        media = override_settings(MEDIA_ROOT=Path(folder.name))
        media.enable()
        self.addCleanup(media.disable)
        self.folder = Path(folder.name)
        self.traces = Traces()
        self.member = self.traces.member


class ErasureTests(OwnDataTestCase):
    def erase(self, **parts):
        self.traces.find(NAMES)  # the member is there to begin with
        leaving.ask(self.member, **parts)
        self.assertEqual(leaving.erase_due(), 0)
        if parts["name"]:
            self.close()
        Leaving.objects.update(due_at=timezone.now())
        self.assertEqual(leaving.erase_due(), 1)
        self.assertEqual(leaving.erase_due(), 0)

    def close(self):
        """The first of two steps: after it nobody acts in their names."""
        Leaving.objects.update(due_at=timezone.now())
        self.assertEqual(leaving.erase_due(), 0)
        self.assertFalse(User.objects.filter(leaving__isnull=False, is_active=True).exists())
        self.assertEqual(leaving.erase_due(), 0, "a moment for what was on its way")

    def files(self):
        return [path.name for path in self.folder.rglob("*.*")]

    def check_integrity(self):
        call_command("check_integrity", stdout=io.StringIO())  # it fails where anything differs

    def test_leaves_traces_first(self):
        there = {word for word, _where in self.traces.find([*NAMES, *WORDS])}
        self.assertEqual(there, {*NAMES, *WORDS} - {"querntown"})
        self.assertEqual(len(self.files()), 4)

    def test_of_name_and_words_leaves_neither(self):
        self.erase(name=True, words=True)
        self.assertEqual(self.traces.find([*NAMES, *WORDS, "Querntown", "192.0.2.7"]), [])
        self.assertEqual(self.files(), [])
        self.assertFalse(User.objects.filter(pk=self.member.pk).exists())
        self.assertEqual(OutgoingMail.objects.filter(state="waiting").count(), 1, "others wait for their codes")
        self.assertIn((self.traces.other.email, "a session"), self.traces.find([self.traces.other.email]))
        self.check_integrity()

    def test_of_the_name_leaves_the_words_and_the_shape_of_threads(self):
        before = list(Comment.objects.order_by("pk").values_list("pk", "path", "parent"))
        self.erase(name=True, words=False)
        self.assertEqual(self.traces.find([*NAMES, "Querntown", "192.0.2.7"]), [])
        self.assertEqual(list(Comment.objects.order_by("pk").values_list("pk", "path", "parent")), before)
        first = Comment.objects.get(pk=self.traces.first.pk)
        self.assertEqual((first.state, first.body), (State.PUBLISHED, "Zwieback first, as I said."))
        self.assertFalse(Comment.objects.filter(body__contains="A zwieback that is").exists(), "nobody saw these")
        page = Client().get(self.traces.article.get_absolute_url())
        self.assertContains(page, "<bdi>Deleted member</bdi>")
        self.assertContains(page, "Zwieback first, as I said.")
        self.assertContains(page, "I see, @deleted-member.")
        self.assertContains(page, f'<a href="/c/{first.pk}/" rel="ugc nofollow noopener">deleted member</a>')
        self.check_integrity()

    def test_of_the_words_leaves_the_account(self):
        self.erase(name=False, words=True)
        self.assertEqual(self.traces.find(WORDS), [])
        member = User.objects.get(pk=self.member.pk)
        self.assertEqual((member.is_active, member.display_name), (True, "Quernia Stonemarrow"))
        self.assertTrue(self.files())
        self.assertEqual(Client().get(f"/c/{self.traces.first.pk}/").status_code, 410)
        page = Client().get(self.traces.article.get_absolute_url())
        self.assertContains(page, "This comment was removed.")
        self.check_integrity()

    def test_ends_every_session_before_anything_else(self):
        client = Client()
        client.post("/accounts/login/", {"login": self.member.email, "password": PASSWORD})
        leaving.ask(self.member, name=True, words=True)
        self.close()
        self.assertFalse(leaving.stay(self.member))
        self.assertEqual(client.get("/accounts/profile/").status_code, 302)

    def test_takes_what_was_posted_at_the_last_moment(self):
        leaving.ask(self.member, name=True, words=True)
        self.close()
        make_comment(self.traces.article.discussion, author=self.member, body="A last zwieback.")
        Leaving.objects.update(due_at=timezone.now())
        leaving.erase_due()
        self.assertEqual(self.traces.find([*NAMES, *WORDS]), [])

    def test_takes_an_archive_that_is_just_being_made(self):
        zipped = archives.zipped

        def slow(member):
            content = zipped(member)
            self.erase(name=True, words=True)
            return content

        Archive.objects.create(member=self.member)
        with patch.object(archives, "zipped", slow):
            archives.make.call(self.member.pk)
        self.assertEqual(self.traces.find([*NAMES, *WORDS]), [])
        self.assertNotIn("Your data is ready", [message.subject for message in mail.outbox])
        self.assertFalse(Archive.objects.exists())

    def test_takes_back_what_was_recommended(self):
        self.erase(name=True, words=False)
        self.assertEqual(Comment.objects.get(pk=self.traces.recommended.pk).recommend_count, 0)

    def test_of_staff_leaves_the_number_that_the_log_names(self):
        moderator = self.traces.moderator
        leaving.ask(moderator, name=True, words=True)
        self.close()
        Leaving.objects.update(due_at=timezone.now())
        leaving.erase_due()
        left = User.objects.get(pk=moderator.pk)
        self.assertEqual((left.display_name, left.is_active, left.is_staff, left.name_look), ("", False, False, ""))
        self.assertEqual(str(left), "Deleted member")
        self.assertEqual(self.traces.find(["Moss", "Tarrow", "moss-tarrow", moderator.email]), [])
        self.assertFalse(Leaving.objects.exists())
        self.check_integrity()

    def test_of_administrators_one_stays_whatever_became_of_the_others(self):
        administrators = User.objects.administrators()
        going = list(administrators) + [make_admin()]
        for member in going:
            Leaving.objects.create(member=member, removes_name=True, removes_words=False, due_at=timezone.now())
        for _turn in range(3):
            leaving.erase_due()
            Leaving.objects.filter(member__is_active=False).update(due_at=timezone.now())
        self.assertEqual(administrators.count(), 1)
        self.assertGreater(Leaving.objects.get().due_at, timezone.now() + timedelta(hours=23))

    def test_a_fault_is_tried_again_and_stops_nobody_else(self):
        leaving.ask(self.member, name=True, words=True)
        leaving.ask(self.traces.other, name=True, words=True)
        self.close()
        Leaving.objects.update(due_at=timezone.now())
        erase = personal_data.erase

        def faulty(member, **parts):
            if member == self.member:
                raise RuntimeError("half way")
            erase(member, **parts)

        personal_data.erase = faulty
        self.addCleanup(setattr, personal_data, "erase", erase)
        self.assertEqual(leaving.erase_due(), 1)
        self.assertTrue(User.objects.filter(pk=self.member.pk).exists())
        personal_data.erase = erase
        Leaving.objects.update(due_at=timezone.now())
        self.assertEqual(leaving.erase_due(), 1)
        self.assertEqual(self.traces.find([*NAMES, *WORDS]), [])


class ArchiveTests(OwnDataTestCase):
    def archive(self):
        content = Archive.objects.get(member=self.member).content
        return zipfile.ZipFile(io.BytesIO(bytes(content)))

    def test_holds_all_that_is_told(self):
        archives.ask(self.member)
        found = self.archive()
        named = [held.model.lower().replace(".", "/") for held in personal_data.held()]
        files = {
            f"{name}{f'-{named[:at].count(name) + 1}' if name in named[:at] else ''}.json"
            for at, name in enumerate(named)
        }
        self.assertEqual(set(found.namelist()), files | {"media/picture.webp"})
        told = {name: json.loads(found.read(name)) for name in files}
        empty = {name for name, rows in told.items() if not rows}
        self.assertEqual(
            empty,
            {
                "account/emailconfirmation.json", "accounts/leaving.json", "accounts/user_groups.json",
                "accounts/user_user_permissions.json", "admin/logentry.json", "moderation/decision-2.json",
            },
            "give the member of Traces a row of each model",
        )  # fmt: skip
        texts = json.dumps(told)
        for word in (
            "Quernia Stonemarrow",
            "A quernbio.",
            "Querntown",
            "quernmail@example.org",
            "192.0.2.7",
            "Printed Name",
        ):
            self.assertIn(word, texts)
        bodies = {row["body"] for row in told["comments/comment.json"]}
        self.assertEqual(len([body for body in bodies if "wieback" in body]), 6)
        self.assertEqual([row["body"] for row in told["comments/commentversion.json"]], ["An old zwieback."])
        self.assertEqual(told["moderation/decision.json"][0]["facts"], "Off topic.")
        for secret in ("secret", FeedKey.objects.get(member=self.member).key, self.member.password):
            self.assertNotIn(secret, texts)
        for others in ("Dov Harkin", "A good word.", "Moss"):
            self.assertNotIn(others, texts)

    def test_is_offered_by_mail_and_made_once(self):
        mail.outbox.clear()
        archives.ask(self.member)
        archives.make.call(self.member.pk)
        self.assertEqual(archives.make_due(), 0)
        ready = [message for message in mail.outbox if message.to == [self.member.email]]
        self.assertEqual(len(ready), 1)
        self.assertIn("/accounts/data/", ready[0].body)
        self.assertEqual(ready[0].attachments, [])

    def test_is_made_later_where_a_process_died(self):
        Archive.objects.create(member=self.member)
        self.assertEqual(archives.make_due(), 1)
        self.assertTrue(Archive.objects.get(member=self.member).made_at)

    def test_goes_after_a_week_and_with_the_account(self):
        archives.ask(self.member)
        self.assertEqual(archives.forget_old(), 0)
        Archive.objects.update(made_at=timezone.now() - timedelta(days=7, seconds=1))
        self.assertEqual(archives.forget_old(), 1)


class DoorTests(TestCase):
    def setUp(self):
        self.member = make_user("Nkemi Ashgrove")
        self.client.force_login(self.member)

    def show_who_one_is(self):
        self.client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    def test_each_asks_who_one_is_first(self):
        Archive.objects.create(member=self.member, content=b"x", made_at=timezone.now())
        for path in ("data/", "data/archive/", "delete/"):
            for response in (
                self.client.get(f"/accounts/{path}"),
                self.client.post(f"/accounts/{path}", {"what": "both"}),
            ):
                if response.status_code != 405:
                    self.assertTrue(response["Location"].startswith("/accounts/reauthenticate/?"), path)
        self.assertFalse(Leaving.objects.exists())

    def test_data_from_asking_to_the_file(self):
        self.show_who_one_is()
        self.assertContains(self.client.get("/accounts/data/"), "Ask for my data")
        self.assertEqual(self.client.get("/accounts/data/archive/").status_code, 404)
        with self.captureOnCommitCallbacks(execute=True):
            self.assertRedirects(self.client.post("/accounts/data/"), "/accounts/data/")
        self.assertContains(self.client.get("/accounts/data/"), "It is ready")
        response = self.client.get("/accounts/data/archive/")
        self.assertEqual(response["Content-Type"], "application/zip")
        self.assertIn("attachment", response["Content-Disposition"])
        self.assertIn("no-store", response["Cache-Control"])
        self.assertIn("accounts/user.json", zipfile.ZipFile(io.BytesIO(response.content)).namelist())
        other = Client()
        other.force_login(make_user())
        other.post("/accounts/reauthenticate/", {"password": PASSWORD})
        self.assertEqual(other.get("/accounts/data/archive/").status_code, 404)

    def test_too_many_are_refused(self):
        self.show_who_one_is()
        for _time in range(4):
            response = self.client.post("/accounts/data/", follow=True)
        self.assertContains(response, "several times today")

    def test_leaving_from_asking_to_a_change_of_mind(self):
        self.show_who_one_is()
        self.assertEqual(self.client.post("/accounts/delete/", {}).status_code, 422)
        self.client.post("/accounts/delete/", {"what": "name"})
        row = Leaving.objects.get(member=self.member)
        self.assertEqual(
            (row.removes_name, row.removes_words, row.due_at - row.asked_at), (True, False, timedelta(hours=24))
        )
        page = self.client.get("/accounts/delete/")
        self.assertContains(page, "Your comments stay, without your name.")
        self.assertIn("/accounts/delete/", mail.outbox[-1].body)
        self.client.post("/accounts/delete/", {"stay": "1"})
        self.assertFalse(Leaving.objects.exists())
        self.assertContains(self.client.get("/accounts/delete/"), "Delete in 24 hours")

    def test_a_change_of_mind_comes_too_late_once_it_is_due(self):
        leaving.ask(self.member, name=True, words=True)
        Leaving.objects.update(due_at=timezone.now())
        self.assertFalse(leaving.stay(self.member))
        self.assertTrue(Leaving.objects.exists())

    def test_the_last_administrator_stays(self):
        admin = make_admin()
        self.client.force_login(admin)
        self.show_who_one_is()
        self.assertContains(
            self.client.post("/accounts/delete/", {"what": "both"}), "last administrator", status_code=422
        )
        self.assertRedirects(self.client.post("/accounts/delete/", {"what": "words"}), "/accounts/delete/")
        self.assertRedirects(self.client.post("/accounts/delete/", {"stay": "1"}), "/accounts/delete/")
        other = make_admin()
        leaving.ask(other, name=True, words=False)
        page = self.client.post("/accounts/delete/", {"what": "both"})
        self.assertContains(page, "last administrator", status_code=422)
        leaving.stay(other)
        self.assertRedirects(self.client.post("/accounts/delete/", {"what": "both"}), "/accounts/delete/")
