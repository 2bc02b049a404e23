"""An interrupted import goes on where it stopped; another file or mapping starts anew."""

from pathlib import Path

from attain.imports.checkpoint import Checkpoint
from attain.imports.remarks import Remarks


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_checkpoint_remembers_the_last_line_until_the_import_is_complete(tmp_path: Path) -> None:
    file, mapping = write(tmp_path / "a.csv", "x"), write(tmp_path / "m.toml", "y")
    checkpoint = Checkpoint.of(tmp_path / "imports", "people", file, mapping)
    assert checkpoint.line() == 0
    checkpoint.advance(501)
    assert Checkpoint.of(tmp_path / "imports", "people", file, mapping).line() == 501
    checkpoint.clear()
    assert checkpoint.line() == 0


def test_a_changed_file_or_mapping_starts_anew(tmp_path: Path) -> None:
    file, mapping = write(tmp_path / "a.csv", "x"), write(tmp_path / "m.toml", "y")
    Checkpoint.of(tmp_path, "people", file, mapping).advance(501)
    write(file, "x2")
    assert Checkpoint.of(tmp_path, "people", file, mapping).line() == 0


def test_rejected_rows_stand_with_line_column_and_reason_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    with Remarks(path, keep=False) as rejects:
        rejects.add(7, "engage_date", "'13/40/2016' is no date")
    assert path.read_text(encoding="utf-8").splitlines() == [
        "line,column,reason",
        "7,engage_date,'13/40/2016' is no date",
    ]


def test_without_a_rejected_row_there_is_no_file(tmp_path: Path) -> None:
    path = write(tmp_path / "rejected.csv", "of an earlier import")
    with Remarks(path, keep=False):
        pass
    assert not path.exists()
