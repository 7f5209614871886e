"""Display names: what others see above a comment, so it must look like what it is."""

import unicodedata

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from . import handles

LENGTH = 40  # characters
# Control, format (bidi, zero-width, tags), private, surrogate, unassigned; line and paragraph ends.
UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


def clean_display_name(name):
    """Return `name` in NFKC with single spaces. Raise ValidationError if it is too long, hides something or is reserved."""
    name = unicodedata.normalize("NFKC", name).strip()
    if any(unicodedata.category(character) in UNSEEN for character in name):
        raise ValidationError(_("The name holds a character that cannot be seen. Type it anew."), code="unseen")
    name = " ".join(name.split())
    if not any(character.isalnum() for character in name):
        raise ValidationError(_("Give a name with at least one letter."), code="empty")
    if len(name) > LENGTH:
        raise ValidationError(_("Use %(length)d characters at most.") % {"length": LENGTH}, code="long")
    if is_reserved(name):
        raise ValidationError(_("This name belongs to the site. Choose another one."), code="reserved")
    return name


def is_reserved(name):
    """Would `name` pass for the site or its staff? Case, spaces and punctuation make no difference."""
    bare = "".join(character for character in name.casefold() if character.isalnum())
    return bare in handles.RESERVED or bare == "".join(filter(str.isalnum, settings.CAMPAIGN_SITE_NAME.casefold()))
