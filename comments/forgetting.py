"""What members leave behind when they go: the words of their comments, their name on them and in what others wrote."""

from django.db import transaction
from django.db.models import Q

from . import editing, mentions, quoting, wording
from .models import DELETED_MEMBER, Comment, CommentVersion, State

FORGOTTEN = f"@{DELETED_MEMBER.replace(' ', '-')}"  # in the place of a handle; nobody can have it
AT_ONCE = 500


def forget_words(member, *, unseen_only=False):
    """Erase the comments of `member` with their earlier texts and what others quote of them; their places stay.

    unseen_only: those alone that readers do not see, and all earlier texts.
    """
    theirs = Comment.objects.filter(author=member).exclude(state=State.ERASED)
    if unseen_only:
        CommentVersion.objects.filter(comment__author=member).delete()
        theirs = theirs.exclude(state=State.PUBLISHED)
    for comment in theirs.order_by("pk").iterator(chunk_size=AT_ONCE):
        for expected in (comment.state, *State):  # a moderator may move it at this moment
            if expected != State.ERASED and editing.purge(comment, expected=expected):
                break


def forget_name(member):
    """Take the name of `member` off their comments, out of quotes of these and out of mentions."""
    quoting_them = Comment.objects.filter(quotes__source__author=member)
    naming = Q(body__icontains=f"@{member.handle}") | Q(versions__body__icontains=f"@{member.handle}")
    touched = {*quoting_them.values_list("pk", flat=True), *Comment.objects.filter(naming).values_list("pk", flat=True)}
    sources = {str(pk) for pk in Comment.objects.filter(author=member).values_list("pk", flat=True)}
    for pk in sorted(touched):
        reword(pk, lambda body: without_name(body, member.handle, sources))
    with transaction.atomic():
        theirs = Comment.objects.filter(author=member)
        discussions = sorted(theirs.order_by().values_list("discussion_id", flat=True).distinct())
        theirs.update(author=None, guest_name=DELETED_MEMBER, form_token=None)
        for start in range(0, len(discussions), AT_ONCE):
            wording.raise_versions(discussions[start : start + AT_ONCE])


def without_name(body, handle, sources):
    """A text in which nobody is called by `handle`, and quotes of the comments with ids in `sources` name no author."""

    def label(link):
        return f"[{DELETED_MEMBER}]{link[1]}" if link[2] in sources else link[0]

    body = quoting.LABELLED.sub(label, body)
    return mentions.NAMED.sub(lambda found: FORGOTTEN if found[1].lower() == handle else found[0], body)


@transaction.atomic
def reword(pk, change):
    """Change the text of a comment and its earlier ones by `change`, not as an edit: nobody is told, nothing is marked."""
    comment = Comment.objects.select_related("author").select_for_update(of=["self"], no_key=True).get(pk=pk)
    if (body := change(comment.body)) != comment.body:
        words = wording.render(body, author=comment.author, at=comment.posted_at)
        Comment.objects.filter(pk=pk).update(**wording.fields(words, body))
    for version in comment.versions.all():
        if (body := change(version.body)) != version.body:
            words = wording.render(body, author=comment.author, at=comment.posted_at)
            CommentVersion.objects.filter(pk=version.pk).update(**wording.fields(words, body))
    wording.raise_versions({comment.discussion_id})
