from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DiscussionQuerySet(models.QuerySet):
    def readable(self):
        """Discussions whose page readers may open now."""
        return self.filter(opens_at__lte=timezone.now())

    def show_anew(self, **values):
        """Update these discussions and let their versions rise, so that no page kept of them is used again. Return how many.

        The last statement of a transaction: every writer of a discussion waits for its row.
        """
        return self.update(version=models.F("version") + 1, **values)


class Discussion(models.Model):
    """What comments hang under. The room that owns its page writes title, url and times; comments know nothing else."""

    class Mode(models.TextChoices):
        OPEN = "open", _("open")
        LOCKED = "locked", _("locked")

    title = models.CharField(max_length=200)
    url = models.CharField(max_length=300, help_text=_("Path of its page."))
    opens_at = models.DateTimeField(null=True, blank=True, help_text=_("Readable from then on; empty: not public."))
    closes_at = models.DateTimeField(null=True, blank=True, help_text=_("Takes no comments from then on."))
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.OPEN, db_default=Mode.OPEN)
    mode_until = models.DateTimeField(null=True, blank=True, help_text=_("Open again from then on."))
    # Published comments. Kept by posting.py and states.py; `manage.py check_integrity --repair` rebuilds it.
    comment_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # Rises with every visible change; pages are kept under it.
    version = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)

    objects = DiscussionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["opens_at"], name="discussion_readable")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"{self.url}#discussion"

    @property
    def is_readable(self):
        return self.opens_at is not None and self.opens_at <= timezone.now()

    @property
    def is_locked(self):
        until = self.mode_until
        return self.mode == self.Mode.LOCKED and (until is None or until > timezone.now())

    @property
    def is_closed(self):
        return self.closes_at is not None and self.closes_at <= timezone.now()

    @property
    def is_open(self):
        return self.standing == "open"

    @property
    def standing(self):
        """In a word, whether it takes comments now: "open", or why not: "private", "locked", "closed"."""
        if not self.is_readable:
            return "private"
        return "locked" if self.is_locked else "closed" if self.is_closed else "open"
