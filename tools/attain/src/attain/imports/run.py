"""One import, from file to answer: rows in chunks, each row's outcome counted, the bad ones written down."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attain.client import Services
from attain.imports.checkpoint import Checkpoint
from attain.imports.mapping import Mapping
from attain.imports.rejects import Rejects
from attain.imports.rows import SourceRow, read_chunks, read_header, read_row

CHUNK = 500
"""Rows a request: large enough that a request's fixed cost vanishes, small enough for steady progress."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that can be imported row by row: which service takes it, where, and whether by a foreign key."""

    service: str
    path: str
    has_source: bool = False


KINDS = {
    "accounts": Kind("opportunities", "/v1/customers:batch", has_source=True),
    "opportunities": Kind("opportunities", "/v1/opportunities:import", has_source=True),
    "targets": Kind("targets", "/v1/targets:batch"),
}


@dataclass(slots=True)
class Summary:
    """What came of the rows. `unchanged` rows were known already and made no fact.

    `behind_line` is where an import that had broken off went on: the rows up to it are not counted again.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
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
    rejects: Rejects
    checkpoint: Checkpoint | None
    validate_only: bool = False

    async def run(self, progress: Callable[[int], None]) -> Summary:
        """Imports the file's rows behind the checkpoint; `progress` hears how many rows each chunk had."""
        self.mapping.check_columns(read_header(self.file, self.mapping), self.file)
        summary = Summary(behind_line=self.checkpoint.line() if self.checkpoint else 0)
        for chunk in read_chunks(self.file, self.mapping, CHUNK, summary.behind_line):
            await self._take(chunk, summary)
            self.rejects.flush()
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
        read = [(row, *read_row(row, self.mapping)) for row in chunk]
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

    def _settle(self, row: SourceRow, item: dict[str, Any], summary: Summary) -> None:
        problem = item.get("problem")
        if problem is None:
            summary.count(item)
            return
        summary.rejected += 1
        for field, reason in reasons(problem):
            self.rejects.add(row.line, self.mapping.column_of(field), reason)


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
