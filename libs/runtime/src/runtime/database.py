"""A service's own PostgreSQL: sessions for work, read-only sessions, plain asyncpg for hot writes and heavy reads."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, cast

import asyncpg
from pydantic_core import from_json, to_json
from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from runtime.connections import CONNECT_SECONDS, TRUSTED_SECONDS, WAIT_SECONDS, Connections
from runtime.settings import Settings

SILENT_SECONDS = 5.0
"""Beyond the time that a statement may take: PostgreSQL itself has not ended it, so it does not answer at all."""

PLANS_KEPT, PLANS_ANEW = "force_generic_plan", "force_custom_plan"
"""Of `plan_cache_mode`: one plan for all values, or one for the values at hand."""

_DISCARD = "runtime.discard"
_USED_AT = "runtime.used_at"


class Database:
    """The engine and the plain connections of one process. Nothing connects before it is used.

    `reading_schema` comes first in the search path of `connection()`, for services whose read tables live in
    a schema that is swapped. No statement of a request takes longer than the settings allow; with `patient`, for
    migrations, those of sessions take as long as they need.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        name: str = "attain",
        reading_schema: str = "public",
        patient: bool = False,
    ) -> None:
        self.settings = settings
        self._statement_timeout = max(1, int(settings.statement_timeout_seconds * 1000))
        write_timeout = 0 if patient else max(1, int(settings.write_timeout_seconds * 1000))
        connecting: dict[str, Any] = {
            "timeout": CONNECT_SECONDS,
            "command_timeout": None if patient else settings.write_timeout_seconds + SILENT_SECONDS,
            "server_settings": {
                "application_name": name,
                "timezone": "UTC",
                "statement_timeout": str(write_timeout),
            },
        }
        self.engine = create_async_engine(
            settings.database_url,
            pool_size=settings.database_pool_size,
            max_overflow=0,
            pool_timeout=WAIT_SECONDS,
            # The connection used last has the statements prepared, and is the one whose end was noticed.
            pool_use_lifo=True,
            # Constraint values and parameters are personal data as likely as not: keep them out of messages.
            hide_parameters=True,
            json_serializer=lambda value: to_json(value).decode(),
            json_deserializer=from_json,
            connect_args=connecting,
        )
        event.listen(self.engine.sync_engine, "checkout", _check)
        event.listen(self.engine.sync_engine, "checkin", _note)
        readonly = self.engine.execution_options(postgresql_readonly=True)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._reading = async_sessionmaker(readonly, expire_on_commit=False)
        self._hot = Connections(
            partial(_connect, settings.database_dsn, connecting), settings.database_pool_size
        )
        self._pool: asyncpg.Pool | None = None
        self._keeping: set[int] = set()
        self._pool_lock = asyncio.Lock()
        self._name, self._schema = name, reading_schema

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session that commits at the end of the block and rolls back on any exception."""
        async with self.sessions() as session:
            yield session
            await (session.rollback() if discarded(session) else session.commit())

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session whose transaction PostgreSQL holds to reading, with the statement timeout of the settings."""
        async with self._reading() as session:
            # Of the transaction: the connection goes back to a pool that writes too.
            await session.execute(text(f"set local statement_timeout = {self._statement_timeout}"))
            yield session

    def at_once(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A plain asyncpg connection for SQL that is written by hand: each statement is a transaction of its own,
        committed when it has returned.
        """
        return self._hot.one()

    @asynccontextmanager
    async def connection(self, *, keeping_plans: bool | None = False) -> AsyncIterator[asyncpg.Connection]:
        """A plain asyncpg connection, read-only, JSON decoded, with the statement timeout of the settings.

        Statements are planned for their values; with `keeping_plans` once and for all values, as the transactions of
        `runtime.transaction.keeping_plans` are. None: either way, where the transaction says it, or it does not matter.
        """
        pool = await self._open_pool()
        async with pool.acquire(timeout=WAIT_SECONDS) as proxy:
            # The proxy is a connection in all but its class.
            connection = cast(asyncpg.Connection, proxy)
            if keeping_plans is not None:
                await self._plan(connection, keeping=keeping_plans)
            yield connection

    async def ping(self) -> None:
        """Asks the database for one value; raises what the driver raises."""
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def close(self) -> None:
        """Gives all connections back to the server."""
        if self._pool is not None:
            await self._pool.close()
        await self._hot.close()
        await self.engine.dispose()

    async def _plan(self, connection: asyncpg.Connection, *, keeping: bool) -> None:
        """Has the session keep its plans or not. Costs a round trip only where the one before it wanted the other."""
        backend = connection.get_server_pid()
        if (backend in self._keeping) is keeping:
            return
        await connection.execute(f"set plan_cache_mode = {PLANS_KEPT if keeping else PLANS_ANEW}")
        (self._keeping.add if keeping else self._keeping.discard)(backend)

    async def _begin(self, connection: asyncpg.Connection) -> None:
        """What a new connection of the read pool is told."""
        self._keeping.discard(connection.get_server_pid())  # the server gives numbers out again
        await set_json_codec(connection)

    async def _open_pool(self) -> asyncpg.Pool:
        async with self._pool_lock:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self.settings.database_dsn,
                    min_size=0,
                    max_size=self.settings.database_pool_size,
                    init=self._begin,
                    reset=_as_it_is,
                    timeout=CONNECT_SECONDS,
                    command_timeout=self.settings.statement_timeout_seconds + SILENT_SECONDS,
                    server_settings={
                        "application_name": f"{self._name}-reads",
                        "default_transaction_read_only": "on",
                        "search_path": f"{self._schema},public",
                        "statement_timeout": str(self._statement_timeout),
                        "timezone": "UTC",
                        "jit": "off",  # compiling costs more than these short queries take
                        # `:x is null or column = :x` finds its index only when the plan knows the value. Where the
                        # values do not matter: `keeping_plans`.
                        "plan_cache_mode": PLANS_ANEW,
                    },
                )
            return self._pool


async def _connect(dsn: str, connecting: dict[str, Any]) -> asyncpg.Connection:
    connection: asyncpg.Connection = await asyncpg.connect(dsn, **connecting)
    await set_json_codec(connection)
    return connection


async def _as_it_is(_connection: object) -> None:
    """Between two requests: asyncpg has ended their transaction, and what a request sets it sets for that. To have
    PostgreSQL reset the session costs every request a round trip.
    """


def _check(connection: Any, record: Any, _proxy: object) -> None:
    """Has the pool connect anew where a connection is gone."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
    if time.monotonic() - record.info.get(_USED_AT, time.monotonic()) > TRUSTED_SECONDS:
        try:
            connection.ping()
        except connection.dbapi.Error as error:
            raise DisconnectionError from error


def _note(connection: Any, record: Any) -> None:
    """Keeps no connection whose transaction could not be ended: PostgreSQL did not answer in time."""
    if connection is not None and connection.driver_connection.is_in_transaction():
        record.invalidate()
    record.info[_USED_AT] = time.monotonic()


async def set_json_codec(connection: asyncpg.Connection) -> None:
    """Makes `json` and `jsonb` Python values on this asyncpg connection."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=_dump, decoder=from_json)


def discard(session: AsyncSession) -> None:
    """Marks the session's transaction to be rolled back at its end: a trial run (`validate_only`)."""
    session.info[_DISCARD] = True


def discarded(session: AsyncSession) -> bool:
    """Whether the session's work is a trial run."""
    return bool(session.info.get(_DISCARD))


def _dump(value: Any) -> str:
    return to_json(value).decode()
