"""One import, from file to answer: rows in chunks, each row's outcome counted, the bad ones written down."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attain.client import Services
from attain.imports.checkpoint import Checkpoint
from attain.imports.mapping import CellError, Mapping
from attain.imports.remarks import Remarks
from attain.imports.rows import SourceRow, read_chunks, read_header, read_row

CHUNK = 500
"""Rows a request: large enough that a request's fixed cost vanishes, small enough for steady progress."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that can be imported row by row: which service takes it, and where.

    `has_source`: by the key of another system. `keeps_rest`: columns that no field reads are kept as `extra`.
    """

    service: str
    path: str
    has_source: bool = False
    keeps_rest: bool = False


KINDS = {
    "accounts": Kind("opportunities", "/v1/customers:batch", has_source=True),
    "opportunities": Kind("opportunities", "/v1/opportunities:import", has_source=True),
    "leads": Kind("leads", "/v1/leads:import", has_source=True, keeps_rest=True),
    "targets": Kind("targets", "/v1/targets:batch"),
}


@dataclass(slots=True)
class Summary:
    """What came of the rows. `unchanged` rows were known already and made no fact. `warnings` counts what is to be
    known of rows that were taken.

    `behind_line` is where an import that had broken off went on: the rows up to it are not counted again.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    warnings: int = 0
    behind_line: int = 0

    @property
    def rows(self) -> int:
        return self.created + self.changed + self.unchanged + self.rejected

    def count(self, item: dict[str, Any]) -> None:
        """Counts a row by the answer that it got."""
        if item["status"] == 201:
            self.created += 1
        elif item.get("token"):
            self.changed += 1
        else:
            self.unchanged += 1


@dataclass(frozen=True, slots=True)
class Import:
    """A file, its mapping and where it goes."""

    kind: Kind
    file: Path
    mapping: Mapping
    services: Services
    rejects: Remarks
    warnings: Remarks
    checkpoint: Checkpoint | None
    validate_only: bool = False

    async def run(self, progress: Callable[[int], None]) -> Summary:
        """Imports the file's rows behind the checkpoint; `progress` hears how many rows each chunk had."""
        self.mapping.check_columns(read_header(self.file, self.mapping), self.file)
        summary = Summary(behind_line=self.checkpoint.line() if self.checkpoint else 0)
        for chunk in read_chunks(self.file, self.mapping, CHUNK, summary.behind_line):
            await self._take(chunk, summary)
            self.rejects.flush()
            self.warnings.flush()
            if self.checkpoint:
                self.checkpoint.advance(chunk[-1].line)
            progress(len(chunk))
        if self.checkpoint:
            self.checkpoint.clear()
        return summary

    async def _take(self, chunk: tuple[SourceRow, ...], summary: Summary) -> None:
        """Sends the rows of a chunk that the mapping can read, and then writes down the others: were it the other
        way round, a chunk that is sent again after a break would have them written twice.
        """
        read = [(row, *self._read(row)) for row in chunk]
        good = [(row, fields) for row, fields, errors in read if not errors]
        if good:
            answers = await send(
                self.services,
                self.kind,
                self.mapping.source,
                [fields for _, fields in good],
                validate_only=self.validate_only,
            )
            for (row, _), item in zip(good, answers, strict=True):
                self._settle(row, item, summary)
        for row, _, errors in read:
            summary.rejected += bool(errors)
            for error in errors:
                self.rejects.add(row.line, error.column, error.reason)

    def _read(self, row: SourceRow) -> tuple[dict[str, Any], list[CellError]]:
        fields, errors = read_row(row, self.mapping)
        if self.kind.keeps_rest and (rest := self.mapping.rest(row.cells)):
            fields["extra"] = rest
        return fields, errors

    def _settle(self, row: SourceRow, item: dict[str, Any], summary: Summary) -> None:
        problem = item.get("problem")
        if problem is None:
            summary.count(item)
            for warning in item.get("warnings") or []:
                summary.warnings += 1
                for field, reason in reasons(warning):
                    self.warnings.add(row.line, self._column_of(field), reason)
            return
        summary.rejected += 1
        for field, reason in reasons(problem):
            self.rejects.add(row.line, self._column_of(field), reason)

    def _column_of(self, field: str) -> str:
        return self.mapping.column_of(field) if field else ""


async def send(
    services: Services, kind: Kind, source: str, items: list[dict[str, Any]], *, validate_only: bool = False
) -> list[dict[str, Any]]:
    """Posts items to a bulk route; the answers stand in the order of the items."""
    params = {"validate_only": "true"} if validate_only else {}
    if kind.has_source:
        items = [{"source": source, **item} for item in items]
    answer = await services.post(kind.service, kind.path, {"items": items}, **params)
    return sorted(answer["items"], key=lambda item: item["index"])


def reasons(problem: dict[str, Any]) -> list[tuple[str, str]]:
    """Field and reason of everything that a problem names; the field is empty where it names none."""
    errors = problem.get("errors") or []
    if not errors:
        return [("", problem.get("detail") or problem["title"])]
    return [(str(e.get("pointer", "")).rsplit("/", 1)[-1], e.get("detail") or e["code"]) for e in errors]
