"""Apply events to projections: without Kafka, by the code that applies them in production, or from it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from contracts import Received, topic_of
from messaging import Projector
from messaging.absorbing import Absorber, Load
from messaging.arrivals import Arrival
from messaging.books import Books
from messaging.topics import partition_of


async def project(projector: Projector, events: Iterable[Received]) -> None:
    """Applies the events as one batch, books and all: what was applied before is passed over.

    Call `projector.ensure()` before and `projector.close()` after.
    """
    await Absorber(Books(projector.group, projector.schema), projector).absorb(Load({}, arrivals(events)))


def arrivals(events: Iterable[Received]) -> list[Arrival]:
    """The events as they come from Kafka, in their partitions."""
    return [
        Arrival(topic_of(event.type.partition(".")[0]), partition_of(event.root), offset, b"", event)
        for offset, event in enumerate(events)
    ]


@asynccontextmanager
async def running(projector: Projector) -> AsyncIterator[None]:
    """A projector that hears Kafka while the block lasts."""
    stop = asyncio.Event()
    task = asyncio.create_task(projector.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task
