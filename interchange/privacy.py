"""What this room holds of a member: nothing (campaign/personal_data.py)."""

HELD = []
NOTHING = ["interchange.ImportedRecord"]  # numbers there and here of what was brought; logins of authors, as printed


def erase(member, *, name, words):
    """There is nothing to erase."""
