"""What the addresses of members answer, by activity."""

from .profile import following, member, unseen
from .settings import appearance, privacy, profile_edit

__all__ = ["appearance", "following", "member", "privacy", "profile_edit", "unseen"]
