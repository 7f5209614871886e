from hashlib import sha256

from django.db import models
from django.utils.translation import gettext_lazy as _

IDS_AT_ONCE = 500  # in one statement: SQLite allows no long lists everywhere


class ImportedRecordQuerySet(models.QuerySet):
    def found(self, source, kind, keys):
        """Return {key: id here} of those of `keys` that an earlier run brought. Asks the database in portions."""
        by_fitted = {fitted(key): key for key in keys}
        names, found = list(by_fitted), {}
        for start in range(0, len(names), IDS_AT_ONCE):
            rows = self.filter(source=source, kind=kind, key__in=names[start : start + IDS_AT_ONCE])
            found |= {by_fitted[key]: pk for key, pk in rows.values_list("key", "object_id")}
        return found

    def remember(self, source, kind, ids):
        """Note {key: id here}. In the transaction that makes the things: both are stored, or neither."""
        self.bulk_create(
            ImportedRecord(source=source, kind=kind, key=fitted(key), object_id=pk) for key, pk in ids.items()
        )


class ImportedRecord(models.Model):
    """What came from another system, under its name there: a second run, or one after a crash, brings only the rest.

    It stays when the thing itself is deleted here: what an editor threw away does not come back.
    """

    class Kind(models.TextChoices):
        ARTICLE = "article", _("article")
        COMMENT = "comment", _("comment")
        AUTHOR = "author", _("author")
        TOPIC = "topic", _("topic")
        PICTURE = "picture", _("picture")

    source = models.CharField(max_length=200, help_text=_("The system it comes from, as in old.example/blog."))
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=200, help_text=_("Its name there: a number, a login, an address."))
    object_id = models.BigIntegerField()

    objects = ImportedRecordQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "kind", "key"], name="imported_once")]

    def __str__(self):
        return f"{self.kind} {self.key} of {self.source}"


def fitted(key):
    """Return a key as the column holds it; a long one (the address of a picture) by its digest."""
    return key if len(key) <= 200 else f"sha256:{sha256(key.encode()).hexdigest()}"
