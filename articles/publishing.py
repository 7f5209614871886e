"""The life of an article. Every door (admin, import, demo) comes through here, so that its discussion follows."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from comments.models import Discussion

from . import editions
from .models import Article


@transaction.atomic
def save_article(article):
    """Store `article` and what its discussion knows of it: title, address, from when and until when it takes comments."""
    facts = {
        "title": article.title,
        "url": article.get_absolute_url(),
        "opens_at": article.publish_at if article.state == Article.State.PUBLISHED else None,
    }
    if article.discussion_id is None:
        article.discussion = Discussion.objects.create(**facts, closes_at=closing_time(article))
    else:
        if closing_facts(article) != closing_facts(Article.objects.get(pk=article.pk)):
            facts["closes_at"] = closing_time(article)  # else a moderator may have set another time
        Discussion.objects.filter(pk=article.discussion_id).show_anew(**facts)
    article.save()
    editions.bump()


def closing_facts(article):
    return article.publish_at, article.comments_close_after


def closing_time(article):
    """When comments close by age, or None: after the article's own number of days, else after the site's; 0 is never."""
    days = article.comments_close_after
    if days is None:
        days = settings.CAMPAIGN_COMMENTS_CLOSE_AFTER
    return article.publish_at + timedelta(days=days) if article.publish_at and days else None


def publish(article, at=None):
    """Publish `article`, or with a time to come schedule it. at: aware datetime; None keeps a set time, else now."""
    article.state = Article.State.PUBLISHED
    article.publish_at = at or article.publish_at or timezone.now()
    save_article(article)


def withdraw(article):
    """Take `article` back to a draft: it and its discussion are gone for readers at once; no word is lost."""
    article.state = Article.State.DRAFT
    save_article(article)
