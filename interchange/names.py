"""Names that other systems let people have, as ours may look."""

import re
import unicodedata

from django.utils.text import slugify

from accounts import names
from accounts.reserved import is_reserved


def printable(name, length):
    """Return `name` in NFKC on one line, without what cannot be seen, at most `length` characters; "" where nothing is left."""
    characters, marks = [], 0
    for character in unicodedata.normalize("NFKC", name):
        marks = marks + 1 if unicodedata.combining(character) else 0
        if character.isspace():
            characters.append(" ")
        elif marks <= names.MARKS and unicodedata.category(character) not in names.UNSEEN:
            characters.append(character)
    name = cut(" ".join("".join(characters).split()), length)
    return name if any(character.isalnum() for character in name) else ""


def guest_name(name, source, length=60):
    """Return the name of a guest. One that would pass for the site or its staff says where it is from: "admin (old.example)"."""
    name = printable(name, length)
    return cut(f"{cut(name, 20)} ({source})", length) if is_reserved(name) or names.is_of_staff(name) else name


def cut(text, length):
    """Return `text`, where it is too long its beginning with an ellipsis, at the end of a word if one is near."""
    if len(text) <= length:
        return text
    whole, word = text[: length - 1], text[: length - 1].rpartition(" ")[0]
    return f"{(word if len(word) > length * 0.6 else whole).rstrip(' .,;:-')}…"


def free_slug(wanted, fallback, length, model):
    """Return `wanted` as a slug that no row of `model` has: in ASCII letters, else `fallback`; where taken "news-2"."""
    ascii_name = unicodedata.normalize("NFKD", wanted).encode("ascii", "ignore").decode()
    base = slugify(ascii_name)[: length - 6].strip("-")
    lost_its_letters = wanted != base and not re.search("[a-z]", base)  # a name in Greek, but for its number
    if not base or lost_its_letters:
        base = fallback
    slug, number = base, 1
    while model.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
