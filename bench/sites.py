"""A site with a discussion of each shape and size, on a database of its own, served by two workers."""

import os
import re
import sqlite3
from pathlib import Path

import psycopg
from tqdm import tqdm

from tests.server.site import CSRF, MEMBERS, Site

from .measure import Worker

LOCAL = "postgres://postgres@127.0.0.1:5432/postgres"
SHAPES = ["wide", "thread", "deep", "mixed"]
SIZES = [100, 10_000, 100_000]


def postgresql():
    """The URL of a PostgreSQL that answers and lets us make a database (BENCH_DATABASE_URL, else this machine's), or None."""
    url = os.environ.get("BENCH_DATABASE_URL", LOCAL)
    may = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            return url if connection.execute(may).fetchone()[0] else None
    except psycopg.OperationalError:
        return None


class Seeded:
    """`discussions`: {(shape, size): path of its article}; `sessions`: of five members who are signed in."""

    def __init__(self, vendor, url=""):
        self.vendor = vendor
        self.site = Site(database=url, DJANGO_SETTINGS_MODULE="bench.settings")
        self.discussions = {}
        (self.site.folder / "bare").mkdir()

    def seed(self, shapes, sizes):
        self.site.migrate()
        made = self.site.ask(MEMBERS.format(members=5))
        self.sessions, self.empty = made["sessions"], made["discussion"]
        wanted = [(shape, size) for size in sizes for shape in shapes]
        with tqdm(total=sum(size for _shape, size in wanted), unit="comment", disable=None) as progress:
            for shape, size in wanted:
                progress.set_description(f"{self.vendor}: seeding {shape}")
                arguments = ["seed_discussion", "--comments", str(size), "--shape", shape]
                self.discussions[shape, size] = self.site.manage(*arguments, timeout=900).stdout.split()[-1]
                progress.update(size)
        if self.vendor == "postgresql":
            # What autovacuum does within minutes on any site; here it would do it in the middle of a measurement.
            with psycopg.connect(self.site.environment["DATABASE_URL"], autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
        return self

    def start(self):
        self.site.start()
        self.database = Database(self)
        return self

    def restart(self):
        """The same site with new workers, which keep nothing yet."""
        self.site.stop()
        self.site.start()

    def worker(self):
        """A connection to one of the workers, which then takes all requests that it carries."""
        return Worker(self.site.port, self.site.workers(), self.database.pids)

    def remove(self):
        self.site.remove()

    def cookie(self, number=0):
        return {"Cookie": f"session={self.sessions[number]}; csrf={CSRF}"}

    def bare(self, body):
        """The path of a bare view that answers with these bytes."""
        name = f"{len(list((self.site.folder / 'bare').iterdir()))}-{len(body)}"
        (self.site.folder / "bare" / name).write_bytes(body)
        return f"/bare/{name}"


class Database:
    """A connection of our own beside those of the workers."""

    def __init__(self, seeded):
        self.vendor = seeded.vendor
        if self.vendor == "sqlite":
            self.connection = sqlite3.connect(seeded.site.folder / "rostrum.sqlite3", timeout=20, isolation_level=None)
            self.connection.execute("PRAGMA synchronous = OFF")  # of what we write; the site waits for the disk as ever
        else:
            self.connection = psycopg.connect(seeded.site.environment["DATABASE_URL"], autocommit=True)

    def ask(self, sql, *values):
        """The first row of the answer, or None."""
        cursor = self.connection.execute(sql.replace("?", "%s") if self.vendor == "postgresql" else sql, values)
        return cursor.fetchone() if cursor.description else None

    def changed(self, path):
        """The discussion of this article has just changed: what is kept of it is of no use any more."""
        self.ask("UPDATE comments_discussion SET version = version + 1 WHERE url = ?", path)

    def pids(self):
        """The processes that serve the workers' connections, where they can be seen; of SQLite none."""
        if self.vendor == "sqlite":
            return []
        sql = (
            "SELECT array_agg(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for pid in self.ask(sql)[0] or [] if is_postgres(pid)]


def is_postgres(pid):
    """Is it a process of PostgreSQL on this machine, and not another machine's number?"""
    try:
        return bool(re.match("postgres", Path(f"/proc/{pid}/comm").read_text()))
    except OSError:
        return False
