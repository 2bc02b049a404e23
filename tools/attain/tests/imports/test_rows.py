"""Rows come with their lines; a file that is not as the mapping says is refused in a sentence."""

from pathlib import Path

import pytest

from attain.imports.mapping import Mapping, MappingError
from attain.imports.rows import UnreadableFile, count_rows, read_chunks, read_header, read_row


def mapping(**more: object) -> Mapping:
    return Mapping.model_validate({"source": "crm", "fields": {"a": {"column": "a"}}, **more})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def test_rows_are_read_in_chunks_with_their_lines_and_continue_behind_one(path: Path) -> None:
    path.write_text('a,b\n1,x\n2,"two\nlines"\n3,z\n', encoding="utf-8")
    chunks = list(read_chunks(path, mapping(), 2))
    assert [[row.line for row in chunk] for chunk in chunks] == [[2, 4], [5]]
    behind = read_chunks(path, mapping(), 2, after_line=4)
    assert [row.cells["a"] for chunk in behind for row in chunk] == ["3"]


def test_rows_are_counted_as_they_are_read(path: Path) -> None:
    path.write_text("a,b\n1,x\n\n2,y\n", encoding="utf-8")
    assert count_rows(path, mapping()) == 2
    path.write_text("", encoding="utf-8")
    assert count_rows(path, mapping()) == 0


def test_a_file_in_another_encoding_is_refused_with_the_setting_that_names_it(path: Path) -> None:
    path.write_bytes("a,b\n王芳,x\n".encode("gb18030"))
    for read in (read_header, count_rows, lambda path, mapping: list(read_chunks(path, mapping, 2))):
        with pytest.raises(UnreadableFile, match=r"rows\.csv is no text in utf-8-sig.*`encoding = "):
            read(path, mapping())
    (chunk,) = read_chunks(path, mapping(encoding="gb18030"), 2)
    assert chunk[0].cells == {"a": "王芳", "b": "x"}


def test_a_file_that_is_no_csv_is_refused_with_the_line_before(path: Path) -> None:
    path.write_text(f"a,b\n{'x' * 200_000},y\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"rows\.csv cannot be read behind line 1: field larger than"):
        list(read_chunks(path, mapping(), 2))


def test_a_row_with_more_cells_than_the_header_says_so(path: Path) -> None:
    path.write_text("a,b\n1,x,y,z\n2,x\n3\n", encoding="utf-8")
    (chunk,) = read_chunks(path, mapping(), 5)
    assert [row.surplus for row in chunk] == [2, 0, 0]
    fields, errors = read_row(chunk[0], mapping())
    assert (fields, [str(error) for error in errors]) == (
        {"a": "1"},
        [": has 2 cells more than the header; quote a cell that holds the delimiter"],
    )


def test_a_file_without_a_header_says_so(path: Path) -> None:
    with pytest.raises(MappingError, match="the file has no header line"):
        mapping().check_columns([], path)


def test_an_encoding_that_does_not_exist_is_a_fault_of_the_mapping(tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text('source = "crm"\nencoding = "klingon"\n[fields]\na = { column = "a" }\n')
    with pytest.raises(MappingError, match=r"map\.toml: encoding: .*klingon"):
        Mapping.load(file)
