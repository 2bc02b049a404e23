"""Runs projections: a batch is put into a temporary table and applied by set-based statements."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from asyncpg import Connection

from contracts import registry
from messaging.arrivals import Arrival
from messaging.books import Books
from messaging.consumer import Consumer
from messaging.postgres import connect
from messaging.projections import Batch, Projection, Scripted
from messaging.replaced import keep_house
from messaging.settings import MessagingSettings
from messaging.sifting import Sifted
from messaging.tables import consumer_ddl
from messaging.topics import Place
from messaging.tracing import hearing


class ProjectionOutdated(Exception):
    """The tables were made by another version of the program and must be made anew from the events."""


class Projector:
    """Keeps the tables of one projection schema, as one member of its consumer group.

    `tables` are the statements that create them, with unqualified names. The books stand in the same schema,
    so that a rebuild swaps them together. Several processes may run the same projector: Kafka shares the
    partitions out. `alone` is for a rebuild: all partitions, no group.
    """

    def __init__(
        self,
        group: str,
        schema: str,
        tables: str,
        projections: Sequence[Projection],
        database_url: str,
        settings: MessagingSettings,
        *,
        alone: bool = False,
    ) -> None:
        self.group, self.schema, self.tables = group, schema, tables
        self.projections, self.database_url, self.settings = tuple(projections), database_url, settings
        self._parts = [_Part.of(projection, number) for number, projection in enumerate(self.projections)]
        self.hears = frozenset(event for projection in projections for event in projection.hears)
        self.topics = frozenset(event.topic for event in self.hears)
        batch = settings.rebuild_batch if alone else settings.projection_batch
        self._books = Books(group, schema)
        self._consumer = Consumer(
            self._books,
            self,
            self.topics,
            settings,
            batch,
            alone=alone,
            shares=settings.projection_connections,
        )
        self._idle: list[Connection] = []
        self._staged: WeakKeyDictionary[Connection, int] = WeakKeyDictionary()
        self._alone = alone

    @property
    def error(self) -> str | None:
        """Why the projector stands still, if it does."""
        return self._consumer.error

    def stalled(self) -> str | None:
        """Why nothing has been applied for so long that somebody should look; None while it gets on."""
        return self._consumer.stalled

    @property
    def alarm(self) -> str | None:
        """Why a person must decide before anything goes on, if so."""
        return self._consumer.alarm

    @property
    def fingerprint(self) -> str:
        """Changes with the tables and with the events that are heard: either makes the old rows wrong."""
        heard = sorted(event.type for projection in self.projections for event in projection.hears)
        return hashlib.sha256(json.dumps([self.tables, consumer_ddl(), heard]).encode()).hexdigest()

    def beside(self, schema: str, **changed: float) -> "Projector":
        """The same projector for another schema, reading everything by itself: for a rebuild, which may change
        settings."""
        settings = self.settings.model_copy(update=changed)
        return Projector(
            self.group, schema, self.tables, self.projections, self.database_url, settings, alone=True
        )

    async def ensure(self) -> None:
        """Creates schema and tables where they are missing. Raises `ProjectionOutdated` when they differ."""
        connection = await connect(self.database_url)
        try:
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", self.schema)
                if await connection.fetchval("select to_regnamespace($1) is null", self.schema):
                    await self.create(connection)
                elif await self.stored_fingerprint(connection) != self.fingerprint:
                    raise ProjectionOutdated(
                        f"the tables of schema {self.schema} were made by another version: "
                        "rebuild them with `attain rebuild`"
                    )
        finally:
            await connection.close()

    async def create(self, connection: Connection) -> None:
        """Creates the schema with its tables and books, in the caller's transaction."""
        await connection.execute(f"create schema {self.schema}")
        await connection.execute(f"set local search_path = {self.schema}, public")
        await connection.execute(consumer_ddl() + _FINGERPRINT)
        await connection.execute(self.tables)
        await connection.execute("insert into projection_fingerprint values ($1)", self.fingerprint)
        await self._books.open(connection, self.topics)

    async def run(self, stop: asyncio.Event, *, until: Mapping[Place, int] | None = None) -> None:
        """Projects until `stop` is set. `until` is for a rebuild, which makes its tables itself: the partitions to
        read, each to just before that offset; then `stop` is set.
        """
        async with asyncio.TaskGroup() as tasks:
            if not self._alone:
                tasks.create_task(keep_house(self.database_url, self.schema, stop))
            try:
                await self._consumer.run(stop, begin=None if self._alone else self.ensure, until=until)
            finally:
                await self.close()

    async def close(self) -> None:
        """Gives the connections back."""
        while self._idle:
            self._idle.pop().terminate()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["_Projecting"]:
        """A transaction in which both the tables and the books are written. Several may be under way, each on a
        connection of its own."""
        async with self.at_once() as connection, connection.transaction():
            yield _Projecting(self, connection)

    @asynccontextmanager
    async def at_once(self) -> AsyncIterator[Connection]:
        """A connection whose statements are transactions of their own."""
        connection = self._idle.pop() if self._idle else None
        if connection is None or connection.is_closed():
            connection = await self._connect()
        try:
            yield connection
        finally:
            self._idle.append(connection)

    async def _connect(self) -> Connection:
        connection = await connect(
            self.database_url,
            search_path=f"{self.schema}, public",
            # What is lost by a crash is read again from Kafka, because the offsets are lost with it.
            synchronous_commit="off",
            # Long statements over few rows: compiling them would take longer than running them.
            jit="off",
        )
        await connection.execute(f"{_BATCH};{_STAGE}")
        for part in self._parts:
            if part.scripted:
                script = ";\n".join(part.scripted.script)
                await connection.execute(_SCRIPT.format(function=part.function, script=script))
        return connection

    async def apply(self, connection: Connection, batch: Batch, rows: Sequence[tuple[object, ...]]) -> None:
        """Puts the rows of the batch into the temporary table, and lets each projection that hears one of the events
        apply the batch, in their order. An event of a type that this version does not know is for all: who keeps
        everything keeps it too, whatever comes in the same batch.
        """
        strange = not batch.types <= registry().keys()
        call = _Call(connection)
        await self._stage(call, batch, rows)
        for part in self._parts:
            if not strange and batch.types.isdisjoint(part.types):
                continue
            if batch.small and part.scripted and part.scripted.is_plain(batch):
                call.add(f"{part.function}()")
                continue
            await call.make()
            await part.projection.apply(connection, batch)
        await call.make()

    async def _stage(self, call: "_Call", batch: Batch, rows: Sequence[tuple[object, ...]]) -> None:
        """Puts the rows into the temporary table, in the place of those that it holds: few by the journey of the
        scripts that come next.

        A table that is emptied at each commit would be cut on disk each time, which takes longer than to apply a few
        events; one whose rows are only deleted grows. So it is emptied for good once thousands have passed through it.
        """
        connection = call.connection
        staged = self._staged.get(connection, 0)
        if batch.small and staged < _STAGED_MOST:
            call.add(_STAGE_CALL, *zip(*rows, strict=True))
        else:
            staged = 0
            await connection.execute("truncate pg_temp.batch")
            await connection.copy_records_to_table(
                "batch", schema_name="pg_temp", columns=list(_COLUMNS), records=rows
            )
        self._staged[connection] = staged + len(rows)

    async def stored_fingerprint(self, connection: Connection) -> str | None:
        """The fingerprint of what made the tables that there are; None where there are none."""
        if (
            await connection.fetchval("select to_regclass($1)", f"{self.schema}.projection_fingerprint")
            is None
        ):
            return None
        stored: str = await connection.fetchval(f"select * from {self.schema}.projection_fingerprint")
        return stored


