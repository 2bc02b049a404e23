"""Puts the new tables in place of the live ones, which may be held up for a few milliseconds only."""

import asyncio
import time

import asyncpg
from asyncpg import Connection

from messaging.projector import Projector
from messaging.rebuild.filling import check, has_books, positions, reached
from messaging.replaced import REPLACED

HELD_FOR = 0.02
"""Seconds for which live projectors may wait for the new tables to come up to them; then they go on, and we try
again. Each try may last a little longer: where nobody rests it would never end otherwise."""

_LONGER = 1.05
_BETWEEN = 0.1
_LOOK = 0.002


class _NotYet(Exception):
    """The new tables are not as far as the live ones."""


async def swap(
    connection: Connection, projector: Projector, beside: Projector, ended: asyncio.Event
) -> float:
    """Swaps the schemas while the new one's projector is at work, and ends that. Returns for how many seconds
    live projectors waited. Raises `RebuildFailed`."""
    patience, replaces = HELD_FOR, await has_books(connection, projector.schema)
    while True:
        check(beside)
        if replaces:
            await _come_close(connection, projector, beside)
        try:
            async with connection.transaction():
                locked_at = await _exchange(connection, projector, beside, patience, replaces)
                ended.set()
            return time.perf_counter() - locked_at
        except (_NotYet, asyncpg.QueryCanceledError):
            patience *= _LONGER


async def _come_close(connection: Connection, projector: Projector, beside: Projector) -> None:
    """Waits for an instant at which the new tables are where the live ones are, holding nobody up; but not for
    long, because there may be none."""
    until = time.perf_counter() + _BETWEEN
    while time.perf_counter() < until:
        await asyncio.sleep(_LOOK)
        live = await positions(connection, projector.schema, projector.group)
        if reached(await positions(connection, beside.schema, beside.group), live):
            return


async def _exchange(
    connection: Connection, projector: Projector, beside: Projector, patience: float, replaces: bool
) -> float:
    """Renames the schemas. Both get new epochs: a live projector that waits for us, on the tables that it
    knows, must not go on with them; and none may take its old claim for one on the new tables. Returns the instant
    (of the performance counter) from which on live projectors wait: when the batch in hand was done."""
    live, new = projector.schema, beside.schema
    await connection.execute(f"set local statement_timeout = {round(patience * 1000)}")  # for a lock
    held = await positions(connection, live, projector.group, lock=True) if replaces else {}
    locked_at = time.perf_counter()
    while not reached(await positions(connection, new, beside.group), held):
        if time.perf_counter() > locked_at + patience:
            raise _NotYet
        await asyncio.sleep(_LOOK)
    await positions(connection, new, beside.group, lock=True)  # after the batch that is in hand
    rename = (_REPLACE if replaces else "") + _RENAME
    await connection.execute(rename.format(live=live, new=new, old=f"{live}{REPLACED}"))
    return locked_at


# In one round trip, for somebody waits.
_REPLACE = """
set local statement_timeout = 0;
update {new}.consumer_position new set epoch = greatest(new.epoch, old.epoch) + 1
from {live}.consumer_position old
where (old.consumer_group, old.topic, old.partition) = (new.consumer_group, new.topic, new.partition);
update {live}.consumer_position set epoch = epoch + 1, updated_at = now();
alter schema {live} rename to {old};
"""
_RENAME = "alter schema {new} rename to {live}"
