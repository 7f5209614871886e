"""The inbox of the demo's member: what would stand there if they had been told all along."""

from datetime import timedelta

from comments import following, recommending
from comments.models import Comment, Discussion
from comments.tasks import tell_of_comment, tell_of_featuring
from notifications.models import Kind, Notification

READ_AFTER = timedelta(days=1)
RECOMMENDED_BY = 4


def fill(member, now):
    """Tell `member` of answers to their comments, a discussion that they follow, praise; what is older than a day is read."""
    own = Comment.objects.published().filter(author=member)
    elsewhere = Discussion.objects.readable().exclude(comments__author=member).order_by("-comment_count").first()
    following.follow(member, elsewhere)
    following_comments = Comment.objects.published().filter(discussion=elsewhere)
    answers = Comment.objects.published().filter(under__author=member)
    for comment in (following_comments | answers).order_by("posted_at").distinct():
        tell_of_comment(comment.pk)
    for comment in own.filter(featured_at__isnull=False):
        tell_of_featuring.call(comment.pk)
    praised = own.earliest("posted_at")
    for reader in {answer.author for answer in answers.select_related("author")[:RECOMMENDED_BY]} - {member}:
        recommending.recommend(praised, member=reader)
    settle(member, now)


def settle(member, now):
    """Give each notification the time of what it tells of, and mail nobody: none of this happened."""
    for note in Notification.objects.filter(recipient=member):
        told_at = note.due_at
        if note.kind in (Kind.REPLY, Kind.MENTION, Kind.DISCUSSION, Kind.FEATURED):
            told_at = Comment.objects.get(pk=note.subject_id).posted_at
        elif note.kind == Kind.RECOMMENDED:
            told_at = now - timedelta(minutes=50)
        read_at = told_at if now - told_at > READ_AFTER else None
        Notification.objects.filter(pk=note.pk).update(created_at=told_at, due_at=told_at, read_at=read_at)
    Notification.objects.update(mail_at=None)
