from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import inbox, unsubscribing
from .forms import PreferenceForm
from .lines import lines_of
from .models import FeedKey, Notification


@require_safe
@login_required
def index(request):
    """What the member was told, newest first, with their preferences beside it."""
    tab = request.GET.get("show", "")
    try:
        page = inbox.page(request.user, tab, request.GET.get("before", ""))
    except (KeyError, inbox.BadCursor) as error:
        raise Http404 from error
    context = {
        "page": page,
        "tab": tab,
        "tabs": inbox.tabs(request.user),
        "form": PreferenceForm(member=request.user),
        "feed_key": FeedKey.objects.filter(member=request.user).first(),
    }
    return render(request, "notifications/index.html", context)


@require_POST
@login_required
def read(request):
    """Mark as read what stood on the page that the form was on, and what is older."""
    try:
        inbox.mark_read(request.user, request.POST.get("until", ""))
    except inbox.BadCursor as error:
        raise Http404 from error
    messages.success(request, _("All is marked as read."))
    return redirect("notifications:index")


@require_POST
@login_required
def open_one(request, pk):
    """Mark one notification as read and lead to what it tells of."""
    mine = Notification.objects.shown_to(request.user).filter(pk=pk)
    note = get_object_or_404(mine.select_related("actor", "recipient"))
    mine.mark_read()
    [line] = lines_of([note])
    return redirect("notifications:index" if line.is_gone else line.url)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preferences(request):
    """Of what the member is told, and how."""
    form = PreferenceForm(request.POST if request.method == "POST" else None, member=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved: this is how you hear of things from now on."))
        return redirect("notifications:index")
    status = 422 if form.is_bound else 200
    return render(request, "notifications/preferences.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def feed(request):
    """The secret address of the member's feed of replies; on POST a new one, which ends the old."""
    if request.method == "POST":
        FeedKey.renew(request.user)
        return redirect("notifications:feed")
    key = FeedKey.objects.filter(member=request.user).first()
    return render(request, "notifications/feed.html", {"feed_key": key})


# A mail program posts for the member, without cookie or form token; the signature in the path says who and what.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    """End mails of a kind for whoever the link was sent to: on POST at once (RFC 8058); GET shows the button."""
    try:
        member_id, kinds = unsubscribing.read(token)
    except unsubscribing.BadToken as error:
        raise Http404 from error
    done = request.method == "POST"
    if done:
        unsubscribing.unsubscribe(member_id, kinds)
    context = {"done": done, "labels": unsubscribing.labels(kinds), "path": request.path}
    return render(request, "notifications/unsubscribe.html", context)
