"""The discussion as part of another room's page: what `comments/_discussion.html` prints."""

from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject
from django.utils.translation import ngettext

from . import members, orders, sections, threads
from .forms import CommentForm, first_words
from .models import Comment

ADDRESS = ("sort", "after", "at", "reply", "quote")  # what of a query says which page of a discussion is meant


@dataclass(frozen=True)
class Place:
    """Which page of a discussion an address names."""

    sort: str = orders.DEFAULT_SORT
    after: str = ""  # key of the page, "" the first
    focus: Comment | None = None  # the comment that the page is about
    answering: Comment | None = None  # the comment that a reply is being written to


def find_place(request, discussion):
    """Read it from the query: ADDRESS. Raise Http404 for what no page of ours links to."""
    sort = request.GET.get("sort", orders.DEFAULT_SORT)
    if sort not in orders.SORTS:
        raise Http404
    answering = find(discussion, request.GET.get("reply"), request.user)
    if answering and not answering.is_published:
        answering = None  # it left since the link was made; its author's name is nobody's to read
    focus = find(discussion, request.GET.get("at"), request.user)
    if answering and not focus and not threads.is_on_first_page(answering, sort):
        focus = answering
    return Place(sort, request.GET.get("after", ""), focus, answering)


def find(discussion, pk, user):
    """The comment of `discussion` with this id, from an address, if it has a place there that `user` may open."""
    if not pk:
        return None
    if not pk.isdecimal() or len(pk) > 18:
        raise Http404
    comment = get_object_or_404(Comment.objects.select_related("author"), discussion=discussion, pk=pk)
    comment.discussion = discussion
    if not comment.is_listed_for(user):
        raise Http404
    return comment


def panel(request, discussion, place, hosts=frozenset()):
    """Return the template's context. hosts: ids of members whom the page belongs to; their comments say "Author"."""
    member = request.user if request.user.is_authenticated else None
    context = {
        "discussion": discussion,
        "place": place,
        "sorts": orders.SORTS,
        "answering": place.answering,
        "counted": counted(discussion.comment_count),
        "new": None,
        "form": None,
    }
    if member:
        initial = first_words(place.answering, request.GET.get("quote"))
        # Most pages are filled into a shell that has its form already.
        context["form"] = SimpleLazyObject(lambda: CommentForm(initial=initial))
    has_unseen, follows, before_at = members.standing(member, discussion) if member else (False, False, None)
    try:
        section = find_section(request, discussion, place, has_unseen, hosts, context)
    except orders.BadKey as error:
        raise Http404 from error
    if member:
        overlay = members.overlay(member, discussion, section.pieces, before_at)
        context["thread"] = section.for_member(overlay.describe)
        context["new"] = overlay.new and new_ones(list(overlay.new))
        section = section.without(overlay.muted)
    else:
        context["thread"] = section.for_guests()
    return context | {"section": section, "followed": follows}


def counted(number):
    return {"number": number, "label": ngettext("%d comment", "%d comments", number) % number, "any": number > 0}


def new_ones(pks):
    """What is said of the comments that are new to a member. pks: their ids, in order."""
    number = len(pks)
    words = ngettext("%d new since your last visit", "%d new since your last visit", number) % number
    return {"label": words, "first": pks[0]}


def find_section(request, discussion, place, has_unseen, hosts, context):
    """The section that everybody gets; one of its own where a form stands in it, or comments that only the reader sees."""
    member = request.user if request.user.is_authenticated else None
    moderates = member is not None and member.has_perm("moderation.add_decision")
    alone = has_unseen and not moderates
    if not place.answering and not alone:
        return sections.section(
            discussion, sort=place.sort, after=place.after, focus=place.focus, moderates=moderates, hosts=hosts
        )
    if place.focus:
        page = threads.page_around(place.focus, place.after, moderates, member)
    else:
        page = threads.page_of_roots(discussion, place.sort, place.after, moderates, member)
    inserts = {}
    if place.answering:
        inserts[place.answering.pk] = render_to_string("comments/_answer.html", context, request)
    return sections.make(page, discussion, moderates=moderates, hosts=hosts, inserts=inserts)
