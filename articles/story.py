"""An article as readers see it, without its discussion: rendered once per change of it or of the lists around it."""

import time
from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from campaign import keeping, markup

from . import editions
from .models import BYLINES, Article

kept = keeping.Kept(max_bytes=4 * 2**20)


COUNT_PLACE = "\0n"  # where the number of comments goes, which changes more often than the article


@dataclass(frozen=True)
class Story:
    html: str  # with COUNT_PLACE in it
    read_next: str  # HTML of related articles
    authors: list
    hosts: frozenset  # ids of the authors' accounts, whose comments say "Author"

    def with_count(self, label):
        """Its HTML, saying how many comments there are: in the words of `label`."""
        return mark_safe(self.html.replace(COUNT_PLACE, label))  # noqa: S308  as rendered


def of(article, user):
    """Return the Story of `article` as `user` sees it."""
    may_edit = user.has_perm("articles.change_article")
    # The hour, since cards say how old an article is.
    key = (article.pk, article.updated_at, editions.of(article), keeping.reader(), int(time.time() // 3_600), may_edit)
    found = kept.get(key)
    if found is None:
        found = render(article, may_edit)
        kept.put(key, found, len(found.html) + len(found.read_next))
    return found


def render(article, may_edit):
    topics = list(article.topics.all())
    related = Article.objects.stories().exclude(pk=article.pk).select_related("picture")
    if topics:
        related = related.filter(topics=topics[0])
    related = list(related.defer("body", "html").order_by("-publish_at", "-pk")[:3])
    prefetch_related_objects([article, *related], BYLINES)
    authors = [byline.author for byline in article.bylines.all()]
    context = {
        "article": article,
        "comments": COUNT_PLACE,
        "bylines": authors,
        "topics": topics,
        "outline": markup.outline(article.html),
        "related": related,
        "may_edit": may_edit,
    }
    return Story(
        render_to_string("articles/_story.html", context),
        render_to_string("articles/_next.html", context),
        authors,
        frozenset(author.user_id for author in authors if author.user_id),
    )
