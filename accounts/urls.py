from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("members/<slug:handle>/", views.member, name="member"),
    path("accounts/profile/", views.profile_edit, name="profile_edit"),
    path("accounts/appearance/", views.appearance, name="appearance"),
]
