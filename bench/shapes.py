"""Every kind of page of a discussion, of every shape and size, for guests and members: queries, comments, cost.

Cost is that of a request just after the discussion has changed, when nothing that is kept of it is of use. The sizes are
measured in turn within a round, and so is the bare view of the same bytes.
"""

from statistics import median

from tqdm import tqdm

from .claims import Claim
from .measure import Variant
from .sites import SHAPES

KINDS = [
    *("first page", "most replies first", "40th page", "more replies", "40th page of replies"),
    *("link to the oldest", "link to the newest", "link to the deepest"),
]
READERS = {"guest": 12, "member": 15}  # queries of a request at most; by discussion.md T4
MOST = 200  # comments on a page
GOALS = {"guest": 12, "member": 15}  # CPU as a multiple of the bare view; by performance.md 2
NOISE = 1.25  # what two medians of equal things may differ by on a machine with other work
QUERIES = "import json; from bench import counting; print(json.dumps(counting.queries({!r}, {!r})))"


def run(seeded, wanted, *, rounds, requests):
    """Of the discussions of the wanted shapes: [{"shape", "size", "kind", "reader", "queries": [redirect, page], "rendered",
    "bytes", "page": where it leads to, and lists with a number for each round, in ms: "cpu" of the workers, "database":
    CPU of its processes, "bare": CPU of the bare view, "latency"}]."""
    cells = count(seeded, wanted)
    worker = seeded.worker()
    for cell in cells:
        prepare(seeded, worker, cell)
    groups = {}
    for cell in cells:
        groups.setdefault((cell["shape"], cell["kind"], cell["reader"]), []).append(cell)
    with tqdm(total=rounds * len(groups), desc=f"{seeded.vendor}: pages", unit="kind", disable=None) as progress:
        for number in range(rounds):
            for group in groups.values():
                for cell in group if number % 2 else reversed(group):
                    measure(seeded, worker, cell, requests)
                progress.update()
    for cell in cells:
        del cell["path"], cell["bare_path"], cell["headers"]
    return cells


def count(seeded, wanted):
    """The cells with what does not depend on the machine."""
    cells = []
    discussions = [item for item in seeded.discussions.items() if item[0][0] in wanted]
    progress = tqdm(discussions, desc=f"{seeded.vendor}: queries", unit="discussion", disable=None)
    for (shape, size), path in progress:
        for kind, found in seeded.site.ask(QUERIES.format(path, seeded.sessions[0]), timeout=600).items():
            for reader in READERS:
                place = {"discussion": path, "shape": shape, "size": size, "kind": kind, "reader": reader}
                paths = {"path": found["path"], "page": found["page"]}
                cells.append(place | paths | {"rendered": found["rendered"], "queries": found[reader]})
    return cells


def prepare(seeded, worker, cell):
    """Find the bytes of the page, and have a bare view answer with them."""
    cell["headers"] = seeded.cookie() if cell["reader"] == "member" else {}
    status, _headers, body = worker.get(cell["page"], cell["headers"])
    if status != 200:
        raise SystemExit(f"{cell['page']} answers a {cell['reader']} {status}")
    cell["bare_path"] = seeded.bare(body)
    cell["bytes"] = len(body)
    worker.get(cell["bare_path"], {})  # read once, then from memory
    cell |= {"cpu": [], "database": [], "bare": [], "latency": []}


def measure(seeded, worker, cell, requests):
    page = cell["page"] if cell["page"] != cell["path"] else ""
    kind = Variant(
        cell["kind"],
        cell["path"],
        cell["headers"],
        before=lambda: seeded.database.changed(cell["discussion"]),
        requests=requests,
        page=page,
    )
    cold = worker.sample(kind)
    bare = worker.sample(Variant("bare view", cell["bare_path"], requests=3 * requests))
    for name in ("cpu", "database", "latency"):
        cell[name].append(round(getattr(cold, name), 3))
    cell["bare"].append(round(bare.cpu, 4))


