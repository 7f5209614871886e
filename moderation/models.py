from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, State


class Rule(models.Model):
    """A rule of the house that a comment can break; tombstones and notices name it."""

    code = models.SlugField(max_length=30, unique=True)
    title = models.CharField(max_length=100)
    text = models.TextField(max_length=2_000)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self):
        return self.title


class Decision(models.Model):
    """One decision of a moderator: the change of state, its reason and its record in one row. Never changed or deleted.

    The database itself refuses UPDATE and DELETE (campaign/append_only.py).
    """

    class Action(models.TextChoices):
        HIDE = "hide", _("hide")
        RESTORE = "restore", _("restore")
        APPROVE = "approve", _("approve")

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="decisions")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="decisions")
    action = models.CharField(max_length=10, choices=Action)
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, blank=True)
    facts = models.TextField(max_length=5_000, blank=True, help_text=_("For the author, in plain words."))
    state_before = models.CharField(max_length=10, choices=State)
    state_after = models.CharField(max_length=10, choices=State)
    reverses = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-decided_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(action="hide") | Q(rule__isnull=False), name="decision_hide_has_a_rule"
            ),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="decision_reversed_once"
            ),
        ]

    def __str__(self):
        return f"{self.get_action_display()} · {self.comment_id} · {self.decided_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self):
        return reverse("admin:moderation_decision_change", args=[self.pk])

    # What its author is told (notifications/lines.py).
    told_with = ("comment__discussion", "rule")

    def is_readable_by(self, user):
        """May `user` know of it? Whoever wrote the comment, and moderators."""
        return self.comment.author_id == user.pk or user.has_perm("moderation.view_decision")

    def told(self):
        """What the author of the comment is told: the fields of a notifications.lines.Line."""
        names = {"where": self.comment.discussion.title, "rule": self.rule and self.rule.title}
        icon, look = ("hide", "stop") if self.action == self.Action.HIDE else ("check", "")
        if self.action == self.Action.HIDE:
            words = (
                _("A moderator hid your comment in {where}: {rule}. The reason:")
                if self.facts
                else _("A moderator hid your comment in {where}: {rule}.")
            )
        elif self.action == self.Action.APPROVE:
            words = _("A moderator approved your comment in {where}: it is shown now.")
        elif self.state_after == State.PUBLISHED:
            words = _("A moderator reversed a decision: your comment in {where} is shown again.")
        else:
            words = _("A moderator reversed a decision: your comment in {where} waits for review.")
        return {
            "words": str(words),
            "names": names,
            "quote": self.facts,
            "url": self.comment.get_absolute_url(),
            "icon": icon,
            "look": look,
        }
