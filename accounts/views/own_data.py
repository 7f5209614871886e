"""What is stored about a member is theirs: to take away, and to end."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import archives, leaving
from accounts.forms import LeavingForm
from accounts.models import Archive, Leaving
from campaign import limits

ARCHIVE_RATES = [(3, 86_400)]  # (number, seconds) per member


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def data(request):
    """Ask for all that is stored about oneself; GET shows how far it is."""
    if request.method == "POST":
        if limits.seconds_to_wait("archive", request.user.pk, ARCHIVE_RATES):
            messages.error(request, _("You asked for it several times today. Try again tomorrow."))
        else:
            archives.ask(request.user)
        return redirect("accounts:data")
    archive = Archive.objects.filter(member=request.user).defer("content").first()
    ends_at = archive.made_at + archives.KEPT if archive and archive.made_at else None
    return render(request, "accounts/data.html", {"archive": archive, "ends_at": ends_at})


@require_safe
@login_required
@reauthentication_required
def archive(request):
    """The archive of whoever asks: no address leads to that of somebody else."""
    found = Archive.objects.filter(member=request.user, made_at__isnull=False).first()
    if found is None:
        raise Http404
    name = f"{request.user.handle}-{found.made_at:%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(bytes(found.content), content_type="application/zip", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def erase(request):
    """Delete the account, what one wrote, or both, a day later; with `stay` in the form, change one's mind."""
    if "stay" in request.POST:
        done = leaving.stay(request.user)
        messages.success(request, _("You stay. Nothing was deleted.")) if done else messages.error(
            request, _("Too late.")
        )
        return redirect("accounts:erase")
    form = LeavingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            leaving.ask(request.user, **form.parts())
        except leaving.LastAdministrator:
            form.add_error(None, _("You are the last administrator. Give somebody else the rights first."))
        else:
            return redirect("accounts:erase")
    context = {"form": form, "leaving": Leaving.objects.filter(member=request.user).first()}
    return render(request, "accounts/erase.html", context, status=422 if form.is_bound else 200)
