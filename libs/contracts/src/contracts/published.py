"""The record of what was published: each event type's shapes and recorded examples, only ever appended to.

A revision is one shape of a version: `….won.v1` may gain or lose a field that is not required, and both
shapes stay readable for ever, because the ledger keeps what was said under each.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from contracts.compatibility import Break, breaks
from contracts.declaration import Event
from contracts.examples import example
from contracts.schemas import Schema, data_schema, shape


@dataclass(frozen=True, slots=True)
class Revision:
    """One published shape of an event type's data, with the envelope that was recorded as its example."""

    type: str
    number: int
    shape: Schema
    example: dict[str, Any]

    def line(self) -> str:
        """The line of the record, with a digest: an edit of a published line is noticed."""
        content = {"type": self.type, "revision": self.number, "shape": self.shape, "example": self.example}
        return _json({**content, "sha256": _digest(content)})


class Altered(ValueError):
    """A line of the record is not what was published."""


class Incompatible(ValueError):
    """A declaration no longer fits what was published of its type."""

    def __init__(self, type: str, revision: int, found: Sequence[Break]) -> None:
        self.breaks = found
        lines = "\n".join(f"  {each}" for each in found)
        super().__init__(
            f"{type} breaks with its published revision {revision}; "
            f"declare the next version beside it instead:\n{lines}"
        )


def read(lines: Iterable[str]) -> list[Revision]:
    """The revisions of a record. Raises `Altered` for a line that was edited."""
    return [_revision(line) for line in lines if line.strip()]


def revise(revisions: Sequence[Revision], declared: Iterable[type[Event]]) -> list[Revision]:
    """The record with today's declarations published: new types and new compatible shapes are appended.

    Raises `Incompatible` when a declaration cannot live beside what was published of its type.
    """
    record = list(revisions)
    for each in declared:
        past = [revision for revision in record if revision.type == each.type]
        today = shape(data_schema(each))
        if past and past[-1].shape == today:
            continue
        # Read back from its line, so that what is written of it today is what will be written tomorrow.
        revision = _revision(Revision(each.type, len(past) + 1, today, example(each)).line())
        check([*past, revision])
        record.append(revision)
    return sorted(record, key=lambda revision: (revision.type, revision.number))


def check(revisions: Sequence[Revision]) -> None:
    """Checks every pair of revisions of each type both ways; raises `Incompatible` on the first break."""
    for old, new in combinations(revisions, 2):
        if old.type == new.type and (found := breaks(old.shape, new.shape)):
            raise Incompatible(old.type, old.number, found)


def recorded_example(revisions: Iterable[Revision], declared: type[Event]) -> dict[str, Any]:
    """The example of a type as it was recorded with its last revision; a fresh one before the first."""
    recorded = [revision.example for revision in revisions if revision.type == declared.type]
    return recorded[-1] if recorded else example(declared)


def _revision(line: str) -> Revision:
    content = json.loads(line)
    digest = content.pop("sha256")
    if _digest(content) != digest:
        raise Altered(f"{content['type']} revision {content['revision']} is not what was published")
    return Revision(content["type"], content["revision"], content["shape"], content["example"])


def _digest(content: object) -> str:
    return hashlib.sha256(_json(content).encode()).hexdigest()


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
