"""What was measured, kept as JSON: one file for each part and database, so that each can be measured anew alone."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "var" / "bench"
PARTS = ["pages", "memory", "shapes", "posting", "time"]
VENDORS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def keep(folder, part, vendor, found):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{part}-{vendor}.json").write_text(json.dumps({"about": about(), "found": found}, indent=1) + "\n")


def load(folder):
    """{part: {vendor: {"about", "found"}}} of what `folder` has, in the order of PARTS and VENDORS."""
    paths = {(part, vendor): folder / f"{part}-{vendor}.json" for part in PARTS for vendor in VENDORS}
    kept = {}
    for (part, vendor), path in paths.items():
        if path.exists():
            kept.setdefault(part, {})[vendor] = json.loads(path.read_text())
    return kept


def about():
    """When and on what it was measured."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }
