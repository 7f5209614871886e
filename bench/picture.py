"""Small pictures side by side, all in one SVG: lines over the sizes of a discussion, each beside its goal."""

from dataclasses import dataclass, field
from html import escape

COLOURS = ["#7a2048", "#2a6f97", "#b5532a", "#2c7a52", "#8a7a1f", "#5b4b9a", "#4d4d4d", "#c2185b"]
WIDTH, HEIGHT = 240, 170  # of one panel
LEFT, TOP, RIGHT, BOTTOM = 40, 30, 18, 26  # of its frame
HEAD, LINE = 44, 20  # above all of them; for each line of the legend


@dataclass
class Panel:
    title: str
    lines: dict  # {name: {size: value}}
    unit: str = ""
    goal: float | None = None  # drawn dotted
    goals: dict = field(default_factory=dict)  # {name: goal of that line}


def svg(title, rows):
    """rows: [[Panel, ...], ...]. A name has one colour throughout; the panels of a row share their scale."""
    names = list(dict.fromkeys(name for row in rows for panel in row for name in panel.lines))
    colours = {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(names)}
    across = max(len(row) for row in rows)
    width, legend = across * WIDTH, -(-len(names) // across)
    height = HEAD + len(rows) * HEIGHT + legend * LINE + 16
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="15">{escape(title)}</text>',
    ]
    for down, row in enumerate(rows):
        top = 1.15 * max((value for panel in row for value in values(panel)), default=1)
        for column, panel in enumerate(row):
            out += [f'<g transform="translate({column * WIDTH} {HEAD + down * HEIGHT})">']
            out += [*frame(panel, top), *drawn(panel, top, colours), "</g>"]
    for index, name in enumerate(names):
        x, y = LEFT + index % across * WIDTH, HEAD + len(rows) * HEIGHT + 14 + index // across * LINE
        out.append(f'<path d="M{x} {y - 4}h18" stroke="{colours[name]}" stroke-width="2"/>')
        out.append(f'<text x="{x + 24}" y="{y}">{escape(name)}</text>')
    return "\n".join([*out, "</svg>", ""])


def values(panel):
    yield from (value for by_size in panel.lines.values() for value in by_size.values())
    yield from panel.goals.values()
    if panel.goal:
        yield panel.goal


def places(panel):
    """{size: x}, evenly: each size is the next power."""
    sizes = sorted({size for by_size in panel.lines.values() for size in by_size})
    return {size: LEFT + 12 + (WIDTH - LEFT - RIGHT - 24) * n / max(len(sizes) - 1, 1) for n, size in enumerate(sizes)}


def height(value, top):
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def frame(panel, top):
    yield f'<text x="{LEFT}" y="{TOP - 8}" font-weight="bold">{escape(panel.title)}</text>'
    step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if top / s < 6)
    for number in range(int(top / step) + 1):
        y = height(number * step, top)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 4}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{number * step:g}{panel.unit}</text>'
    for size, x in places(panel).items():
        yield f'<text x="{x:.1f}" y="{HEIGHT - 10}" text-anchor="middle" fill="#555">{size:,}</text>'


def drawn(panel, top, colours):
    across = places(panel)
    for name, by_size in panel.lines.items():
        colour = colours[name]
        at = [(across[size], height(value, top)) for size, value in sorted(by_size.items())]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in at)
    goals = [(panel.goal, "#000")] if panel.goal else []
    for goal, colour in [*goals, *((goal, colours[name]) for name, goal in panel.goals.items())]:
        y = height(goal, top)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{colour}" stroke-dasharray="2 4"/>'
