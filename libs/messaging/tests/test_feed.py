"""The ledger as a feed: what a reader sees who keeps the cursor, whatever else is being written."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from shop import Shop, in_order

from messaging import FeedPage, FeedPosition, PositionGone, feed, feed_end, follow_feed, read_feed
from messaging.source import adopt

WRITE = """
insert into messaging.ledger
    (topic, partition, root, sequence, event_id, type, subject, occurred_at, recorded_at, envelope)
values ('t', 0, $1, $2, gen_random_uuid(), $3, $1, now(), now(), convert_to($1 || '@' || $2::bigint, 'utf8'))
"""
MANY = """
insert into messaging.ledger
    (topic, partition, root, sequence, event_id, type, subject, occurred_at, recorded_at, envelope)
select 't', 0, $1, n, gen_random_uuid(), 'common', $1, now(), now(), convert_to($1 || '@' || n, 'utf8')
from generate_series($2::bigint, $3) n
"""


async def write(connection: asyncpg.Connection, root: str, number: int, type: str = "common") -> None:
    await connection.execute(WRITE, root, number, type)


async def write_next(connection: asyncpg.Connection, root: str, held: float) -> None:
    """Commits a root's next fact `held` seconds after it drew its id."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext($1))", root)
        last = await connection.fetchval("select count(*) from messaging.ledger where root = $1", root)
        await write(connection, root, last + 1)
        await asyncio.sleep(held)


def facts(page: FeedPage) -> list[tuple[str, int]]:
    split = (envelope.decode().split("@") for envelope in page.envelopes)
    return [(root, int(number)) for root, number in split]


class Reader:
    """Keeps its own cursor, and asks with it each time."""

    def __init__(self, connection: asyncpg.Connection, **asked: object) -> None:
        self.connection, self.asked = connection, asked
        self.position: FeedPosition | None = None
        self.seen: list[tuple[str, int]] = []
        self.pages = 0

    async def once(self) -> FeedPage:
        page = await read_feed(self.connection, self.position, **self.asked)  # type: ignore[arg-type]
        self.position, self.pages = page.position, self.pages + 1
        self.seen += facts(page)
        return page

    async def to_end(self) -> None:
        while not (await self.once()).at_end:
            pass


@contextlib.asynccontextmanager
async def writing(shop: Shop, seed: int) -> AsyncIterator[asyncio.Future[list[None]]]:
    """Eight writers who commit out of the order of their ids."""
    chance = random.Random(seed)
    async with contextlib.AsyncExitStack() as stack:

        async def one() -> None:
            connection = await stack.enter_async_context(shop.database.connect())
            for _ in range(25):
                await write_next(connection, f"root{chance.randrange(12)}", chance.random() * 0.006)

        yield asyncio.gather(*(one() for _ in range(8)))


async def committed(connection: asyncpg.Connection) -> dict[str, list[int]]:
    rows = await connection.fetch("select root, sequence from messaging.ledger order by root, sequence")
    return in_order((row["root"], row["sequence"]) for row in rows)


async def test_readers_of_any_page_size_see_each_fact_once_and_each_root_in_order(shop: Shop) -> None:
    """While writers overlap, around transactions that stay open; each reader comes from another connection each
    time, as it does when the server was restarted."""
    async with contextlib.AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(shop.database.connect()) for _ in range(4)]
        one, other, old, idle = connections
        await idle.execute("begin; select pg_current_xact_id()")
        await old.execute("begin")
        await write(old, "old", 1)
        readers = [Reader(one, limit=3), Reader(one, limit=7, span=5), Reader(one, limit=1000)]
        async with writing(shop, seed=1) as done:
            while not done.done():
                for reader in readers:
                    reader.connection = other if reader.connection is one else one
                    await reader.once()
                await asyncio.sleep(0.001)
            await done
        for reader in readers:
            await reader.to_end()
            assert ("old", 1) not in reader.seen, "an open transaction holds nobody up"
            assert len(reader.seen) == 200
        await old.execute("commit")
        for reader in readers:
            await reader.to_end()
            assert reader.seen[-1] == ("old", 1)
            assert in_order(reader.seen) == await committed(idle)
        await idle.execute("rollback")


async def test_a_fact_that_was_open_for_long_comes_without_a_walk_over_all_between(shop: Shop) -> None:
    async with shop.database.connect() as old, shop.database.connect() as connection:
        await old.execute("begin")
        await write(old, "old", 1)
        await connection.execute(MANY, "new", 1, 500)
        reader = Reader(connection, span=100)
        await reader.to_end()
        await old.execute("commit")
        await connection.execute(MANY, "new", 501, 510)
        before = reader.pages
        await reader.to_end()
        assert reader.seen[-11:] == [("old", 1), *(("new", number) for number in range(501, 511))]
        assert reader.pages == before + 1


