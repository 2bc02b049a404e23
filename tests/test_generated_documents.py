"""The generated documents are those of the code as it stands."""

from pathlib import Path

from attain.documents import generate, stale

ROOT = Path(__file__).parents[1]


def test_no_generated_document_is_stale() -> None:
    assert stale(ROOT, generate(ROOT)) == [], "run `make docs` and commit what it writes"
