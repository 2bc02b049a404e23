"""Running the workers of a process: all stop together, and one that dies takes the process down."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog

from runtime.database import Database
from runtime.metrics import EVENT_LOOP_LAG
from runtime.service import Watched, Worker
from runtime.tables import forget_answers

HOUSEKEEPING_SECONDS = 3600.0
BEAT_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Crew:
    """The workers of one process."""

    def __init__(self, workers: Sequence[Worker], *, on_death: Callable[[], None], patience: float) -> None:
        self._workers, self._on_death, self._patience = workers, on_death, patience
        self._stop = asyncio.Event()
        self.died = False
        self.names = [_name(worker) for worker in workers]

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Runs the workers during the block; afterwards they get the time of the settings to finish."""
        tasks = [asyncio.create_task(self._watch(worker), name=_name(worker)) for worker in self._workers]
        try:
            yield
        finally:
            self._stop.set()
            await _finish(tasks, self._patience)

    def stalled(self) -> dict[str, str]:
        """Which workers are stuck, and on what."""
        reports = {_name(worker): worker.stalled() for worker in self._workers if isinstance(worker, Watched)}
        return {name: reason for name, reason in reports.items() if reason}

    async def _watch(self, worker: Worker) -> None:
        try:
            await worker.run(self._stop)
            if self._stop.is_set():
                return
            log.critical("a worker ended by itself; the process stops", worker=_name(worker))
        except Exception:
            log.critical("a worker died; the process stops", worker=_name(worker), exc_info=True)
        if not self._stop.is_set():
            self.died = True
            self._on_death()


class Housekeeping:
    """Forgets answers to idempotency keys that are older than the settings keep them."""

    def __init__(self, database: Database, keep: timedelta) -> None:
        self._database, self._keep = database, keep

    async def run(self, stop: asyncio.Event) -> None:
        """Once at the start and then every hour."""
        while not stop.is_set():
            try:
                while not stop.is_set() and await self._forget():
                    pass
            except Exception as error:  # an hour later is early enough; the process is of more use alive
                log.warning("housekeeping failed", error=type(error).__name__)
            await pause(stop, HOUSEKEEPING_SECONDS)

    async def _forget(self) -> bool:
        async with self._database.transaction() as session:
            return await forget_answers(session, datetime.now(UTC) - self._keep)


class LoopWatch:
    """Measures how late the event loop wakes a sleeper: what every request waits for on top."""

    async def run(self, stop: asyncio.Event) -> None:
        """Measures once a second."""
        while not stop.is_set():
            due = time.monotonic() + BEAT_SECONDS
            await pause(stop, BEAT_SECONDS)
            EVENT_LOOP_LAG.set(max(0.0, time.monotonic() - due))


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps, but no longer than until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _finish(tasks: Sequence[asyncio.Task[None]], patience: float) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=patience)
    for task in late:
        log.error("a worker did not stop in time", worker=task.get_name())
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _name(worker: Worker) -> str:
    return str(getattr(worker, "name", type(worker).__name__))
