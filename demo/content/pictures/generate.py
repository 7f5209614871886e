"""Draw the demo pictures that are not taken from the design mockups.

Every picture is made of gradients, layered noise and silhouettes; no photograph
or other source is used. Needs Pillow and numpy:

    python generate.py            # all pictures, next to this file
    python generate.py harbour    # only the ones named

The random seed of a picture is its name, so a second run gives the same picture.
"""

import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

W, H = 1600, 1000
MAX_BYTES = 120_000
HERE = Path(__file__).resolve().parent

Y, X = np.mgrid[0:H, 0:W].astype(np.float32)


# -- helpers: colours and canvases are float arrays from 0 to 1 ---------------


def rgb(code):
    return np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


def smooth(low, high, value):
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def ramp(value, stops):
    """Map an array to colours; stops are (position, "#rrggbb") in rising order."""
    places = [s[0] for s in stops]
    colours = np.array([rgb(s[1]) for s in stops])
    return np.stack([np.interp(value, places, colours[:, c]) for c in range(3)], -1).astype(np.float32)


def noise(rng, cells, octaves=5, stretch=1.0, gain=0.5):
    """Smooth fractal noise, normalised to 0..1; stretch > 1 makes it streaky in x."""
    total = np.zeros((H, W), np.float32)
    weight = 1.0
    for _ in range(octaves):
        ny = max(2, int(cells * H / W))
        nx = max(2, int(cells / stretch))
        grid = Image.fromarray(rng.random((ny + 3, nx + 3)).astype(np.float32))
        total += weight * np.asarray(grid.resize((W, H), Image.Resampling.BICUBIC))
        weight *= gain
        cells *= 2
    total -= total.min()
    return total / total.max()


def line_noise(rng, cells, octaves=5, gain=0.5):
    """A ragged line across the width, about -1..1."""
    out = np.zeros(W, np.float32)
    weight = 1.0
    for _ in range(octaves):
        points = rng.uniform(-1, 1, cells + 4)
        t = np.linspace(1, cells + 1, W)
        i = t.astype(int)
        f = t - i
        f = f * f * (3 - 2 * f)
        out += weight * (points[i] * (1 - f) + points[i + 1] * f)
        weight *= gain
        cells *= 2
    return out


def mix(canvas, colour, alpha):
    """Lay a colour (or a canvas) over another with a mask."""
    return canvas * (1 - alpha[..., None]) + colour * alpha[..., None]


def mask(draw_it, blur=0.0):
    """Anti-aliased mask: draw_it(draw, scale) paints white at twice the size."""
    image = Image.new("L", (W * 2, H * 2), 0)
    draw_it(ImageDraw.Draw(image), 2)
    image = image.resize((W, H), Image.Resampling.LANCZOS)
    if blur:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    return np.asarray(image, np.float32) / 255


