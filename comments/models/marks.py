"""What a member leaves on a discussion beside words."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .comment import Comment
from .discussion import Discussion


class Recommendation(models.Model):
    """A member recommends a comment: once, and not their own (recommending.py)."""

    comment = models.ForeignKey(Comment, models.CASCADE, db_index=False, related_name="recommendations")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recommendations")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "member"], name="recommendation_once")]

    def __str__(self):
        return f"{self.member_id} recommends {self.comment_id}"


class ReadMark(models.Model):
    """Until when a member has read a discussion: `before` when they last came, and now."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="read_marks")
    discussion = models.ForeignKey(Discussion, models.CASCADE, db_index=False, related_name="read_marks")
    before_at = models.DateTimeField()  # comments posted later are new to the member
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "discussion"], name="read_mark_once")]
        # How many members have had the chance to read a comment, for the order "best".
        indexes = [models.Index(fields=["discussion", "seen_at"], name="read_mark_seen")]

    def __str__(self):
        return f"{self.member_id} read {self.discussion_id} until {self.seen_at:%Y-%m-%d %H:%M}"


class Follow(models.Model):
    """A member is told of new comments in a discussion, or in one thread of it."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="follows")
    thread = models.ForeignKey(Comment, models.CASCADE, null=True, blank=True, related_name="follows")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "discussion"], condition=Q(thread=None), name="follow_discussion_once"
            ),
            models.UniqueConstraint(
                fields=["member", "thread"], condition=Q(thread__isnull=False), name="follow_thread_once"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} follows {self.thread_id or self.discussion_id}"
