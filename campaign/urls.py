"""The map of the site: one include per room."""

from django.contrib import admin
from django.urls import include, path, re_path

from . import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    re_path(r"^media/(?P<path>.+)$", views.media, name="media"),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),  # first: some pages take the place of allauth's
    path("accounts/", include("allauth.urls")),
    path("notifications/", include("notifications.urls")),
    path("", include("articles.urls")),
    path("", include("comments.urls")),
    path("comments/", include("moderation.urls")),
]

handler500 = "campaign.views.server_error"
