"""Snapshot windows: under concurrent commits no row is lost, none comes twice, no root goes backwards."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from unittest.mock import AsyncMock

import asyncpg
import pytest
from shop import Shop, in_order, without_repeats

from messaging import backlog
from messaging.windows import TermEnded, Window, Windows

WRITE = """
insert into messaging.ledger
    (topic, partition, root, sequence, event_id, type, subject, occurred_at, recorded_at, envelope)
values ('t', 0, $1, $2, gen_random_uuid(), 't', $1, now(), now(), '')
"""
MANY = """
insert into messaging.ledger
    (topic, partition, root, sequence, event_id, type, subject, occurred_at, recorded_at, envelope)
select 't', 0, $1, n, gen_random_uuid(), 't', $1, now(), now(), '' from generate_series(1, $2::bigint) n
"""
Seen = list[tuple[str, int]]


async def write(connection: asyncpg.Connection, root: str, held: float) -> None:
    """Commits a root's next fact `held` seconds after it drew its id."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext($1))", root)
        last = await connection.fetchval("select count(*) from messaging.ledger where root = $1", root)
        await connection.execute(WRITE, root, last + 1)
        await asyncio.sleep(held)


async def read(windows: Windows, seen: Seen, size: int, pages: int = 1_000_000) -> None:
    """What a relay does, up to so many pages."""
    while (window := await windows.next()) is not None:
        rest: Window | None = window
        while rest is not None:
            if pages == 0:
                return
            pages -= 1
            page, rest = await windows.page(rest, size)
            seen.extend((row["root"], row["sequence"]) for row in await identified(windows, page))
            await (windows.passed(rest) if rest else windows.finished())


async def identified(windows: Windows, page: list[asyncpg.Record]) -> list[asyncpg.Record]:
    return await windows._connection.fetch(
        "select root, sequence from messaging.ledger where id = any($1) order by id",
        [row["id"] for row in page],
    )


@contextlib.asynccontextmanager
async def writing(
    shop: Shop, writers: int, facts: int, seed: int
) -> AsyncIterator[asyncio.Future[list[None]]]:
    chance = random.Random(seed)
    async with contextlib.AsyncExitStack() as stack:

        async def one() -> None:
            connection = await stack.enter_async_context(shop.database.connect())
            for _ in range(facts):
                await write(connection, f"root{chance.randrange(12)}", chance.random() * 0.006)

        yield asyncio.gather(*(one() for _ in range(writers)))


async def committed(shop: Shop) -> dict[str, list[int]]:
    async with shop.database.connect() as connection:
        rows = await connection.fetch("select root, sequence from messaging.ledger order by root, sequence")
    return in_order((row["root"], row["sequence"]) for row in rows)


async def test_concurrent_commits_are_read_once_each_and_in_the_order_of_their_root(shop: Shop) -> None:
    """While eight writers commit out of the order of their ids, around transactions that stay open."""
    seen: Seen = []
    async with (
        shop.database.connect() as reader,
        shop.database.connect() as old,
        shop.database.connect() as idle,
    ):
        await idle.execute("begin; select pg_current_xact_id()")
        await old.execute("begin")
        await old.execute(WRITE, "old", 1)
        windows = await Windows.take_over(reader, "shop")
        async with writing(shop, 8, 30, seed=1) as done:
            while not done.done():
                await read(windows, seen, size=5)
                await asyncio.sleep(0.001)
            await done
        await read(windows, seen, size=5)
        assert ("old", 1) not in seen, "the open transaction held nobody up and was not read before its time"
        assert len(seen) == 240
        assert await backlog(idle) == 0
        await old.execute("commit")
        assert await backlog(idle) == 1
        await read(windows, seen, size=5)
        assert seen[-1] == ("old", 1)
        await idle.execute("rollback")
    assert in_order(seen) == await committed(shop)


async def test_a_relay_that_dies_between_pages_is_followed_without_loss(shop: Shop) -> None:
    seen: Seen = []
    chance = random.Random(2)
    async with writing(shop, 6, 25, seed=3) as done:
        while not done.done():
            async with shop.database.connect() as reader:
                await read(await Windows.take_over(reader, "shop"), seen, size=3, pages=chance.randrange(4))
            await asyncio.sleep(0.002)
        await done
    async with shop.database.connect() as reader:
        await read(await Windows.take_over(reader, "shop"), seen, size=3)
        assert await backlog(reader) == 0
    assert {root: without_repeats(run) for root, run in in_order(seen).items()} == await committed(shop)


