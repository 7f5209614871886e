"""python -m bench.docs [FOLDER]: write what was measured last into docs/performance.md, with its pictures."""

import sys
from pathlib import Path

from . import report, results, tables

PAGE = results.ROOT / "docs" / "performance.md"
PICTURES = results.ROOT / "docs" / "performance"
BEGIN, END = "<!-- measured: python -m bench.docs writes what follows -->", "<!-- end of what is measured -->"


def main(folder):
    kept = results.load(folder)
    if not kept:
        raise SystemExit(f"{folder} holds no results: make bench")
    PICTURES.mkdir(exist_ok=True)
    for file, svg in report.pictures(kept).items():
        (PICTURES / file).write_text(svg)
    before, _begin, rest = PAGE.read_text().partition(BEGIN)
    _old, _end, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{measured(kept)}\n\n{END}{after}")


def measured(kept):
    """The parts in Markdown: what is asked and whether it holds, the picture, the tables folded away."""
    out = [occasion(kept)]
    for part, by_vendor in kept.items():
        out.append(f"## {report.HEADINGS[part]}")
        out.append(sentence(report.TITLES[part]))
        if part in report.DRAWINGS:
            out.append(f"![{report.HEADINGS[part]}: the table below as lines](performance/{part}.svg)")
        for vendor, result in by_vendor.items():
            out += of_vendor(part, results.VENDORS[vendor], result["found"])
    return "\n\n".join(out)


def sentence(text):
    return f"{text[0].upper()}{text[1:]}."


def of_vendor(part, vendor, found):
    claims = report.claims(part, found)
    if claims:
        yield f"**{vendor}**\n\n" + "\n".join(
            f"- {'holds' if claim.holds else '**missed**'}: {claim.text}"
            + (f" ({claim.detail})" if claim.detail else "")
            for claim in claims
        )
    for table in report.tables_of(part, found):
        title = f"{vendor}: {table[0][1]}" if part == "shapes" else vendor
        yield f"<details><summary>{title}</summary>\n\n{tables.as_markdown(*table)}\n\n</details>"


def occasion(kept):
    """When and on what the parts were measured: one line, or one for each occasion."""
    said = {}
    for part, by_vendor in kept.items():
        for vendor, result in by_vendor.items():
            about = result["about"]
            machine = f"Python {about['python']}, Django {about['django']}, {about['cores']} cores"
            line = f"Measured on {about['at'][:10]} at commit {about['commit']}: {machine}"
            said.setdefault(line, []).append(f"{report.HEADINGS[part].lower()} ({results.VENDORS[vendor]})")
    if len(said) == 1:
        return f"{next(iter(said))}."
    return "\n".join(f"- {line}; {', '.join(parts)}." for line, parts in said.items())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else results.OUT)
