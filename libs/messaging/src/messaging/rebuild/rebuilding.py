"""The course of a rebuild: fill, complete, compare, catch up, swap."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog
from asyncpg import Connection

from messaging.postgres import connect
from messaging.projector import ProjectionOutdated, Projector
from messaging.rebuild.comparing import Compared, Sum, Versions, compared, counted, snapshot, sums
from messaging.rebuild.filling import (
    Positions,
    RebuildFailed,
    catch_up,
    fill,
    has_books,
    left,
    positions,
    reached,
    running,
)
from messaging.rebuild.loading import complete, lighten
from messaging.rebuild.progress import Progress, Step, Telling
from messaging.rebuild.swapping import swap
from messaging.replaced import drop_replaced
from messaging.topics import create_missing, end_offsets

log = structlog.get_logger("messaging")

PATIENCE = 30.0
"""Seconds of failures in a row after which a rebuild is given up."""

_WAITS = 1.0
_ROUNDS = 5
_OVERTAKEN_FOR = 5.0
_DROP_TRIES = 60
_SESSION = {
    "idle_in_transaction_session_timeout": "0",  # one snapshot waits while the other side is summed
    "client_connection_check_interval": "5s",  # a rebuild that was killed must not go on inside a long statement
    "maintenance_work_mem": "256MB",
    "jit": "off",
}


class RebuildUnderWay(RebuildFailed):
    """Another process rebuilds the same projection."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild came to. `records` are those that the new tables are made of; for `held` seconds live
    projectors waited. `resumed`: it went on where an interrupted one had come to."""

    schema: str
    records: int
    held: float
    resumed: bool
    versions: Versions
    tables: Sequence[Compared]

    @property
    def drifted(self) -> Sequence[Compared]:
        """The tables that were not what the events say, although the same version had kept them."""
        return [table for table in self.tables if table.differing]


async def ensure_current(projector: Projector) -> None:
    """Creates the projection's tables, or makes them anew where another version of the program made them.

    For a migration: processes of the old version read and project their tables until the swap. Where another
    process is about it already, its end is waited for.
    """
    while True:
        try:
            await projector.ensure()
            return
        except ProjectionOutdated:
            try:
                async with _alone(projector) as connection:
                    # Between our look and this lock another process may have made them.
                    if await projector.stored_fingerprint(connection) != projector.fingerprint:
                        await _Rebuild(projector, connection, Telling(projector.schema, None)).run(
                            afresh=False
                        )
            except RebuildUnderWay:
                await asyncio.sleep(_WAITS)


async def rebuild(
    projector: Projector, *, afresh: bool = False, listener: Callable[[Progress], None] | None = None
) -> Rebuilt:
    """Reads all events from offset 0 into new tables, compares them with the live ones, and swaps the two.

    Reads never fail: they see the old tables until the swap and the new ones after it. Live projectors go on
    meanwhile; after the swap they find that their epochs are gone, and go on at the new positions. The owners
    of the events need not be up. One that was interrupted goes on where it was, unless `afresh` or the tables are
    others by now. The old tables are kept for a day. Raises `RebuildUnderWay`, or `RebuildFailed`; the live tables
    are then as they were.
    """
    async with _alone(projector) as connection:
        return await _Rebuild(projector, connection, Telling(projector.schema, listener)).run(afresh)


@asynccontextmanager
async def _alone(projector: Projector) -> AsyncIterator[Connection]:
    """A connection that holds off other rebuilds; a killed process gives that back too."""
    connection = await connect(projector.database_url, hangs_after=None, **_SESSION)
    try:
        if not await connection.fetchval(_TRY_LOCK, projector.schema):
            raise RebuildUnderWay(f"Another rebuild of schema {projector.schema} is under way.")
        try:
            yield connection
        finally:
            await connection.execute(_UNLOCK, projector.schema)
    finally:
        await connection.close()


_TRY_LOCK = "select pg_try_advisory_lock(hashtextextended($1, 1))"
_UNLOCK = "select pg_advisory_unlock(hashtextextended($1, 1))"


class _Rebuild:
    """One rebuild. The new tables never overtake the live ones before they were compared."""

    def __init__(self, projector: Projector, connection: Connection, tell: Telling) -> None:
        self._projector, self._connection, self._tell = projector, connection, tell
        self._beside = projector.beside(f"{projector.schema}_next", stalled_after=PATIENCE)

    async def run(self, afresh: bool) -> Rebuilt:
        began = time.monotonic()
        resumed = await self._begin(afresh)
        kafka, topics = self._projector.settings.kafka_bootstrap, self._projector.topics
        await create_missing(kafka, topics)
        live = await self._live() if await self._comparable() else None
        await self._fill(await end_offsets(kafka, topics) if live is None else live)
        async with self._second() as second:
            await complete(
                (self._connection, second), self._beside.schema, partial(self._tell, Step.completing)
            )
        versions, tables = await self._compare()
        async with running(self._beside) as ended:
            goal = await end_offsets(kafka, topics)
            await catch_up(self._connection, self._beside, goal, partial(self._tell, Step.catching_up))
            await self._make_room()
            held = await swap(self._connection, self._projector, self._beside, ended)
        records = sum((await self._live()).values())
        rebuilt = Rebuilt(self._projector.schema, records, held, resumed, versions, tables)
        self._log(rebuilt, time.monotonic() - began)
        return rebuilt

    async def _begin(self, afresh: bool) -> bool:
        """Creates the new tables, or finds those that an interrupted rebuild has left; whether it does."""
        schema = self._beside.schema
        if not afresh and await self._beside.stored_fingerprint(self._connection) == self._beside.fingerprint:
            return True
        async with self._connection.transaction():
            await self._connection.execute(f"drop schema if exists {schema} cascade")
            await self._beside.create(self._connection)
            await lighten(self._connection, schema)
        return False

    async def _comparable(self) -> bool:
        stored = await self._projector.stored_fingerprint(self._connection)
        return stored == self._projector.fingerprint

    async def _live(self) -> Positions:
        return await positions(self._connection, self._projector.schema, self._projector.group)

    async def _new(self) -> Positions:
        return await positions(self._connection, self._beside.schema, self._beside.group)

    async def _fill(self, goal: Positions) -> None:
        await fill(self._connection, self._beside, goal, partial(self._tell, Step.reading))

    async def _compare(self) -> tuple[Versions, Sequence[Compared]]:
        if not await has_books(self._connection, self._projector.schema):
            return Versions.none, ()
        if not await self._comparable():
            return Versions.other, await self._count()
        if not await self._come_close():
            return Versions.ahead, await self._count()
        return Versions.same, await self._compare_rows()

    async def _count(self) -> Sequence[Compared]:
        sides = self._projector.schema, self._beside.schema
        live, new = [await sums(self._connection, side, checked=False) for side in sides]
        return counted(live, new)

    async def _come_close(self) -> bool:
        """Reads what the live tables have become meanwhile, so that the snapshot need not wait for it. False where
        the new ones are ahead: an interrupted rebuild had got further than the live projector is now."""
        deadline = time.monotonic() + _OVERTAKEN_FOR
        while not reached(goal := await self._live(), await self._new()):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_BETWEEN_LOOKS)
        for _ in range(_ROUNDS):
            if left(await self._new(), goal) < self._beside.settings.rebuild_batch:
                break
            await self._fill(goal)
            goal = await self._live()
        return True

    async def _compare_rows(self) -> Sequence[Compared]:
        async with self._second() as live, snapshot(live):
            goal = await positions(live, self._projector.schema, self._projector.group)
            summing = asyncio.create_task(sums(live, self._projector.schema))
            try:
                await self._fill(goal)
                return await self._compare_with(live, summing)
            finally:
                summing.cancel()
                await asyncio.wait([summing])

    @asynccontextmanager
    async def _second(self) -> AsyncIterator[Connection]:
        """A connection beside ours, for what goes on side by side."""
        connection = await connect(self._projector.database_url, hangs_after=None, **_SESSION)
        try:
            yield connection
        finally:
            await connection.close()

    async def _compare_with(
        self, live: Connection, summing: asyncio.Task[dict[str, Sum]]
    ) -> Sequence[Compared]:
        tell = partial(self._tell, Step.comparing)
        async with snapshot(self._connection):
            new_sums = await sums(self._connection, self._beside.schema, tell)
            return await compared(
                (live, self._projector.schema, await summing),
                (self._connection, self._beside.schema, new_sums),
            )

    async def _make_room(self) -> None:
        if not await drop_replaced(self._connection, self._projector.schema, tries=_DROP_TRIES):
            raise RebuildFailed(
                "The tables that the last rebuild replaced are still read. Rebuild again when they are not: "
                "it goes on from here."
            )

    def _log(self, rebuilt: Rebuilt, seconds: float) -> None:
        log.info(
            "projection rebuilt",
            schema=rebuilt.schema,
            records=rebuilt.records,
            seconds=round(seconds, 1),
            held_ms=round(rebuilt.held * 1000),
            compared=rebuilt.versions.name,
        )
        for table in rebuilt.drifted:
            log.warning(
                "projection had drifted",
                schema=rebuilt.schema,
                table=table.table,
                rows=table.differing,
                keys=table.keys,
            )


_BETWEEN_LOOKS = 0.1
