"""The map of the site: one include per room."""

from django.contrib import admin
from django.urls import path, re_path

from . import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    re_path(r"^media/(?P<path>.+)$", views.media, name="media"),
    path("admin/", admin.site.urls),
]
