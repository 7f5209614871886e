"""A number that rises with every change of what lists of articles show, so that kept pages know they are old."""

from django.db.models import F, Subquery

from .models import Article, Edition


def bump():
    """What lists show has changed: title, picture, byline, topic, order, or which articles there are."""
    Edition.objects.update_or_create(pk=1, defaults={"number": F("number") + 1}, create_defaults={"number": 1})


def beside(articles, now):
    """Annotate a queryset of articles with what `of()` and `next_of()` return `now`: no query of its own."""
    published = Article.objects.filter(state=Article.State.PUBLISHED)
    out, to_come = published.filter(publish_at__lte=now), published.filter(publish_at__gt=now)
    return articles.annotate(
        edition_number=Subquery(Edition.objects.filter(pk=1).values("number")),
        edition_newest=Subquery(out.order_by("-publish_at").values("publish_at")[:1]),
        edition_next=Subquery(to_come.order_by("publish_at").values("publish_at")[:1]),
    )


def of(article):
    """Return (number, time of the newest published article) as read with `article`: what appears by its time changes the
    second alone."""
    return article.edition_number, article.edition_newest


def next_of(article):
    """When the next article appears by its time, as read with `article`; None if none waits."""
    return article.edition_next
