"""The demo's texts and pictures, read from demo/content/ (its README.md gives the format)."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "content"


def site():
    """Topics, authors and members: {"topics": […], "authors": […], "members": […]}."""
    return json.loads((FOLDER / "site.json").read_text())


def articles():
    """Yield (facts, body HTML) of each article."""
    for path in sorted((FOLDER / "articles").glob("*.html")):
        _start, facts, body = path.read_text().split("---\n", 2)
        yield json.loads(facts), body.strip()


def discussions():
    """Comments by slug of the article, parents before their replies."""
    return json.loads((FOLDER / "discussions.json").read_text())


def picture(name):
    return FOLDER / "pictures" / f"{name}.webp"
