"""Lint of our own, for what ruff does not know: templates, markup marked safe, raw SQL, migrations.

python -m tests.lint prints a line for each finding and exits 1 if there is one.
"""

import ast
import os
import re
import sys
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
ROOMS = "accounts articles campaign comments demo interchange moderation notifications petitions search".split()

# What the strict Content-Security-Policy refuses, or what would let markup past the sanitiser.
FORBIDDEN = {
    r"\sstyle\s*=": "inline style: the CSP refuses it",
    r"<style": "inline style: the CSP refuses it",
    r"<script(?![^>]*\ssrc=)(?![^>]*application/ld\+json)": "inline script: the CSP refuses it",
    r"<[^>]*\son[a-z]+\s*=": "inline handler: the CSP refuses it",
    r"hx-on": "hx-on is an inline handler: the CSP refuses it",
    r"javascript:": "a javascript: address",
    r"\|\s*safe\b": "|safe: what campaign.markup made is printed by |trusted, nothing else",
    r"\|\s*safeseq\b": "|safeseq",
    r"autoescape\s+off": "autoescape off",
    r"(?:src|srcset)\s*=\s*[\"'](?:https?:)?//": "loads from a third party",
}
TEXT_ALLOWS = {r"autoescape\s+off"}  # a mail in plain text escapes nothing
MAIL_ALLOWS = {r"\sstyle\s*="}  # no page of ours: mail programs know no other way

# Who may do what needs a second look, and why it is right there.
ALLOWED = {
    "mark_safe": {
        "campaign/templatetags/rostrum.py": "the one filter for HTML that campaign.markup made",
        "articles/story.py": "a rendered template with a number put in its place",
        "articles/shell.py": "places in a rendered template, filled with escaped values",
        "comments/sections.py": "rendered templates, joined",
        "comments/rendering.py": "patterns of our own templates, filled with escaped values",
    },
    "csrf_exempt": {"notifications/views.py": "one-click unsubscription (RFC 8058); the path is signed"},
    "SQL": {
        "campaign/views.py": "SELECT 1",
        "campaign/append_only.py": "triggers",
        "campaign/wiping.py": "a PRAGMA",
        "campaign/cache.py": "counters in one statement",
        "comments/threads.py": "the reading order",
        "articles/pages.py": "whether a kept page still holds, ahead of all else",
        "comments/integrity.py": "recounts in the database",
        "interchange/management/commands/check_integrity.py": "SQLite's own check of its file",
    },
}
SQL_CALLS = {"raw", "extra", "execute", "executemany", "executescript", "RawSQL", "RunSQL"}


def main():
    findings = [*templates(), *python(), *migrations()]
    print("\n".join(findings) or "Templates, code and migrations: nothing found.")
    return int(bool(findings))


# Templates


def templates():
    from django.contrib.staticfiles import finders
    from django.template import TemplateSyntaxError, engines

    engine = engines["django"]
    folders = [Path(folder) for folder in settings.TEMPLATES[0]["DIRS"]]
    folders += [ROOT / room / "templates" for room in ROOMS]
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.suffix in (".html", ".txt", ".xml")):
            text, name = path.read_text(), path.relative_to(ROOT)
            try:
                engine.get_template(str(path.relative_to(folder)))
            except TemplateSyntaxError as error:
                yield f"{name}: {error}"
            yield from forbidden(name, text)
            if path.name.startswith("_") and not re.match(r"\{#.*(Needs|no context).*#\}", text.partition("\n")[0]):
                yield f"{name}:1: a partial says on its first line what it needs: {{# … Needs: … #}}"
            for static in re.findall(r"{%\s*static\s+['\"]([^'\"]+)['\"]", text):
                if not finders.find(static):
                    yield f"{name}: no static file {static}"


def forbidden(name, text):
    without_comments = re.sub(
        r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", lambda found: "\n" * found[0].count("\n"), text, flags=re.S
    )
    for pattern, why in FORBIDDEN.items():
        if name.suffix == ".txt" and pattern in TEXT_ALLOWS:
            continue
        if "emails" in name.parts and pattern in MAIL_ALLOWS:
            continue
        for found in re.finditer(pattern, without_comments, re.I):
            yield f"{name}:{without_comments.count(chr(10), 0, found.start()) + 1}: {why}"


# Python


def python():
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            for node in ast.walk(ast.parse(path.read_text())):
                what = risk(node)
                if what and name not in ALLOWED[what] and not (what == "SQL" and "/migrations/" in name):
                    yield f"{name}:{node.lineno}: {what}: give its reason in tests/lint.py, or do without"


def risk(node):
    """What of ALLOWED this node does, if any."""
    names = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
    called = node.func if isinstance(node, ast.Call) else None
    word = getattr(called, "attr", getattr(called, "id", None))
    if names & {"mark_safe", "SafeString", "SafeText"} or word in ("mark_safe", "SafeString"):
        return "mark_safe"
    if names & {"csrf_exempt"} or word == "csrf_exempt":
        return "csrf_exempt"
    return "SQL" if word in SQL_CALLS else None


# Migrations


def migrations():
    from django.db.migrations.loader import MigrationLoader

    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items(), key=lambda item: item[0]):
        path = Path(apps.get_app_config(app).path)
        if not path.is_relative_to(ROOT) or ".venv" in path.parts:
            continue
        where = f"{app}/migrations/{name}.py"
        if re.search(r"_auto_\d", name) or re.fullmatch(r"\d{4}(_.*\d{8}_\d{4})?", name):
            yield f"{where}: name what it does (makemigrations -n add_decision)"
        for operation in migration.operations:
            if not operation.reversible:
                yield f"{where}: {operation.describe()}: cannot be taken back"
            if type(operation).__name__ == "AddField" and required(operation.field):
                yield f"{where}: {operation.describe()}: NOT NULL without db_default; the release before could not write"


def required(field):
    return not (field.null or field.many_to_many or field.generated or field.has_db_default())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "campaign.settings")
    django.setup()
    sys.exit(main())
