"""What is stored about a member, room by room: given to them as an archive, and erased.

Each room has a module `privacy`, which CAMPAIGN_PERSONAL_DATA names, with

    HELD            what its models hold of a member: a list of Held
    NOTHING         labels of its models that hold nothing of anybody
    files(member)   [(name in the archive, name in the storage)]; where there are any
    erase(member, *, name, words)
                    let go of who they are, of what they wrote, or of both. Safe to run again.

A test fails for a model or a field that none of them names, so that nothing is stored without an answer to both.
"""

from dataclasses import dataclass
from importlib import import_module

from django.apps import apps
from django.conf import settings


@dataclass(frozen=True)
class Held:
    """What one model holds of a member."""

    model: str  # its label, "comments.Comment"
    of: str  # the lookup that leads to the member, "comment__author"
    told: str  # what goes into the archive: names of fields, and lookups beyond them
    untold: str = ""  # fields that say nothing about a member, or must stay secret
    by: str = "pk"  # what of the member the lookup is compared with

    @property
    def fields(self):
        """Names of the fields that this answers for."""
        return {*self.told.split(), *self.untold.split()}

    def rows(self, member):
        """The member's rows, oldest first, as dictionaries of what is told."""
        found = apps.get_model(self.model)._base_manager.filter(**{self.of: getattr(member, self.by)})
        return found.order_by("pk").values(*self.told.split())


def rooms():
    """The privacy modules, each after those that it builds on."""
    return [import_module(path) for path in settings.CAMPAIGN_PERSONAL_DATA]


def held():
    """All that is held of a member."""
    return [one for room in rooms() for one in room.HELD]


def files(member):
    """[(name in the archive, name in the storage)] of the member's files."""
    return [file for room in rooms() if hasattr(room, "files") for file in room.files(member)]


def erase(member, *, name, words):
    """Let go of a member's name, words, or both, in all rooms; those that build on others first."""
    for room in reversed(rooms()):
        room.erase(member, name=name, words=words)
