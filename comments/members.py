"""What belongs to one member on a page of a discussion: cut into the HTML that everybody gets (sections.py)."""

from dataclasses import dataclass

from django.db.models import BigIntegerField, DateTimeField, Exists, Subquery, Value
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Mute, User
from campaign.prepared import IdsField, Prepared

from . import reading
from .models import EDIT_WITHIN, UNSEEN, Comment, Follow, Recommendation, State
from .rendering import pattern


@dataclass(frozen=True)
class Own:
    """What `_own.html` may ask."""

    is_withdrawable: bool = False
    is_editable: bool = False
    is_muted: bool = False
    is_recommended: bool = False
    featuring: str = ""  # "on", "off": what staff can do about it
    following: str = ""  # "on", "off": what they can do about its thread
    has_newer: bool = False  # is there another new comment on the page, after this one?
    has_earlier: bool = False


@dataclass(frozen=True)
class Overlay:
    """One member's marks on one page."""

    member_id: int
    new: dict  # {id of a new comment: (the new one before it, the new one after it), or None}
    recommended: frozenset  # ids of comments
    muted: frozenset  # ids of members
    followed: frozenset  # ids of roots
    is_open: bool  # the discussion: does it take words?
    takes_part: bool
    may_feature: bool

    def describe(self, piece):
        """Return (classes, actions as HTML) for a sections.Piece."""
        own = piece.author_id == self.member_id
        muted = piece.author_id in self.muted
        recommended = piece.pk in self.recommended
        classes = (
            (" is-own" if own else "")
            + (" is-new" if piece.pk in self.new else "")
            + (" is-recommended" if recommended else "")
            + (" is-muted" if muted else "")
        )
        earlier, newer = self.new.get(piece.pk, (None, None))
        # Here and below as the model has it: is_featurable_by(), is_withdrawable_by(), is_editable_by().
        featuring = ""
        if self.may_feature and piece.state == State.PUBLISHED:
            featuring = "off" if piece.is_featured else "" if own or not self.takes_part else "on"
        following = ""
        if piece.is_root and (self.is_open or piece.pk in self.followed):
            following = "off" if piece.pk in self.followed else "on"
        if not (own or muted or recommended or earlier or newer or featuring or following):
            return classes, ""
        stands = own and piece.state in (State.PUBLISHED, State.PENDING)
        editable = stands and self.is_open and self.takes_part and timezone.now() - piece.posted_at < EDIT_WITHIN
        variant = Own(
            stands, editable, muted, recommended, featuring, following, newer is not None, earlier is not None
        )
        html = pattern("comments/_own.html", get_language(), variant)
        return classes, html % {"id": piece.pk, "earlier": earlier, "newer": newer}


def standing(member, discussion):
    """Return (has the member comments here that others do not see?, do they follow it?, until when did they read?): one query.

    With such comments the page is made for them alone.
    """
    return standing_of(member=member.pk, discussion=discussion.pk, this_visit=reading.start_of_visit())[0]


def _standing_of(member, discussion, this_visit):
    unseen = Comment.objects.filter(discussion=discussion, author=member, state__in=UNSEEN)
    follows = Follow.objects.filter(discussion=discussion, member=member, thread=None)
    before = reading.visits(member, discussion, this_visit).values("before")
    return User.objects.filter(pk=member).values_list(Exists(unseen), Exists(follows), Subquery(before))


standing_of = Prepared(_standing_of, member=BigIntegerField(), discussion=BigIntegerField(), this_visit=DateTimeField())


def _marks_of(member, comments):
    recommended = Recommendation.objects.filter(member=member, comment__in=comments)
    muted = Mute.objects.filter(member=member)
    followed = Follow.objects.filter(member=member, thread__in=comments)
    return recommended.values_list(Value(0), "comment_id").union(
        muted.values_list(Value(1), "muted_id"), followed.values_list(Value(2), "thread_id"), all=True
    )


marks_of = Prepared(_marks_of, member=BigIntegerField(), comments=IdsField())


def overlay(member, discussion, pieces, before_at):
    """Read the member's marks on these comments: one query, whatever their number.

    before_at: comments posted after it are new to the member; None: never here before.
    """
    found = ([], [], [])
    for kind, pk in marks_of(member=member.pk, comments=[piece.pk for piece in pieces]):
        found[kind].append(pk)
    new = [p.pk for p in pieces if before_at and p.posted_at > before_at and p.author_id != member.pk]
    neighbours = {pk: around for *around, pk in zip([None, *new], [*new[1:], None], new, strict=False)}
    return Overlay(
        member.pk,
        neighbours,
        *map(frozenset, found),
        discussion.is_open,
        member.takes_part,
        member.has_perm("comments.feature_comment"),
    )
