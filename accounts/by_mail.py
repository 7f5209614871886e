"""Before what matters, who one is: by a code to one's address, for members who have neither a password nor a second factor."""

import time

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.forms import BaseConfirmCodeForm
from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import BaseReauthenticateView
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect

KEY = "shown_by_mail"  # in the session: the code, since when, how many tries are left
TRIES = 3
SECONDS = 15 * 60


def did_recently(request):
    """Has the member shown who they are, as lately as allauth asks of the other ways?"""
    records = get_authentication_records(request, request.user)
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record.get("reauthenticated") and record["at"] > since for record in records)


class ShowByMail(BaseReauthenticateView):
    """Send the code when asked to, then take it."""

    form_class = BaseConfirmCodeForm
    template_name = "account/reauthenticate_by_mail.html"

    def pending(self):
        state = self.request.session.get(KEY)
        return state if state and state["left"] and time.time() - state["at"] < SECONDS else None

    def post(self, request, *args, **kwargs):
        if "send" not in request.POST and self.pending():
            return super().post(request, *args, **kwargs)
        adapter = get_adapter()
        code = adapter.generate_login_code()
        request.session[KEY] = {"code": code, "at": time.time(), "left": TRIES}
        adapter.send_mail("account/email/reauthenticate_code", request.user.email, {"code": code})
        return redirect(self.passthrough_next_url(request.path))

    def get_form_kwargs(self):
        state = self.pending()
        return super().get_form_kwargs() | {"code": state["code"] if state else ""}

    def form_valid(self, form):
        del self.request.session[KEY]
        record_authentication(self.request, self.request.user, method="code", reauthenticated=True)
        return super().form_valid(form)

    def form_invalid(self, form):
        self.request.session[KEY] = self.request.session[KEY] | {"left": self.request.session[KEY]["left"] - 1}
        return super().form_invalid(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"is_sent": self.pending() is not None}


show_by_mail = login_required(ShowByMail.as_view())
