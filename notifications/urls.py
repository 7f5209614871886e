from django.urls import path

from . import views

app_name = "notifications"
urlpatterns = [
    path("", views.index, name="index"),
    path("read/", views.read, name="read"),
    path("<int:pk>/open/", views.open_one, name="open"),
    path("preferences/", views.preferences, name="preferences"),
    path("feed/", views.feed, name="feed"),
    path("unsubscribe/<token>/", views.unsubscribe, name="unsubscribe"),
]
