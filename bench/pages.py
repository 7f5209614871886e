"""What an article's page costs by what is kept of it, and what two workers hold: the mixed shape, every size."""

from statistics import median

from tqdm import tqdm

from .claims import Claim, times
from .measure import Variant, memory

PSS = 150  # MiB of two workers after REQUESTS, at most; by performance.md 2, as the goals below
REQUESTS = 1_000
CONNECTIONS = 8  # so that both workers have their part


def run(seeded, *, rounds, requests):
    """[{"size", "kind", "goal", lists with a number for each round: "cpu" and "latency" in ms, "bare": CPU of the bare view}]."""
    worker = seeded.worker()
    mixed = {size: path for (shape, size), path in seeded.discussions.items() if shape == "mixed"}
    found = []
    with tqdm(total=len(mixed) * rounds, desc=f"{seeded.vendor}: kept pages", unit="round", disable=None) as progress:
        for size, path in mixed.items():
            kinds = variants(seeded, worker, path, requests)
            for kind, _reference in kinds:
                worker.sample(kind)  # whatever is made once, is made
            cells = [
                {"size": size, "kind": kind.name, "goal": kind.goal, "cpu": [], "bare": [], "latency": []}
                for kind, _reference in kinds
            ]
            for number in range(rounds):
                bare = {reference.path: worker.sample(reference).cpu for _kind, reference in kinds}
                for (kind, reference), cell in list(zip(kinds, cells, strict=True))[:: 1 if number % 2 else -1]:
                    sample = worker.sample(kind)
                    cell["cpu"].append(round(sample.cpu, 3))
                    cell["bare"].append(round(bare[reference.path], 4))
                    cell["latency"].append(round(sample.latency, 3))
                progress.update()
            found += cells
    return found


def variants(seeded, worker, path, requests):
    """[(kind of request for the page at `path`, the bare view of its bytes)]."""
    cookie = seeded.cookie()
    bodies = {}
    for name, headers in {"guest": {}, "member": cookie}.items():
        status, _headers, bodies[name] = worker.get(path, headers)
        if status != 200:
            raise SystemExit(f"{path} answers a {name} {status}")
    guest, member = (
        Variant(f"bare view, {name}'s bytes", seeded.bare(body), requests=requests) for name, body in bodies.items()
    )
    few = max(1, requests // 3)

    def changed():
        seeded.database.changed(path)

    def forgotten():
        """All that this worker keeps, patterns of templates included, is gone."""
        worker.get("/bare/forget", {})

    def known():
        return {"If-None-Match": worker.get(path, {})[1]["ETag"]}

    packed = {"Accept-Encoding": "br"}
    return [
        (Variant("guest, nothing kept at all", path, goal=30, before=forgotten, requests=few), guest),
        (Variant("guest, discussion just changed", path, goal=12, before=changed, requests=few), guest),
        (Variant("guest, page kept", path, goal=3, requests=requests), guest),
        (Variant("guest, page kept compressed", path, packed, goal=2, requests=requests), guest),
        (Variant("guest, not modified (304)", path, known, status=304, goal=2, requests=requests), guest),
        (Variant("member, nothing kept at all", path, cookie, goal=30, before=forgotten, requests=few), member),
        (Variant("member, discussion just changed", path, cookie, goal=15, before=changed, requests=few), member),
        (Variant("member, shared part kept", path, cookie, goal=7, requests=requests), member),
    ]


def held(seeded):
    """{what was asked for: what two new workers hold after REQUESTS, by measure.memory()}, guests' and members' in turn."""
    path = seeded.discussions["mixed", max(size for _shape, size in seeded.discussions)]
    ids = "SELECT min(c.id), max(c.id) FROM comments_comment c JOIN comments_discussion d ON d.id = discussion_id WHERE url = ?"
    first, last = seeded.database.ask(ids, path)
    step = max(1, (last - first) // REQUESTS)
    return {
        "of a dozen pages": held_after(seeded, list(seeded.discussions.values())),
        "of as many pages": held_after(seeded, [f"{path}?at={pk}" for pk in range(first, last, step)]),
    }


def held_after(seeded, paths):
    seeded.restart()
    workers = [seeded.worker() for _ in range(CONNECTIONS)]
    for number in range(REQUESTS):
        # Neighbours in turn on each connection, so that guests and members come to both workers.
        headers = seeded.cookie() if number // CONNECTIONS % 2 else {}
        path = paths[number % len(paths)]
        status, _headers, _body = workers[number % CONNECTIONS].get(path, headers)
        if status != 200:
            raise SystemExit(f"{path} answers {status}")
    return memory(workers[0].pids)


# What the numbers say ------------------------------------------------------------------------------------------------
def ratios(cell):
    """(CPU against the bare view: median over the rounds, lowest, highest)."""
    of_rounds = [own / bare for own, bare in zip(cell["cpu"], cell["bare"], strict=True)]
    return median(of_rounds), min(of_rounds), max(of_rounds)


def claims(cells):
    """By kind of request: does it keep to its goal at every size?"""
    found = {}
    for cell in cells:
        found.setdefault((cell["kind"], cell["goal"]), {})[cell["size"]] = ratios(cell)[0]
    return [
        Claim(
            f"{kind}: CPU at most {goal:g} times the bare view's", max(by_size.values()) <= goal, times(by_size, goal)
        )
        for (kind, goal), by_size in found.items()
    ]


def claims_of_memory(found):
    """The rest of the memory is files: libraries, and of SQLite's the part of the database that was read."""
    return [
        Claim(
            f"Two workers hold at most {PSS} MiB after {REQUESTS:,} requests {of_what}",
            held["all"] <= PSS,
            f"{held['all']:.0f} MiB, {held['own']:.0f} of it their own and the rest files",
        )
        for of_what, held in found.items()
    ]
