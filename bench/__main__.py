"""python -m bench [PART ...]: measure, print tables, draw pictures. `--help` says what can be left out."""

import argparse
import os
import signal
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
for name in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(name, None)

from . import pages, posting, report, results, shapes  # noqa: E402
from .sites import SHAPES, SIZES, Seeded, postgresql  # noqa: E402

# In this order: posting comes last of those that measure pages, as it adds to the discussions.
NEEDS = {"pages": ["mixed"], "memory": SHAPES, "shapes": SHAPES, "time": ["mixed"], "posting": ["thread"]}
TIME = "import json; from bench import profiling; print(json.dumps(profiling.shares({!r}, {!r})))"


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # sites and databases are removed then as well
    for vendor in options.databases:
        url = postgresql() if vendor == "postgresql" else ""
        if url is None:
            print("No PostgreSQL lets us make a database (BENCH_DATABASE_URL names one): left out.", file=sys.stderr)
            continue
        seeded = Seeded(vendor, url)
        try:
            measure(seeded, options)
        finally:
            seeded.remove()
    kept = results.load(options.out)
    print(report.as_text({part: kept[part] for part in kept if part in options.parts}))
    for file, svg in report.pictures(kept).items():
        (options.out / file).write_text(svg)
        print(f"Picture: {options.out / file}")


def read_options():
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(NEEDS)} (all)")
    parser.add_argument("--databases", nargs="+", choices=results.VENDORS, default=list(results.VENDORS))
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=SHAPES)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="comments of a discussion")
    parser.add_argument("--rounds", type=int, default=3, help="of all kinds of requests in turn")
    parser.add_argument("--requests", type=int, default=8, help="for each page in a round")
    parser.add_argument("--seconds", type=float, default=2, help="that four clients post in a round")
    parser.add_argument("--out", type=Path, default=results.OUT, help="folder for numbers and pictures")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(NEEDS):
        parser.error(f"no such part: {', '.join(unknown)}")
    options.parts = [part for part in NEEDS if part in (options.parts or NEEDS)]
    return options


def measure(seeded, options):
    wanted = {shape for part in options.parts for shape in NEEDS[part] if part != "shapes" or shape in options.shapes}
    say(seeded, f"making discussions of {', '.join(f'{size:,}' for size in sorted(options.sizes))} comments")
    seeded.seed([shape for shape in SHAPES if shape in wanted], sorted(options.sizes))
    seeded.start()
    for part in options.parts:
        say(seeded, part)
        results.keep(options.out, part, seeded.vendor, run(part, seeded, options))


def say(seeded, what):
    print(f"{results.VENDORS[seeded.vendor]}: {what}", file=sys.stderr, flush=True)


def run(part, seeded, options):
    match part:
        case "pages":
            return pages.run(seeded, rounds=options.rounds, requests=8 * options.requests)
        case "memory":
            return pages.held(seeded)
        case "shapes":
            return shapes.run(seeded, options.shapes, rounds=options.rounds, requests=options.requests)
        case "posting":
            return posting.run(seeded, rounds=options.rounds, seconds=options.seconds)
        case "time":
            largest = seeded.discussions["mixed", max(options.sizes)]
            return seeded.site.ask(TIME.format(largest, seeded.sessions[1]))
    raise ValueError(part)


if __name__ == "__main__":
    main()
