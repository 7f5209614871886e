"""Handles: the unique short name in a member's address, /members/<handle>/."""

import secrets
import unicodedata

from django.core.validators import RegexValidator
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from .reserved import is_reserved

LENGTH = (2, 30)
TAKEN = _("This handle is taken, or looks like one that is. Choose another one.")
validate_handle = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])\Z",
    _("Use 2 to 30 small letters, digits and hyphens; begin and end with a letter or digit."),
)


def propose(name):
    """A handle made from `name`, not checked against those taken: "Nkemi Ashgrove" gives "nkemi-ashgrove"."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    handle = slugify(ascii_name).replace("_", "-")[: LENGTH[1] - 6].strip("-")
    return handle if len(handle) >= LENGTH[0] and not is_reserved(handle) else f"member-{secrets.token_hex(3)}"


def another(handle):
    """A neighbour of a taken handle: "nkemi-3f9a"."""
    return f"{handle[: LENGTH[1] - 5]}-{secrets.token_hex(2)}"
