"""Which way imports point: docs and this table say the same, and an arrow that points back fails."""

import ast
from pathlib import Path

from django.conf import settings
from django.test import SimpleTestCase

# What the models and verbs of a room may import. Views, admin, forms, feeds and commands may look across to any of these.
ROOMS = {
    "campaign": set(),
    "accounts": set(),
    "notifications": {"accounts"},
    "comments": {"accounts", "notifications"},
    "petitions": {"accounts", "notifications", "comments"},
    "articles": {"accounts", "notifications", "comments", "petitions"},
    "moderation": {"accounts", "notifications", "comments", "articles"},
    "search": {"accounts", "notifications", "comments", "petitions", "articles"},
    "interchange": {"accounts", "notifications", "comments", "petitions", "articles"},
    "demo": {"accounts", "notifications", "comments", "petitions", "articles", "moderation", "interchange"},
}
ACROSS = {"accounts", "notifications", "comments", "petitions", "articles"}
LOOK_ACROSS = {"views.py", "admin.py", "feeds.py", "forms.py", "sitemaps.py"}
# What looks at all rooms because that is what it is for.
CHECKS_ALL = {"interchange/management/commands/check_integrity.py"}


def imported_rooms(path, room):
    """The other rooms that the file imports, inside functions too, with the line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module]
        else:
            continue
        for name in names:
            other = name.partition(".")[0]
            if other in ROOMS and other != room:
                yield other, node.lineno


def wrong_arrows(name, room, others):
    looks_across = Path(name).name in LOOK_ACROSS or "/management/" in name or "/views/" in name
    for other, line in others:
        if other == "campaign" or name in CHECKS_ALL:
            continue
        allowed = ROOMS[room] | (ACROSS if looks_across and room != "campaign" else set())
        if name == "campaign/urls.py":
            allowed = set(ROOMS)
        if other not in allowed:
            yield f"{name}:{line} imports {other}"


class ImportTests(SimpleTestCase):
    def test_every_arrow_points_one_way(self):
        wrong = []
        for room in ROOMS:
            for path in sorted((settings.BASE_DIR / room).rglob("*.py")):
                if "migrations" not in path.parts:
                    name = str(path.relative_to(settings.BASE_DIR))
                    wrong += wrong_arrows(name, room, imported_rooms(path, room))
        self.assertEqual(wrong, [])

    def test_every_room_has_its_row(self):
        here = {path.parent.name for path in settings.BASE_DIR.glob("*/apps.py")}
        self.assertLessEqual(here, set(ROOMS))

    def test_an_arrow_that_points_back_is_seen(self):
        for name, room, other in (
            ("campaign/tasks.py", "campaign", "accounts"),
            ("accounts/models.py", "accounts", "comments"),
            ("comments/posting.py", "comments", "articles"),
            ("articles/views.py", "articles", "moderation"),
            ("comments/admin.py", "comments", "demo"),
        ):
            self.assertEqual(list(wrong_arrows(name, room, [(other, 3)])), [f"{name}:3 imports {other}"])
        for name, room, other in (
            ("accounts/views.py", "accounts", "comments"),
            ("campaign/urls.py", "campaign", "moderation"),
            ("moderation/decisions.py", "moderation", "comments"),
        ):
            self.assertEqual(list(wrong_arrows(name, room, [(other, 3)])), [])
