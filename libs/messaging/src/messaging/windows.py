"""Snapshot windows over the ledger: every committed row once, in an order in which no root goes backwards.

Ids become visible out of order, because a transaction that draws a small id may commit after one that drew
a larger one. A reader that remembers the largest id it has seen loses rows; one that waits for all open
transactions stalls behind any of them. A window holds the rows that are visible in a snapshot (`upto`) and
were not in the one before (`prev`), which is every row exactly once. Within a window the order of ids is,
for each root, the order of commits, since a fact is written while its root is locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from asyncpg import Connection, Record

from messaging.postgres import one
from messaging.tables import SCHEMA

BEFORE_ALL = "1:1:"
"""The snapshot in which nothing was visible yet."""


class TermEnded(Exception):
    """Another relay has taken over since."""


class AnotherCluster(Exception):
    """The cursor was written on another PostgreSQL cluster: its transaction numbers mean nothing here."""


@dataclass(frozen=True, slots=True)
class Window:
    """The rows between two snapshots that are not published yet: ids above `after` and up to `last`."""

    prev: str
    upto: str
    after: int
    last: int


class Windows:
    """The cursor of one relay over its ledger, for one term of office."""

    def __init__(
        self, connection: Connection, name: str, epoch: int, prev: str, open_: Window | None
    ) -> None:
        self._connection, self._name, self._epoch = connection, name, epoch
        self._prev, self._open = prev, open_

    @classmethod
    async def take_over(cls, connection: Connection, name: str) -> "Windows":
        """Begins a term with a new epoch, where the last one stopped. Raises `AnotherCluster`."""
        row = await one(connection, _TAKE_OVER, name, BEFORE_ALL)
        if row["foreign"]:
            raise AnotherCluster(
                f"the relay cursor {name} was restored from another PostgreSQL cluster; to publish again: "
                f"update {SCHEMA}.ledger set xid = pg_current_xact_id(); delete from {SCHEMA}.relay_cursor"
            )
        open_ = Window(row["prev"], row["upto"], row["after_id"], row["last_id"]) if row["upto"] else None
        return cls(connection, name, row["epoch"], row["prev"], open_)

    async def next(self) -> Window | None:
        """The window to publish, or None when nothing was committed since the last. Writes nothing."""
        if self._open is None:
            row = await one(self._connection, _LOOK, self._prev)
            if row["first"] is not None:
                self._open = Window(self._prev, row["upto"], row["first"] - 1, row["last"])
        return self._open

    async def page(self, window: Window, size: int) -> list[Record]:
        """The window's next rows in the order of ids."""
        return await self._connection.fetch(_PAGE, window.after, window.last, window.upto, window.prev, size)

    async def published(self, window: Window, page: Sequence[Record], more: bool) -> Window | None:
        """Moves the cursor past a page; returns what is left of the window. Raises `TermEnded`.

        A window of several pages is written down with its place, so that whoever comes next goes on there.
        """
        if more:
            self._open = replace(window, after=page[-1]["id"])
            await self._write(window.prev, self._open.upto, self._open.after, self._open.last)
        else:
            self._prev, self._open = window.upto, None
            await self._write(self._prev, None, 0, 0)
        return self._open

    async def _write(self, prev: str, upto: str | None, after: int, last: int) -> None:
        done = await self._connection.execute(_WRITE, self._name, self._epoch, prev, upto, after, last)
        if done != "UPDATE 1":
            raise TermEnded(f"another relay publishes for {self._name} since")


_TAKE_OVER = f"""
insert into {SCHEMA}.relay_cursor as mine (name, prev, epoch) values ($1, ($2::text)::pg_snapshot, 1)
on conflict (name) do update set epoch = mine.epoch + 1
returning epoch, prev::text, upto::text, after_id, last_id,
          pg_snapshot_xmax(prev) > pg_snapshot_xmax(pg_current_snapshot()) as foreign
"""

# What the statement itself can see is what is visible in `upto`, for it is the same snapshot. Each branch is
# a range of the index (xid, id); the union keeps the planner from walking the ledger by id instead.
_LOOK = f"""
select pg_current_snapshot()::text as upto, min(id) as first, max(id) as last from (
    select id from {SCHEMA}.ledger where xid >= pg_snapshot_xmax(($1::text)::pg_snapshot)
    union all
    select id from {SCHEMA}.ledger
    where xid = any(array(select pg_snapshot_xip(($1::text)::pg_snapshot)))
) arrived
"""

_PAGE = f"""
select id, topic, partition, root, recorded_at, traceparent, envelope from {SCHEMA}.ledger
where id > $1 and id <= $2
  and pg_visible_in_snapshot(xid, ($3::text)::pg_snapshot)
  and not pg_visible_in_snapshot(xid, ($4::text)::pg_snapshot)
order by id limit $5
"""

_WRITE = f"""
update {SCHEMA}.relay_cursor
set prev = ($3::text)::pg_snapshot, upto = ($4::text)::pg_snapshot, after_id = $5, last_id = $6
where name = $1 and epoch = $2
"""
