"""The same articles for readers who are machines: feed and sitemap."""

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.syndication.views import Feed

from campaign.feeds import Atom

from .models import Article, Author, Topic


class ArticleFeed(Feed):
    """The newest 30 articles, whole."""

    feed_type = Atom
    link = "/"

    def title(self):
        return settings.CAMPAIGN_SITE_NAME

    def author_name(self):
        return settings.CAMPAIGN_SITE_NAME  # of entries without a byline

    def subtitle(self):
        return settings.CAMPAIGN_TAGLINE

    def items(self):
        return (
            Article.objects.stories().prefetch_related("bylines__author", "topics").order_by("-publish_at", "-pk")[:30]
        )

    def item_title(self, article):
        return article.title

    def item_description(self, article):
        return article.standfirst

    def item_author_name(self, article):
        return ", ".join(str(byline) for byline in article.bylines.all()) or None

    def item_pubdate(self, article):
        return article.publish_at

    def item_updateddate(self, article):
        return article.updated_at

    def item_categories(self, article):
        return [topic.name for topic in article.topics.all()]


class ArticleSitemap(Sitemap):
    limit = 10_000
    protocol = settings.SITE_URL.partition(":")[0]

    def items(self):
        return Article.objects.published().order_by("-publish_at", "-pk").only("slug", "updated_at")

    def lastmod(self, article):
        return article.updated_at


class TopicSitemap(Sitemap):
    protocol = ArticleSitemap.protocol

    def items(self):
        return Topic.objects.filter(articles__in=Article.objects.stories()).distinct()


class AuthorSitemap(Sitemap):
    protocol = ArticleSitemap.protocol

    def items(self):
        return Author.objects.filter(articles__in=Article.objects.stories()).distinct()


SITEMAPS = {"articles": ArticleSitemap, "topics": TopicSitemap, "authors": AuthorSitemap}
