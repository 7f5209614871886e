from django.db import models

from .comment import Comment


class Quote(models.Model):
    """A comment, or an earlier text of it, quotes another one, by a link to it inside a quote: the words go when the source
    goes (quoting.py)."""

    comment = models.ForeignKey(Comment, models.CASCADE, db_index=False, related_name="quotes")
    source = models.ForeignKey(Comment, models.CASCADE, related_name="quoted_in")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "source"], name="quote_once")]

    def __str__(self):
        return f"{self.comment_id} quotes {self.source_id}"
