"""The worker that calls webhooks."""

import asyncio
from datetime import UTC, datetime

import structlog

from alerts.settings import AlertsSettings
from alerts.webhooks.calls import Caller, CheckedNetwork
from alerts.webhooks.sending import MOST, Claimed, claim, send
from messaging.faults import Trouble, wait
from runtime import Database

POLL = 0.5
"""Seconds between two looks while nothing is due."""

log = structlog.get_logger(__name__)


class Sender:
    """Sends what is due, each process as much as it has room for. A call that takes long holds up no other."""

    def __init__(self, database: Database, settings: AlertsSettings) -> None:
        self._database, self._trouble = database, Trouble(settings)
        self._network = CheckedNetwork(allow_loopback=settings.webhook_allow_loopback)
        self._calls: set[asyncio.Task[None]] = set()

    def stalled(self) -> str | None:
        """Why nothing could be sent for so long that somebody should look; None while it gets on. A webhook that
        does not answer is no reason: that stands in its log.
        """
        return self._trouble.stalled

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop` is set, and then waits for the calls that are under way."""
        async with Caller(self._network) as caller:
            try:
                while not stop.is_set():
                    try:
                        started = await self._start(caller)
                    except Exception as failure:
                        await self._recover(failure, stop)
                    else:
                        self._trouble.well()
                        if not started:
                            await wait(stop, POLL)
            finally:
                await asyncio.gather(*self._calls)

    async def _start(self, caller: Caller) -> int:
        room = MOST - len(self._calls)
        claimed = await claim(self._database, datetime.now(UTC), room) if room else []
        for each in claimed:
            task = asyncio.create_task(self._send(caller, each))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)
        return len(claimed)

    async def _send(self, caller: Caller, claimed: Claimed) -> None:
        try:
            await send(self._database, caller, claimed, datetime.now(UTC))
        except Exception as failure:  # its lease runs out, and it is repeated
            log.warning("delivery not written down", delivery=str(claimed.id), error=type(failure).__name__)

    async def _recover(self, failure: Exception, stop: asyncio.Event) -> None:
        log.warning("sender interrupted", error=self._trouble.note(failure))
        await self._trouble.pause(stop)
