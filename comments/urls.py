from django.urls import path

from . import views

app_name = "comments"
urlpatterns = [
    path("c/<int:pk>/", views.permalink, name="permalink"),
    path("discussions/<int:pk>/comments/", views.create, name="create"),
    path("comments/<int:pk>/reply/", views.reply, name="reply"),
]