# What the numbers say ------------------------------------------------------------------------------------------------
def rows(cells):
    """[(shape, kind, reader, {size: cell})], by shape and kind."""
    found = {}
    for cell in cells:
        found.setdefault((cell["shape"], cell["kind"], cell["reader"]), {})[cell["size"]] = cell
    keys = sorted(found, key=lambda key: (SHAPES.index(key[0]), KINDS.index(key[1])))
    return [(*key, dict(sorted(found[key].items()))) for key in keys]


def cost(cell):
    """CPU of workers and database together, ms: what must not grow."""
    return median(own + asked for own, asked in zip(cell["cpu"], cell["database"], strict=True))


def ratio(cell):
    """Median over the rounds of the CPU of the workers against the bare view's of the same round."""
    return median(own / bare for own, bare in zip(cell["cpu"], cell["bare"], strict=True))


def growth(small, large):
    """(how many times the cost of `small` is that of `large`: median over the rounds, lowest, highest)."""
    ratios = [
        (own + asked) / (own_small + asked_small)
        for own, asked, own_small, asked_small in zip(
            large["cpu"], large["database"], small["cpu"], small["database"], strict=True
        )
    ]
    return median(ratios), min(ratios), max(ratios)


def claims(cells):
    """What issue and performance.md 2 ask of every page, and whether it holds.

    The cost is flat if the largest size costs at most NOISE times each smaller one, by the median over the rounds of the
    ratio within a round; a page that shows more comments than the smaller one's may cost so much more in proportion.
    """
    found = rows(cells)
    uneven = [
        f"{name(shape, kind, reader)}: " + ", ".join(f"{sum(c['queries'])} at {n:,}" for n, c in by_size.items())
        for shape, kind, reader, by_size in found
        if not kind.startswith("link") and len({sum(cell["queries"]) for cell in by_size.values()}) > 1
    ]
    # A link's redirect looks for the comment on the first page, which takes none to two queries by its depth.
    out = [Claim("A page takes the same number of queries at every size", not uneven, "; ".join(uneven))]
    for reader, most in READERS.items():
        worst = max((c for c in cells if c["reader"] == reader), key=lambda c: c["queries"][1])
        led = max(c["queries"][0] for c in cells if c["reader"] == reader)
        text = f"A {reader}'s page takes at most {most} queries"
        detail = f"at most {worst['queries'][1]}: {place(worst)}; the redirect of a link to it at most {led}"
        out.append(Claim(text, worst["queries"][1] <= most, detail))
    fullest = max(cells, key=lambda cell: cell["rendered"])
    detail = f"at most {fullest['rendered']}: {place(fullest)}"
    out.append(Claim(f"A page shows at most {MOST} comments", fullest["rendered"] <= MOST, detail))
    out.append(flatness(found))
    for reader, goal in GOALS.items():
        own = sorted((c for c in cells if c["reader"] == reader), key=ratio)
        least, most = ratio(own[0]), ratio(own[-1])
        text = f"A {reader}'s page, just after a change: CPU at most {goal} times the bare view's"
        out.append(Claim(text, most <= goal, f"{least:.1f} to {most:.1f} x, {most / goal:.1f} times it at the most"))
    return out


def flatness(found):
    """The Claim that no page costs more at the largest size than at the others."""
    grown = []
    for shape, kind, reader, by_size in found:
        *smaller, largest = sorted(by_size)
        for size in smaller:
            fuller = max(1, by_size[largest]["rendered"] / by_size[size]["rendered"])
            times, lowest, highest = growth(by_size[size], by_size[largest])
            what = f"{name(shape, kind, reader)}: {times:.2f} ({lowest:.2f} to {highest:.2f}) times {size:,}"
            grown.append((times / fuller, what + (f", {fuller:.1f} times the comments" if fuller > 1 else "")))
    grown.sort(reverse=True)
    over = [what for times, what in grown if times > NOISE]
    middle = median(times for times, _what in grown) if grown else 1
    text = f"The largest size costs at most {NOISE:g} times a smaller one, by the comments shown"
    return Claim(
        text, not over, "; ".join(over) or f"{middle:.2f} in the middle; at most {grown[0][1] if grown else '1'}"
    )


def name(shape, kind, reader):
    return f"{shape}, {kind}, {reader}"


def place(cell):
    return f"{name(cell['shape'], cell['kind'], cell['reader'])}, {cell['size']:,}"