async def test_a_reader_of_rare_facts_gets_on_by_bounded_steps(shop: Shop) -> None:
    async with shop.database.connect() as connection:
        await connection.execute(MANY, "many", 1, 950)
        await write(connection, "one", 1, "rare")
        await connection.execute(MANY, "many", 951, 960)
        reader = Reader(connection, types=["rare"], span=100)
        first = await reader.once()
        assert (first.envelopes, first.at_end) == ([], False)
        await reader.to_end()
        assert (reader.seen, reader.pages) == ([("one", 1)], 11)


async def test_facts_recorded_before_an_instant_are_passed_over(shop: Shop) -> None:
    async with shop.database.connect() as connection:
        await write(connection, "a", 1)
        instant = await connection.fetchval("select clock_timestamp()")
        await write(connection, "a", 2)
        reader = Reader(connection, since=instant)
        await reader.to_end()
        assert reader.seen == [("a", 2)]


async def test_a_page_ends_with_the_event_that_makes_it_large(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGE_BYTES", 20)
    async with shop.database.connect() as connection:
        await connection.execute(MANY, "root", 1, 9)
        reader = Reader(connection)
        assert len((await reader.once()).envelopes) == 4, "three have 18 bytes"
        await reader.to_end()
        assert reader.seen == [("root", number) for number in range(1, 10)]


async def test_who_begins_now_hears_what_is_committed_from_now_on(shop: Shop) -> None:
    async with shop.database.connect() as old, shop.database.connect() as connection:
        await write(connection, "a", 1)
        await old.execute("begin")
        await write(old, "b", 1)
        reader = Reader(connection)
        reader.position = await feed_end(connection)
        await old.execute("commit")
        await write(connection, "a", 2)
        await reader.to_end()
        assert reader.seen == [("b", 1), ("a", 2)]


async def test_at_the_end_the_cursor_stays_as_it_is(shop: Shop) -> None:
    async with shop.database.connect() as connection:
        await write(connection, "a", 1)
        reader = Reader(connection)
        await reader.to_end()
        before = reader.position
        assert (await reader.once()).at_end
        assert reader.position == before


@pytest.mark.parametrize("position", [FeedPosition(2, "1:1:"), FeedPosition(1, "90000000000:90000000000:")])
async def test_a_position_from_before_a_restore_is_gone(shop: Shop, position: FeedPosition) -> None:
    """Of another epoch, or of a snapshot that this cluster has yet to reach."""
    async with shop.database.connect() as connection:
        with pytest.raises(PositionGone):
            await read_feed(connection, position)


async def test_once_a_restored_ledger_is_adopted_everybody_reads_it_anew(shop: Shop) -> None:
    async with shop.database.connect() as connection:
        await write(connection, "a", 1)
        await write(connection, "lost", 1)
        reader = Reader(connection)
        await reader.to_end()
        await connection.execute("delete from messaging.ledger where root = 'lost'")  # as a restore undoes it
        first = await adopt(connection, shop.service)
        await write(connection, "a", 2)
        with pytest.raises(PositionGone):
            await reader.once()
        await connection.execute("update messaging.source set epoch = 1")  # restored to before it was adopted
        assert await adopt(connection, shop.service) > first > 1, "no epoch is counted twice"
        anew = Reader(connection)
        await anew.to_end()
        assert anew.seen == [("a", 1), ("a", 2)]
        await write(connection, "a", 3)
        await anew.to_end()
        assert anew.seen[-1] == ("a", 3)


async def test_a_reader_who_waits_at_the_end_is_told_at_once(shop: Shop) -> None:
    async with shop.database.connect() as connection:

        async def read(position: FeedPosition | None) -> FeedPage:
            looked.set()
            return await read_feed(connection, position)

        looked = asyncio.Event()
        waiting = asyncio.create_task(
            follow_feed(shop.service, read, None, seconds=60, stopping=lambda: False)
        )
        await looked.wait()
        await shop.count(uuid4(), 1)
        page = await asyncio.wait_for(waiting, 10)
        assert len(page.envelopes) == 1


async def test_a_reader_who_waits_is_let_go_when_the_process_stops(shop: Shop) -> None:
    async with shop.database.connect() as connection:
        page = await follow_feed(
            shop.service,
            lambda position: read_feed(connection, position),
            None,
            seconds=60,
            stopping=lambda: True,
        )
        assert (page.envelopes, page.at_end) == ([], True)
