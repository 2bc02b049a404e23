"""The relay: publishes what the ledger has, once it is committed. One is active per service, others stand by."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from typing import Any

import structlog
from asyncpg import Connection

from contracts import topic_of
from messaging import bells, source
from messaging.faults import Trouble, wait
from messaging.postgres import connect
from messaging.publisher import Publisher
from messaging.repairs import answer
from messaging.settings import MessagingSettings
from messaging.source import SourceRefused
from messaging.topics import create_missing
from messaging.windows import Window, Windows

log = structlog.get_logger("messaging")

_SILENT_MS = "3000"
"""After this long PostgreSQL ends the session, and with it the lock, of a relay that was stopped or cut off: while it
waits for a word from it, or for it to take what it has asked for. The settings keep the pauses below it."""

_SIGN_OF_LIFE = 1.0

_PACE = 0.007
"""Seconds from one look to the next after a window, of which half at least are a pause. A window for each commit would
take the processor from those who hear."""


class Relay:
    """Publishes a service's ledger. Survives restarts of PostgreSQL and Kafka.

    The session's advisory lock says who is active. The cursor's epoch is for one that has lost its session
    without noticing: its next page moves nothing, and it stands by again. Whatever goes wrong ends the term; the
    next one, of this relay or another, begins with what was not acknowledged, on a new producer.
    """

    def __init__(self, service: str, database_url: str, settings: MessagingSettings) -> None:
        self._service, self._database_url, self._settings = service, database_url, settings
        self._topic = topic_of(service)
        self._bell = bells.bell(self._topic)
        self._trouble = Trouble(settings)
        self._refusal: str | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def error(self) -> str | None:
        """Why nothing is published, if so."""
        return self._refusal or self._trouble.error

    def stalled(self) -> str | None:
        """Why nothing is published and somebody should look: at once where a person must decide, else when it has
        lasted; None while it gets on."""
        return self._refusal or self._trouble.stalled

    async def run(self, stop: asyncio.Event) -> None:
        """Relays until `stop` is set."""
        try:
            while not stop.is_set():
                try:
                    await self._serve(stop)
                except SourceRefused as refusal:
                    await self._refuse(refusal, stop)
                except Exception as trouble:
                    await self._recover(trouble, stop)
        finally:
            await asyncio.gather(*self._closing)

    async def _serve(self, stop: asyncio.Event) -> None:
        await create_missing(self._settings.kafka_bootstrap, [self._topic])
        connection = await connect(
            self._database_url,
            synchronous_commit="off",  # a cursor that a crash sets back publishes a page twice
            enable_bitmapscan="off",  # it gives the ids in no order, and a page must then be sorted
            idle_session_timeout=_SILENT_MS,
            tcp_user_timeout=_SILENT_MS,
        )
        try:
            if await self._elected(connection, stop):
                await source.take_up(connection, self._service)
                ends = await self._ends(connection)
                self._well()
                await self._term(connection, ends, stop)
        finally:
            connection.terminate()

    async def _elected(self, connection: Connection, stop: asyncio.Event) -> bool:
        """Stands by. The lock is asked for again and again: waiting inside PostgreSQL would hold a snapshot
        open, and with it every dead row of the cluster."""
        while not stop.is_set():
            if await connection.fetchval(_LOCK, f"relay {self._service}"):
                log.info("relay active", service=self._service)
                return True
            self._well()
            await wait(stop, self._settings.relay_standby)
        return False

    async def _ends(self, connection: Connection) -> dict[int, int]:
        """The id of what each partition of the topic has last. Raises `LedgerRestored`."""
        async with asyncio.timeout(self._settings.publish_deadline):
            last = await _alive(connection, source.last_of(self._settings.kafka_bootstrap, self._topic))
        return await source.verify(connection, self._service, last)

    async def _term(self, connection: Connection, ends: dict[int, int], stop: asyncio.Event) -> None:
        windows = await Windows.take_over(connection, self._service)
        publisher = Publisher(self._settings, f"{self._service}-relay")
        answers = asyncio.create_task(answer(self._service, self._database_url, self._settings))
        pause = self._settings.relay_poll_busy
        try:
            await self._publish_lost(ends, windows, publisher, connection)
            while not stop.is_set():
                self._bell.clear()
                looked_at = time.monotonic()
                if window := await windows.next():
                    await self._publish(window, windows, publisher, connection, stop)
                    pause = self._settings.relay_poll_busy
                    await wait(stop, max(_PACE / 2, looked_at + _PACE - time.monotonic()))
                else:
                    await wait(self._bell, pause)
                    pause = min(pause * 1.5, self._settings.relay_poll_idle)
                self._well()
        finally:
            self._end(publisher, answers)

    async def _publish_lost(
        self, ends: dict[int, int], windows: Windows, publisher: Publisher, connection: Connection
    ) -> None:
        """Publishes what lies behind the cursor and beyond the ends of the topic: Kafka has lost it."""
        count = 0
        async for page in windows.passed_over(ends):
            await _alive(connection, publisher.publish(self._topic, page))
            count += len(page)
        if count:
            log.warning("relay published again what Kafka lacked", service=self._service, facts=count)

    async def _publish(
        self,
        window: Window,
        windows: Windows,
        publisher: Publisher,
        connection: Connection,
        stop: asyncio.Event,
    ) -> None:
        """Page by page, several on their way at a time: while Kafka takes one, the next are read and filled."""
        left: Window | None = window
        flight: deque[tuple[Window | None, asyncio.Task[None]]] = deque()
        try:
            while True:
                while left and not stop.is_set() and len(flight) < self._settings.relay_pages:
                    page, left = await windows.page(left, self._settings.relay_page)
                    if page or left is None:
                        sending = asyncio.create_task(publisher.publish(self._topic, page))
                        flight.append((left, sending))
                if not flight:
                    return
                rest, sending = flight.popleft()
                await _alive(connection, sending)
                await (windows.passed(rest) if rest else windows.finished())
        finally:
            for _, sending in flight:
                sending.cancel()

    def _end(self, publisher: Publisher, answers: asyncio.Task[None]) -> None:
        """In the background: a client of Kafka that hangs shall not hold up the next term."""
        answers.cancel()
        closing = asyncio.create_task(_closed(publisher, answers))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _well(self) -> None:
        self._trouble.well()
        self._refusal = None

    async def _recover(self, trouble: Exception, stop: asyncio.Event) -> None:
        log.warning("relay interrupted", service=self._service, error=self._trouble.note(trouble))
        await self._trouble.pause(stop)

    async def _refuse(self, refusal: SourceRefused, stop: asyncio.Event) -> None:
        """Looks again in a while: a person may have decided."""
        self._refusal = str(refusal)
        log.error("relay refuses", service=self._service, error=self._refusal)
        await wait(stop, self._settings.backoff_most)


async def _closed(publisher: Publisher, answers: asyncio.Task[None]) -> None:
    await publisher.close()
    await asyncio.wait([answers])


async def _alive[T](connection: Connection, work: Coroutine[Any, Any, T] | asyncio.Task[T]) -> T:
    """Waits for Kafka, and gives PostgreSQL a sign of life meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait([task], timeout=_SIGN_OF_LIFE))[0]:
            await connection.execute("select 1")
        return await task
    finally:
        task.cancel()


_LOCK = "select pg_try_advisory_lock(hashtextextended($1, 0))"
