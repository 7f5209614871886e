"""What all tests share: corpora, a browser, a database as the migrations left it, a cache that forgets."""

import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.transaction import atomic
from django.test import TransactionTestCase

from campaign import keeping

from . import corpora as corpora_folder
from .settings import forget_cache

# Playwright's loop runs in the thread of the test, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
LONG = os.environ.get("LONG") == "1"


def pytest_collection_modifyitems(items):
    for item in items:
        if "server" in Path(item.path).relative_to(settings.BASE_DIR / "tests").parts[:-1]:
            item.add_marker("server")
        if {"page", "browser", "context"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
        if item.get_closest_marker("browser") and not CHROMIUM:
            item.add_marker(pytest.mark.skip(reason="no Chromium found. On Debian: sudo apt install chromium"))
        if item.get_closest_marker("long") and not LONG:
            item.add_marker(pytest.mark.skip(reason="takes minutes: LONG=1 make test"))


def pytest_terminal_summary(terminalreporter):
    """Leave the counts for `python -m tests`, which adds up its two parts."""
    if tally := os.environ.get("ROSTRUM_TALLY"):
        counts = {name.replace("error", "errors"): len(reports) for name, reports in terminalreporter.stats.items()}
        Path(tally).write_text(json.dumps(counts))


@pytest.fixture
def corpora():
    """The folder of the corpora; the test is skipped where there is none."""
    return corpora_folder.path()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(autouse=True)
def cache_forgets():
    forget_cache()
    keeping.forget_all()


# A TransactionTestCase empties the database. Two things stand in the way: rows that may not be deleted
# (campaign/append_only.py), and rows that migrations wrote (groups, house rules), which the next test needs.


# By alias, not on the connection: once Playwright's loop runs, the thread is given other connection objects.
first_rows = {}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        for connection in connections.all():
            first_rows[connection.alias] = all_rows(connection)


def all_rows(connection):
    """Every row there is, by table: [(columns, rows)]."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            if rows := cursor.fetchall():
                found[table] = [column[0] for column in cursor.description], rows
    return found


def put_back(connection, found):
    quote = connection.ops.quote_name
    with connection.constraint_checks_disabled(), atomic(connection.alias), connection.cursor() as cursor:
        for table, (columns, rows) in found.items():
            names, places = ", ".join(map(quote, columns)), ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({places})", rows)


@contextmanager
def append_only_lifted(connection):
    """Without the triggers that refuse to delete; PostgreSQL's TRUNCATE does not ask them."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_append_only_%'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        try:
            yield
        finally:
            for _name, sql in triggers:
                cursor.execute(sql)


def empty_database(test):
    for alias in test._databases_names(include_mirrors=False):
        connection = connections[alias]
        with append_only_lifted(connection):
            call_command(
                "flush",
                verbosity=0,
                interactive=False,
                database=alias,
                reset_sequences=False,
                inhibit_post_migrate=True,
            )
            put_back(connection, first_rows[alias])


TransactionTestCase._fixture_teardown = empty_database
