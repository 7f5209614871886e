"""What the addresses of members answer, by activity."""

from .own_data import archive, data, erase
from .profile import following, member, unseen
from .settings import appearance, privacy, profile_edit
from .suspending import suspend

__all__ = [
    "appearance",
    "archive",
    "data",
    "erase",
    "following",
    "member",
    "privacy",
    "profile_edit",
    "suspend",
    "unseen",
]
