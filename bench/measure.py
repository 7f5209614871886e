"""Requests in a row over one connection, and what they cost the workers."""

import http.client
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median


@dataclass
class Variant:
    """One kind of request: `name` in the table, `goal` as a multiple of the bare view.

    headers: what is sent, or a function that says so ahead of a sample; before: run ahead of each request.
    """

    name: str
    path: str
    headers: object = field(default_factory=dict)
    status: int = 200
    goal: float | None = None
    before: object = None
    requests: int = 100


@dataclass
class Sample:
    cpu: float  # ms per request
    latency: float  # ms, median


class Worker:
    """A connection to one server process, and the process that it led to."""

    def __init__(self, port, pids):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.pids = pids

    def get(self, path, headers):
        self.connection.request("GET", path, headers=headers)
        response = self.connection.getresponse()
        return response.status, response.headers, response.read()

    def sample(self, variant):
        """Cost of `variant.requests` requests, one after the other."""
        headers = variant.headers() if callable(variant.headers) else variant.headers
        times, before = [], cpu(self.pids)
        for _request in range(variant.requests):
            if variant.before:
                variant.before()
            started = time.perf_counter()
            status, _headers, _body = self.get(variant.path, headers)
            times.append(time.perf_counter() - started)
            if status != variant.status:
                raise SystemExit(f"{variant.name}: {variant.path} answers {status}, {variant.status} expected")
        return Sample(cpu=(cpu(self.pids) - before) * 1000 / variant.requests, latency=median(times) * 1000)


def cpu(pids):
    """Seconds that these processes have run, all threads, to the nanosecond."""
    return (
        sum(int(path.read_text().split()[0]) for pid in pids for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))
        / 1e9
    )


def memory(pids):
    """What these processes hold, in MiB: shared pages counted once, in parts."""
    pss = (re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M) for pid in pids)
    return sum(int(found[1]) for found in pss) / 1024
