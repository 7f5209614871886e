from django.urls import path

from . import following, views
from .feeds import DiscussionFeed, MemberFeed, RepliesFeed

app_name = "comments"
urlpatterns = [
    path("c/<int:pk>/", views.permalink, name="permalink"),
    path("discussions/<int:pk>/comments/", views.create, name="create"),
    path("comments/<int:pk>/reply/", views.reply, name="reply"),
    path("discussions/<int:pk>/follow/", following.follow_discussion, name="follow_discussion"),
    path("comments/<int:pk>/follow/", following.follow_thread, name="follow_thread"),
    path("feeds/discussions/<int:pk>/", DiscussionFeed(), name="discussion_feed"),
    path("feeds/members/<slug:handle>/", MemberFeed(), name="member_feed"),
    path("feeds/replies/<key>/", RepliesFeed(), name="replies_feed"),
]
