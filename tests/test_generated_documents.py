"""The generated documents are those of the code as it stands."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_no_generated_document_is_stale() -> None:
    """In a process of its own: the events and refusals that other tests declare are no part of the product."""
    check = [sys.executable, "-m", "attain", "docs", "--check"]
    run = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
