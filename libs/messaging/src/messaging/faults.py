"""Whose fault a failure is, and how long to wait after one that is nobody's."""

import asyncio
import random
from collections.abc import Iterator

import asyncpg
from aiokafka.errors import KafkaError

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
    return f"{type(error).__name__}: {first[0] if first else ''}"[:500]


class Backoff:
    """Pauses that double with every failure in a row, with jitter so that processes do not march in step."""

    def __init__(self, least: float, most: float) -> None:
        self._least, self._most, self._next = least, most, least

    def reset(self) -> None:
        """Something went well."""
        self._next = self._least

    async def pause(self, stop: asyncio.Event) -> None:
        """Waits, but no longer than until `stop`."""
        delay, self._next = self._next, min(self._next * 2, self._most)
        await wait(stop, delay * random.uniform(0.5, 1.0))


async def wait(event: asyncio.Event, seconds: float) -> bool:
    """Waits for an event for so many seconds; whether it came."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
