"""Whose fault a failure is, and how long to wait after one that is nobody's."""

import asyncio
import random
import time
from collections.abc import Callable, Collection, Iterator

import asyncpg
from aiokafka.errors import KafkaError

from messaging.settings import MessagingSettings

_NOT_THE_EVENT = ("08", "25", "40", "42", "53", "54", "55", "57", "58", "XX")
"""SQLSTATE classes that say something about the server, its load, the schema or a competitor: connection,
transaction state, rollback for concurrency, missing tables or rights, resources, limits, locks, shutdown."""


def blames_event(error: BaseException) -> bool:
    """Whether an event is to blame, so that it is parked; otherwise the batch is repeated until it works."""
    return not any(_is_trouble(each) for each in _causes(error))


def _is_trouble(error: BaseException) -> bool:
    match error:
        case asyncpg.PostgresError():
            return (error.sqlstate or "XX").startswith(_NOT_THE_EVENT)
        case asyncpg.InterfaceError():
            return not isinstance(error, ValueError)  # a ValueError is a value that PostgreSQL cannot take
        case _:
            return isinstance(error, (OSError, TimeoutError, KafkaError, MemoryError))


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__


def describe(error: BaseException) -> str:
    """The failure in one line for the list of parked roots: SQLAlchemy's statement and links are left out."""
    first = str(getattr(error, "orig", None) or error).strip().splitlines()
    return storable(f"{type(error).__name__}: {first[0] if first else ''}"[:500])


def storable(words: str) -> str:
    """The text without what PostgreSQL cannot keep: it may quote an event that is to blame for that very reason."""
    return words.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


class TooManyFail(Exception):
    """So many roots fail that the program is to blame: nothing is parked until somebody has looked."""

    def __init__(self, roots: Collection[str], tried: int, last: str) -> None:
        super().__init__(
            f"{len(roots)} of the last {tried} roots fail, which looks like a bad version and not like bad events; "
            f"deploy a good one, or ask to go on with `attain parked retry`; the last failure: {last}"
        )
        self.roots = roots


class Failures:
    """Which of the roots that were tried lately have failed: a few are bad data, a flood is a bad deploy."""

    def __init__(self, most: int) -> None:
        self._most, self._failed, self._well = most, dict[str, None](), 0

    def well(self, roots: int) -> None:
        """So many roots could be applied."""
        self._well = min(self._well + roots, _LATELY * self._most)
        self._fade()

    def fail(self, roots: Collection[str], why: str) -> None:
        """These roots are about to be parked. Raises `TooManyFail`."""
        self._failed.update(dict.fromkeys(roots))
        failed, tried = len(self._failed), self._well + len(self._failed)
        if failed > self._most and failed > _FLOOD * tried:
            raise TooManyFail(list(self._failed), tried, why)
        self._fade()

    def forget(self) -> None:
        """Begins to count anew."""
        self._failed.clear()
        self._well = 0

    def _fade(self) -> None:
        """The older half counts no more once ten times as many were tried as may fail."""
        if self._well + len(self._failed) > _LATELY * self._most:
            self._well //= 2
            for root in list(self._failed)[: len(self._failed) // 2]:
                del self._failed[root]


_FLOOD = 0.5
_LATELY = 10


class Trouble:
    """A worker's failures in a row: the last one, for how long they go on, and the pause before the next try."""

    def __init__(self, settings: MessagingSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._patience, self._clock = settings.backoff_most, settings.stalled_after, clock
        self.well()

    def well(self) -> None:
        """Something went well."""
        self.error: str | None = None
        self._since, self._pause = 0.0, _FIRST_PAUSE

    def note(self, failure: BaseException) -> str:
        """Something failed; the failure in one line."""
        if self.error is None:
            self._since = self._clock()
        self.error = describe(failure)
        return self.error

    @property
    def stalled(self) -> str | None:
        """The failure, once the worker has not got on for the time of the settings; None before."""
        return self.error if self.error and self._clock() - self._since >= self._patience else None

    async def pause(self, stop: asyncio.Event) -> None:
        """Waits, but no longer than until `stop`. Pauses double up to the longest of the settings, with jitter so
        that processes do not march in step."""
        delay, self._pause = self._pause, min(self._pause * 2, self._most)
        await wait(stop, delay * random.uniform(0.5, 1.0))


_FIRST_PAUSE = 0.05


async def wait(event: asyncio.Event, seconds: float) -> bool:
    """Waits for an event for so many seconds; whether it came."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
