"""The map of the site: one include per room."""

from django.contrib import admin
from django.urls import include, path, re_path

from . import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    re_path(r"^media/(?P<path>.+)$", views.media, name="media"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.doors")),
    path("", include("accounts.urls")),
    path("notifications/", include("notifications.urls")),
    path("", include("articles.urls")),
    path("", include("comments.urls")),
    path("comments/", include("moderation.urls")),
]

handler500 = "campaign.views.server_error"
