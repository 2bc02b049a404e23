"""Files that say of rows what is wrong or strange: line, column, reason, as a CSV that opens in a spreadsheet."""

import csv
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO


class Remarks:
    """Appends remarks on rows: why they were not taken, or warnings. The file appears with the first."""

    def __init__(self, path: Path, *, keep: bool) -> None:
        """`keep` goes on behind the remarks of an import that was interrupted."""
        self.path = path
        self._file: TextIO | None = None
        if not keep:
            path.unlink(missing_ok=True)

    def add(self, line: int, column: str, reason: str) -> None:
        """One remark on the row on a line; the column is empty where it is about none."""
        if self._file is None:
            fresh = not self.path.exists()
            self._file = self.path.open("a", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            if fresh:
                self._writer.writerow(["line", "column", "reason"])
        self._writer.writerow([line, column, reason])

    def flush(self) -> None:
        """Puts what was added on disk, before the import says that it got this far."""
        if self._file is not None:
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
