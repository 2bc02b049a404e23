"""Reads events into the new tables, up to where they shall be; where that is stands in their books."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from asyncpg import Connection

from messaging.faults import wait
from messaging.projector import Projector
from messaging.topics import Place

LOOK = 0.05


class RebuildFailed(Exception):
    """The new tables could not be filled; the live ones are as they were."""


type Positions = dict[Place, int]


async def positions(connection: Connection, schema: str, group: str, *, lock: bool = False) -> Positions:
    """The next offset of each partition. `lock` stops whoever moves them, for as long as the transaction lasts."""
    rows = await connection.fetch(
        f"select topic, partition, next_offset from {schema}.consumer_position"
        f" where consumer_group = $1 order by topic, partition {'for update' if lock else ''}",
        group,
    )
    return {Place(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def has_books(connection: Connection, schema: str) -> bool:
    """Whether there is a projection of this name at all."""
    found: bool = await connection.fetchval(
        "select to_regclass($1) is not null", f"{schema}.consumer_position"
    )
    return found


def reached(done: Mapping[Place, int], goal: Mapping[Place, int]) -> bool:
    """Whether these positions are at the goal or beyond, in each of its partitions."""
    return all(done.get(place, 0) >= end for place, end in goal.items())


def left(done: Mapping[Place, int], goal: Mapping[Place, int]) -> int:
    """How many records lie between these positions and the goal."""
    return sum(max(0, end - done.get(place, 0)) for place, end in goal.items())


def portions(done: Mapping[Place, int], goal: Mapping[Place, int], size: int) -> Iterator[dict[Place, int]]:
    """What is still to be read, and how far, in portions to be read one after the other.

    Partition by partition, so that a root's facts lie close together and a batch tells it once rather than a bit
    each time; only partitions that are small are read together. The smallest topics come first, each by itself: what is
    rarely said is what the rest is measured by. To hear of it late means to tell the rest again, and to hear of both in
    one batch that nobody else tells anything meanwhile.
    """
    sizes: Counter[str] = Counter()
    for place, end in goal.items():
        sizes[place.topic] += end
    portion: dict[Place, int] = {}
    events, topic = 0, ""
    for place in sorted(goal, key=lambda place: (sizes[place.topic], place)):
        if (more := goal[place] - done.get(place, 0)) <= 0:
            continue
        if portion and (place.topic != topic or events + more > size):
            yield portion
            portion, events = {}, 0
        portion[place], topic = goal[place], place.topic
        events += more
    if portion:
        yield portion


async def fill(
    connection: Connection, beside: Projector, goal: Mapping[Place, int], tell: Callable[[int, int], None]
) -> None:
    """Reads exactly up to the goal, and tells how many events of how many are done. Raises `RebuildFailed`.

    The partitions are shared out to as many readers as a live projector has connections: each reads long runs of one
    partition, and writes while another one reads.
    """
    done, total = await positions(connection, beside.schema, beside.group), sum(goal.values())
    readers = beside.settings.projection_connections
    reading = {
        asyncio.create_task(
            _read(beside, done, {p: end for p, end in goal.items() if p.partition % readers == each})
        )
        for each in range(readers)
    }
    try:
        while reading:
            tell(sum(done.values()), total)
            ended, reading = await asyncio.wait(reading, timeout=LOOK, return_when=asyncio.FIRST_EXCEPTION)
            for each in ended:
                each.result()
            done = await positions(connection, beside.schema, beside.group)
    finally:
        for each in reading:
            each.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    tell(sum(done.values()), total)


async def _read(beside: Projector, done: Mapping[Place, int], goal: Mapping[Place, int]) -> None:
    reader = beside.beside(beside.schema, projection_connections=1)
    for portion in portions(done, goal, PORTION * reader.settings.rebuild_batch):
        async with running(reader, until=portion) as ended:
            while not ended.is_set():
                check(reader)
                await wait(ended, LOOK)


PORTION = 5
"""Batches that partitions are read together for; a reader of its own costs as much as a small batch."""


async def catch_up(
    connection: Connection, beside: Projector, goal: Mapping[Place, int], tell: Callable[[int, int], None]
) -> None:
    """Waits until the running projector of the new tables is at the goal. Raises `RebuildFailed`."""
    while True:
        done = await positions(connection, beside.schema, beside.group)
        tell(sum(goal.values()) - left(done, goal), sum(goal.values()))
        if reached(done, goal):
            return
        check(beside)
        await asyncio.sleep(LOOK)


def check(beside: Projector) -> None:
    """Raises `RebuildFailed` on an alarm, or when an error does not go away."""
    if failure := beside.alarm or beside.stalled():
        raise RebuildFailed(failure)


@contextlib.asynccontextmanager
async def running(
    beside: Projector, until: Mapping[Place, int] | None = None
) -> AsyncIterator[asyncio.Event]:
    """The projector of the new tables at work; the event says or makes that it ends, as the end of the block does."""
    ended = asyncio.Event()
    task = asyncio.create_task(beside.run(ended, until=until))
    try:
        yield ended
    finally:
        ended.set()
        await asyncio.shield(task)
