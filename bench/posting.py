"""What a post costs against a bare INSERT of such a row in the same database, and whether four clients at once lose one."""

import contextlib
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from statistics import median
from uuid import uuid4

from django.conf import settings
from tqdm import tqdm

from tests.server.site import CSRF

from .claims import Claim, times

QUERIES = 12  # of a post at most; by issue and performance.md 2, as the goals below
COST = 10  # CPU as a multiple of a bare INSERT's, at most
RATE = 10  # a bare INSERT is so many times as fast with CLIENTS, at most
CLIENTS = 4
POSTS = 20  # in a sample
PLACE = (
    "import json; from bench import counting; from comments.models import Discussion; "
    "print(json.dumps(counting.place_of(Discussion.objects.get(url={!r}))))"
)
COUNT = "import json; from bench import counting; print(json.dumps(counting.posts({!r}, {!r})))"


def run(seeded, *, rounds, seconds):
    """What posting costs in the discussions of one long thread: most replies stand below one comment.

    {"kinds": [{"size", "kind", "queries" [of the site, of the cache], and for each round "cpu" of the workers and of a
    bare INSERT ("bare"), in ms, "database": CPU of its processes}],
     "clients": [{"size", and for each round "posts" and "inserts" per second, "longest" wait of a post in ms,
     "errors", "lost": posts answered and not stored, or not counted}], "trouble": what check_integrity says}
    """
    threads = {size: path for (shape, size), path in seeded.discussions.items() if shape == "thread"}
    places = {size: seeded.site.ask(PLACE.format(path)) for size, path in threads.items()}
    kinds, clients = [], []
    total = len(threads) * rounds * 2
    with inserters(seeded) as bare, tqdm(total=total, desc=f"{seeded.vendor}: posting", disable=None) as progress:
        for size, path in threads.items():
            queries = seeded.site.ask(COUNT.format(path, seeded.sessions[0]))
            kinds += [
                {"size": size, "kind": kind, "queries": queries[kind], "cpu": [], "bare": [], "database": []}
                for kind in KINDS
            ]
        for _round in range(rounds):
            for cell in kinds:
                one_after_the_other(seeded, bare[0], cell, places[cell["size"]])
            progress.update(len(threads))
        for size, place in places.items():
            cell = {"size": size, "posts": [], "inserts": [], "longest": [], "errors": 0, "lost": 0}
            for _round in range(rounds):
                at_once(seeded, bare, cell, place, seconds)
                progress.update()
            clients.append(cell)
    # The bare rows were counted by nobody.
    count_all = (
        "UPDATE comments_discussion AS d SET comment_count = "
        "(SELECT count(*) FROM comments_comment WHERE discussion_id = d.id) WHERE id = ?"
    )
    seeded.database.ask(count_all, seeded.empty)
    return {"kinds": kinds, "clients": clients, "trouble": seeded.site.trouble()}


# What is posted in a place, in words that nobody has posted before.
def plain(place):
    return {"body": f"What I saw of it, number {uuid4()}: the letter came late, and the answer later.", "parent": ""}


def reply(place):
    return {**plain(place), "parent": place["root"]}


def quote(place):
    """A reply that quotes and names somebody."""
    quoted = f"> water board river street\n>\n> — [{place['name']}](/c/{place['root']}/)\n\n"
    return {"body": f"{quoted}@{place['handle']} is right, number {uuid4()}.", "parent": place["root"]}


KINDS = {"a comment": plain, "a reply": reply, "a reply that quotes and names": quote}


def one_after_the_other(seeded, bare, cell, place):
    """Add to `cell` the cost of POSTS posts, and of as many bare INSERTs or more."""
    worker, headers = seeded.worker(), seeded.cookie()
    words = KINDS[cell["kind"]]

    def post():
        if not send(worker, place, words(place), headers):
            raise SystemExit(f"{cell['kind']}, {cell['size']:,}: a post was refused")

    post()  # connected
    sample = worker.cost(post, POSTS)
    cell["cpu"].append(round(sample.cpu, 3))
    cell["database"].append(round(sample.database, 3))
    cell["bare"].append(round(bare(f"{5 * POSTS} rows")["cpu"], 4))


def send(worker, place, data, headers):
    """Post as a browser does; return whether it is stored, by the answer."""
    sent = {**data, "token": uuid4(), "csrfmiddlewaretoken": CSRF}
    status, location = worker.post(f"/discussions/{place['discussion']}/comments/", sent, headers)
    return status == 302 and location.startswith("/c/")


