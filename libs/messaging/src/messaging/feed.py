"""The ledger as a feed: all its facts, from the first one on, by a cursor that the reader keeps and nobody else.

It reads the same windows as the relay (see `windows`), so no open transaction delays or hides anything: each
fact comes once, and those of a root in their order. A call looks at a bounded number of rows, so that a reader of
rare facts is answered an empty page with a cursor that is further on.
"""

import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Connection, Record

from contracts import topic_of
from messaging.bells import bell
from messaging.faults import wait
from messaging.postgres import one
from messaging.tables import SCHEMA
from messaging.windows import BEFORE_ALL, LOOK

SPAN = 20_000
"""Ids that one call walks over."""

PAGE_BYTES = 4_194_304
"""A page ends with the event that reaches this size: a thousand of the largest events would be half a gigabyte."""

LOOK_EVERY = 1.0
"""Seconds between two looks of a reader who waits: what another process commits rings no bell here."""


class PositionGone(Exception):
    """The position was taken before the ledger was restored: its transaction numbers mean nothing here."""


@dataclass(frozen=True, slots=True)
class FeedWindow:
    """The rows between the position's snapshot and `upto` that were not read: ids above `after` and up to `last`.

    Those of transactions that were open in the earlier snapshot may lie far below `first`, where the others begin.
    """

    upto: str
    after: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """How far a reader is: everything that is visible in the snapshot `prev`, and what `window` says, was read.

    `epoch` says how often the ledger had been restored.
    """

    epoch: int
    prev: str
    window: FeedWindow | None = None


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Envelopes as they were stored, where to go on, and whether the call found nothing beyond them."""

    envelopes: list[bytes]
    position: FeedPosition
    at_end: bool


async def feed_end(connection: Connection) -> FeedPosition:
    """The position behind everything that is committed now."""
    now = await one(connection, _STAND, BEFORE_ALL)
    return FeedPosition(now["epoch"], now["snapshot"])


async def read_feed(
    connection: Connection,
    position: FeedPosition | None = None,
    *,
    types: Collection[str] | None = None,
    since: datetime | None = None,
    limit: int = 500,
    span: int = SPAN,
) -> FeedPage:
    """The next facts behind a position (None: from the first on), of these types, recorded at `since` or later.

    The connection must not be in a transaction, which would never see anything new. Raises `PositionGone`.
    """
    stand = await one(connection, _STAND, position.prev if position else BEFORE_ALL)
    position = position or FeedPosition(stand["epoch"], BEFORE_ALL)
    if stand["beyond"] or stand["epoch"] != position.epoch:
        raise PositionGone(f"the ledger has epoch {stand['epoch']}, the position {position.epoch}")
    window = position.window or await _open(connection, position.prev)
    if window is None:
        return FeedPage([], position, at_end=True)
    begin = max(window.after, window.first - 1)
    walked = min(begin + span, window.last)
    rows = await connection.fetch(
        _PAGE, window.after, begin, walked, window.upto, position.prev,
        list(types) if types is not None else None, since, limit, PAGE_BYTES, window.first,
    )  # fmt: skip
    after = rows[-1]["id"] if _cut(rows, limit) else walked
    envelopes = [row["envelope"] for row in rows]
    if after < window.last:
        rest = FeedWindow(window.upto, after, window.first, window.last)
        return FeedPage(envelopes, FeedPosition(position.epoch, position.prev, rest), at_end=False)
    end = FeedPosition(position.epoch, window.upto)
    return FeedPage(envelopes, end, at_end=position.window is None)


async def follow_feed(
    service: str,
    read: Callable[[FeedPosition | None], Awaitable[FeedPage]],
    position: FeedPosition | None,
    *,
    seconds: float,
    stopping: Callable[[], bool],
) -> FeedPage:
    """Reads; at the end of the ledger waits for more, for at most so many seconds or until the process stops.

    `read` takes a connection for each look, so that none is held while nothing comes.
    """
    heard, until = bell(topic_of(service)), time.monotonic() + seconds
    while True:
        heard.clear()
        page = await read(position)
        left = until - time.monotonic()
        if page.envelopes or not page.at_end or left <= 0 or stopping():
            return page
        position = page.position
        await wait(heard, min(left, LOOK_EVERY))


def _cut(rows: list[Record], limit: int) -> bool:
    """Whether more may lie behind the last row, within what was walked over."""
    return bool(rows) and (len(rows) == limit or len(rows) < rows[0]["found"])


async def _open(connection: Connection, prev: str) -> FeedWindow | None:
    if prev == BEFORE_ALL:
        row = await one(connection, _ALL)
    else:
        row = await one(connection, LOOK, prev)
    if row["last"] is None:
        return None
    first = row["last"] + 1 if row["first"] is None else row["first"]
    return FeedWindow(row["upto"], row["lowest"] - 1, first, row["last"])


_STAND = f"""
select coalesce((select epoch from {SCHEMA}.source), 1) as epoch, pg_current_snapshot()::text as snapshot,
       pg_snapshot_xmax(($1::text)::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot()) as beyond
"""

_ALL = f"""
select pg_current_snapshot()::text as upto, 1::bigint as lowest, 1::bigint as first, max(id) as last
from {SCHEMA}.ledger
"""

_WANTED = """
pg_visible_in_snapshot(xid, ($4::text)::pg_snapshot)
and ($6::text[] is null or type = any($6)) and ($7::timestamptz is null or recorded_at >= $7)
"""

# Two walks: by id from the first row of a new transaction on, and, for what was open for long, by transaction.
# The running total leaves the bytes alone that are not answered.
_PAGE = f"""
select id, envelope, found from (
    select id, envelope, count(*) over () as found,
           sum(octet_length(envelope)) over (order by id) - octet_length(envelope) as before
    from (
        (
            select id, envelope from {SCHEMA}.ledger
            where id > $2 and id <= $3 and {_WANTED}
              and not pg_visible_in_snapshot(xid, ($5::text)::pg_snapshot)
            order by id limit $8
        )
        union all
        (
            select id, envelope from {SCHEMA}.ledger
            where xid = any(array(select pg_snapshot_xip(($5::text)::pg_snapshot)))
              and id > $1 and id < $10 and {_WANTED}
            order by id limit $8
        )
        order by id limit $8
    ) found
) measured
where before < $9 order by id
"""