def blurred(array, radius):
    image = Image.fromarray((np.clip(array, 0, 1) * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32) / 255


def polygon(points, blur=0.0):
    return mask(lambda d, s: d.polygon([(x * s, y * s) for x, y in points], fill=255), blur)


def boxes(rects, blur=0.0):
    def paint(d, s):
        for x0, y0, x1, y1 in rects:
            d.rectangle([x0 * s, y0 * s, x1 * s, y1 * s], fill=255)

    return mask(paint, blur)


def glow(canvas, x, y, colour, radius, strength=1.0):
    d2 = (X - x) ** 2 + (Y - y) ** 2
    light = np.exp(-d2 / (2 * radius * radius)) * strength
    return canvas + light[..., None] * rgb(colour) * (1 - np.clip(canvas, 0, 1))


def disc(canvas, x, y, colour, radius, alpha):
    edge = 1 - smooth(radius - 3, radius + 1, np.hypot(X - x, Y - y))
    return mix(canvas, rgb(colour), edge * alpha)


def ridge(canvas, rng, base, height, cells, colour, foot=None, depth=220, octaves=6):
    """A range of hills that fades towards a paler foot."""
    top = base - height * (0.5 + 0.5 * line_noise(rng, cells, octaves))
    inside = smooth(-1.2, 1.2, Y - top[None, :])
    fade = smooth(0, depth, Y - top[None, :])[..., None] * (0.6 if foot else 0)
    tint = rgb(colour) * (1 - fade) + (rgb(foot) if foot else 0) * fade
    return canvas * (1 - inside[..., None]) + tint * inside[..., None]


def person(d, s, x, y, h, bend=0.0):
    """A small standing (bend 0) or stooping (bend 1) figure with its feet at x, y."""
    hip = (x, y - h * 0.48)
    head = (x + h * 0.42 * bend, y - h * (0.92 - 0.34 * bend))
    shoulder = (x + h * 0.3 * bend, y - h * (0.78 - 0.2 * bend))
    width = max(2, int(h * 0.15 * s))
    for foot in (x - h * 0.11, x + h * 0.11):
        d.line([hip[0] * s, hip[1] * s, foot * s, y * s], fill=255, width=int(width * 0.75))
    d.line([hip[0] * s, hip[1] * s, shoulder[0] * s, shoulder[1] * s], fill=255, width=int(width * 1.5))
    reach = (x + h * (0.5 * bend + 0.12), y - h * (0.45 - 0.3 * bend))
    d.line([shoulder[0] * s, shoulder[1] * s, reach[0] * s, reach[1] * s], fill=255, width=int(width * 0.6))
    r = h * 0.1
    d.ellipse([(head[0] - r) * s, (head[1] - r) * s, (head[0] + r) * s, (head[1] + r) * s], fill=255)


# -- pictures -----------------------------------------------------------------


def weir(rng):
    horizon = 430
    c = ramp(Y / horizon, [(0, "#3c3b67"), (0.45, "#7d6390"), (0.8, "#d69a93"), (1, "#f2c48f")])
    c = mix(c, rgb("#f6d9b4"), 0.4 * smooth(0.55, 0.9, noise(rng, 4, stretch=0.3)) * smooth(60, 330, Y))
    c = glow(c, 480, 420, "#ffdca0", 170, 0.75)
    c = ridge(c, rng, 400, 110, 4, "#a2809c", "#e0b0a0", 150)
    c = ridge(c, rng, 432, 110, 6, "#6f5a82", "#b48ba0", 130)
    c = ridge(c, rng, 452, 60, 12, "#453e60", "#6d5a7c", 70, 7)

    # still water above the crest mirrors the sky
    crest = 585 + 46 * ((X - 120) / W) ** 2 - 26 * X / W
    sky = np.clip(c[horizon + 18 :: -1], 0, 1)
    mirror = np.asarray(
        Image.fromarray((sky * 255).astype(np.uint8)).resize((W, 240)), np.float32
    ) / 255
    pool = np.zeros_like(c)
    pool[455 : 455 + 240] = mirror
    ripple = noise(rng, 26, 4, 0.12 * 10)
    pool = blurred(pool, 5) * (0.72 + 0.22 * ripple[..., None])
    c = mix(c, pool, smooth(452, 458, Y) * (Y < 695))
    c = mix(c, rgb("#f0d2c4"), 0.35 * np.exp(-(((Y - 458) / 7) ** 2)))

    # the sheet of falling water
    fall = Y - crest
    streak = noise(rng, 240, 3, 1.0)
    column = np.interp(np.arange(W), np.linspace(0, W, 420), rng.random(420)).astype(np.float32)
    column = column[None, :] * 0.75 + 0.25 * streak
    water = ramp(column, [(0, "#4a4f74"), (0.4, "#8286a8"), (0.75, "#c9c3d6"), (1, "#f4ece9")])
    shade = 1 - 0.45 * smooth(10, 120, fall)
    c = mix(c, water * shade[..., None], smooth(0, 3, fall))
    c = mix(c, rgb("#fdf0e2"), 0.85 * np.exp(-(((fall - 3) / 3.5) ** 2)))

    # foam and the dark run-off below
    foot = crest + 128 + 10 * line_noise(rng, 40, 4)[None, :]
    below = smooth(-4, 16, Y - foot)
    swirl = noise(rng, 16, 6, 2.2, 0.6)
    depth = np.clip((Y - foot) / (H - 700), 0, 1)
    stream = ramp(depth * 0.8 + swirl * 0.2, [(0, "#8e8fae"), (0.25, "#5a5b80"), (0.7, "#35355a"), (1, "#1f1f3b")])
    c = mix(c, stream, below)
    lace = smooth(0.5, 0.64, swirl) * np.exp(-np.clip(Y - foot, 0, None) / 95) * below
    c = mix(c, rgb("#efe7ea"), 0.85 * lace)
    veins = np.exp(-(((swirl - 0.5) / 0.018) ** 2)) * below * (1 - depth) ** 2
    c = mix(c, rgb("#d9cfdc"), 0.5 * veins)
    mist = np.exp(-(((Y - foot) / 32) ** 2)) * (0.4 + 0.6 * noise(rng, 14, 4))
    c = mix(c, rgb("#f3eaea"), 0.75 * mist)

    # the dosing station
    wall = polygon([(1240, 600), (1240, 462), (1425, 462), (1425, 600)])
    roof = polygon([(1222, 466), (1332, 396), (1443, 466)])
    side = polygon([(1425, 600), (1425, 462), (1490, 474), (1490, 596)])
    pier = polygon([(1200, 596), (1600, 590), (1600, 800), (1214, 790)])
    stone = noise(rng, 60, 4)[..., None]
    c = mix(c, rgb("#2b2743") * (0.8 + 0.5 * stone), pier)
    c = mix(c, rgb("#4d4360") * (0.8 + 0.4 * stone), wall)
    c = mix(c, rgb("#332d4c") * (0.8 + 0.4 * stone), side)
    c = mix(c, rgb("#262238"), roof)
    c = mix(c, rgb("#1d1930"), boxes([(1362, 505, 1404, 598)]))
    c = mix(c, rgb("#ffd08a"), boxes([(1272, 500, 1312, 538)]))
    c = mix(c, rgb("#4d4360"), boxes([(1291, 500, 1293, 538), (1272, 518, 1312, 520)]))
    c = glow(c, 1292, 519, "#ffb65e", 62, 0.55)
    rail = boxes([(x, 548, x + 3, 598) for x in range(1500, 1600, 32)] + [(1490, 546, 1600, 550), (1490, 570, 1600, 573)])
    c = mix(c, rgb("#1d1930"), rail)

    # reeds in the near corner
    def reeds(d, s):
        for _ in range(260):
            x = rng.triangular(-60, 0, 430)
            h = rng.uniform(60, 250) * (1 - x / 520)
            lean = rng.normal(24, 22)
            d.line([x * s, 1010 * s, (x + lean * 0.35) * s, (1005 - h * 0.6) * s, (x + lean) * s, (1005 - h) * s], fill=255, width=int(rng.integers(3, 8)))

    return mix(c, rgb("#151228"), mask(reeds, 0.8))


def chimneys(rng):
    c = ramp(Y / 760, [(0, "#35305c"), (0.3, "#70527c"), (0.58, "#c9776f"), (0.8, "#f0a765"), (1, "#fbd28c")])
    streaks = noise(rng, 5, 6, 0.28 * 5)
    c = mix(c, rgb("#f7b684"), 0.5 * smooth(0.5, 0.85, streaks) * smooth(80, 480, Y))
    c = mix(c, rgb("#3d3160"), 0.35 * smooth(0.55, 0.9, noise(rng, 4, 6)) * (1 - smooth(200, 560, Y)))
    c = glow(c, 1130, 700, "#ffe2a0", 190, 0.9)
    c = disc(c, 1130, 690, "#fff0c0", 44, 0.95)
    c = ridge(c, rng, 742, 60, 5, "#b5746f", "#eab07c", 120)

    # the plume: a widening band that leans and breaks up with the wind
    sx, sy = 704, 242
    run = np.clip(X - sx, 0, None)
    turb = noise(rng, 11, 6, 1.6, 0.6)
    detail = noise(rng, 26, 5, 1.3, 0.6)
    centre = sy - 34 - 150 * (1 - np.exp(-run / 300)) + (turb - 0.5) * run * 0.16
    width = 20 + run * 0.17 + (detail - 0.5) * (26 + run * 0.12)
    body = np.exp(-np.abs((Y - centre) / np.clip(width, 6, None)) ** 2.6)
    body *= smooth(-20, 12, X - sx + 12) * (1 - 0.55 * smooth(400, 900, run))
    puff = ramp(
        np.clip((Y - centre) / np.clip(width, 6, None) * 0.5 + 0.5, 0, 1) * 0.7 + detail * 0.3,
        [(0, "#4c3a5d"), (0.45, "#7b5a70"), (0.75, "#c48a7b"), (1, "#f2be93")],
    )
    c = mix(c, puff, np.clip(body * (0.8 + 0.5 * detail), 0, 0.96))

    def works(rects, colour, haze, windows=0):
        nonlocal c
        shape = boxes(rects)
        tone = rgb(colour) * (1 - haze * smooth(560, 860, Y)[..., None]) + rgb("#d98f6c") * haze * smooth(560, 860, Y)[..., None]
        c = mix(c, tone, shape)
        for _ in range(windows):
            x0, y0, x1, y1 = rects[rng.integers(len(rects))]
            if x1 - x0 > 60:
                x = rng.uniform(x0 + 10, x1 - 18)
                y = rng.uniform(y0 + 14, min(y1, 880) - 14)
                c = mix(c, rgb("#ffcf7c"), 0.9 * boxes([(x, y, x + 8, y + 10)]))

    def stack(x, top, half, foot=900):
        taper = polygon([(x - half * 0.72, top), (x + half * 0.72, top), (x + half * 1.25, foot), (x - half * 1.25, foot)])
        lip = boxes([(x - half * 0.9, top, x + half * 0.9, top + 12), (x - half * 0.85, top + 38, x + half * 0.85, top + 45)])
        return np.maximum(taper, lip)

    far = [(120, 690, 380, 900), (340, 655, 470, 900), (960, 700, 1240, 900), (1330, 672, 1470, 900)]
    works(far, "#8b5a66", 0.5)
    c = mix(c, rgb("#7f5365"), stack(430, 402, 19))
    c = mix(c, rgb("#7f5365"), stack(1392, 455, 17))
    near = [(500, 640, 900, 1000), (560, 586, 650, 660), (880, 706, 1090, 1000), (1190, 738, 1420, 1000), (210, 724, 520, 1000)]
    works(near, "#33264a", 0.12, windows=26)
    for x, top, half in ((704, 244, 27), (826, 318, 24)):
        side = np.clip((X - x) / (half * 2.4) + 0.5, 0, 1)
        c = mix(c, ramp(side, [(0, "#241b3a"), (0.6, "#3a2a4b"), (0.85, "#7d4c58"), (1, "#a2625a")]), stack(x, top, half))
    saw = []
    for i in range(6):
        x = 890 + i * 34
        saw += [(x, 708), (x, 672), (x + 34, 708)]
    c = mix(c, rgb("#33264a"), polygon([*saw, (1094, 712), (890, 712)]))

    def belt(d, s):
        d.line([420 * s, 740 * s, 612 * s, 604 * s], fill=255, width=15 * s)
        for x in range(430, 600, 28):
            d.line([x * s, (732 - (x - 430) * 0.7) * s, x * s, 900 * s], fill=255, width=3 * s)

    c = mix(c, rgb("#2d2144"), mask(belt))
    c = ridge(c, rng, 905, 50, 9, "#1d1630", None, 10, 8)

    def roofs(d, s):
        x = -20
        while x < W + 40:
            w = int(rng.integers(60, 110))
            h = int(rng.integers(862, 912))
            d.polygon([(x * s, h * s), ((x + w / 2) * s, (h - 32) * s), ((x + w) * s, h * s), ((x + w) * s, H * s), (x * s, H * s)], fill=255)
            d.rectangle([(x + w * 0.7) * s, (h - 40) * s, (x + w * 0.82) * s, h * s], fill=255)
            x += w + int(rng.integers(-4, 8))

    c = mix(c, rgb("#120e20"), mask(roofs))
    for _ in range(30):
        x, y = rng.uniform(20, W - 20), rng.uniform(925, 985)
        c = mix(c, rgb("#f5b766"), 0.85 * boxes([(x, y, x + 9, y + 12)]))
    return c


def press(rng):
    c = ramp(X / W * 0.55 + Y / H * 0.45, [(0, "#3b2c4c"), (0.5, "#231c33"), (1, "#120f1c")])
    for _ in range(26):
        x, y, r = rng.uniform(0, W), rng.uniform(0, H * 0.75), rng.uniform(18, 66)
        c = disc(c, x, y, ["#c98a4b", "#6f5d8f", "#a3626a"][rng.integers(3)], r, rng.uniform(0.04, 0.13))
    c = blurred(c, 4)
    frame = boxes([(0, 60, W, 112), (0, 872, W, 940), (176, 0, 232, H), (1390, 0, 1450, H)])
    c = mix(c, rgb("#191423"), frame)
    c = mix(c, rgb("#6b5470"), boxes([(0, 60, W, 63), (0, 872, W, 875), (176, 0, 179, H), (1390, 0, 1393, H)]) * 0.7)
    bolts = mask(lambda d, s: [d.ellipse([(x - 7) * s, (y - 7) * s, (x + 7) * s, (y + 7) * s], fill=255) for x in range(60, W, 120) for y in (86, 906)])
    c = mix(c, rgb("#57445c"), bolts)

    def web(points, shade):
        """A strip of printed paper along a straight run between two edges."""
        nonlocal c
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points
        area = polygon(points)
        ux, uy = x1 - x0, y1 - y0
        vx, vy = x3 - x0, y3 - y0
        det = ux * vy - uy * vx
        u = ((X - x0) * vy - (Y - y0) * vx) / det
        v = ((Y - y0) * ux - (X - x0) * uy) / det
        length = np.hypot(ux, uy)
        paper = ramp(np.clip(u * 0.6 + (1 - v) * 0.4, 0, 1), shade)
        lines = ((u * length) % 11 < 4.6) * 1.0
        cols = ((v * 6) % 1 > 0.1) * ((v > 0.03) & (v < 0.97))
        page = (u * length) % 300
        ragged = noise(rng, 180, 2, 0.4)
        ink = lines * cols * (ragged > 0.3) * (page > 66)
        head = (page > 22) * (page < 50) * (v > 0.06) * (v < 0.94) * (ragged > 0.22)
        picture = ((v * 6).astype(int) == (2 + ((u * length) // 300).astype(int) % 3)) * (page > 110) * (page < 210) * cols
        tone = np.clip(0.36 * ink + 0.6 * head + 0.42 * picture, 0, 0.75)
        paper = paper * (1 - tone[..., None]) + rgb("#3a3144") * tone[..., None]
        c = mix(c, paper, area)

    def roller(x, y, r, length, bright=1.0):
        """A horizontal cylinder seen from the side, its axis across the picture."""
        nonlocal c
        t = np.clip((Y - y) / r, -1, 1)
        body = boxes([(x, y - r, x + length, y + r)])
        light = np.exp(-(((t + 0.42) / 0.3) ** 2)) + 0.22 * np.exp(-(((t - 0.75) / 0.14) ** 2))
        tone = ramp(np.clip(0.12 + 0.8 * light * bright * (1 - 0.45 * (X / W)), 0, 1), [(0, "#15111e"), (0.3, "#3b3042"), (0.62, "#8d7480"), (0.85, "#d8b39a"), (1, "#ffeccb")])
        brushed = noise(rng, 300, 2, 12)
        tone = tone * (0.92 + 0.14 * brushed[..., None])
        c = mix(c, rgb("#07050c"), 0.6 * boxes([(x, y + r * 0.5, x + length, y + r + 46)], 20))
        c = mix(c, tone, body)
        c = mix(c, rgb("#2a2131"), boxes([(x - 34, y - r * 0.3, x, y + r * 0.3), (x + length, y - r * 0.3, x + length + 34, y + r * 0.3)]))

    warm = [(0, "#fff6e2"), (0.5, "#efdcc6"), (1, "#a58e90")]
    cool = [(0, "#cdb8ac"), (0.5, "#9c8990"), (1, "#564a5c")]
    web([(330, -40), (330, 330), (1290, 330), (1290, -40)], cool)
    roller(262, 300, 96, 1100)
    web([(300, 352), (300, 690), (1322, 640), (1322, 352)], warm)
    roller(232, 690, 128, 1160, 1.1)
    roller(300, 505, 34, 1020, 0.85)
    web([(270, 790), (120, 1060), (1480, 1060), (1354, 790)], warm)
    c = mix(c, rgb("#0d0a14"), 0.55 * smooth(0.15, 1.0, X / W) * smooth(0, 1, Y / H * 0.5 + X / W * 0.5))
    c = glow(c, 240, 120, "#ffbf7a", 330, 0.42)
    return c


def fields(rng):
    horizon = 392
    c = ramp(Y / horizon, [(0, "#7fa0ad"), (0.45, "#b9c4b5"), (0.8, "#ecd9a8"), (1, "#f8e3b0")])
    c = mix(c, rgb("#fff4d6"), 0.45 * smooth(0.55, 0.9, noise(rng, 4, 6, 3)) * (Y < horizon))
    c = glow(c, 1060, 150, "#fff3c8", 230, 0.95)
    c = disc(c, 1060, 150, "#fffbe6", 50, 0.95)
    c = ridge(c, rng, 372, 70, 4, "#b3b69a", "#e4d3a3", 90)
    c = ridge(c, rng, 392, 42, 7, "#8d9a7c", "#d8c893", 60)
    c = ridge(c, rng, 402, 22, 40, "#66764f", "#a4a065", 30, 5)

    # furrows converge on a point behind the shed
    vx, vy = 980, 372
    depth = np.clip((Y - vy) / (H - vy), 1e-3, None)
    row = (X - vx) / (depth * 128)
    wobble = (noise(rng, 70, 4) - 0.5) * 0.5
    wave = 0.5 + 0.5 * np.cos(2 * np.pi * (row + wobble * 0.25))
    leaf = noise(rng, 150, 4, 1, 0.7)
    fine = noise(rng, 420, 2)
    near = smooth(0.02, 0.9, depth)
    crop = ramp(wave * 0.62 + leaf * 0.38, [(0, "#6d4a33"), (0.3, "#8f6a40"), (0.45, "#8d8540"), (0.65, "#5f7a37"), (0.85, "#7f9c48"), (1, "#c9c66d")])
    crop = crop * (0.78 + 0.4 * fine[..., None])
    gold = ramp(np.clip(depth * 1.1, 0, 1), [(0, "#e3cd8b"), (0.2, "#c0b465"), (1, "#7f8a45")])
    crop = crop * near[..., None] + gold * (1 - near[..., None])
    crop = crop * (0.74 + 0.34 * smooth(1500, 300, np.hypot(X - 1060, (Y - 350) * 1.4)))[..., None]
    c = mix(c, crop, smooth(399, 404, Y))
    c = mix(c, rgb("#f7e2ae"), 0.55 * np.exp(-(((Y - 404) / 34) ** 2)))

    shed = polygon([(1226, 400), (1226, 366), (1290, 346), (1470, 346), (1484, 366), (1484, 400)])
    c = mix(c, rgb("#a89a86"), shed)
    c = mix(c, rgb("#fdf7e6"), polygon([(1218, 368), (1288, 343), (1474, 343), (1492, 368)]))
    poplars = mask(lambda d, s: [d.ellipse([(x - 6) * s, (404 - h) * s, (x + 6) * s, 408 * s], fill=255) for x, h in ((150, 74), (172, 88), (196, 70), (222, 92), (250, 66), (640, 44), (655, 52))], 0.7)
    c = mix(c, rgb("#5e6f50"), poplars)

    crates = []
    people = [(300, 700, 150, 1), (520, 640, 122, 0.9), (700, 560, 84, 1), (770, 530, 70, 0.95), (1205, 610, 108, 1), (1330, 760, 172, 0.85), (1120, 520, 62, 0.1), (880, 488, 46, 1), (1060, 482, 42, 1)]

    def shadows(d, s):
        for x, y, h, _ in people:
            d.ellipse([(x - h * 0.75) * s, (y - h * 0.06) * s, (x + h * 0.35) * s, (y + h * 0.08) * s], fill=255)

    c = mix(c, rgb("#3b3322"), 0.55 * mask(shadows, 3))
    c = mix(c, rgb("#3a2f3f"), mask(lambda d, s: [person(d, s, *p) for p in people]))

    def hats(d, s):
        for x, y, h, bend in people:
            hx, hy = x + h * 0.42 * bend, y - h * (0.97 - 0.34 * bend)
            d.ellipse([(hx - h * 0.19) * s, (hy - h * 0.045) * s, (hx + h * 0.19) * s, (hy + h * 0.05) * s], fill=255)
            d.ellipse([(hx - h * 0.1) * s, (hy - h * 0.12) * s, (hx + h * 0.1) * s, (hy + h * 0.04) * s], fill=255)

    c = mix(c, rgb("#e9cf93"), mask(hats))
    for x, y, h, _ in people:
        crates.append((x + h * 0.62, y - h * 0.2, x + h * 1.02, y + h * 0.04))
    c = mix(c, rgb("#8a5a34"), boxes(crates))
    c = mix(c, rgb("#7da04a"), boxes([(a + 3, b - (d - b) * 0.18, e - 3, b + (d - b) * 0.2) for a, b, e, d in crates]))
    return c


def rain(rng):
    ground = 600
    c = ramp(Y / H, [(0, "#141d2d"), (0.35, "#24354a"), (0.58, "#3a4a5c"), (0.62, "#26323f"), (1, "#0e141d")])
    c = mix(c, rgb("#4c6172"), 0.35 * smooth(0.45, 0.9, noise(rng, 4, 6, 2)) * (1 - smooth(420, 600, Y)))
    c = ridge(c, rng, 540, 120, 5, "#1e2a3b", "#2f3f50", 150)
    c = ridge(c, rng, 590, 70, 14, "#151d2a", "#223040", 90, 7)

    lights = np.zeros_like(c)
    lamps = [(1016, 560, "#ffe6b8", 26), (1068, 562, "#ffe6b8", 26), (1296, 545, "#ffb765", 16), (1420, 530, "#ffb765", 13), (1505, 522, "#f7a35a", 10), (905, 550, "#ff6a50", 12), (872, 551, "#ff6a50", 12), (1188, 548, "#8fb5c8", 12), (760, 552, "#ffc27a", 8), (1570, 560, "#7fa3b8", 15)]
    for x, y, colour, r in lamps:
        lights = disc(lights, x, y, colour, r, 0.95)
        lights = glow(lights, x, y, colour, r * 3.4, 0.42)

    # bus shelter: a lit box of glass with a bench and four people in it
    sx0, sx1, sy0, sy1 = 170, 640, 300, 640
    inside = ramp((Y - sy0) / (sy1 - sy0), [(0, "#fff0c4"), (0.35, "#f0cf8d"), (1, "#a8814f")])
    panel = boxes([(sx0, sy0, sx1, sy1)])
    lights = mix(lights, inside * (0.86 + 0.2 * noise(rng, 8, 4)[..., None]), panel * 0.92)
    lights = glow(lights, (sx0 + sx1) / 2, sy0 + 60, "#ffdf9c", 190, 0.45)
    c = c + lights * (1 - 0.55 * np.clip(c, 0, 1))

    dark = rgb("#141a24")
    c = mix(c, dark, boxes([(sx0 - 26, sy0 - 22, sx1 + 34, sy0 + 2), (sx0 - 2, sy0, sx0 + 6, sy1 + 8), (sx1 - 6, sy0, sx1 + 2, sy1 + 8), (402, sy0, 407, sy1), (sx0, 548, sx1, 552)]))
    c = mix(c, rgb("#3a3038"), boxes([(210, 566, 600, 576), (226, 576, 233, 636), (578, 576, 585, 636)]))

    def queue(d, s):
        for x, h in ((262, 168), (318, 158), (466, 150), (520, 176), (572, 162)):
            person(d, s, x, 640, h)
            d.polygon([((x - h * 0.14) * s, (640 - h * 0.72) * s), ((x + h * 0.14) * s, (640 - h * 0.72) * s), ((x + h * 0.2) * s, (640 - h * 0.22) * s), ((x - h * 0.2) * s, (640 - h * 0.22) * s)], fill=255)
        d.rounded_rectangle([362 * s, 600 * s, 412 * s, 624 * s], 10 * s, fill=255)
        d.ellipse([404 * s, 588 * s, 428 * s, 610 * s], fill=255)
        for x in (368, 376, 398, 406):
            d.rectangle([x * s, 618 * s, (x + 4) * s, 640 * s], fill=255)

    c = mix(c, rgb("#2a2229"), mask(queue, 0.6))
    post = boxes([(702, 330, 709, 640)])
    c = mix(c, dark, post)
    c = disc(c, 705, 322, "#7d94a4", 34, 1)
    c = disc(c, 705, 322, "#24354a", 27, 1)
    c = mix(c, rgb("#c7d3da"), boxes([(688, 314, 722, 328)]))

    # wet road: a stretched, broken mirror of everything above it
    top = np.clip(c[: ground + 40][::-1], 0, 1)
    mirror = np.zeros_like(c)
    mirror[ground + 40 :] = top[: H - ground - 40]
    image = Image.fromarray((mirror * 255).astype(np.uint8))
    tall = np.asarray(image.filter(ImageFilter.BoxBlur(2)).resize((W, 25)).resize((W, H), Image.Resampling.BICUBIC), np.float32) / 255
    shift = ((noise(rng, 60, 3, 6) - 0.5) * 44).astype(int)
    cols = np.clip(X.astype(int) + shift, 0, W - 1)
    tall = tall[Y.astype(int), cols]
    road = smooth(ground + 38, ground + 48, Y)
    wet = noise(rng, 12, 6, 3.2, 0.6)
    strength = 0.35 + 0.75 * smooth(0.35, 0.7, wet)
    asphalt = ramp(noise(rng, 300, 2), [(0, "#0d131b"), (1, "#1d2732")])
    c = mix(c, asphalt * 0.8 + tall * strength[..., None], road)
    c = mix(c, rgb("#0b1017"), 0.9 * boxes([(0, 640, W, 650)], 1.5))
    kerb = polygon([(0, 652), (760, 652), (640, 700), (0, 712)])
    c = mix(c, rgb("#3a3a40") * (0.7 + 0.5 * wet[..., None]), 0.4 * kerb)

    # rain, and drops on the lens
    def streaks(count, length, width):
        def paint(d, s):
            for _ in range(count):
                x, y = rng.uniform(-50, W + 50), rng.uniform(-80, H)
                k = length * rng.uniform(0.5, 1.2)
                d.line([x * s, y * s, (x - k * 0.17) * s, (y + k) * s], fill=int(rng.integers(70, 220)), width=width)

        return mask(paint, 0.7)

    c = mix(c, rgb("#c7d6df"), 0.17 * streaks(900, 60, 2))
    c = mix(c, rgb("#dfe9ee"), 0.22 * streaks(190, 130, 3))
    for _ in range(34):
        x, y, r = rng.uniform(0, W), rng.uniform(0, H), rng.uniform(10, 44)
        c = disc(c, x, y, ["#e9c48a", "#8fb0c0", "#d98a6c"][rng.integers(3)], r, rng.uniform(0.03, 0.1))
    return c


def harbour(rng):
    line = 520
    c = ramp(Y / line, [(0, "#0f1a30"), (0.5, "#1d3350"), (0.85, "#3f5a74"), (1, "#7a7f8c")])
    c = mix(c, rgb("#54708a"), 0.3 * smooth(0.5, 0.85, noise(rng, 5, 6, 3)) * (Y < line))
    for _ in range(120):
        x, y = rng.uniform(0, W), rng.uniform(0, 330) ** 0.97
        c = glow(c, x, y, "#dfe6f0", rng.uniform(0.8, 1.5), rng.uniform(0.2, 0.75))
    c = ridge(c, rng, 500, 120, 4, "#1d2b43", "#31465c", 160)
    c = ridge(c, rng, 518, 60, 9, "#131e33", "#22344a", 80, 7)

    def town(d, s):
        x = 40
        while x < W - 60:
            w, h = int(rng.integers(44, 92)), int(rng.integers(38, 86))
            y = line - h
            d.rectangle([x * s, y * s, (x + w) * s, (line + 12) * s], fill=255)
            d.polygon([((x - 3) * s, y * s), ((x + w / 2) * s, (y - rng.uniform(16, 32)) * s), ((x + w + 3) * s, y * s)], fill=255)
            x += w + int(rng.choice([0, 0, 2, 34, 60]))

    c = mix(c, rgb("#0d1424"), mask(town))
    c = mix(c, rgb("#0a101d"), boxes([(0, line - 2, W, line + 26)]))
    c = mix(c, rgb("#3a4654"), boxes([(0, line - 2, W, line)]))

    lights = []
    for _ in range(34):
        lights.append((rng.uniform(50, W - 60), rng.uniform(line - 62, line - 12), ["#ffc46f", "#ffdb9c", "#f7a659"][rng.integers(3)], rng.uniform(2.2, 4.2), 0.9))
    for x in (132, 396, 905, 1180, 1460):
        c = mix(c, rgb("#0a101d"), boxes([(x - 2, line - 104, x + 2, line)]))
        lights.append((x, line - 106, "#ffd996", 8, 1.0))
    lights.append((664, line - 84, "#58e0a0", 13, 1.0))
    c = mix(c, rgb("#1a5a4c"), boxes([(620, line - 96, 708, line - 72)]))
    c = mix(c, rgb("#9df5cb"), boxes([(626, line - 91, 702, line - 77)]))
    for x, y, colour, r, strength in lights:
        c = disc(c, x, y, colour, r, 0.95)
        c = glow(c, x, y, colour, r * 3.2, 0.6 * strength)
        c = glow(c, x, y, colour, r * 9, 0.16 * strength)

    # water with long broken reflections
    depth = np.clip((Y - line - 26) / (H - line - 26), 0, 1)
    ripple = noise(rng, 40, 4, 5)
    water = ramp(depth * 0.85 + ripple * 0.15, [(0, "#3a4c62"), (0.25, "#22374f"), (0.6, "#14243a"), (1, "#0a1322")])
    glints = noise(rng, 24, 4, 2.4)
    band = np.interp(Y[:, 0], np.linspace(0, H, 500), rng.uniform(-1, 1, 500)).astype(np.float32)
    for x, y, colour, r, strength in lights:
        sway = band[:, None] * (3 + 26 * depth) + (ripple - 0.5) * (16 + 70 * depth)
        half = (r * 0.8 + 3) * (1 + 2.4 * depth)
        column = np.exp(-(((X - x - sway) / half) ** 2)) * np.exp(-depth * (3.4 if r < 6 else 1.7))
        glint = smooth(0.3, 0.62, np.roll(glints, int(x) % H, axis=0))
        water = water + (column * glint * strength * 0.95)[..., None] * rgb(colour) * (1 - 0.6 * water)
    c = mix(c, water, smooth(line + 24, line + 28, Y))

    # boats
    def boats(d, s):
        for x, y, k in ((250, 640, 1.0), (540, 604, 0.7), (1010, 612, 0.75), (1330, 668, 1.25), (1230, 598, 0.6)):
            d.polygon([((x - 88 * k) * s, (y - 24 * k) * s), ((x + 100 * k) * s, (y - 32 * k) * s), ((x + 76 * k) * s, (y + 8 * k) * s), ((x - 74 * k) * s, (y + 8 * k) * s)], fill=255)
            d.rectangle([(x - 48 * k) * s, (y - 66 * k) * s, (x - 2 * k) * s, (y - 22 * k) * s], fill=255)
            d.line([(x + 14 * k) * s, (y - 26 * k) * s, (x + 14 * k) * s, (y - 218 * k) * s], fill=255, width=int(6 * k * s))
            d.line([(x + 14 * k) * s, (y - 210 * k) * s, (x + 96 * k) * s, (y - 34 * k) * s], fill=255, width=max(2, int(1.4 * s)))
            d.line([(x + 14 * k) * s, (y - 210 * k) * s, (x - 84 * k) * s, (y - 26 * k) * s], fill=255, width=max(2, int(1.4 * s)))
            d.line([(x + 14 * k) * s, (y - 70 * k) * s, (x - 70 * k) * s, (y - 108 * k) * s], fill=255, width=int(4 * k * s))

    fleet = mask(boats)
    under = np.zeros_like(fleet)
    for x, y, k in ((250, 640, 1.0), (540, 604, 0.7), (1010, 612, 0.75), (1330, 668, 1.25), (1230, 598, 0.6)):
        wob = (ripple - 0.5) * 90
        under = np.maximum(under, np.exp(-(((X - x - wob) / (84 * k)) ** 4)) * smooth(y - 2, y + 8, Y) * np.exp(-np.clip(Y - y, 0, None) / (62 * k)))
    c = mix(c, rgb("#070c17"), 0.85 * under)
    c = mix(c, rgb("#0a0f1b"), fleet)
    c = mix(c, rgb("#ffcf86"), boxes([(1284, 604, 1306, 620), (216, 588, 232, 600)]))
    c = glow(c, 1295, 612, "#ffb55e", 34, 0.55)
    c = glow(c, 224, 594, "#ffb55e", 24, 0.4)
    return c


def stairs(rng):
    c = ramp(Y / 520, [(0, "#2c2a55"), (0.4, "#6a5288"), (0.75, "#c88a9a"), (1, "#f6c79a")])
    c = mix(c, rgb("#f9d0b0"), 0.55 * smooth(0.5, 0.85, noise(rng, 4, 6, 3)) * smooth(60, 420, Y))
    vx = 800
    top_y, bottom_y = 385, 880
    top_half, bottom_half = 190, 590
    steps = 42

    def half(y):
        return top_half + (bottom_half - top_half) * (y - top_y) / (bottom_y - top_y)

    # station at the top: gable, canopy and clock
    c = mix(c, rgb("#3d3258"), polygon([(640, 392), (640, 250), (800, 176), (960, 250), (960, 392)]))
    c = mix(c, rgb("#2b2444"), polygon([(618, 262), (800, 166), (982, 262), (974, 276), (800, 186), (626, 276)]))
    c = mix(c, rgb("#ffd596"), mask(lambda d, s: d.pieslice([720 * s, 262 * s, 880 * s, 500 * s], 180, 360, fill=255)))
    c = mix(c, rgb("#3d3258"), boxes([(798, 262, 802, 392), (757, 262, 760, 392), (840, 262, 843, 392), (700, 318, 900, 322)]))
    c = glow(c, 800, 340, "#ffbd6a", 110, 0.35)
    c = disc(c, 800, 226, "#f7ead2", 20, 1)
    c = mix(c, rgb("#2b2444"), boxes([(799, 212, 801, 227), (800, 225, 810, 227)]))

    # side walls, with a hoarding round the lift shaft on the left
    grain = noise(rng, 40, 5)
    brick = ((Y / 13).astype(int) % 2 * 17 + X) % 34 < 1.6
    mortar = np.maximum(brick, (Y % 13) < 1.4) * 0.16
    left = polygon([(0, 0), (250, 150), (612, 372), (612, 390), (160, 1000), (0, 1000)])
    right = polygon([(1600, 120), (1180, 318), (988, 376), (988, 390), (1440, 1000), (1600, 1000)])
    dusk_l = ramp(np.clip(X / 620, 0, 1) * 0.7 + grain * 0.3, [(0, "#181430"), (0.5, "#352a50"), (1, "#6a4f70")])
    dusk_r = ramp(np.clip((1600 - X) / 620, 0, 1) * 0.7 + grain * 0.3, [(0, "#2a2145"), (0.5, "#57426a"), (1, "#a57583")])
    c = mix(c, dusk_l * (1 - mortar[..., None]), left)
    c = mix(c, dusk_r * (1 - mortar[..., None]), right)
    hoard = polygon([(40, 200), (372, 330), (372, 700), (40, 980)])
    board = ((X - 40) % 62) < 2.5
    wood = ramp(grain * 0.5 + np.clip(X / 700, 0, 0.5), [(0, "#4a3a52"), (0.6, "#8f6f6d"), (1, "#c79d82")])
    c = mix(c, wood * (1 - 0.5 * board[..., None]), hoard)
    c = mix(c, rgb("#efe3c8") * (0.9 + 0.1 * grain[..., None]), polygon([(178, 470), (262, 484), (262, 584), (178, 592)]))
    c = mix(c, rgb("#7a6a72"), polygon([(192, 500), (248, 508), (248, 514), (192, 507)]) + polygon([(192, 522), (248, 527), (248, 533), (192, 529)]) + polygon([(192, 544), (232, 547), (232, 553), (192, 551)]))

    # the pavement in front of the first step
    flags = smooth(bottom_y - 4, bottom_y + 2, Y)
    pave = ramp(grain * 0.45 + (1 - np.abs(X - vx) / W) * 0.55, [(0, "#1c1732"), (0.5, "#3a2f52"), (1, "#75607c")])
    joint = np.minimum(np.abs(Y - 922), np.abs(Y - 972)) < 1.6
    slant = np.abs(((X - vx) / np.maximum(Y - 560, 1) * 2.6) % 1 - 0.5) < 0.008
    pave = pave * (1 - 0.35 * np.maximum(joint, slant)[..., None])

    # the flight: each step a lit tread above a dark riser
    t = np.linspace(0, 1, steps + 1)
    edges = top_y + (bottom_y - top_y) * (0.34 * t + 0.66 * t**2)
    wear = noise(rng, 22, 5, 2)
    for i in range(steps):
        y0, y1 = edges[i], edges[i + 1]
        split = y0 + (y1 - y0) * 0.5
        h0, h1, h2 = half(y0), half(split), half(y1)
        tread = polygon([(vx - h0, y0), (vx + h0, y0), (vx + h1, split), (vx - h1, split)])
        riser = polygon([(vx - h1, split), (vx + h1, split), (vx + h2, y1 + 0.6), (vx - h2, y1 + 0.6)])
        k = i / steps
        warm = rgb("#f2bd95") * (1 - k) + rgb("#6f6288") * k
        cold = rgb("#8c6579") * (1 - k) + rgb("#221d3a") * k
        sheen = (0.72 + 0.4 * wear + 0.25 * np.exp(-(((X - vx) / (h1 * 0.55)) ** 2)))[..., None]
        c = mix(c, np.clip(warm * sheen, 0, 1), tread)
        c = mix(c, np.clip(cold * (0.8 + 0.3 * wear[..., None]), 0, 1), riser)
        nose = boxes([(vx - h1, split - 0.8 - k * 1.2, vx + h1, split + 0.4)])
        c = mix(c, np.clip(warm * 1.25, 0, 1), nose * 0.7)

    c = mix(c, pave, flags)
    c = mix(c, rgb("#120e24"), 0.5 * np.exp(-np.clip(Y - bottom_y, 0, None) / 14) * flags)

    # handrails
    def rail(d, s):
        for sign in (-1, 1):
            for x_in in (1.0, 0.02):
                if x_in < 0.5 and sign > 0:
                    continue
                a = (vx + sign * top_half * x_in, top_y - 46)
                b = (vx + sign * bottom_half * x_in, bottom_y - 130)
                d.line([a[0] * s, a[1] * s, b[0] * s, b[1] * s], fill=255, width=7 * s if x_in > 0.5 else 6 * s)
                for k in np.linspace(0, 1, 9) ** 1.5:
                    px = a[0] + (b[0] - a[0]) * k
                    py = a[1] + (b[1] - a[1]) * k
                    d.line([px * s, py * s, px * s, (py + 46 + 84 * k) * s], fill=255, width=int((2 + 4 * k) * s))

    c = mix(c, rgb("#17122b"), mask(rail))
    c = mix(c, rgb("#17122b"), boxes([(1040, 196, 1047, 372)]))
    c = mix(c, rgb("#17122b"), polygon([(1024, 200), (1043, 184), (1062, 200)]))
    c = disc(c, 1043, 212, "#fff0c4", 15, 1)
    c = glow(c, 1043, 212, "#ffcf8a", 62, 0.8)
    c = glow(c, 1043, 240, "#ffb070", 190, 0.25)

    # someone waiting at the bottom, in a wheelchair, seen from behind
    x, y = 1060, 962

    def wheel(d, s):
        d.ellipse([(x - 62) * s, (y - 118) * s, (x - 44) * s, (y + 6) * s], fill=255)
        d.ellipse([(x + 44) * s, (y - 118) * s, (x + 62) * s, (y + 6) * s], fill=255)
        d.rounded_rectangle([(x - 42) * s, (y - 158) * s, (x + 42) * s, (y - 58) * s], 14 * s, fill=255)
        d.rectangle([(x - 40) * s, (y - 66) * s, (x + 40) * s, (y - 52) * s], fill=255)
        for k in (-1, 1):
            d.line([(x + 30 * k) * s, (y - 60) * s, (x + 24 * k) * s, (y + 2) * s], fill=255, width=6 * s)
            d.line([(x + 36 * k) * s, (y - 150) * s, (x + 46 * k) * s, (y - 172) * s], fill=255, width=7 * s)
        d.polygon([((x - 46) * s, (y - 150) * s), ((x - 30) * s, (y - 196) * s), ((x + 30) * s, (y - 196) * s), ((x + 46) * s, (y - 150) * s)], fill=255)
        d.ellipse([(x - 24) * s, (y - 246) * s, (x + 24) * s, (y - 192) * s], fill=255)

    c = mix(c, rgb("#0f0b20"), 0.6 * mask(lambda d, s: d.ellipse([(x - 110) * s, (y - 10) * s, (x + 90) * s, (y + 24) * s], fill=255), 8))
    chair = mask(wheel, 0.6)
    c = mix(c, rgb("#1b142e"), chair)
    rim = np.clip(chair - np.roll(chair, 4, 1) * 0.999, 0, 1) + np.clip(chair - np.roll(chair, 4, 0), 0, 1)
    return mix(c, rgb("#f0b996"), np.clip(rim, 0, 1) * 0.35)


def storm(rng):
    line = 452
    cloud = noise(rng, 5, 7, 1.8, 0.58)
    shape = noise(rng, 9, 6, 2.4, 0.55)
    v = np.clip(cloud * 0.65 + shape * 0.35, 0, 1)
    tone = ramp(smooth(0.22, 0.8, v), [(0, "#1c2534"), (0.35, "#36465a"), (0.6, "#5d6f80"), (0.82, "#93a0a6"), (1, "#d7d3c4")])
    c = tone * (0.72 + 0.3 * Y[..., None] / line)
    gleam = np.exp(-(((Y - line + 18) / 46) ** 2)) * smooth(0.25, 0.6, 0.75 - np.abs(X - 560) / 1300)
    c = mix(c, rgb("#f4dba4"), np.clip(0.9 * gleam * (0.65 + 0.5 * shape), 0, 1))
    c = glow(c, 540, line - 6, "#ffe9b8", 150, 0.45)
    veil = smooth(0.5, 0.8, noise(rng, 26, 3, 0.25)) * smooth(90, 300, Y) * (1 - smooth(line - 60, line, Y)) * smooth(800, 1300, X)
    c = mix(c, rgb("#2a3644"), 0.4 * veil)

    # headland: it stands behind the nearer seas, with the last houses on its edge
    column = np.arange(W)
    brow = 392 - 46 * smooth(1050, 1560, column.astype(np.float32)) + 7 * line_noise(rng, 9, 5)
    bluff = np.interp(column, [0, 985, 1010, 1036, 1062, 1100, 1600], [990, 990, 640, 520, 440, 0, 0]).astype(np.float32)
    rocky = np.maximum(brow, bluff + 14 * line_noise(rng, 60, 5, 0.6))
    strata = noise(rng, 26, 6, 0.45, 0.6)
    seam = noise(rng, 60, 4, 5)
    lit = np.clip((1500 - X) / 900, 0, 1)
    face = ramp(np.clip(strata * 0.55 + seam * 0.2 + lit * 0.3 - 0.08, 0, 1), [(0, "#0d121b"), (0.4, "#20272f"), (0.66, "#454443"), (0.85, "#7a6a52"), (1, "#b59a70")])
    turf = np.exp(-np.clip(Y - rocky[None, :], 0, None) / 9)
    face = face * (1 - turf[..., None]) + rgb("#3a4434") * turf[..., None]
    land = smooth(-1, 1.5, Y - rocky[None, :])

    def houses(d, s):
        for x, w, h in homes:
            g = float(rocky[min(x + w // 2, W - 1)]) + 10
            d.rectangle([x * s, (g - h) * s, (x + w) * s, (g + 6) * s], fill=255)
            d.polygon([((x - 4) * s, (g - h) * s), ((x + w / 2) * s, (g - h - 24) * s), ((x + w + 4) * s, (g - h) * s)], fill=255)
            d.rectangle([(x + w * 0.7) * s, (g - h - 26) * s, (x + w * 0.82) * s, (g - h) * s], fill=255)

    homes = ((1118, 50, 42), (1196, 44, 38), (1262, 58, 46), (1356, 48, 40), (1410, 46, 38), (1500, 56, 44))

    # seas: overlapping rows of waves, nearer ones taller and darker
    for i in range(9):
        k = i / 8
        if i == 5:
            c = mix(c, rgb("#12161f"), mask(houses))
            c = mix(c, face, land)
            for x in (1134, 1280, 1424):
                g = float(rocky[x]) - 16
                c = mix(c, rgb("#ffcf86"), boxes([(x, g, x + 9, g + 11)]))
                c = glow(c, x + 4, g + 5, "#ffb55e", 18, 0.5)
        base = line + 4 + 500 * k**1.55
        amp = 5 + 60 * k**1.2
        crest = base - amp * np.abs(line_noise(rng, int(16 - 11 * k), 3, 0.45)) - amp * 0.2 * line_noise(rng, 40, 4)
        d = Y - crest[None, :]
        inside = smooth(-0.8, 1.2, d)
        texture = noise(rng, 30 - 14 * k, 5, 2.6, 0.6)
        sea = ramp(np.clip(d / (40 + 150 * k), 0, 1) * 0.75 + texture * 0.3, [(0, "#a9bcb4"), (0.14, "#5f8687"), (0.4, "#33565f"), (0.75, "#1c333f"), (1, "#111f2b")])
        shine = np.exp(-(((X - 560) / (120 + 260 * k)) ** 2)) * (1 - k) * 0.5
        sea = sea + (shine * smooth(0.5, 0.75, texture))[..., None] * rgb("#f2d9a8")
        c = mix(c, sea, inside)
        fleck = smooth(0.5, 0.62, texture)
        foam = np.exp(-np.clip(d, 0, None) / (3 + 16 * k)) * inside * (0.35 + 0.65 * fleck)
        c = mix(c, rgb("#eef0ea"), np.clip(foam, 0, 0.92))
        lace = np.exp(-(((texture - 0.52) / 0.016) ** 2)) * inside * np.exp(-np.clip(d, 0, None) / (40 + 120 * k)) * (0.25 + 0.5 * k)
        c = mix(c, rgb("#dfe6e2"), np.clip(lace, 0, 0.8))

    # spray where the sea meets the headland
    burst = np.zeros((H, W), np.float32)
    fine = noise(rng, 46, 5, 1, 0.7)
    for x, y, w, h in ((1004, 660, 60, 170), (1075, 690, 92, 215), (1210, 705, 110, 120), (940, 680, 80, 80), (1390, 720, 130, 80)):
        fan = np.exp(-(((X - x - (y - Y) * 0.12) / (w * (0.6 + 0.5 * np.clip((y - Y) / h, 0, 1)))) ** 2))
        lift = np.where(y > Y, np.exp(-(((y - Y) / h) ** 2)), np.exp(-(((Y - y) / 44) ** 2)))
        burst = np.maximum(burst, fan * lift)
    c = mix(c, rgb("#f1f1ea"), np.clip(burst * (0.15 + 1.15 * smooth(0.25, 0.75, fine)), 0, 0.95))

    def drops(d, s):
        for _ in range(900):
            x = rng.normal(1050, 110)
            y = rng.normal(560, 90)
            r = rng.uniform(0.6, 2.4)
            d.ellipse([(x - r) * s, (y - r) * s, (x + r) * s, (y + r) * s], fill=int(rng.integers(90, 230)))

    c = mix(c, rgb("#f5f4ee"), 0.7 * mask(drops, 0.5))

    return c


PICTURES = (weir, chimneys, press, fields, rain, harbour, stairs, storm)


def finish(canvas, rng):
    """Vignette, a little canvas texture, and a size limit."""
    edge = np.hypot((X - W / 2) / W, (Y - H / 2) / H)
    canvas = np.clip(canvas, 0, 1) * (1 - 0.34 * smooth(0.38, 0.78, edge))[..., None]
    canvas = canvas + (noise(rng, 60, 3)[..., None] - 0.5) * 0.03
    return Image.fromarray((np.clip(canvas, 0, 1) * 255).astype(np.uint8))


def main(names):
    for picture in PICTURES:
        name = picture.__name__
        if names and name not in names:
            continue
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        image = finish(picture(rng), rng)
        path = HERE / f"{name}.webp"
        for quality in (82, 78, 72, 66, 60, 52):
            image.save(path, "WEBP", quality=quality, method=6)
            if path.stat().st_size <= MAX_BYTES:
                break
        print(f"{path.name}: {path.stat().st_size // 1024} kB at quality {quality}")


if __name__ == "__main__":
    main(sys.argv[1:])
