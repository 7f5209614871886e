from django.urls import path

from . import following, views
from .feeds import DiscussionFeed, MemberFeed, RepliesFeed

app_name = "comments"
urlpatterns = [
    path("c/<int:pk>/", views.permalink, name="permalink"),
    path("discussions/<int:pk>/comments/", views.create, name="create"),
    path("discussions/<int:pk>/names/", views.names, name="names"),
    path("discussions/<int:pk>/read/", views.read, name="read"),
    path("discussions/<int:pk>/live.json", views.live, name="live"),
    path("comments/preview/", views.preview, name="preview"),
    path("comments/<int:pk>/reply/", views.reply, name="reply"),
    path("comments/<int:pk>/edit/", views.edit, name="edit"),
    path("comments/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("comments/<int:pk>/recommend/", views.recommend, name="recommend"),
    path("comments/<int:pk>/feature/", views.feature, name="feature"),
    path("comments/<int:pk>/history/", views.history, name="history"),
    path("discussions/<int:pk>/follow/", following.follow_discussion, name="follow_discussion"),
    path("comments/<int:pk>/follow/", following.follow_thread, name="follow_thread"),
    path("feeds/discussions/<int:pk>/", DiscussionFeed(), name="discussion_feed"),
    path("feeds/members/<slug:handle>/", MemberFeed(), name="member_feed"),
    path("feeds/replies/<key>/", RepliesFeed(), name="replies_feed"),
]
