"""Projections that are plain SQL over the staged batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts import Event

if TYPE_CHECKING:
    from asyncpg import Connection

    from messaging import Batch


class Statements:
    """Runs its statements over `batch`, one after the other, whenever one of the events that it hears is in it."""

    def __init__(self, hears: frozenset[type[Event]], *statements: str) -> None:
        self.hears, self.script = hears, statements

    def is_plain(self, _batch: Batch) -> bool:
        """Always."""
        return True

    async def apply(self, connection: Connection, _batch: Batch) -> None:
        """Applies the batch."""
        for statement in self.script:
            await connection.execute(statement)


def types(*events: type[Event]) -> str:
    """The type strings of events as a SQL list: `type in ({types(A, B)})`."""
    return ", ".join(f"'{event.type}'" for event in events)


def upsert(table: str, source: str, *, key: str, columns: str) -> str:
    """The statement that makes rows of `table` equal to those of `source`, touching only those that differ."""
    names = [name.strip() for name in columns.split(",")]
    kept, said = (", ".join(f"{row}.{name}" for name in names) for row in (table, "excluded"))
    return f"""
    insert into {table} ({key}, {columns})
    select {key}, {columns} from {source}
    on conflict ({key}) do update set ({columns}) = row({said})
    where ({kept}) is distinct from ({said})
    """
