import re
from difflib import SequenceMatcher

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaign.htmx import wants_fragment

from .. import editing, posting, quoting
from ..forms import EditForm
from ..models import Comment
from .posting import explain

WORD = re.compile(r"\S+|\s+")


def own_comment(request, pk):
    """The comment with this id if the member wrote it; else 403, or 404 where they may not even know of it."""
    comment = get_object_or_404(Comment.objects.select_related("author", "discussion"), pk=pk)
    if not comment.is_listed_for(request.user):
        raise Http404
    if comment.author_id != request.user.pk:
        raise PermissionDenied
    return comment


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request, pk):
    """Change the text of one's comment. 409 with both texts where it has changed meanwhile, or may not change any more."""
    comment = own_comment(request, pk)
    if request.method != "POST":
        form = EditForm(initial={"body": quoting.shown_body(comment), "revision": comment.revision}, comment=comment)
        return edit_page(request, comment, form)
    form, status, there = EditForm(request.POST, comment=comment), 422, None
    if form.is_valid():
        try:
            editing.edit_comment(comment, **form.cleaned_data)
        except editing.Changed as error:
            status, there = 409, error.comment
            # Sent once more, it is meant: both texts have been seen.
            form = EditForm(initial=form.cleaned_data | {"revision": there.revision}, comment=there)
        except editing.NotEditable:
            status, comment = 409, own_comment(request, pk)
        except posting.Refused as refusal:
            form.add_error(None, explain(refusal))
            status = 429 if isinstance(refusal, posting.TooFast) else 422
        else:
            return done(request, comment, _("Your comment is changed."))
    return edit_page(request, comment, form, status=status, there=there)


def edit_page(request, comment, form, *, status=200, there=None):
    """The form, or why there is none with the text that was sent; there: the comment as somebody else has left it."""
    context = {
        "comment": there or comment,
        "discussion": comment.discussion,
        "form": form,
        "is_editable": comment.is_editable_by(request.user),
        "is_conflict": there is not None,
        "there_body": quoting.shown_body(there) if there else "",
        "is_marked": editing.leaves_mark(comment),
    }
    fragment = wants_fragment(request)
    if not request.user.takes_part and not (fragment and status == 409):
        status = 403
    template = "comments/_edit.html" if fragment else "comments/edit.html"
    return render(request, template, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def withdraw(request, pk):
    """Take one's comment back."""
    comment = own_comment(request, pk)
    status = 200
    if request.method == "POST":
        try:
            editing.withdraw_comment(comment)
        except editing.NotWithdrawable:
            status = 409
            comment = own_comment(request, pk)
        else:
            return done(request, comment, _("Your comment is withdrawn."))
    context = {"comment": comment, "is_withdrawable": comment.is_withdrawable_by(request.user)}
    template = "comments/_withdraw.html" if wants_fragment(request) else "comments/withdraw.html"
    return render(request, template, context, status=status)


def done(request, comment, sentence):
    """Lead to the comment, or to its discussion where it has no place any more; htmx gets the address alone."""
    comment.refresh_from_db(fields=["state", "shown_at"])
    has_place = comment.shown_at is not None or comment.is_pending
    if wants_fragment(request):
        return HttpResponse(status=201, headers={"Location": comment.get_absolute_url() if has_place else ""})
    messages.success(request, sentence)
    return redirect(comment if has_place else comment.discussion)


@require_safe
@login_required
def history(request, pk):
    """The texts that a comment has had, each with what was changed: for its author and moderators."""
    comment = get_object_or_404(Comment.objects.select_related("author", "discussion"), pk=pk)
    if not comment.shows_history_to(request.user):
        if comment.is_listed_for(request.user):
            raise PermissionDenied
        raise Http404
    versions = list(comment.versions.all())
    gone = quoting.gone_of(quoting.states_of(set().union(*(quoting.quoted_ids(v.body) for v in (*versions, comment)))))
    texts = [quoting.without(text.body, gone) for text in (*versions, comment)]
    times = [version.written_at for version in versions] + [versions[-1].replaced_at if versions else comment.posted_at]
    steps = [
        {"number": number, "written_at": written_at, "changes": changes(before, text)}
        for number, (before, text, written_at) in enumerate(zip([None, *texts], texts, times, strict=False), 1)
    ]
    return render(request, "comments/history.html", {"comment": comment, "steps": steps[::-1]})


def changes(before, after):
    """What was done to a text, word by word: [("same" | "out" | "in", words)]. before: None, the first one."""
    if before is None:
        return [("same", after)]
    old, new = WORD.findall(before), WORD.findall(after)
    out = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            out.append(("same", "".join(old[a:b])))
            continue
        if a < b:
            out.append(("out", "".join(old[a:b])))
        if c < d:
            out.append(("in", "".join(new[c:d])))
    return out
