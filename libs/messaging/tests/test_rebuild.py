"""A projection made anew from the events, beside the live one, and swapped."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from shop import Shop, running
from totals import TABLES, Totals, come_to, come_to_at_least, projector, ready, totals_of

from messaging import (
    Batch,
    Progress,
    ProjectionOutdated,
    Projector,
    RebuildFailed,
    RebuildUnderWay,
    Rebuilt,
    Relay,
    drop_replaced,
    ensure_current,
    rebuild,
    replaced_at,
    uuid7,
)
from messaging.rebuild import Step, Versions, rebuilding
from messaging.rebuild.filling import portions
from messaging.rebuild.progress import Pace
from messaging.topics import Place
from testkit import eventually

NAMES = "select nspname from pg_namespace where nspname like 'projection%' order by nspname"


async def schemas(shop: Shop) -> list[str]:
    async with shop.database.connect() as connection:
        return [row["nspname"] for row in await connection.fetch(NAMES)]


async def test_a_rebuild_equals_the_live_tables_while_facts_come_in_and_reads_never_fail(
    shop_on_kafka: Shop,
) -> None:
    shop, things = shop_on_kafka, [uuid7() for _ in range(10)]
    relay, keeper = Relay(shop.service, shop.database.url, shop.settings), projector(shop, Totals(shop))
    counts = dict.fromkeys(things, 0)
    busy = True

    async def write() -> None:
        while busy:
            for thing in things:
                counts[thing] += 1
                await shop.count(thing, 1)

    async def read() -> int:
        reads = least = 0
        async with shop.database.connect() as connection:
            await connection.execute("set search_path = projection, public")
            while busy:
                total = await connection.fetchval("select coalesce(sum(facts), 0) from total")
                await connection.fetch("select thing from busy")
                assert total >= least, "a read went back in time"
                reads, least = reads + 1, total
        return reads

    await keeper.ensure()
    async with running(relay, keeper):
        writing, reading = asyncio.create_task(write()), asyncio.create_task(read())
        await come_to_at_least(shop, 50)
        async with shop.database.connect() as connection:
            await connection.execute("update projection.total set number = 0 where thing = $1", things[0])
        first = await rebuild(projector(shop, Totals(shop)))
        second = await rebuild(projector(shop, Totals(shop)))
        await come_to_at_least(shop, sum(counts.values()) + 20)
        busy = False
        await writing
        assert await reading > 10
        await come_to(shop, {thing: (count, count) for thing, count in counts.items()})
    assert [(each.table, each.differing, each.keys) for each in first.drifted] == [
        ("total", 1, [f"({things[0]})"])
    ]
    assert (second.versions, second.drifted) == (Versions.same, [])
    assert {each.table: each.live_rows for each in second.tables} == {"consumer_root": 10, "total": 10}
    assert second.records >= first.records >= 50
    assert max(first.held, second.held) < 0.5, "this machine may be busy; a round of `make bench` measures it"
    assert await schemas(shop) == ["projection", "projection_old"]


async def test_a_rebuild_that_was_killed_goes_on_where_it_was_and_harms_nothing(shop_on_kafka: Shop) -> None:
    shop, things = shop_on_kafka, [uuid7() for _ in range(24)]
    numbers = range(1, 41)
    await shop.send_all(shop.envelope(thing, number) for number in numbers for thing in things)
    expected = {thing: (sum(numbers), len(numbers)) for thing in things}
    async with running(await ready(shop, Totals(shop))):
        await come_to(shop, expected)
        async with rebuilding_elsewhere(shop) as process:
            with pytest.raises(RebuildUnderWay, match="Another rebuild of schema projection is under way"):
                await rebuild(projector(shop, Totals(shop)))
            process.send_signal(signal.SIGKILL)
            await process.wait()
        assert await schemas(shop) == ["projection", "projection_next"]
        await shop.send(shop.envelope(things[0], 41, 1))
        expected[things[0]] = (sum(numbers) + 1, len(numbers) + 1)
        await come_to(shop, expected)

        totals = Totals(shop)
        rebuilt = await until_free(shop, totals)
        assert rebuilt.resumed
        assert (rebuilt.records, rebuilt.drifted) == (24 * 40 + 1, [])
        assert 0 < sum(totals.batches) < rebuilt.records, "what the killed one had done was not done again"
        assert await totals_of(shop) == expected
        await shop.send(shop.envelope(things[1], 41, 1))
        expected[things[1]] = expected[things[0]]
        await come_to(shop, expected)


async def until_free(shop: Shop, totals: Totals) -> Rebuilt:
    """Rebuilds as soon as PostgreSQL has noticed that the killed process is gone."""
    found: list[Rebuilt] = []

    async def probe() -> None:
        found.append(await rebuild(projector(shop, totals)))

    await eventually(probe, timeout=20)
    return found[0]


@asynccontextmanager
async def rebuilding_elsewhere(shop: Shop) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process in the middle of its rebuild."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).parent / "example" / "rebuilding.py"),
        *(shop.service, shop.database.url, shop.settings.kafka_bootstrap),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"reading\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_what_was_left_is_thrown_away_where_it_is_of_another_version_or_somebody_says_so(
    shop_on_kafka: Shop,
) -> None:
    shop = shop_on_kafka
    await shop.send(shop.envelope(uuid7(), 1))
    async with running(await ready(shop, Totals(shop))):
        await come_to_at_least(shop, 1)
    for tables, afresh, resumes in ((TABLES, False, True), (TABLES, True, False), (OTHER, False, False)):
        await interrupt(shop)
        rebuilt = await rebuild(projector(shop, Totals(shop), tables), afresh=afresh)
        assert (rebuilt.resumed, rebuilt.records) == (resumes, 1)


async def interrupt(shop: Shop) -> None:
    """Leaves a rebuild whose tables are filled, and none of them complete."""

    def stop(progress: Progress) -> None:
        if progress.step is Step.completing:
            raise KilledError

    with pytest.raises(KilledError):
        await rebuild(projector(shop, Totals(shop)), listener=stop)


class KilledError(Exception):
    """A rebuild ends in the middle."""


OTHER = TABLES + "create table another (id int);"


async def test_the_indexes_for_readers_are_made_at_the_end(shop_on_kafka: Shop) -> None:
    shop, seen, steps = shop_on_kafka, list[int](), list[Step]()

    class Looking(Totals):
        async def apply(self, connection: asyncpg.Connection, batch: Batch) -> None:
            seen.append(await connection.fetchval(INDEXES, "projection_next"))
            await super().apply(connection, batch)

    def tell(progress: Progress) -> None:
        steps.append(progress.step)

    await shop.send(shop.envelope(uuid7(), 1))
    live = await ready(shop, Totals(shop))
    async with running(live), shop.database.connect() as connection:
        await come_to_at_least(shop, 1)
        indexes = await connection.fetchval(INDEXES, "projection")
        await rebuild(projector(shop, Looking(shop)), listener=tell)
        assert seen == [indexes - 1]
        assert await connection.fetchval(INDEXES, "projection") == indexes
        assert await connection.fetchval("select to_regclass('projection.total_by_number') is not null")
    assert list(dict.fromkeys(steps)) == [Step.reading, Step.completing, Step.comparing, Step.catching_up]


INDEXES = "select count(*) from pg_indexes where schemaname = $1"


async def test_live_tables_that_lag_behind_are_compared_where_they_stand(shop_on_kafka: Shop) -> None:
    """And the new ones go on to the end all the same."""
    shop, things = shop_on_kafka, [uuid7() for _ in range(30)]
    await shop.send_all(shop.envelope(thing, 1) for thing in things)
    async with running(await ready(shop, Totals(shop))):
        await come_to_at_least(shop, 30)
    await shop.send_all(shop.envelope(thing, 2) for thing in things)
    async with shop.database.connect() as connection:
        await connection.execute("delete from projection.total where thing = any($1)", things[:7])
    rebuilt = await rebuild(projector(shop, Totals(shop)))
    (drifted,) = rebuilt.drifted
    assert (drifted.live_rows, drifted.new_rows, drifted.differing, len(drifted.keys)) == (23, 30, 7, 5)
    assert await totals_of(shop) == dict.fromkeys(things, (3, 2))


async def test_new_tables_that_are_ahead_of_the_live_ones_are_only_counted(
    shop_on_kafka: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, thing = shop_on_kafka, uuid7()
    monkeypatch.setattr(rebuilding, "_OVERTAKEN_FOR", 0.1)
    await shop.send(shop.envelope(thing, 1), shop.envelope(thing, 2))
    async with running(await ready(shop, Totals(shop))):
        await come_to_at_least(shop, 2)
    await interrupt(shop)
    async with shop.database.connect() as connection:
        await connection.execute("update projection.consumer_position set next_offset = next_offset / 2")
    rebuilt = await rebuild(projector(shop, Totals(shop)))
    assert (rebuilt.versions, rebuilt.drifted) == (Versions.ahead, [])
    assert await totals_of(shop) == {thing: (3, 2)}


async def test_a_column_that_no_fact_tells_is_not_compared(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    tables = f"""{TABLES}
        alter table total add column marked boolean not null default false;
        comment on column total.marked is 'not told by facts: a mark of whoever looks';
    """
    await shop.send(shop.envelope(thing, 1))
    live = projector(shop, Totals(shop), tables)
    await live.ensure()
    async with running(live):
        await come_to_at_least(shop, 1)
        async with shop.database.connect() as connection:
            await connection.execute("update projection.total set marked = true")
        rebuilt = await rebuild(projector(shop, Totals(shop), tables))
    assert (rebuilt.versions, rebuilt.drifted) == (Versions.same, [])


async def test_a_migration_makes_new_tables_and_a_process_of_the_old_version_leaves_them_alone(
    shop_on_kafka: Shop,
) -> None:
    shop, thing = shop_on_kafka, uuid7()
    await shop.send(shop.envelope(thing, 1), shop.envelope(thing, 2))
    old = projector(shop, Totals(shop), OTHER, heartbeat=0.05)
    await old.ensure()
    async with running(old):
        await come_to(shop, {thing: (3, 2)})
        await ensure_current(projector(shop, Totals(shop)))
        await shop.send(shop.envelope(thing, 3))
        await eventually(lambda: "made by another version" in (old.error or ""))
        assert await totals_of(shop) == {thing: (3, 2)}
    async with running(projector(shop, Totals(shop))):
        await come_to(shop, {thing: (6, 3)})


async def test_two_migrations_at_once_make_the_tables_anew_once(shop_on_kafka: Shop) -> None:
    shop, things, totals = shop_on_kafka, [uuid7() for _ in range(5)], Totals(shop_on_kafka)
    await shop.send_all(shop.envelope(thing, 1) for thing in things)
    await projector(shop, Totals(shop), OTHER).ensure()
    await asyncio.gather(*(ensure_current(projector(shop, totals)) for _ in range(2)))
    assert await totals_of(shop) == dict.fromkeys(things, (1, 1))
    assert sum(totals.batches) == len(things)


async def test_a_migration_that_looked_before_another_made_the_tables_anew_does_not_make_them_again(
    shop_on_kafka: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, totals = shop_on_kafka, Totals(shop_on_kafka)
    await shop.send(shop.envelope(uuid7(), 1))
    await projector(shop, Totals(shop), OTHER).ensure()
    late = projector(shop, totals)
    look = late.ensure

    async def look_before_another_is_done() -> None:
        try:
            await look()
        except ProjectionOutdated:
            await ensure_current(projector(shop, Totals(shop)))
            raise

    monkeypatch.setattr(late, "ensure", look_before_another_is_done)
    await ensure_current(late)
    assert totals.batches == []


async def test_a_rebuild_of_another_version_counts_rows_and_knows_no_drift(shop_on_kafka: Shop) -> None:
    shop = shop_on_kafka
    await shop.send(shop.envelope(uuid7(), 1))
    await projector(shop, Totals(shop), OTHER).ensure()
    rebuilt = await rebuild(projector(shop, Totals(shop)))
    assert (rebuilt.versions, rebuilt.drifted) == (Versions.other, [])
    counts = {each.table: (each.live_rows, each.new_rows) for each in rebuilt.tables}
    assert counts == {"another": (0, None), "total": (0, 1), "consumer_root": (0, 1)}


async def test_a_rebuild_that_fails_leaves_the_live_tables_as_they_were(
    shop_on_kafka: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, thing = shop_on_kafka, uuid7()
    await shop.send(shop.envelope(thing, 1))
    async with running(await ready(shop, Totals(shop))):
        await come_to(shop, {thing: (1, 1)})
        with monkeypatch.context() as patch:
            patch.setattr(Projector, "alarm", "the log was cut")
            with pytest.raises(RebuildFailed, match="the log was cut"):
                await rebuild(projector(shop, Totals(shop)))
        await shop.send(shop.envelope(thing, 2))
        await come_to(shop, {thing: (3, 2)})


async def test_a_long_batch_of_the_live_projector_delays_the_swap_and_nobody_else(
    shop_on_kafka: Shop,
) -> None:
    shop, thing = shop_on_kafka, uuid7()
    await shop.send(shop.envelope(thing, 1))
    live = projector(shop, Totals(shop), heartbeat=60.0)  # whose look at the log would wait for the batch too
    await live.ensure()
    async with running(live), shop.database.connect() as batch, shop.database.connect() as other:
        await come_to(shop, {thing: (1, 1)})
        taking = batch.transaction()
        await taking.start()
        position = "select from projection.consumer_position where partition = {} for update"
        await batch.execute(position.format(7))
        tries: list[None] = []

        def listen(progress: Progress) -> None:
            if progress.step is Step.catching_up:
                tries.append(None)

        rebuilt = asyncio.create_task(rebuild(projector(shop, Totals(shop)), listener=listen))
        await eventually(lambda: bool(tries))
        for _ in range(20):
            await other.execute("set lock_timeout = '5s'")
            await other.execute(position.format(3))
        assert not rebuilt.done()
        await taking.rollback()
        assert (await rebuilt).records == 1


async def test_the_replaced_tables_are_kept_for_a_day(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    await shop.send(shop.envelope(thing, 1))
    live = await ready(shop, Totals(shop))
    await rebuild(projector(shop, Totals(shop)))
    async with shop.database.connect() as connection:
        assert await replaced_at(connection, "projection") is not None
        assert await drop_replaced(connection, "projection", kept_for=timedelta(days=1))
        assert await schemas(shop) == ["projection", "projection_old"]
        await connection.execute(
            "update projection_old.consumer_position set updated_at = now() - interval '25 hours'"
        )
        async with running(live):  # whoever keeps the tables keeps the house

            async def gone() -> None:
                assert await schemas(shop) == ["projection"]

            await eventually(gone)
        assert await replaced_at(connection, "projection") is None


async def test_replaced_tables_that_somebody_reads_are_not_dropped_over_their_heads(
    shop_on_kafka: Shop,
) -> None:
    shop = shop_on_kafka
    await ready(shop, Totals(shop))
    await rebuild(projector(shop, Totals(shop)))
    async with shop.database.connect() as reader, shop.database.connect() as connection:
        async with reader.transaction():
            await reader.fetch("select from projection_old.total")
            assert not await drop_replaced(connection, "projection")
        assert await drop_replaced(connection, "projection")
    assert await schemas(shop) == ["projection"]


def test_portions_take_the_smallest_topics_first_and_large_partitions_one_by_one() -> None:
    small, large = [Place("rare", each) for each in range(3)], [Place("daily", each) for each in range(3)]
    goal = dict.fromkeys(large, 90) | dict.fromkeys(small, 20)
    assert list(portions({}, goal, 100)) == [
        dict.fromkeys(small, 20),
        {large[0]: 90},
        {large[1]: 90},
        {large[2]: 90},
    ]
    assert list(portions({small[0]: 20, large[1]: 85, large[2]: 95}, goal, 100)) == [
        {small[1]: 20, small[2]: 20},
        {large[0]: 90, large[1]: 90},
    ]
    assert list(portions({}, dict.fromkeys([*small, large[0]], 10), 100)) == [
        {large[0]: 10},
        dict.fromkeys(small, 10),
    ], "topics are not mixed, however little there is"


def test_the_pace_is_that_of_the_last_half_minute() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.look(Step.reading, 0, 1000).rate is None
    now = 10.0
    assert pace.look(Step.reading, 500, 1000) == Progress(Step.reading, 500, 1000, 50.0, 10.0)
    now = 45.0
    assert pace.look(Step.reading, 500, 1000).remaining is None, "nothing was done since"
    now = 50.0
    assert pace.look(Step.reading, 600, 1000) == Progress(Step.reading, 600, 1000, 20.0, 20.0)
