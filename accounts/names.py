"""Display names: what others see above a comment, so it must look like what it is."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .look_alikes import letters, look
from .models import User
from .reserved import is_reserved

LENGTH = 40  # characters
MARKS = 2  # on one letter, of those that stand above or below it
# Control, format (bidi, zero-width, tags), private, surrogate, unassigned; line and paragraph ends.
UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
# Scripts that names are written in together, by the first word of a letter's name in Unicode.
TOGETHER = dict.fromkeys(["CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"], "CJK")


def clean_display_name(name, *, of_site=False):
    """Return `name` in NFKC with single spaces. Raise ValidationError if it is too long, hides something or is reserved.

    of_site: it may be a reserved one, since administrators give it.
    """
    name = clean_line(name)
    if not any(character.isalnum() for character in name):
        raise ValidationError(_("Give a name with at least one letter."), code="empty")
    if len(name) > LENGTH:
        raise ValidationError(_("Use %(length)d characters at most.") % {"length": LENGTH}, code="long")
    if too_many_marks(name):
        raise ValidationError(_("Use at most two accents on one letter, and none without a letter."), code="marks")
    if len(scripts(name)) > 1:
        raise ValidationError(_("Write the name in one alphabet."), code="scripts")
    if not of_site and is_reserved(name):
        raise ValidationError(_("This name belongs to the site. Add another word to it."), code="reserved")
    return name


def clean_line(text):
    """Return `text` in NFKC with single spaces. Raise ValidationError if it hides something, as a turn of the writing does."""
    text = unicodedata.normalize("NFKC", text).strip()
    if any(unicodedata.category(character) in UNSEEN for character in text):
        raise ValidationError(_("There is a character that cannot be seen. Type it anew."), code="unseen")
    return " ".join(text.split())


def check_not_another(name, besides=None):
    """Raise ValidationError if `name` would pass for the name of a member but is spelled in another way, or for staff.

    Two members may have one name, as people do; letters that only look alike are no name of anybody. besides: whose it is.
    """
    alike = User.objects.filter(name_look=look(name)).exclude(name_look="").exclude(pk=besides.pk if besides else None)
    for other, is_staff in alike.values_list("display_name", "is_staff").order_by("-is_staff", "pk")[:100]:
        if is_staff or letters(other) != letters(name):
            raise ValidationError(_("This looks like the name of another member. Add a word to it."), code="alike")


def is_of_staff(name):
    """Does `name` look like that of somebody on the staff?"""
    return bool(look(name)) and User.objects.filter(name_look=look(name), is_staff=True).exists()


def too_many_marks(name):
    run = MARKS  # none stands alone, at the beginning or after a space
    for character in name:
        is_mark = unicodedata.category(character) in ("Mn", "Me")
        run = run + 1 if is_mark else MARKS if character == " " else 0
        if run > MARKS:
            return True
    return False


def scripts(name):
    """The scripts of its letters; what all scripts share is of none."""
    found = {
        unicodedata.name(character).split()[0]
        for character in name
        if unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lo")
    }
    return {TOGETHER.get(script, script) for script in found}
