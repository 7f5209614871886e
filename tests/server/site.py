"""A real site: a folder of its own, `manage.py serve` with its workers, driven over HTTP."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from django.conf import settings

CSRF = "c" * 32
# Makes members who are signed in, and an article that they may discuss.
MEMBERS = """
import json
from django.conf import settings
from django.contrib import auth
from campaign.sessions import SessionStore
from tests import factories
article = factories.make_article()
sessions = []
for number in range({members}):
    user = factories.make_user(f"Member {{number}}")
    session = SessionStore()
    session[auth.SESSION_KEY] = str(user.pk)
    session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    sessions.append(session.session_key)
print(json.dumps({{"path": article.get_absolute_url(), "discussion": article.discussion_id, "sessions": sessions}}))
"""


@contextlib.contextmanager
def own_database(url):
    """A database of its own beside the one that a PostgreSQL URL names; of SQLite nothing: the folder has its file."""
    if not url.startswith("postgres"):
        yield {}
        return
    name = f"rostrum_site_{os.getpid()}_{free_port()}_{url.rpartition('/')[2]}"[:63]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" ENCODING UTF8 TEMPLATE template0')
        try:
            yield {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}"}
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.text = (
            response.status,
            response.headers,
            response.read().decode(errors="replace"),
        )


class Site:
    def __init__(self, database=None, **environment):
        """database: URL beside whose database it gets its own, "" for SQLite; None: as the environment says."""
        self.folder = Path(tempfile.mkdtemp(prefix="rostrum-site-"))
        self.port = free_port()
        self.log = self.folder / "serve.log"
        self.process = None
        self.things = contextlib.ExitStack()
        database = self.things.enter_context(
            own_database(os.environ.get("DATABASE_URL", "") if database is None else database)
        )
        self.environment = database | {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "tests.server.settings",
            "DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            **environment,
        }

    def make(self, members=4):
        """Migrate, and fill it with an article and members who are signed in. Return what MEMBERS prints."""
        if not (settings.STATIC_ROOT / "staticfiles.json").exists():
            self.manage("collectstatic", "--noinput", "-v", "0")
        self.migrate()
        return self.ask(MEMBERS.format(members=members))

    def migrate(self):
        """Make the tables; on SQLite once for a run, then copies of the file."""
        template = Path(os.environ.get("ROSTRUM_TESTS", self.folder)) / "migrated"
        if template.exists() and "DATABASE_URL" not in self.environment:
            shutil.copytree(template, self.folder, dirs_exist_ok=True)
            return
        self.manage("migrate", "--noinput", "-v", "0")
        self.manage("createcachetable", "--database", "cache", "-v", "0")
        if "ROSTRUM_TESTS" in os.environ and "DATABASE_URL" not in self.environment:
            shutil.copytree(self.folder, template)

    def manage(self, *arguments, check=True, timeout=120):
        command = [sys.executable, "manage.py", *arguments]
        run = {
            "cwd": settings.BASE_DIR,
            "env": self.environment,
            "capture_output": True,
            "text": True,
            "timeout": timeout,
        }
        done = subprocess.run(command, **run)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(arguments)[:80]}: {done.stdout}{done.stderr}")
        return done

    def ask(self, code, timeout=120):
        """What `code` prints last, run in the site's own shell, as JSON."""
        return json.loads(self.manage("shell", "-v", "0", "-c", code, timeout=timeout).stdout.strip().splitlines()[-1])

    def start(self, *arguments):
        """Serve, and return once it answers."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", *arguments],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 60
        while b"Rostrum serves on" not in self.log.read_bytes().rpartition(b"--- start\n")[2]:
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"did not start: {self.log.read_text(errors='replace')}")
            time.sleep(0.05)
        return self

    def stop(self):
        """End it as a supervisor would; return its exit code."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        with open(self.log, "ab") as log:
            log.write(b"--- start\n")
        self.process = None
        return code

    def remove(self):
        self.stop()
        self.things.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def said(self):
        return self.log.read_text(errors="replace")

    def children(self, parent=None):
        """The processes below, nearest first: {pid: command line}."""
        parent = parent or self.process.pid
        found = {}
        listing = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True).stdout
        rows = [line.split(None, 2) for line in listing.splitlines()]
        for pid, above, *command in rows:
            if int(above) == parent:
                found[int(pid)] = "".join(command)
        for pid in list(found):
            found |= self.children(pid)
        return found

    def workers(self):
        """The processes that answer requests."""
        [server] = [pid for pid, command in self.children().items() if "granian" in command and self.is_direct(pid)]
        return [pid for pid, command in self.children(server).items() if "granian" in command]

    def is_direct(self, pid):
        with contextlib.suppress(OSError):
            return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) == self.process.pid
        return False

    def request(self, method, path, data=None, *, session="", headers=None, timeout=30):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        cookie = f"csrf={CSRF}" + (f"; session={session}" if session else "")
        sent = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        body = urlencode({"csrfmiddlewaretoken": CSRF, **data}) if data is not None else None
        try:
            connection.request(method, path, body, sent)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, data, **options):
        return self.request("POST", path, data, **options)

    def post_comment(self, discussion, session, body, token, parent=""):
        return self.post(
            f"/discussions/{discussion}/comments/", {"body": body, "token": token, "parent": parent}, session=session
        )

    def trouble(self):
        """What must not be there after whatever was done to it: wrong numbers, tracebacks, faults."""
        found = []
        check = self.manage("check_integrity", check=False)
        if check.returncode:
            found.append(check.stdout + check.stderr)
        if "Traceback" in self.said():
            found.append(self.said())
        found += [line for line in self.said().splitlines() if '"status": 5' in line]
        return found
