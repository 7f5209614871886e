"""Every route there is, as the resolver knows it: those of allauth and of the admin too."""

import re
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver

UNNAMED = {
    r"admin/(\w+)/(\w+)/<path:object_id>/": r"admin:\1_\2_",  # leads to the change page
    r"admin/\(\?P<url>\.\*\)\$": "admin:nowhere",  # whatever the admin does not know
}


@dataclass(frozen=True)
class Route:
    pattern: str  # "comments/<int:pk>/hide/"
    name: str  # "moderation:hide", "admin:comments_comment_change"
    view: Any

    def path(self, values):
        """Its path with these values in place, each by its name."""
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), self.pattern)
        return f"/{path}"


def all_routes():
    """The routes by name."""
    return {route.name: route for route in walk(get_resolver().url_patterns)}


def walk(patterns, prefix="", namespace=""):
    for entry in patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield Route(pattern, namespace + entry.name if entry.name else name_of(pattern), entry.callback)
        else:
            inside = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from walk(entry.url_patterns, pattern, inside)


def name_of(pattern):
    for known, name in UNNAMED.items():
        if re.fullmatch(known, pattern):
            return re.sub(known, name, pattern)
    return pattern
