"""Snapshot windows over the ledger: every committed row once, in an order in which no root goes backwards.

Ids become visible out of order, because a transaction that draws a small id may commit after one that drew
a larger one. A reader that remembers the largest id it has seen loses rows; one that waits for all open
transactions stalls behind any of them. A window holds the rows that are visible in a snapshot (`upto`) and
were not in the one before (`prev`), which is every row exactly once. Within a window the order of ids is,
for each root, the order of commits, since a fact is written while its root is locked.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

from asyncpg import Connection, Record

from messaging.postgres import one
from messaging.publisher import COLUMNS
from messaging.tables import SCHEMA

BEFORE_ALL = "1:1:"
"""The snapshot in which nothing was visible yet."""


class TermEnded(Exception):
    """Another relay has taken over since."""


@dataclass(frozen=True, slots=True)
class Window:
    """The rows between two snapshots that are not published yet: ids above `after` and up to `last`.

    From `first` on lie those of transactions that began since `prev`, and hardly one that was visible in it, for
    their ids were drawn later. Below it lie only those of transactions that were open then.
    """

    prev: str
    upto: str
    after: int
    first: int
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
        """Begins a term with a new epoch, where the last one stopped."""
        row = await one(connection, _TAKE_OVER, name, BEFORE_ALL)
        open_ = None
        if row["upto"]:
            last: int = row["last_id"]
            first = await connection.fetchval(_FIRST, row["prev"], last)
            open_ = Window(row["prev"], row["upto"], row["after_id"], first, last)
        return cls(connection, name, row["epoch"], row["prev"], open_)

    async def next(self) -> Window | None:
        """The window to publish, or None when nothing was committed since the last. Writes nothing."""
        if self._open is None:
            row = await one(self._connection, LOOK, self._prev)
            if row["last"] is not None:
                self._open = Window(
                    self._prev, row["upto"], row["lowest"] - 1, row["first"] or row["last"] + 1, row["last"]
                )
        return self._open

    async def page(self, window: Window, size: int) -> tuple[list[Record], Window | None]:
        """The window's next rows in the order of ids, as the publisher takes them, and what is left of it then.

        It walks over at most `size` ids, whatever the planner thinks of the ledger; so there may be no rows though
        something is left.
        """
        begin = max(window.after, window.first - 1)
        walked = min(begin + size, window.last)
        rows = await self._connection.fetch(
            _PAGE, window.after, window.first, begin, walked, window.upto, window.prev, size
        )
        after = rows[-1]["id"] if len(rows) == size else walked
        return rows, replace(window, after=after) if after < window.last else None

    async def passed_over(self, ends: Mapping[int, int]) -> AsyncIterator[list[Record]]:
        """Pages of rows that lie behind the cursor, with ids above those given by partition."""
        last = await self._connection.fetchval(_LAST) or 0
        for after in range(min(ends.values()), last, _SPAN):
            walk = after, after + _SPAN, list(ends), list(ends.values())
            if page := await self._connection.fetch(_PASSED_OVER, self._name, *walk):
                yield page

    async def passed(self, rest: Window) -> None:
        """Moves the cursor to what is left of the open window, and writes the window down with it, so that whoever
        comes next goes on there. Raises `TermEnded`."""
        self._open = rest
        await self._write(self._prev, rest.upto, rest.after, rest.last)

    async def finished(self) -> None:
        """Moves the cursor to the end of the open window. Raises `TermEnded`."""
        if self._open is None:
            raise LookupError("no window is open")
        self._prev, self._open = self._open.upto, None
        await self._write(self._prev, None, 0, 0)

    async def _write(self, prev: str, upto: str | None, after: int, last: int) -> None:
        done = await self._connection.execute(_WRITE, self._name, self._epoch, prev, upto, after, last)
        if done != "UPDATE 1":
            raise TermEnded(f"another relay publishes for {self._name} since")


_TAKE_OVER = f"""
insert into {SCHEMA}.relay_cursor as mine (name, prev, epoch) values ($1, ($2::text)::pg_snapshot, 1)
on conflict (name) do update set epoch = mine.epoch + 1
returning epoch, prev::text, upto::text, after_id, last_id
"""

# What the statement itself can see is what is visible in `upto`, for it is the same snapshot. Each branch is
# a range of the index (xid, id); the union keeps the planner from walking the ledger by id instead.
LOOK = f"""
select pg_current_snapshot()::text as upto,
       min(id) as lowest, min(id) filter (where new) as first, max(id) as last
from (
    select id, true as new from {SCHEMA}.ledger where xid >= pg_snapshot_xmax(($1::text)::pg_snapshot)
    union all
    select id, false from {SCHEMA}.ledger
    where xid = any(array(select pg_snapshot_xip(($1::text)::pg_snapshot)))
) arrived
"""
"""The window since the snapshot `$1`: up to which snapshot, its lowest and last id, and the first of a transaction
that is new. All but `upto` are null where nothing has become visible."""

_FIRST = f"""
select coalesce(min(id), $2::bigint + 1) from {SCHEMA}.ledger where xid >= pg_snapshot_xmax(($1::text)::pg_snapshot)
"""

# A snapshot in a query of its own is read from its text once, and not for each row.
_UPTO, _PREV = "(select ($5::text)::pg_snapshot)", "(select ($6::text)::pg_snapshot)"

# Two walks, of which neither meets what was published before: by id from the first row of a new transaction on, and
# through each transaction that was open, however far its rows lie back. Each comes in order and they are merged:
# sorting a page, envelopes and all, takes PostgreSQL as long as all else that it does for it.
_PAGE = f"""
(
    select {COLUMNS} from {SCHEMA}.ledger
    where id > $3 and id <= $4
      and pg_visible_in_snapshot(xid, {_UPTO})
      and not pg_visible_in_snapshot(xid, {_PREV})
    order by id
)
union all
(
    select late.* from pg_snapshot_xip({_PREV}) open(xid) cross join lateral (
        select {COLUMNS} from {SCHEMA}.ledger
        where ledger.xid = open.xid and id > $1 and id < $2
        order by id limit $7
    ) late
    where pg_visible_in_snapshot(open.xid, {_UPTO})
)
order by id limit $7
"""

_LAST = f"select max(id) from {SCHEMA}.ledger"

_SPAN = 20_000

_PASSED_OVER = f"""
select {COLUMNS} from {SCHEMA}.ledger join unnest($4::smallint[], $5::bigint[]) told(partition, last) using (partition)
where id > $2 and id <= $3 and id > last and exists (
    select from {SCHEMA}.relay_cursor where name = $1 and (
        pg_visible_in_snapshot(xid, prev) or id <= after_id and pg_visible_in_snapshot(xid, upto)
    )
)
order by id
"""

_WRITE = f"""
update {SCHEMA}.relay_cursor
set prev = ($3::text)::pg_snapshot, upto = ($4::text)::pg_snapshot, after_id = $5, last_id = $6
where name = $1 and epoch = $2
"""