@dataclass(frozen=True, slots=True)
class _Part:
    """A projection, the types that it hears, and the function of a connection that runs its script, if it has one."""

    projection: Projection
    types: frozenset[str]
    scripted: Scripted | None
    function: str

    @classmethod
    def of(cls, projection: Projection, number: int) -> "_Part":
        types = frozenset(event.type for event in projection.hears)
        scripted = projection if isinstance(projection, Scripted) else None
        return cls(projection, types, scripted, f"pg_temp.apply_{number}")


class _Projecting:
    """One transaction of projections."""

    def __init__(self, projector: Projector, connection: Connection) -> None:
        self.connection, self._projector = connection, projector

    async def apply(self, sifted: Sifted) -> None:
        """Stages the events and lets each projection that hears one of them apply the batch."""
        arrivals = [arrival for run in sifted.ready.values() for arrival in run]
        batch = Batch([arrival.received for arrival in arrivals])
        with hearing(
            self._projector.group, (each.traceparent for each in batch.received), events=len(arrivals)
        ):
            await self._projector.apply(self.connection, batch, [_row(arrival) for arrival in arrivals])


@dataclass(slots=True)
class _Call:
    """Functions of a connection that are called by one journey, one after the other: each statement in them sees what
    those before it wrote."""

    connection: Connection
    functions: list[str] = field(default_factory=list)
    values: tuple[object, ...] = ()

    def add(self, function: str, *values: object) -> None:
        """One more, after the others. The values are those of its placeholders; one function alone may have some."""
        self.functions.append(function)
        self.values += values

    async def make(self) -> None:
        """Calls those that were added since."""
        if self.functions:
            await self.connection.fetch(f"select {', '.join(self.functions)}", *self.values)
        self.functions, self.values = [], ()


def _row(arrival: Arrival) -> tuple[object, ...]:
    received = arrival.received
    return (
        received.root,
        received.sequence,
        received.id,
        received.type,
        arrival.partition,
        received.occurred_at,
        received.recorded_at,
        received.by,
        str(received.raw, "utf-8"),
    )


_COLUMNS = {
    "root": "text",
    "sequence": "bigint",
    "id": "uuid",
    "type": "text",
    "partition": "int",
    "occurred_at": "timestamptz",
    "recorded_at": "timestamptz",
    "by": "text",
    "data": "jsonb",
}
_BATCH = f"""
create temporary table batch ({", ".join(f'"{name}" {type}' for name, type in _COLUMNS.items())})
on commit preserve rows
"""
# Few rows go by indexes. A kept plan would not know: the planner takes the pages of `batch` for rows, though hardly one
# is left there, and would read whole tables to hash them.
_SCRIPT = """
create function {function}() returns void language plpgsql set enable_hashjoin = off set enable_mergejoin = off
as $script$ begin {script}; end $script$
"""
_PLACES = ", ".join(f"${place}" for place in range(1, len(_COLUMNS) + 1))
_STAGE = f"""
create function pg_temp.stage({", ".join(f"{type}[]" for type in _COLUMNS.values())}) returns void language plpgsql
as $script$ begin
    delete from pg_temp.batch;
    insert into pg_temp.batch select * from unnest({_PLACES});
end $script$
"""
_STAGE_CALL = f"pg_temp.stage({_PLACES})"
_STAGED_MOST = 5_000
"""Rows that a temporary table may have held before it is emptied for good."""
_FINGERPRINT = "create table projection_fingerprint (fingerprint text not null);"
