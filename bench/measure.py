"""Requests in a row over one connection, and what they cost the workers."""

import contextlib
import http.client
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlencode


@dataclass
class Variant:
    """One kind of request: `name` in the table, `goal` as a multiple of the bare view.

    headers: what is sent, or a function that says so ahead of a sample; before: run ahead of each request;
    page: where the path redirects to, fetched as well.
    """

    name: str
    path: str
    headers: object = field(default_factory=dict)
    status: int = 200
    goal: float | None = None
    before: object = None
    requests: int = 100
    page: str = ""


@dataclass
class Sample:
    """Milliseconds per request."""

    cpu: float  # of the workers
    database: float  # CPU of the processes that serve their connections
    latency: float  # median


class Worker:
    """A connection to one server process, and the processes that it led to."""

    def __init__(self, port, pids, database=list):
        """pids: of the workers; database: function that returns those of the database's own processes."""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.pids, self.database = pids, database

    def get(self, path, headers):
        self.connection.request("GET", path, headers=headers)
        response = self.connection.getresponse()
        return response.status, response.headers, response.read()

    def post(self, path, data, headers):
        """Return (status, where it leads to)."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", path, urlencode(data), headers | form)
        response = self.connection.getresponse()
        response.read()
        return response.status, response.headers["Location"]

    def sample(self, variant):
        """Cost of `variant.requests` requests, one after the other."""
        headers = variant.headers() if callable(variant.headers) else variant.headers
        steps = [(variant.path, 302), (variant.page, 200)] if variant.page else [(variant.path, variant.status)]

        def request():
            for path, expected in steps:
                status, _headers, _body = self.get(path, headers)
                if status != expected:
                    raise SystemExit(f"{variant.name}: {path} answers {status}, {expected} expected")

        return self.cost(request, variant.requests, variant.before)

    def cost(self, request, number, before=None):
        """Cost of calling `request` so often; before: called ahead of each, not counted but for its work in the database."""
        database = self.database()
        times, ours, theirs = [], running(self.pids), running(database)
        for _request in range(number):
            if before:
                before()
            started = time.perf_counter()
            request()
            times.append(time.perf_counter() - started)
        used, asked = since(ours, running(self.pids)), since(theirs, running(database))
        return Sample(cpu=used / number, database=asked / number, latency=median(times) * 1000)


def running(pids):
    """{thread: nanoseconds that it has run} of these processes."""
    found = {}
    for pid in pids:
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):  # it has just ended
                found[path] = int(path.read_text().split()[0])
    return found


def since(before, now):
    """Milliseconds that the threads of `now` have run since `before`. Those that ended meanwhile were idle for long."""
    return sum(ran - before.get(thread, 0) for thread, ran in now.items()) / 1e6


def memory(pids):
    """What these processes hold, in MiB: shared pages counted once, in parts. {"all", "own": what is in no file}."""
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]

    def total(name):
        return round(sum(int(re.search(rf"^{name}:\s+(\d+)", text, re.M)[1]) for text in rollups) / 1024, 1)

    return {"all": total("Pss"), "own": total("Pss_Anon")}
