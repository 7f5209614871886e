"""The table as a picture: for each kind of request a line over the sizes, and its goal."""

from html import escape

COLOURS = ["#7a2048", "#b5532a", "#8a7a1f", "#2c7a52", "#2a6f97", "#5b4b9a"]
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 860, 420, 56, 48, 250, 44


def svg(title, sizes, lines):
    """lines: [(name, [value for each size], goal or None)], all as multiples of the bare view."""
    highest = (
        max([value for _name, values, _goal in lines for value in values] + [goal or 0 for _n, _v, goal in lines]) * 1.1
    )

    def x(position):
        return LEFT + (WIDTH - LEFT - RIGHT) * position / max(len(sizes) - 1, 1)

    def y(value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / highest

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text x="{LEFT}" y="24" font-size="15">{escape(title)}</text>',
    ]
    step = next(s for s in (0.5, 1, 2, 5, 10, 20, 50, 100, 1_000) if highest / s < 10)
    for number in range(int(highest / step) + 1):
        at = y(number * step)
        out.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end" fill="#555">{number * step:g} x</text>')
    for position, size in enumerate(sizes):
        out.append(
            f'<text x="{x(position):.1f}" y="{HEIGHT - 20}" text-anchor="middle" fill="#555">{size:,} comments</text>'
        )
    for index, (name, values, goal) in enumerate(lines):
        colour = COLOURS[index % len(COLOURS)]
        points = " ".join(f"{x(position):.1f},{y(value):.1f}" for position, value in enumerate(values))
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x(p):.1f}" cy="{y(v):.1f}" r="3" fill="{colour}"/>' for p, v in enumerate(values)]
        at = TOP + 18 + index * 36
        out.append(f'<text x="{WIDTH - RIGHT + 24}" y="{at}" fill="{colour}">{escape(name)}: {values[-1]:.1f} x</text>')
        if goal:
            out.append(f'<path d="M{LEFT} {y(goal):.1f}H{WIDTH - RIGHT}" stroke="{colour}" stroke-dasharray="2 5"/>')
            out.append(f'<text x="{WIDTH - RIGHT + 24}" y="{at + 15}" fill="#777">goal (dotted): {goal:g} x</text>')
    return "\n".join([*out, "</svg>", ""])
