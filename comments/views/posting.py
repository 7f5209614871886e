from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign import limits
from campaign.htmx import wants_fragment
from campaign.templatetags.rostrum import ago

from .. import mentions, posting, wording
from ..forms import CommentForm, WordsForm, first_words
from ..models import Comment, Discussion

PREVIEW_RATES = [(60, 60)]  # (number, seconds) per member
NAME_RATES = [(90, 60)]
KEPT_RATES = [(10, 3_600)]  # texts of people whose session is over, per address
KEPT = "comment_of_a_session_that_is_over"


@require_http_methods(["GET", "HEAD", "POST"])
def create(request, pk):
    """Post a comment in a discussion, or a reply if the form names a parent; GET shows the form alone."""
    if not request.user.is_authenticated:
        return sign_in_first(request, pk)
    if request.method == "POST" and request.user.takes_part:
        return post(request, pk)
    return form_page(request, get_object_or_404(Discussion.objects.readable(), pk=pk))


def post(request, pk):
    """Lead to the new comment. What a refusal shows is read when there is one."""
    form, status, wait = CommentForm(request.POST), 422, 0
    if form.is_valid():
        words = form.cleaned_data
        try:
            comment = posting.post_comment(
                discussion_id=pk,
                author=request.user,
                body=words["body"],
                parent_id=words["parent"],
                form_token=words["token"],
            )
        except posting.Refused as refusal:
            form.add_error(None, explain(refusal))
            if isinstance(refusal, posting.TooFast):
                status, wait = 429, refusal.seconds
        else:
            request.session.pop(KEPT, None)
            if wants_fragment(request):
                return HttpResponse(status=201, headers={"Location": comment.get_absolute_url()})
            return redirect(comment)
    # The text comes back with the reason, whatever it was, and nothing of what has left the page.
    discussion = get_object_or_404(Discussion.objects.readable(), pk=pk)
    parent = form.cleaned_data.get("parent")
    answering = parent and Comment.objects.published().filter(discussion=discussion, pk=parent).first()
    if not answering:
        form.data = form.data.dict() | {"parent": ""}  # next time it posts on its own
    answer = form_page(request, discussion, form=form, answering=answering, status=status)
    if wait:
        answer["Retry-After"] = wait
    return answer


@require_safe
@login_required
def reply(request, pk):
    """The form for a reply, on a page of its own or as a piece for htmx; with `quote` it begins with the other's words."""
    parent = get_object_or_404(Comment.objects.select_related("discussion", "author"), pk=pk)
    if not parent.discussion.is_readable or not parent.is_published:
        raise Http404
    return form_page(request, parent.discussion, answering=parent)


def form_page(request, discussion, *, form=None, answering=None, status=200):
    """The form as a piece of a page, or on a page of its own. Without `form` a fresh one; a text that was kept stands in it.

    Who takes no part is told why, with the text.
    """
    fragment = wants_fragment(request)
    if not request.user.takes_part:
        return no_part(request, discussion)
    if form is None:
        initial = first_words(answering, request.GET.get("quote"))
        if not fragment and (kept := kept_body(request, discussion)):
            initial["body"] = kept
        form = CommentForm(initial=initial)
    template = "comments/_form.html" if fragment else "comments/create.html"
    return render(request, template, {"form": form, "discussion": discussion, "answering": answering}, status=status)


def no_part(request, discussion):
    """Why the member cannot write at present. What they sent, or had begun in an earlier session, is theirs to copy."""
    context = {"discussion": discussion, "typed": request.POST.get("body") or kept_body(request, discussion)}
    if wants_fragment(request):
        # Our script puts a conflict in the form's place; a page whose form is not open yet goes to that of its own.
        return render(request, "comments/_no_part.html", context, status=409 if request.method == "POST" else 403)
    return render(request, "comments/no_part.html", context, status=403)


def kept_body(request, discussion):
    """The text that was sent here after a session was over, or ""."""
    kept = request.session.get(KEPT)
    return kept["body"] if kept and kept["discussion"] == discussion.pk else ""


def sign_in_first(request, pk):
    """Lead to the sign-in page and from there back to the form, with the text that was sent: a session may end meanwhile."""
    way_back, body = reverse("comments:create", args=[pk]), request.POST.get("body", "")
    parent = request.POST.get("parent", "")
    if parent.isdecimal() and len(parent) <= 18:
        way_back = reverse("comments:reply", args=[parent])
    is_kept = body and not wants_fragment(request)  # our script keeps it in the browser
    if is_kept and not limits.seconds_to_wait("kept", limits.visitor(request), KEPT_RATES):
        request.session[KEPT] = {"discussion": pk, "body": body[: 2 * settings.CAMPAIGN_COMMENT_LENGTH[1]]}
    return redirect_to_login(way_back)


@require_POST
@login_required
def preview(request):
    """What a text will look like, made by what makes comments."""
    form = WordsForm(request.POST)
    if limits.seconds_to_wait("preview", request.user.pk, PREVIEW_RATES):
        return HttpResponse(status=429)
    html = ""
    if form.is_valid():
        html = wording.render(form.cleaned_data["body"], author=request.user, at=timezone.now()).html
    return render(request, "comments/_preview.html", {"html": html})


@require_safe
@login_required
def names(request, pk):
    """Members whose names begin with `q`, for completing @…: [{"handle", "name"}]; for htmx a list to choose from."""
    discussion = get_object_or_404(Discussion.objects.readable(), pk=pk)
    if wait := limits.seconds_to_wait("names", request.user.pk, NAME_RATES):
        return JsonResponse([], safe=False, status=429, headers={"Retry-After": wait})
    found = mentions.suggest(discussion, request.GET.get("q", "")[:30], besides=request.user)
    if wants_fragment(request):
        return render(request, "comments/_names.html", {"members": found})
    return JsonResponse([{"handle": user.handle, "name": user.public_name} for user in found], safe=False)


def explain(refusal):
    """Why a comment was not posted, for its author, in one sentence."""
    match refusal:
        case posting.Closed():
            return _("This discussion takes no comments any more. Your text is kept below: copy it if you need it.")
        case posting.ParentGone():
            return _("The comment that you answer is no longer there. You can post your text on its own.")
        case posting.SaidBefore(first=first):
            return format_html(
                '<a href="{}">{}</a>',
                first.get_absolute_url(),
                _("You posted the same words %(when)s.") % {"when": ago(first.posted_at)},
            )
        case posting.TooFast(seconds=seconds):
            return ngettext(
                "That is a lot in a short time: try again in %d second.",
                "That is a lot in a short time: try again in %d seconds.",
                seconds,
            ) % (seconds,)
    raise refusal