async def test_a_frozen_window_goes_on_where_the_last_relay_stopped(shop: Shop) -> None:
    async with shop.database.connect() as first, shop.database.connect() as second:
        async with second.transaction():
            for sequence in range(1, 11):
                await second.execute(WRITE, "root", sequence)
        seen: Seen = []
        await read(await Windows.take_over(first, "shop"), seen, size=4, pages=1)
        assert await backlog(second) == 6
        await read(await Windows.take_over(second, "shop"), seen, size=4)
    assert [sequence for _, sequence in seen] == list(range(1, 11)), "nothing twice, nothing left out"


async def test_the_zombie_of_two_relays_moves_nothing(shop: Shop) -> None:
    async with shop.database.connect() as first, shop.database.connect() as second:
        zombie = await Windows.take_over(first, "shop")
        await second.execute(WRITE, "root", 1)
        heir = await Windows.take_over(second, "shop")
        with pytest.raises(TermEnded):
            await read(zombie, [], size=4)
        seen: Seen = []
        await read(heir, seen, size=4)
    assert seen == [("root", 1)]


async def test_a_page_is_found_without_walking_over_what_was_published_or_comes_later(shop: Shop) -> None:
    """Though a transaction that was open for long commits below all of it, another one stays open, and PostgreSQL has
    yet to hear how large the ledger is."""
    async with (
        shop.database.connect() as reader,
        shop.database.connect() as old,
        shop.database.connect() as idle,
        shop.database.connect() as writer,
    ):
        await idle.execute("begin; select pg_current_xact_id()")
        await old.execute("begin")
        await old.execute(MANY, "old", 3_000)
        await writer.execute(MANY, "published", 20_000)
        windows = await Windows.take_over(reader, "shop")
        await read(windows, [], size=2_000)
        await old.execute("commit")
        await writer.execute(MANY, "new", 20_000)
        rest, seen, looks = await windows.next(), [], 0
        while rest is not None:
            looks += (await cost(reader, rest, 1_000))["touched"]
            page, rest = await windows.page(rest, 1_000)
            seen += [row["key"].decode() for row in page]
        assert seen == ["old"] * 3_000 + ["new"] * 20_000
        assert looks <= 30_000, "each row once, and the first page of new rows with each of the old ones"
        await idle.execute("rollback")


async def test_a_page_is_read_in_order_and_not_sorted(shop: Shop) -> None:
    """Whatever PostgreSQL has heard of the ledger: sorting moves every envelope once more."""
    async with shop.database.connect() as reader, shop.database.connect() as writer:
        await reader.execute("set enable_bitmapscan = off")  # as the relay's connection
        windows = await Windows.take_over(reader, "shop")
        for root, hears in (("one", "select"), ("other", "analyze messaging.ledger")):
            await writer.execute(MANY, root, 10_000)
            await writer.execute(hears)
            window = await windows.next()
            assert window is not None
            assert await cost(reader, window, 2_000) == {"id": 0, "touched": 2_000, "sorted": 0}
            await windows.finished()


async def cost(connection: asyncpg.Connection, window: Window, size: int) -> dict[str, int]:
    """How many rows of the ledger the query of a page looks at, and how many it sorts."""
    explaining = AsyncMock(fetch=partial(explain, connection))
    explained, _ = await Windows(explaining, "shop", 0, window.prev, window).page(window, size)
    return dict(explained[0])


async def explain(connection: asyncpg.Connection, statement: str, *values: object) -> list[dict[str, int]]:
    explained = await connection.fetchval(f"explain (analyze, format json) {statement}", *values)
    cost = {"id": 0, "touched": 0, "sorted": 0}

    def add(node: dict[str, Any]) -> None:
        if node.get("Relation Name") == "ledger":
            cost["touched"] += int(
                node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
            )
        if node["Node Type"] == "Sort":
            cost["sorted"] += int(node["Actual Rows"])
        for each in node.get("Plans", []):
            add(each)

    add(json.loads(explained)[0]["Plan"])
    return [cost]
