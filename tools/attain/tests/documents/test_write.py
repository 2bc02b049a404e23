"""A generated document that is missing, altered or left over is stale; writing mends all three."""

from pathlib import Path

import pytest

from attain.documents import stale, write

DOCUMENTS = {"docs/events.md": "events\n", "libs/contracts/schemas/a.json": "{}\n"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, DOCUMENTS)
    return tmp_path


def test_what_was_just_written_is_not_stale(project: Path) -> None:
    assert stale(project, DOCUMENTS) == []


def test_a_missing_an_altered_and_a_left_over_document_are_stale_until_written_anew(project: Path) -> None:
    (project / "docs/events.md").write_text("edited by hand\n")
    (project / "libs/contracts/schemas/a.json").unlink()
    (project / "libs/contracts/schemas/gone.json").write_text("{}\n")
    (project / "docs/by-hand.md").write_text("not generated\n")
    found = ["docs/events.md", "libs/contracts/schemas/a.json", "libs/contracts/schemas/gone.json"]
    assert stale(project, DOCUMENTS) == found
    assert write(project, DOCUMENTS) == found
    assert stale(project, DOCUMENTS) == []
    assert (project / "docs/by-hand.md").exists()
