"""Comments for readers who are machines: those of a discussion, of a member, and the replies to one member.

Published comments only, the newest 50. Django's conditional middleware answers 304 while nothing has changed.
"""

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.cache import cache
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from accounts.models import User
from campaign.feeds import Atom
from notifications.models import FeedKey

from .models import Comment, Discussion

NEWEST = 50
KEEP_IDS = 3_600  # seconds


class CommentFeed(Feed):
    """What the three have in common. A subclass says which comments."""

    feed_type = Atom

    def __call__(self, request, *args, **kwargs):
        response = super().__call__(request, *args, **kwargs)
        # A comment that is hidden makes the feed older than it was: by date alone a reader would never hear of it.
        del response.headers["Last-Modified"]
        return response

    def title(self, about):
        raise NotImplementedError

    def items(self, about):
        comments = self.comments(Comment.objects.published(), about)
        return comments.select_related("author", "discussion").order_by("-posted_at", "-pk")[:NEWEST]

    def item_title(self, comment):
        return _("%(name)s on %(title)s") % {"name": comment.name, "title": comment.discussion.title}

    def item_description(self, comment):
        return comment.html

    def item_author_name(self, comment):
        return comment.name

    def item_pubdate(self, comment):
        return comment.posted_at

    def item_updateddate(self, comment):
        return comment.edited_at or comment.posted_at


class DiscussionFeed(CommentFeed):
    """The newest comments of one discussion."""

    def get_object(self, request, pk):
        return get_object_or_404(Discussion.objects.readable(), pk=pk)

    def title(self, discussion):
        return _("Discussion: %(title)s") % {"title": discussion.title}

    def link(self, discussion):
        return discussion.get_absolute_url()

    def comments(self, published, discussion):
        # Which are the newest takes a walk through the table, so it is kept under the version, which rises with each change.
        ids = cache.get_or_set(
            f"feed:{discussion.pk}:{discussion.version}",
            lambda: list(
                published.filter(discussion=discussion)
                .order_by("-posted_at", "-pk")
                .values_list("pk", flat=True)[:NEWEST]
            ),
            KEEP_IDS,
        )
        return published.filter(pk__in=ids)


class MemberFeed(CommentFeed):
    """The newest comments of one member."""

    def get_object(self, request, handle):
        return get_object_or_404(User, handle=handle, is_active=True)

    def title(self, member):
        return _("Comments by %(name)s") % {"name": member.public_name}

    def link(self, member):
        return member.get_absolute_url()

    def comments(self, published, member):
        return published.filter(author=member)


class RepliesFeed(CommentFeed):
    """The newest answers to one member's comments, for whoever knows the key."""

    def __call__(self, request, *args, **kwargs):
        response = super().__call__(request, *args, **kwargs)
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:  # what a member's browser gets, nobody keeps
            patch_cache_control(response, private=True, no_cache=True)  # the reader's own program may, nobody else
        response["X-Robots-Tag"] = "noindex"
        return response

    def get_object(self, request, key):
        return get_object_or_404(FeedKey.objects.select_related("member"), key=key, member__is_active=True).member

    def title(self, member):
        return _("Replies to you on %(site)s") % {"site": settings.CAMPAIGN_SITE_NAME}

    def link(self, member):
        return "/notifications/"

    def comments(self, published, member):
        # By what they stand under, which has an index; beyond the greatest depth a reply stands beside what it answers.
        replies = published.filter(under__author=member, parent__author=member)
        return replies.exclude(author=member).exclude(author__muted_by__member=member)
