"""What this room holds of a member: export and erasure (campaign/personal_data.py)."""

from campaign.personal_data import Held

HELD = [
    # On their comments. Who decided is told to nobody.
    Held(
        "moderation.Decision",
        of="comment__author",
        told="comment action rule__title facts decided_at",
        untold="id moderator rule state_before state_after reverses",
    ),
    # Of their own, as moderators.
    Held("moderation.Decision", of="moderator", told="comment action rule__title facts decided_at"),
]
NOTHING = ["moderation.Rule"]


def erase(member, *, name, words):
    """Change nothing: decisions are only ever added, and name comments and moderators by number."""
