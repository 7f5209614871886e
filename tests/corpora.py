"""The corpora that tests read: hostile texts, files and exports of others, kept beside the project."""

import os
from pathlib import Path
from unittest import SkipTest

FOLDER = Path(os.environ.get("CORPORA_DIR", Path(__file__).resolve().parents[2] / "shared" / "corpora"))


def path(*names):
    """The path of a corpus, `path("wxr", "isso")`. Where the corpora are missing the test that asks is skipped."""
    if not FOLDER.is_dir():
        raise SkipTest(f"no corpora at {FOLDER}: set CORPORA_DIR")
    return FOLDER.joinpath(*names)
