"""A moderator's verbs on a comment; mounted under comments/."""

from django.urls import path

from . import views

app_name = "moderation"
urlpatterns = [
    path("<int:pk>/hide/", views.hide, name="hide"),
    path("<int:pk>/restore/", views.restore, name="restore"),
    path("<int:pk>/approve/", views.approve, name="approve"),
]
