"""Reading a CSV row by row, in chunks, with the line that each row stands on."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any, TextIO

from attain.imports.mapping import CellError, Mapping
from attain.problems import LocalProblem


class UnreadableFile(LocalProblem):
    """The file is not the text, or not the CSV, that the mapping says."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row and the line of the file on which it ends (a quoted cell may span lines).

    `surplus` counts cells beyond the header's, whose columns have no name.
    """

    line: int
    cells: dict[str, str]
    surplus: int = 0


def read_row(row: SourceRow, mapping: Mapping) -> tuple[dict[str, Any], list[CellError]]:
    """The row's fields and everything that is wrong with it: with a cell too many, no cell can be trusted."""
    fields, errors = mapping.read(row.cells)
    if row.surplus:
        reason = f"has {row.surplus} cells more than the header; quote a cell that holds the delimiter"
        errors.append(CellError("", reason))
    return fields, errors


def read_header(path: Path, mapping: Mapping) -> list[str]:
    """The file's column names; an empty file has none. Raises `UnreadableFile`."""
    with _opened(path, mapping) as file:
        return next(csv.reader(file, delimiter=mapping.delimiter), [])


def read_chunks(
    path: Path, mapping: Mapping, size: int, after_line: int = 0
) -> Iterator[tuple[SourceRow, ...]]:
    """The rows behind `after_line` in chunks of `size`; never holds more than one. Raises `UnreadableFile`."""
    with _opened(path, mapping) as file:
        yield from batched((row for row in _rows(path, file, mapping) if row.line > after_line), size)


def count_rows(path: Path, mapping: Mapping) -> int:
    """How many rows the file has, for the progress display. Raises `UnreadableFile`."""
    with _opened(path, mapping) as file:
        return sum(1 for _ in _rows(path, file, mapping))


def _rows(path: Path, file: TextIO, mapping: Mapping) -> Iterator[SourceRow]:
    reader = csv.DictReader(file, delimiter=mapping.delimiter, restval="")
    try:
        for row in reader:
            surplus = row.pop(None, ())  # where the reader puts what has no name
            yield SourceRow(reader.line_num, row, len(surplus))
    except csv.Error as error:
        raise UnreadableFile(f"{path} cannot be read behind line {reader.line_num}: {error}.") from error


@contextmanager
def _opened(path: Path, mapping: Mapping) -> Iterator[TextIO]:
    try:
        with path.open(encoding=mapping.encoding, newline="") as file:
            yield file
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{path} is no text in {mapping.encoding} ({error.reason}); name its encoding in the mapping, for example "
            '`encoding = "gb18030"` or `encoding = "cp1252"`.'
        ) from error
