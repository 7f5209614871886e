"""python -m bench [--sizes 100 1000 10000] [--rounds 7]: a table, and a picture in var/bench/."""

import argparse
import json
import os
import sqlite3
import sys
from pathlib import Path
from statistics import median

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
for name in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(name, None)

from tqdm import tqdm  # noqa: E402

from tests.server.site import Site  # noqa: E402

from . import picture  # noqa: E402
from .measure import Variant, Worker, memory  # noqa: E402

OUT = Path(__file__).resolve().parent.parent / "var" / "bench"
SESSION = """
import json
from django.conf import settings
from django.contrib import auth
from campaign.sessions import SessionStore
from tests import factories
user = factories.make_user("Bench Reader")
session = SessionStore()
session[auth.SESSION_KEY] = str(user.pk)
session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print(json.dumps(session.session_key))
"""


def main():
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000], help="comments of a discussion")
    parser.add_argument("--rounds", type=int, default=7, help="of all kinds of requests in turn")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the picture and the numbers")
    options = parser.parse_args()
    site = Site(DJANGO_SETTINGS_MODULE="bench.settings")
    try:
        results, held = run(site, options)
    finally:
        site.remove()
    report(options, results, held)


def run(site, options):
    """Cost of each kind of request by size: {size: {name: (cpu ratio, lowest, highest, cpu ms, latency ratio, goal)}}."""
    site.migrate()
    paths = {}
    for size in options.sizes:
        print(f"Making a discussion of {size:,} comments", file=sys.stderr)
        said = site.manage("seed_discussion", "--comments", str(size), "--shape", "mixed").stdout
        paths[size] = "/" + said.strip().split()[-1].split("/", 3)[-1] if "://" in said else said.strip().split()[-1]
    session = site.ask(SESSION)
    (site.folder / "bare").mkdir()
    site.start()
    pids = site.workers()
    worker = Worker(site.port, pids)
    database = sqlite3.connect(site.folder / "rostrum.sqlite3", timeout=20, isolation_level=None)
    results = {}
    progress = tqdm(total=len(options.sizes) * options.rounds, unit="round", disable=None)
    for size in options.sizes:
        kinds = variants(site, worker, database, paths[size], session)
        for kind in kinds:
            worker.sample(kind)  # whatever is made once, is made
        samples = {kind.name: [] for kind in kinds}
        for number in range(options.rounds):
            for kind in kinds if number % 2 else reversed(kinds):
                samples[kind.name].append(worker.sample(kind))
            progress.update()
        results[size] = {
            kind.name: ratios(kind, kinds[0].name if "member" not in kind.name else kinds[1].name, samples)
            for kind in kinds
        }
    progress.close()
    return results, memory(pids)


def variants(site, worker, database, path, session):
    """The kinds of requests for one page; the first two are the bare views of its bytes."""
    cookie = {"Cookie": f"session={session}; csrf={'c' * 32}"}
    guest = worker.get(path, {})
    member = worker.get(path, cookie)
    for name, (status, _headers, body) in {"guest": guest, "member": member}.items():
        if status != 200:
            raise SystemExit(f"{path} answers a {name} {status}")
        (site.folder / "bare" / f"{name}-{len(body)}").write_bytes(body)

    def changed():
        """The discussion has just changed: what is kept of it is of no use any more."""
        database.execute("UPDATE comments_discussion SET version = version + 1 WHERE url = ?", [path])

    def known():
        return {"If-None-Match": worker.get(path, {})[1]["ETag"]}

    return [
        Variant("bare view, guest's bytes", f"/bare/guest-{len(guest[2])}"),
        Variant("bare view, member's bytes", f"/bare/member-{len(member[2])}"),
        Variant("guest, discussion just changed", path, goal=12, before=changed, requests=40),
        Variant("guest, page kept", path, goal=3),
        Variant("guest, not modified (304)", path, known, status=304, goal=2),
        Variant("member, discussion just changed", path, cookie, goal=15, before=changed, requests=40),
        Variant("member, shared part kept", path, cookie, goal=7, requests=60),
    ]


def ratios(kind, reference, samples):
    """Medians over the rounds, each round against the bare view of the same round."""
    pairs = list(zip(samples[kind.name], samples[reference], strict=True))
    cpu = [own.cpu / bare.cpu for own, bare in pairs]
    return {
        "cpu": median(cpu),
        "lowest": min(cpu),
        "highest": max(cpu),
        "cpu_ms": median(own.cpu for own, _bare in pairs),
        "latency": median(own.latency / bare.latency for own, bare in pairs),
        "latency_ms": median(own.latency for own, _bare in pairs),
        "goal": kind.goal,
    }


def report(options, results, held):
    sizes, out = options.sizes, options.out
    head = f"{'CPU against a bare view of the same bytes':42}" + "".join(f"{size:>24,}" for size in sizes) + "    goal"
    print(head, "-" * len(head), sep="\n")
    missed = []
    for name, first in results[sizes[0]].items():
        cells = [results[size][name] for size in sizes]
        text = "".join(f"{c['cpu']:8.2f} x ({c['lowest']:.1f}-{c['highest']:.1f})".rjust(24) for c in cells)
        print(f"{name:42}{text}" + (f"{first['goal']:6g} x" if first["goal"] else ""))
        print(f"{'':42}" + "".join(f"{c['cpu_ms']:.2f} ms CPU, {c['latency_ms']:.2f} ms".rjust(24) for c in cells))
        missed += [
            f"{name}, {size:,}"
            for size, cell in zip(sizes, cells, strict=True)
            if first["goal"] and cell["cpu"] > first["goal"]
        ]
    print(f"Two workers hold {held:.0f} MiB (goal: 150).")
    print("Every goal is met." if not missed else f"Short of the goal: {'; '.join(missed)}.")
    out.mkdir(parents=True, exist_ok=True)
    (out / "article-page.json").write_text(json.dumps(results, indent=1))
    lines = [
        (name, [results[size][name]["cpu"] for size in sizes], cell["goal"])
        for name, cell in results[sizes[0]].items()
        if cell["goal"]
    ]
    (out / "article-page.svg").write_text(
        picture.svg("Article page: CPU per request, as a multiple of a bare view", sizes, lines)
    )
    print(f"Picture: {out / 'article-page.svg'}")


if __name__ == "__main__":
    main()
