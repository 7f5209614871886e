"""What was measured, in words, tables and pictures."""

from . import pages, picture, posting, shapes, tables
from .picture import Panel
from .results import VENDORS

HEADINGS = {
    "pages": "Pages by what is kept of them",
    "memory": "Memory",
    "shapes": "Discussions of any shape and size",
    "posting": "Posting",
    "time": "Where the time goes",
}
TITLES = {
    "pages": "an article with a mixed discussion: CPU against a bare view that returns the same bytes (range over the rounds)",
    "memory": "two workers",
    "shapes": "every page of a discussion just after a change: queries (redirect + page), comments shown, CPU, x the bare view",
    "posting": "a post: queries (site + cache), CPU, x a bare INSERT; then posts against bare rows, four clients at once",
    "time": "whose code runs, with what it calls",
}


def claims(part, found):
    """What is asked of a part, and whether it holds."""
    of = {"pages": pages.claims, "memory": pages.claims_of_memory, "shapes": shapes.claims, "posting": posting.claims}
    return of[part](found) if part in of else []


def tables_of(part, found):
    """[(heading, lines)]"""
    if part == "shapes":
        return [tables.of_shapes(found, reader) for reader in shapes.READERS]
    of = {"pages": tables.of_pages, "posting": tables.of_posting, "time": tables.of_time}
    return [of[part](found)] if part in of else []


def as_text(kept):
    out = []
    for part, by_vendor in kept.items():
        for vendor, result in by_vendor.items():
            found = result["found"]
            out += ["", f"{VENDORS[vendor]}: {TITLES[part]}", ""]
            for table in tables_of(part, found):
                out += [tables.as_text(*table), ""]
            out += map(str, claims(part, found))
    return "\n".join(out)


# Pictures ------------------------------------------------------------------------------------------------------------
def pictures(kept):
    """{name of a file: SVG} of the parts that there are."""
    return {
        f"{part}.svg": draw({vendor: result["found"] for vendor, result in kept[part].items()})
        for part, draw in DRAWINGS.items()
        if part in kept
    }


def draw_shapes(found):
    rows = []
    for vendor, cells in found.items():
        for reader in shapes.READERS:
            lines = {}
            for shape, kind, who, by_size in shapes.rows(cells):
                if who == reader:
                    costs = {size: shapes.cost(cell) for size, cell in by_size.items()}
                    lines.setdefault(shape, {})[kind] = costs
            rows.append([Panel(f"{VENDORS[vendor]}, {reader}: {shape}", of) for shape, of in lines.items()])
    return picture.svg(
        "CPU of a page just after a change, ms, by comments in the discussion (a small one fills its pages less)", rows
    )


def draw_pages(found):
    rows = {}
    for vendor, cells in found.items():
        for cell in cells:
            who, _comma, what = cell["kind"].partition(", ")
            row = "made" if what.startswith(("nothing", "discussion")) else who  # each at its own scale
            panel = rows.setdefault(row, {}).setdefault((vendor, who), Panel(f"{VENDORS[vendor]}, {who}", {}, " x"))
            panel.lines.setdefault(cell["kind"], {})[cell["size"]] = pages.ratios(cell)[0]
            panel.goals[cell["kind"]] = cell["goal"]
    rows = [list(panels.values()) for panels in rows.values()]
    return picture.svg("An article's page: CPU, as a multiple of a bare view (dotted: at most)", rows)


def draw_posting(found):
    rows = []
    for vendor, parts in found.items():
        costs, queries = {}, {}
        for cell in parts["kinds"]:
            costs.setdefault(cell["kind"], {})[cell["size"]] = posting.ratios(cell)[0]
            queries.setdefault(cell["kind"], {})[cell["size"]] = sum(cell["queries"])
        rates = {cell["size"]: posting.slowness(cell) for cell in parts["clients"]}
        title = VENDORS[vendor]
        rows.append([Panel(f"{title}: queries", queries, goal=posting.QUERIES)])
        rows[-1] += [Panel(f"{title}: CPU, x bare INSERT", costs, goal=posting.COST)]
        rows[-1] += [Panel(f"{title}: bare rows per post", {"four clients at once": rates}, goal=posting.RATE)]
    return picture.svg("A post, by comments in the discussion (dotted: at most)", rows)


DRAWINGS = {"pages": draw_pages, "shapes": draw_shapes, "posting": draw_posting}
