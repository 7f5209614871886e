from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from .comment import Comment


class CommentVersion(models.Model):
    """An earlier text of a comment, kept when its author edits it: for the author and moderators, nobody else."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="versions")
    revision = models.PositiveSmallIntegerField()  # the comment's number while it had this text
    body = models.TextField()
    html = models.TextField()
    markup_version = models.PositiveSmallIntegerField()
    written_at = models.DateTimeField()
    replaced_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        ordering = ["revision"]
        constraints = [models.UniqueConstraint(fields=["comment", "revision"], name="comment_version_once")]

    def __str__(self):
        return f"{self.comment_id}, revision {self.revision}"
