"""Serve the site: granian, and beside it what does the due things."""

import errno
import os
import signal
import socket
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseFault
from django.utils.module_loading import import_string

from campaign.management.children import Child

START = 60  # seconds that the server may take to answer
PATIENCE = 15  # seconds that it may take to end
DEATHS = 3  # of the server, one soon after the other, that are enough


class Command(BaseCommand):
    help = "Serve on HOST (127.0.0.1) and PORT (8000), with run_due beside the server, until SIGTERM or SIGINT."

    def add_arguments(self, parser):
        parser.add_argument("--workers", type=int, default=2, help="server processes (2)")
        parser.add_argument("--threads", type=int, default=4, help="threads of each that run our code (4)")

    def handle(self, *, workers, threads, **options):
        host, port = os.environ.get("HOST") or "127.0.0.1", settings.PORT
        must_be_free(host, port)
        self.stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        server = Child("server", granian(host, port, workers, threads))
        others = [Child("run_due", manage("run_due", "--loop"))]
        if "DatabaseBackend" in settings.TASKS["default"]["BACKEND"]:
            others.append(Child("db_worker", manage("db_worker")))
        # A new release: the server takes it worker by worker, the others by starting anew.
        signal.signal(signal.SIGHUP, lambda *_: renew(server, others))
        try:
            server.start()
            if not self.wait_for(server, host, port):
                return
            for child in others:
                child.start()
            self.greet(host, port)
            self.watch(server, others)
        finally:
            for child in (*others, server):
                child.stop(PATIENCE)

    def wait_for(self, server, host, port):
        """Return once the server answers; False if told to stop meanwhile."""
        until = time.monotonic() + START
        while not self.stopping.wait(0.1):
            if server.ended():
                raise CommandError("The server did not start: see the lines above.")
            if answers(host, port):
                return True
            if time.monotonic() > until:
                raise CommandError(f"The server does not answer after {START} seconds.")
        return False

    def greet(self, host, port):
        at = settings.SITE_URL if settings.HTTPS else f"http://{host}:{port}"
        self.stdout.write(f"Rostrum serves on {at}/ (Ctrl+C ends it)")
        for address in sign_ins():
            self.stdout.write(f"  sign in as {address}, password rostrum-demo")
        self.stdout.flush()

    def watch(self, server, others):
        while not self.stopping.wait(0.2):
            for child in (server, *others):
                child.keep()
            if server.deaths > DEATHS:
                raise CommandError("The server ends again and again: see the lines above.")


def renew(server, others):
    server.send(signal.SIGHUP)
    for child in others:
        child.send(signal.SIGTERM)


def must_be_free(host, port):
    """Say so in words if somebody else listens there: the server itself would share the port without a word."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left is free
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = f"Port {port} is taken. End what uses it, or take another: PORT={port + 1} make run"
            else:
                why = f"Cannot listen on {host} port {port}: {error.strerror}"
            raise CommandError(why) from error


def answers(host, port):
    """Does a worker answer? A connection alone is no sign: the port is open before the workers are up."""
    connection = HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=5)  # noqa: S104
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def granian(host, port, workers, threads):
    return [
        *(sys.executable, "-m", "granian", ":".join(settings.WSGI_APPLICATION.rsplit(".", 1)), "--interface", "wsgi"),
        *("--host", host, "--port", str(port), "--workers", str(workers), "--blocking-threads", str(threads)),
        *("--http", "1", "--http1-buffer-size", "65536", "--no-ws", "--no-access-log", "--log-level", "warning"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10", "--working-dir", str(settings.BASE_DIR)),
    ]


def manage(*arguments):
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def sign_ins():
    """The demo's sign-ins, if this site has them."""
    try:
        return import_string(settings.CAMPAIGN_SIGN_INS)()
    except (ImportError, DatabaseFault):
        return []
