"""The page on which moderators suspend a member, and end that before its time."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import suspending
from accounts.forms import SuspensionForm
from accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("accounts.suspend_user", raise_exception=True)
def suspend(request, handle):
    """Suspend a member, give that another end, or with `lift` end it. 409, with the typed reason, where somebody was faster."""
    person = get_object_or_404(User, handle=handle, is_active=True)
    lifts = "lift" in request.POST
    form = SuspensionForm(request.POST if request.method == "POST" and not lifts else None)
    status, obstacle = 422 if form.is_bound else 200, None
    try:
        suspending.check_may_decide(person, request.user)
        if (lifts or form.is_bound) and request.POST.get("seen", "") != seen(person):
            raise suspending.Changed
        if lifts:
            suspending.lift(person, by=request.user)
            return done(request, person, _("No longer suspended. They were told by mail."))
        if form.is_valid():
            suspending.suspend(person, until=form.until, reason=form.cleaned_data["reason"], by=request.user)
            return done(request, person, _("Suspended. They were told by mail."))
    except suspending.Changed as problem:
        status, obstacle = 409, problem
        person.refresh_from_db()
    except suspending.CannotSuspend as problem:
        status, obstacle = 403, problem
    context = {"person": person, "form": form, "obstacle": obstacle, "may_decide": status != 403, "seen": seen(person)}
    return render(request, "accounts/suspend.html", context, status=status)


def seen(person):
    """What the page showed when the button was pressed: until when the member is suspended."""
    return person.suspended_until.isoformat() if person.suspended_until else ""


def done(request, person, sentence):
    messages.success(request, sentence)
    return redirect(person)
