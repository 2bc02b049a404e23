"""Puts the new tables in place of the live ones, which may be held up for a few milliseconds only."""

import asyncio
import time

import asyncpg
from asyncpg import Connection

from messaging.projector import Projector
from messaging.rebuild.filling import check, has_books, positions, reached
from messaging.rebuild.indexes import forget
from messaging.replaced import REPLACED

HELD_FOR = 0.025
"""Seconds for which live projectors may wait for the new tables to come up to them; then they go on, and we try
again. Each try may last a little longer: where nobody rests it would never end otherwise."""

_LONGER = 1.05
_BETWEEN = 0.1
_LOOK = 0.001


class _NotYet(Exception):
    """The new tables are not as far as the live ones."""


async def swap(
    connection: Connection, projector: Projector, beside: Projector, ended: asyncio.Event
) -> float:
    """Swaps the schemas while the new one's projector is at work, and ends that. Returns for how many seconds
    live projectors waited. Raises `RebuildFailed`."""
    patience = HELD_FOR
    while True:
        check(beside)
        began = time.perf_counter()
        try:
            async with connection.transaction():
                await _exchange(connection, projector, beside, began + patience)
                ended.set()
            return time.perf_counter() - began
        except (_NotYet, asyncpg.QueryCanceledError):
            patience *= _LONGER
            await asyncio.sleep(_BETWEEN)


async def _exchange(connection: Connection, projector: Projector, beside: Projector, until: float) -> None:
    """Renames the schemas. Both get new epochs: a live projector that waits for us, on the tables that it
    knows, must not go on with them; and none may take its old claim for one on the new tables."""
    live, new = projector.schema, beside.schema
    budget = max(1, round((until - time.perf_counter()) * 1000))
    await connection.execute(f"set local statement_timeout = {budget}")  # for a lock that somebody has
    replaces = await has_books(connection, live)
    if replaces:
        held = await positions(connection, live, projector.group, lock=True)
        while not reached(await positions(connection, new, beside.group), held):
            if time.perf_counter() > until:
                raise _NotYet
            await asyncio.sleep(_LOOK)
    await positions(connection, new, beside.group, lock=True)  # after the batch that is in hand
    await connection.execute("set local statement_timeout = 0")
    await forget(connection, new)
    if replaces:
        await connection.execute(_NEW_EPOCHS.format(live=live, new=new), projector.group)
        await connection.execute(f"update {live}.consumer_position set epoch = epoch + 1, updated_at = now()")
        await connection.execute(f"alter schema {live} rename to {live}{REPLACED}")
    await connection.execute(f"alter schema {new} rename to {live}")


_NEW_EPOCHS = """
update {new}.consumer_position new set epoch = greatest(new.epoch, old.epoch) + 1
from {live}.consumer_position old
where new.consumer_group = $1
  and (old.consumer_group, old.topic, old.partition) = (new.consumer_group, new.topic, new.partition)
"""
