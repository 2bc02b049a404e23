"""Reading a CSV row by row, in chunks, with the line that each row stands on."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

from attain.imports.mapping import Mapping


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row and the line of the file on which it ends (a quoted cell may span lines)."""

    line: int
    cells: dict[str, str]


def read_header(path: Path, mapping: Mapping) -> list[str]:
    """The file's column names; an empty file has none."""
    with path.open(encoding=mapping.encoding, newline="") as file:
        return next(csv.reader(file, delimiter=mapping.delimiter), [])


def read_chunks(
    path: Path, mapping: Mapping, size: int, after_line: int = 0
) -> Iterator[tuple[SourceRow, ...]]:
    """The rows behind `after_line` in chunks of `size`; never holds more than one chunk."""
    with path.open(encoding=mapping.encoding, newline="") as file:
        reader = csv.DictReader(file, delimiter=mapping.delimiter, restval="")
        rows = (SourceRow(reader.line_num, row) for row in reader)
        yield from batched((row for row in rows if row.line > after_line), size)


def count_rows(path: Path, mapping: Mapping) -> int:
    """How many rows the file has, for the progress display."""
    with path.open(encoding=mapping.encoding, newline="") as file:
        return sum(1 for _ in csv.reader(file, delimiter=mapping.delimiter)) - 1
