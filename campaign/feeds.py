"""Atom for any text that people write."""

import re

from django.utils.feedgenerator import Atom1Feed

NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0, section 2.2


def for_xml(value):
    """Return a text, or a list of texts, without the characters that XML cannot hold; anything else as it is."""
    if isinstance(value, str):
        return NOT_IN_XML.sub("", value)
    return [for_xml(one) for one in value] if isinstance(value, list | tuple) else value


class Atom(Atom1Feed):
    """An Atom feed that one control character, pasted from a word processor, does not end for everybody."""

    def __init__(self, *args, **facts):
        super().__init__(*map(for_xml, args), **{name: for_xml(value) for name, value in facts.items()})

    def add_item(self, *args, **facts):
        super().add_item(*map(for_xml, args), **{name: for_xml(value) for name, value in facts.items()})
