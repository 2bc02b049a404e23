"""The worker that calls webhooks."""

import asyncio
from datetime import UTC, datetime

import structlog

from alerts.settings import AlertsSettings
from alerts.webhooks.calls import Caller, CheckedNetwork
from alerts.webhooks.sending import MOST, Claimed, claim, send
from runtime import Database, Rounds

EVERY = 0.5
"""Seconds between two looks while nothing is due."""

log = structlog.get_logger(__name__)


class Sender:
    """Sends what is due, each process as much as it has room for. A call that takes long holds up no other."""

    name = "sender"

    def __init__(self, database: Database, settings: AlertsSettings) -> None:
        self._database = database
        self._caller = Caller(CheckedNetwork(allow_loopback=settings.webhook_allow_loopback))
        self._rounds = Rounds(self.name, self._start, every=EVERY, patience=settings.stalled_after)
        self._calls: set[asyncio.Task[None]] = set()

    def stalled(self) -> str | None:
        """Why nothing could be sent for so long that somebody should look; None while it gets on. A webhook that
        does not answer is no reason: that stands in its log.
        """
        return self._rounds.stalled()

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop` is set, and then waits for the calls that are under way."""
        async with self._caller:
            try:
                await self._rounds.run(stop)
            finally:
                await asyncio.gather(*self._calls)

    async def _start(self, now: datetime) -> bool:
        room = MOST - len(self._calls)
        claimed = await claim(self._database, now, room) if room else []
        for each in claimed:
            task = asyncio.create_task(self._send(each))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)
        if claimed or not self._calls:
            return bool(claimed)
        # What is due may wait for one of these calls: for room, or for an earlier event of its incident.
        await asyncio.wait(self._calls, timeout=EVERY, return_when=asyncio.FIRST_COMPLETED)
        return True

    async def _send(self, claimed: Claimed) -> None:
        try:
            await send(self._database, self._caller, claimed, datetime.now(UTC))
        except Exception as failure:  # its lease runs out, and it is repeated
            log.warning("delivery not written down", delivery=str(claimed.id), error=type(failure).__name__)
