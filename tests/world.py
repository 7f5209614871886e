"""One of everything, and an account for each role: what the tests over all routes are tried on."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import suspending
from accounts.models import Archive
from comments.models import Comment, Discussion
from moderation import decisions
from moderation.models import Decision, Rule
from notifications import unsubscribing
from notifications.models import FeedKey, Kind, Notification, OutgoingMail
from tests import factories, factors

SECRET = "quernstone"  # in every text that not everybody may read


class World:
    def __init__(self):
        self.roles = {
            "V": None,
            "U": factories.make_user("Una Varr", verified=False),
            "M": factories.make_user("Mem Bracken"),
            "O": factories.make_user("Owen Tallis"),
            "S": factories.make_user("Sus Pended"),
            "Mo": factories.make_moderator(),
            "E": factories.make_editor(),
            "A": factories.make_admin(),
        }
        EmailAddress.objects.create(user=self.roles["U"], email=self.roles["U"].email, verified=False, primary=True)
        suspending.suspend(
            self.roles["S"], until=timezone.now() + timedelta(days=1), reason="Attacks.", by=self.roles["Mo"]
        )
        owner, rule = self.roles["O"], Rule.objects.first()
        Archive.objects.create(member=owner, content=b"PK", made_at=timezone.now())
        for role in ("Mo", "E", "A"):
            factors.give_app(self.roles[role])
        passkey = factors.give_passkey(owner)
        factors.give_codes(owner)
        Authenticator.objects.filter(user=owner, type="recovery_codes").get().wrap().mark_as_viewed()  # noted once
        picture = factories.make_picture(uploaded_at=timezone.now())
        topic, author = factories.make_topic(), factories.make_author()
        published = factories.make_article(topics=[topic], authors=[author], picture=picture)
        draft = factories.make_article(state="draft", publish_at=None, body=f"<p>{SECRET}</p>", title=f"Draft {SECRET}")
        scheduled = factories.make_article(
            publish_at=timezone.now() + timedelta(days=1), body=f"<p>{SECRET}</p>", title=f"Later {SECRET}"
        )
        comment = factories.make_comment(published.discussion, author=owner)
        reply = factories.make_comment(parent=comment, author=self.roles["M"])
        of_superuser = factories.make_comment(published.discussion, author=factories.make_admin())
        of_suspended, of_unverified = (
            factories.make_comment(published.discussion, author=self.roles[role]) for role in "SU"
        )
        hidden = factories.make_comment(published.discussion, author=owner, body=f"Hidden {SECRET}")
        decisions.hide_comment(hidden, moderator=self.roles["Mo"], rule=rule, facts=f"About {SECRET}")
        pending = factories.make_comment(published.discussion, author=owner, body=f"Held {SECRET}", state="pending")
        inactive = factories.make_user("Ina Gone", is_active=False)
        mail = OutgoingMail.of(EmailMessage("Code", SECRET, to=["a@example.org"]))
        mail.save()
        task = DBTaskResult.objects.create(
            args_kwargs={"args": [], "kwargs": {}}, task_path="x.y", priority=0, queue_name="q"
        )
        content_type = ContentType.objects.get_for_model(type(published)).pk
        note = Notification.objects.create(
            recipient=owner,
            kind=Kind.REPLY,
            subject_type=ContentType.objects.get_for_model(Comment),
            subject_id=reply.pk,
            key="reply",
        )
        self.article = published
        self.examples = {
            "published": {"slug": published.slug},
            "draft": {"slug": draft.slug},
            "scheduled": {"slug": scheduled.slug},
            "topic": {"slug": topic.slug},
            "author": {"slug": author.slug},
            "comment": {"pk": comment.pk},
            "comment_of_superuser": {"pk": of_superuser.pk},
            "comment_of_suspended": {"pk": of_suspended.pk},
            "comment_of_unverified": {"pk": of_unverified.pk},
            "hidden": {"pk": hidden.pk},
            "pending": {"pk": pending.pk},
            "discussion": {"pk": published.discussion.pk},
            "draft_discussion": {"pk": draft.discussion.pk},
            "member": {"handle": owner.handle},
            "superuser": {"handle": self.roles["A"].handle},
            "other_superuser": {"handle": of_superuser.author.handle},
            "other_staff": {"handle": factories.make_editor().handle},
            "inactive": {"handle": inactive.handle},
            "member_who_shows": {"handle": factories.make_user("Sela Open", shows_follows=True).handle},
            "note": {"pk": note.pk},
            "provider": {"provider_id": "github"},
            "guild": {"provider_id": "guild"},
            "no_provider": {"provider_id": "nowhere"},
            "passkey": {"pk": passkey.row.pk},
            "feed_key": {"key": FeedKey.renew(owner).key},
            "wrong_feed_key": {"key": "x" * 43},
            "unsubscribe": {"token": unsubscribing.token_for(owner.pk, [Kind.REPLY])},
            "forged_unsubscribe": {"token": f"{owner.pk}:reply:forged"},
            "picture_pk": {"pk": picture.pk},
            "section": "/sitemap-articles.xml",
            "nowhere": "/admin/nowhere/",
            "no_file": "/media/nowhere.webp",
            "wrong_key": "/accounts/password/reset/key/1-abc-def/",
            "articles_app": "/admin/articles/",
            "moderation_app": "/admin/moderation/",
            "auth_app": "/admin/auth/",
            "autocomplete": "/admin/autocomplete/?app_label=articles&model_name=byline&field_name=author",
            "view_on_site": f"/admin/r/{content_type}/{published.pk}/",
        }
        self.rows = {
            "articles_article": draft,  # the only one that may be deleted
            "articles_picture": factories.make_picture(uploaded_at=timezone.now()),
            "articles_topic": factories.make_topic(),
            "articles_author": factories.make_author(),
            "comments_comment": comment,
            "comments_discussion": Discussion.objects.get(pk=published.discussion.pk),
            "moderation_decision": Decision.objects.first(),
            "moderation_rule": rule,
            "accounts_user": owner,
            "notifications_outgoingmail": mail,
            "notifications_notification": note,
            "account_emailaddress": owner.emailaddress_set.get(),
            "django_tasks_database_dbtaskresult": task,
            "auth_group": Group.objects.first(),
        }

    def path(self, route, example):
        """The path of a route for one of the examples; "row" is the object of the model that an admin route is about."""
        if example == "row":
            model = route.name.removeprefix("admin:").rpartition("_")[0]
            return route.path({"object_id": self.rows[model].pk})
        values = self.examples[example] if example else {}
        return values if isinstance(values, str) else route.path(values)
