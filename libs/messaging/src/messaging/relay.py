"""The relay: publishes what the ledger has, once it is committed. One is active per service, others stand by."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog
from aiokafka.errors import KafkaError
from asyncpg import Connection, Record

from contracts import topic_of
from messaging import bells
from messaging.faults import Trouble, wait
from messaging.postgres import connect
from messaging.publisher import Publisher
from messaging.settings import MessagingSettings
from messaging.topics import create_missing
from messaging.windows import Windows

log = structlog.get_logger("messaging")


class Relay:
    """Publishes a service's ledger. Survives restarts of PostgreSQL and Kafka.

    The session's advisory lock says who is active. The cursor's epoch is for one that has lost its session
    without noticing: its next page moves nothing, and it stands by again.
    """

    def __init__(self, service: str, database_url: str, settings: MessagingSettings) -> None:
        self._service, self._database_url, self._settings = service, database_url, settings
        self._publisher = Publisher(settings, f"{service}-relay")
        self._bell = bells.bell(topic_of(service))
        self._trouble = Trouble(settings)

    @property
    def error(self) -> str | None:
        """Why nothing is published, if so."""
        return self._trouble.error

    def stalled(self) -> str | None:
        """Why nothing has been published for so long that somebody should look; None while it gets on."""
        return self._trouble.stalled

    async def run(self, stop: asyncio.Event) -> None:
        """Relays until `stop` is set."""
        try:
            while not stop.is_set():
                try:
                    await self._serve(stop)
                except Exception as trouble:
                    await self._recover(trouble, stop)
        finally:
            await self._publisher.close()

    async def _serve(self, stop: asyncio.Event) -> None:
        await create_missing(self._settings.kafka_bootstrap, [topic_of(self._service)])
        connection = await connect(self._database_url, synchronous_commit="off")
        try:
            if await self._elected(connection, stop):
                await self._term(await Windows.take_over(connection, self._service), stop)
        finally:
            connection.terminate()

    async def _elected(self, connection: Connection, stop: asyncio.Event) -> bool:
        """Stands by. The lock is asked for again and again: waiting inside PostgreSQL would hold a snapshot
        open, and with it every dead row of the cluster."""
        while not stop.is_set():
            if await connection.fetchval(_LOCK, f"relay {self._service}"):
                log.info("relay active", service=self._service)
                return True
            self._trouble.well()
            await wait(stop, self._settings.relay_standby)
        return False

    async def _term(self, windows: Windows, stop: asyncio.Event) -> None:
        pause = self._settings.relay_poll_busy
        while not stop.is_set():
            self._bell.clear()
            if await windows.next():
                await self._publish_window(windows, stop)
                pause = self._settings.relay_poll_busy
            else:
                await wait(self._bell, pause)
                pause = min(pause * 2, self._settings.relay_poll_idle)
            self._trouble.well()

    async def _publish_window(self, windows: Windows, stop: asyncio.Event) -> None:
        """Page by page; the next page is read while Kafka takes this one."""
        window, size = await windows.next(), self._settings.relay_page
        page = await windows.page(window, size) if window else []
        while window and page:
            publishing = asyncio.create_task(self._publish(page, stop))
            try:
                ahead = replace(window, after=page[-1]["id"])
                following = await windows.page(ahead, size) if len(page) == size else []
                if not await publishing:
                    return
            finally:
                publishing.cancel()
            window, page = await windows.published(window, page, more=bool(following)), following

    async def _publish(self, page: Sequence[Record], stop: asyncio.Event) -> bool:
        """Repeats the page until Kafka has it; False when `stop` came before."""
        while not stop.is_set():
            try:
                await self._publisher.publish(page)
            except (KafkaError, TimeoutError, OSError) as trouble:
                await self._recover(trouble, stop)
            else:
                return True
        return False

    async def _recover(self, trouble: Exception, stop: asyncio.Event) -> None:
        log.warning("relay interrupted", service=self._service, error=self._trouble.note(trouble))
        await self._trouble.pause(stop)


_LOCK = "select pg_try_advisory_lock(hashtextextended($1, 0))"
