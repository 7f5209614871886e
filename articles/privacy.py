"""What this room holds of a member: export and erasure (campaign/personal_data.py)."""

from campaign.personal_data import Held

from . import editions
from .models import Author

HELD = [Held("articles.Author", of="user", told="name slug role bio", untold="id user")]
NOTHING = [
    "articles.Article",
    "articles.Article_topics",
    "articles.Byline",
    "articles.Edition",
    "articles.Picture",
    "articles.Topic",
]


def erase(member, *, name, words):
    """Part the account from the author as printed. What stands in a byline was published with an article and stays with it."""
    if name:
        Author.objects.filter(user=member).update(user=None)
    editions.bump()  # lists show members' words and pictures
