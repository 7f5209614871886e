"""What discussions show of their authors."""

from django.db.models import F

from .models import Comment, Discussion


def changed(member):
    """The member's name, picture or address has changed: let every discussion they wrote in be shown anew."""
    theirs = Comment.objects.filter(author=member).values("discussion")
    Discussion.objects.filter(pk__in=theirs).update(version=F("version") + 1)
