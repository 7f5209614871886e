import os
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import TestCase
from xml.etree import ElementTree

import pytest
from django.conf import settings


class BenchTests(TestCase):
    @pytest.mark.long
    def test_prints_its_table_and_draws_it(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-m", "bench", "--sizes", "20", "40", "--rounds", "2", "--out", folder],
                cwd=settings.BASE_DIR, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True,
            )  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("not modified (304)", done.stdout)
            ElementTree.parse(Path(folder) / "article-page.svg")
