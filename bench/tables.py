"""What was measured as tables: [heading, ...] and rows of strings, for the terminal and for docs/performance.md."""

from statistics import median

from . import pages, posting, shapes


def of_shapes(cells, reader):
    """A line for each page of each shape; a cell: queries, comments shown, CPU of workers and database, x the bare view."""
    sizes = sorted({cell["size"] for cell in cells})
    heading = ["shape", f"page, {reader}", *(f"{size:,} comments" for size in sizes), "growth"]
    lines = []
    for shape, kind, who, by_size in shapes.rows(cells):
        if who != reader:
            continue
        columns = [of_page(by_size[size]) if size in by_size else "–" for size in sizes]
        smallest, largest = by_size[min(by_size)], by_size[max(by_size)]
        grown = "–" if smallest is largest else "{:.2f} ({:.2f}–{:.2f})".format(*shapes.growth(smallest, largest))
        lines.append([shape, kind, *columns, grown])
    return heading, lines


def of_page(cell):
    led, asked = cell["queries"]
    queries = f"{led} + {asked}" if led else f"{asked}"
    return f"{queries} q, {cell['rendered']} c, {shapes.cost(cell):.1f} ms, {shapes.ratio(cell):.0f} x"


def of_pages(cells):
    sizes = sorted({cell["size"] for cell in cells})
    by_kind = {}
    for cell in cells:
        by_kind.setdefault(cell["kind"], {})[cell["size"]] = cell
    lines = [
        [
            kind,
            *("{:.1f} x ({:.1f}–{:.1f})".format(*pages.ratios(by_size[size])) for size in sizes),
            f"{median(by_size[sizes[-1]]['cpu']):.2f} ms",
            f"{by_size[sizes[0]]['goal']:g} x",
        ]
        for kind, by_size in by_kind.items()
    ]
    return ["request", *(f"{size:,} comments" for size in sizes), "CPU at the last", "asked"], lines


def of_posting(found):
    sizes = sorted({cell["size"] for cell in found["clients"]})
    lines = []
    for kind in dict.fromkeys(cell["kind"] for cell in found["kinds"]):
        by_size = {cell["size"]: cell for cell in found["kinds"] if cell["kind"] == kind}
        lines.append([kind, *(of_post(by_size[size]) for size in sizes)])
    clients = {cell["size"]: cell for cell in found["clients"]}
    lines.append([f"{posting.CLIENTS} clients at once", *(of_clients(clients[size]) for size in sizes)])
    return ["post", *(f"{size:,} comments" for size in sizes)], lines


def of_post(cell):
    site, cache = cell["queries"]
    times, lowest, highest = posting.ratios(cell)
    return f"{site} + {cache} q, {median(cell['cpu']):.1f} ms, {times:.1f} x ({lowest:.1f}–{highest:.1f})"


def of_clients(cell):
    posts, inserts = median(cell["posts"]), median(cell["inserts"])
    return f"{posts:.0f}/s of {inserts:.0f}/s, longest {max(cell['longest']) / 1000:.1f} s, {cell['errors']} errors"


def of_time(found):
    """A line for each group of code, with its share of each kind of request; small ones left out."""
    groups = dict.fromkeys(group for shares in found.values() for group, share in shares.items() if share >= 0.02)
    lines = [[group, *(f"{shares.get(group, 0):.0%}" for shares in found.values())] for group in groups]
    return ["code", *found], lines


def as_text(heading, lines):
    widths = [max(len(line[n]) for line in [heading, *lines]) for n in range(len(heading))]
    out = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    first = "  ".join(cell.ljust(width) for cell, width in zip(heading, widths, strict=True)).rstrip()
    return "\n".join([first, "-" * max(map(len, [first, *out])), *out])


def as_markdown(heading, lines):
    rule = ["---"] + ["--:"] * (len(heading) - 1)
    return "\n".join(f"| {' | '.join(line)} |" for line in [heading, rule, *lines])
