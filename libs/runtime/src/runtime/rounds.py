"""What must be done by the clock and by no request: a timed action, round after round."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from runtime.workers import pause

log = structlog.get_logger(__name__)

type TimedAction = Callable[[datetime], Awaitable[bool]]
"""Does what is due at an instant (aware); returns whether more is due at once. It opens its own transactions, and
several processes may do it at the same time.
"""


class Rounds:
    """A worker that does a timed action every so many seconds, and at once again while it says that more is due.

    A round that fails is done again after the same time; when that has gone on for `patience` seconds the worker says
    that it is stuck.
    """

    def __init__(self, name: str, action: TimedAction, *, every: float, patience: float) -> None:
        self.name = name
        self._action, self._every, self._patience = action, every, patience
        self._failing_since: float | None = None
        self._error = ""

    def stalled(self) -> str | None:
        """What it has been failing at for too long; None while it gets on."""
        since = self._failing_since
        return self._error if since is not None and time.monotonic() - since >= self._patience else None

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set."""
        while not stop.is_set():
            if not await self._round():
                await pause(stop, self._every)

    async def _round(self) -> bool:
        try:
            more = await self._action(datetime.now(UTC))
        except Exception as error:
            self._error = type(error).__name__
            self._failing_since = self._failing_since or time.monotonic()
            log.warning("a round failed", worker=self.name, error=self._error)
            return False
        self._failing_since = None
        return more
