from django.urls import path

from . import by_mail, muting, providers, second_factor, sessions, views

app_name = "accounts"
urlpatterns = [
    path("members/<slug:handle>/", views.member, name="member"),
    path("members/<slug:handle>/following/", views.following, name="following"),
    path("members/<slug:handle>/unseen/", views.unseen, name="unseen"),
    path("members/<slug:handle>/mute/", muting.mute_member, name="mute"),
    path("members/<slug:handle>/unmute/", muting.unmute_member, name="unmute"),
    path("members/<slug:handle>/suspend/", views.suspend, name="suspend"),
    path("accounts/muted/", muting.muted, name="muted"),
    path("accounts/profile/", views.profile_edit, name="profile_edit"),
    path("accounts/with/<slug:provider_id>/", providers.leave, name="leave"),
    path("accounts/reauthenticate/mail/", by_mail.show_by_mail, name="show_by_mail"),
    path("accounts/2fa/on/", second_factor.go_on, name="go_on"),
    path("accounts/sessions/", sessions.index, name="sessions"),
    path("accounts/privacy/", views.privacy, name="privacy"),
    path("accounts/data/", views.data, name="data"),
    path("accounts/data/archive/", views.archive, name="archive"),
    path("accounts/delete/", views.erase, name="erase"),
    path("accounts/appearance/", views.appearance, name="appearance"),
]