def at_once(seeded, bare, cell, place, seconds):
    """Add to `cell` what CLIENTS do at once in so many seconds: bare INSERTs, then replies to one comment."""

    def client(number):
        """Return ([was it stored?, seconds that it took] of each post, seconds in all)."""
        worker, headers, outcomes = seeded.worker(), seeded.cookie(number), []
        begun = time.monotonic()
        while (at := time.monotonic()) < begun + seconds:
            try:
                done = send(worker, place, reply(place), headers)
            except (OSError, HTTPException):
                done = False
            outcomes.append((done, time.monotonic() - at))
        return outcomes, time.monotonic() - begun

    with ThreadPoolExecutor(CLIENTS) as clients:
        inserted = list(clients.map(lambda insert: insert(str(seconds)), bare))
        before = stored(seeded, place)
        posted = list(clients.map(client, range(CLIENTS)))
    done = [sum(done for done, _took in outcomes) for outcomes, _seconds in posted]
    cell["inserts"].append(round(sum(answer["rows"] / answer["seconds"] for answer in inserted), 1))
    cell["posts"].append(round(sum(d / took for d, (_outcomes, took) in zip(done, posted, strict=True)), 1))
    cell["longest"].append(round(max(took for outcomes, _seconds in posted for _done, took in outcomes) * 1000, 1))
    cell["errors"] += sum(answer["errors"] for answer in inserted)
    cell["errors"] += sum(len(outcomes) for outcomes, _seconds in posted) - sum(done)
    cell["lost"] += sum(abs(now - then - sum(done)) for now, then in zip(stored(seeded, place), before, strict=True))


def stored(seeded, place):
    """[comments of the discussion, as counted by it, as counted by the one that all replies stand below]."""
    below = "SELECT count(*) FROM comments_comment WHERE thread_id = ?"
    counted = "SELECT comment_count FROM comments_discussion WHERE id = ?"
    replies = "SELECT descendant_count FROM comments_comment WHERE id = ?"
    ask = seeded.database.ask
    return [ask(below, place["root"])[0], ask(counted, place["discussion"])[0], ask(replies, place["root"])[0]]


@contextlib.contextmanager
def inserters(seeded):
    """CLIENTS processes of bench/inserting.py, each as a function: what is asked → what it answers."""
    command = [sys.executable, "-m", "bench.inserting", str(seeded.empty)]
    environment = seeded.site.environment
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    processes = [subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, **pipes) for _ in range(CLIENTS)]

    def asking(process):
        def ask(line):
            process.stdin.write(f"{line}\n")
            return json.loads(process.stdout.readline())

        return ask

    try:
        yield [asking(process) for process in processes]
    finally:
        for process in processes:
            process.stdin.close()
            process.wait(20)
            process.stdout.close()


# What the numbers say ------------------------------------------------------------------------------------------------
def ratios(cell):
    """(CPU against that of a bare INSERT: median over the rounds, lowest, highest)."""
    of_rounds = [own / bare for own, bare in zip(cell["cpu"], cell["bare"], strict=True)]
    return median(of_rounds), min(of_rounds), max(of_rounds)


def slowness(cell):
    """How many times as many bare INSERTs as posts four clients store."""
    return median(inserts / max(posts, 0.1) for inserts, posts in zip(cell["inserts"], cell["posts"], strict=True))


def claims(found):
    """By kind of post: its queries and its cost; then what four clients at once do."""
    out, kinds = [], {}
    for cell in found["kinds"]:
        kinds.setdefault(cell["kind"], {})[cell["size"]] = cell
    for kind, cells in kinds.items():
        asked = {size: sum(cell["queries"]) for size, cell in cells.items()}
        most, same = max(asked.values()), len(set(asked.values())) == 1
        detail = f"{most} at every size" if same else ", ".join(f"{n} at {size:,}" for size, n in asked.items())
        out.append(Claim(f"{kind.capitalize()} takes at most {QUERIES} queries", most <= QUERIES and same, detail))
    for kind, cells in kinds.items():
        by_size = {size: ratios(cell)[0] for size, cell in cells.items()}
        text = f"{kind.capitalize()}: CPU at most {COST} times a bare INSERT's"
        out.append(Claim(text, max(by_size.values()) <= COST, times(by_size, COST)))
    rates = {cell["size"]: slowness(cell) for cell in found["clients"]}
    detail = ", ".join(f"1/{slow:.1f} at {size:,}" for size, slow in rates.items())
    text = f"{CLIENTS} clients at once post at least 1/{RATE} as fast as they store bare rows"
    out.append(Claim(text, max(rates.values()) <= RATE, detail))
    errors, lost = (sum(cell[what] for cell in found["clients"]) for what in ("errors", "lost"))
    out.append(Claim("None of their posts fails or is lost", not errors and not lost, f"{errors} errors, {lost} lost"))
    return [*out, Claim("All numbers are right afterwards", not found["trouble"], "; ".join(found["trouble"]))]
