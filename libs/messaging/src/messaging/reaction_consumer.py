"""Runs reactions: a batch is one transaction, with a savepoint for each root."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol, cast

import structlog
from asyncpg import Connection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contracts import Event
from messaging.arrivals import Arrival
from messaging.books import Books
from messaging.consumer import Consumer
from messaging.faults import blames_event, describe
from messaging.postgres import ABANDONED_MS
from messaging.reactions import Reactions
from messaging.settings import MessagingSettings
from messaging.sifting import Sifted
from messaging.tables import SCHEMA
from messaging.tracing import hearing

log = structlog.get_logger("messaging")


class Database(Protocol):
    """Where reactions write: `sessions` opens a session on the service's database."""

    @property
    def sessions(self) -> Callable[[], AsyncSession]: ...


class ReactionConsumer:
    """The consumer of a group of reactions. Its books stand in schema `messaging`."""

    def __init__(self, reactions: Reactions, database: Database, settings: MessagingSettings) -> None:
        self._reactions, self._database = reactions, database
        self._books = Books(reactions.group, SCHEMA)
        self._consumer = Consumer(self._books, self, reactions.topics, settings, settings.reaction_batch)

    @property
    def hears(self) -> frozenset[type[Event]]:
        """The events that it reacts to."""
        return self._reactions.hears

    @property
    def error(self) -> str | None:
        """Why the consumer stands still, if it does."""
        return self._consumer.error

    def stalled(self) -> str | None:
        """Why it has not reacted for so long that somebody should look; None while it gets on."""
        return self._consumer.stalled

    async def run(self, stop: asyncio.Event) -> None:
        """Reacts until `stop` is set."""
        await self._consumer.run(stop, begin=self._open_books)

    async def _open_books(self) -> None:
        async with self.transaction() as unit:
            await self._books.open(unit.connection, self._reactions.topics)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["_Reacting"]:
        """A transaction in which both the reactions and the books are written."""
        async with self._database.sessions() as session, session.begin():
            connection = await _plain(session)
            await session.execute(_BEGIN)
            yield _Reacting(session, connection, self._reactions)

    @asynccontextmanager
    async def at_once(self) -> AsyncIterator[Connection]:
        """A connection whose statements are transactions of their own: the session begins none before its own."""
        async with self._database.sessions() as session:
            yield await _plain(session)


async def _plain(session: AsyncSession) -> Connection:
    """The session's connection as the driver has it."""
    raw = await (await session.connection()).get_raw_connection()
    return cast(Connection, raw.driver_connection)


class _Reacting:
    """One transaction of reactions."""

    def __init__(self, session: AsyncSession, connection: Connection, reactions: Reactions) -> None:
        self.connection = connection
        self._session, self._group, self._reactions = session, reactions.group, reactions.by_type

    async def apply(self, sifted: Sifted) -> None:
        """Runs the reactions root by root. A root's failure takes back what that root did, and no more."""
        for root, run in list(sifted.ready.items()):
            todo: Sequence[Arrival] = run
            while todo:
                applied, failure = await self._react_to(todo)
                if failure is None:
                    break
                sifted.fail(root, applied, describe(failure))
                todo = todo[:applied]

    async def _react_to(self, run: Sequence[Arrival]) -> tuple[int, Exception | None]:
        """How many events could be applied. When one fails, none of the run is."""
        applied = 0
        try:
            async with self._session.begin_nested():
                for arrival in run:
                    await self._react(arrival)
                    applied += 1
        except Exception as failure:
            if not blames_event(failure):
                raise
            log.exception("reaction failed", group=self._group, root=run[0].root)
            return min(applied, len(run) - 1), failure
        return applied, None

    async def _react(self, arrival: Arrival) -> None:
        received = arrival.received
        if reaction := self._reactions.get(received.type):
            with hearing(f"{self._group} {received.type}", [received.traceparent], root=received.root):
                await reaction(self._session, received.event(), received)
                await self._session.flush()


_BEGIN = text(f"set local idle_in_transaction_session_timeout = {ABANDONED_MS}")
"""SQLAlchemy begins a transaction at its first statement; the books go past it, on the bare connection."""
