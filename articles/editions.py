"""A number that rises with every change of what lists of articles show, so that kept pages know they are old."""

from django.db import models
from django.db.models import F, Max
from django.utils import timezone

from .models import Article, Edition


def bump():
    """What lists show has changed: title, picture, byline, topic, order, or which articles there are."""
    Edition.objects.update_or_create(pk=1, defaults={"number": F("number") + 1}, create_defaults={"number": 1})


def current():
    """Return (number, time of the newest published article): what appears by its time changes the second alone."""
    newest = Article.objects.filter(state=Article.State.PUBLISHED, publish_at__lte=timezone.now())
    row = Edition.objects.filter(pk=1).values_list(
        "number", models.Subquery(newest.order_by().values("state").annotate(newest=Max("publish_at")).values("newest"))
    )
    return tuple(row.first() or (0, None))
