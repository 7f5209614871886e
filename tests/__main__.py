"""`make test`: all of the suite. What is quick runs on two processes, then what starts a browser or a server, one at a time.

python -m tests [--no-browser] [arguments of pytest]; LONG=1 adds what takes minutes. Pages look the same on every database, so
a second run on another one may leave the browser out.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

SLOW = "browser or server or long"
NO_TESTS = 5  # pytest's exit code when nothing was selected


def main(arguments):
    slow = SLOW
    if "--no-browser" in arguments:
        arguments.remove("--no-browser")
        slow = "(server or long) and not browser"
    parts = [["-n", "2", "-m", f"not ({SLOW})"], ["-p", "no:xdist", "-m", slow]]
    started, counts, codes = time.monotonic(), Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        for number, options in enumerate(parts):
            tally = Path(folder) / str(number)  # written by conftest.py
            environment = {**os.environ, "PYTHONUNBUFFERED": "1", "ROSTRUM_TALLY": str(tally)}
            codes.append(
                subprocess.run([sys.executable, "-m", "pytest", *options, *arguments], env=environment).returncode
            )
            counts.update(json.loads(tally.read_text()) if tally.exists() else {})
    print(summary(counts, time.monotonic() - started), flush=True)
    return int(any(code not in (0, NO_TESTS) for code in codes) or all(code == NO_TESTS for code in codes))


def summary(counts, seconds):
    """One line as pytest's own, over both parts."""
    words = ("failed", "passed", "skipped", "xfailed", "xpassed", "errors")
    parts = ", ".join(f"{counts[word]} {word}" for word in words if counts[word]) or "no tests ran"
    return f" {parts} in {seconds:.2f}s ".center(80, "=")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
