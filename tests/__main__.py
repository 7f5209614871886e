"""`make test`: all of the suite. What is quick runs on two processes, then what starts a browser or a server, one at a time.

python -m tests [arguments of pytest]; LONG=1 adds what takes minutes.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

SLOW = "browser or server or long"
NO_TESTS = 5  # pytest's exit code when nothing was selected


def main(arguments):
    started, counts, codes = time.monotonic(), {}, []
    with tempfile.TemporaryDirectory() as folder:
        for name, options in {
            "quick": ["-n", "2", "-m", f"not ({SLOW})"],
            "slow": ["-p", "no:xdist", "-m", SLOW],
        }.items():
            report = Path(folder) / f"{name}.xml"
            command = [sys.executable, "-m", "pytest", *options, f"--junit-xml={report}", *arguments]
            codes.append(subprocess.run(command, env={**os.environ, "PYTHONUNBUFFERED": "1"}).returncode)
            count(report, counts)
    failed = any(code not in (0, NO_TESTS) for code in codes) or all(code == NO_TESTS for code in codes)
    print(summary(counts, time.monotonic() - started), flush=True)
    return int(failed)


def count(report, counts):
    """Add what pytest counted, by outcome."""
    if not report.exists():
        return
    for suite in ElementTree.parse(report).getroot():
        got = {key: int(suite.get(key)) for key in ("failures", "errors", "skipped")}
        got["passed"] = int(suite.get("tests")) - sum(got.values())
        for key, number in got.items():
            counts[key] = counts.get(key, 0) + number


def summary(counts, seconds):
    """One line as pytest's own, over both parts."""
    words = {"failures": "failed", "passed": "passed", "skipped": "skipped", "errors": "errors"}
    parts = ", ".join(f"{counts[key]} {word}" for key, word in words.items() if counts.get(key)) or "no tests ran"
    return f" {parts} in {seconds:.2f}s ".center(80, "=")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
