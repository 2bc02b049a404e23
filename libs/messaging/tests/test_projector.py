"""Projections: whole batches by set-based statements, books and rows in one transaction."""

import itertools
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import pytest
from asyncpg import Connection
from msgspec.structs import replace
from shop import Shop, running
from totals import TABLES, Totals, come_to, come_to_at_least, projector, ready, totals_of

from contracts import open_envelope, registry
from messaging import (
    Batch,
    ProjectionOutdated,
    Relay,
    applied,
    freshness,
    heard_until,
    lag,
    parked_roots,
    republish,
    retry_parked,
    unread,
    uuid7,
)
from messaging.tokens import NotAToken
from messaging.topics import partition_of
from testkit import eventually
from testkit.projecting import project


async def test_facts_become_rows_and_a_token_says_when(shop_on_kafka: Shop) -> None:
    shop, totals = shop_on_kafka, Totals(shop_on_kafka)
    relay, keeper = Relay(shop.service, shop.database.url, shop.settings), projector(shop, totals)
    await keeper.ensure()
    async with running(relay, keeper), shop.database.connect() as connection:
        thing = uuid7()
        for number in (1, 2, 3):
            fact = await shop.count(thing, number)
        assert await applied(connection, fact.token, 10.0, schema="projection")
        assert await totals_of(shop) == {thing: (6, 3)}
        assert not await applied(connection, f"{thing}@4", 0.05, schema="projection")
        fresh = await freshness(connection, "projection")
        assert (fresh.behind_events, fresh.parked_roots) == (0, 0)
        recorded = await connection.fetchval("select max(recorded_at) from messaging.ledger")
        assert fresh.applied_to == recorded
        assert [each.behind for each in await lag(connection, schema="projection")] == [0]
        with pytest.raises(NotAToken):
            await applied(connection, "nonsense", schema="projection")

        async def heard_since() -> None:
            until = await heard_until(connection, "projection")
            assert until is not None
            assert until > recorded

        await eventually(heard_since)  # although nothing more was said


async def test_duplicates_and_gaps_do_not_reach_the_tables(shop_on_kafka: Shop) -> None:
    shop, thing, other = shop_on_kafka, uuid7(), uuid7()
    for number in (1, 2, 3):
        await shop.count(thing, number)
    first, third = shop.envelope(thing, 1), shop.envelope(thing, 3)
    await shop.send(first, first, third, shop.envelope(other, 1), first)
    async with running(await ready(shop, Totals(shop))):
        await come_to(shop, {thing: (1, 1), other: (1, 1)})
        await republish(shop.service, shop.database.url, shop.settings, root=str(thing))
        await come_to(shop, {thing: (6, 3), other: (1, 1)})
        async with shop.database.connect() as connection:
            assert await parked_roots(connection, schema="projection") == []


async def test_a_topic_that_was_not_known_when_the_projector_joined_is_heard_when_it_comes(
    shop_on_kafka: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A broker may not know for a moment a topic that was just made: the group joins, and shares out nothing."""
    shop, thing = shop_on_kafka, uuid7()

    async def believe(*_: object) -> None: ...

    monkeypatch.setattr("messaging.consumer.create_missing", believe)
    caplog.set_level(logging.INFO, "aiokafka.consumer")
    async with running(await ready(shop, Totals(shop))):
        await eventually(lambda: "Setting newly assigned partitions set()" in caplog.text, timeout=20)
        await shop.send(shop.envelope(thing, 1))
        await come_to(shop, {thing: (1, 1)})


async def test_a_projector_that_has_not_joined_yet_has_everything_unread(shop_on_kafka: Shop) -> None:
    shop = shop_on_kafka
    await shop.send(*(shop.envelope(uuid7(), 1) for _ in range(3)))
    await ready(shop, Totals(shop))
    async with shop.database.connect() as connection:
        assert await unread(connection, shop.settings.kafka_bootstrap, schema="projection") == 3


async def test_a_batch_that_fails_is_halved_to_the_root_that_fails(shop_on_kafka: Shop) -> None:
    shop, totals, bad = shop_on_kafka, Totals(shop_on_kafka), uuid7()
    totals.poison = 666
    good = [uuid7() for _ in range(20)]
    rows = [shop.envelope(thing, 1, 1) for thing in good]
    rows[7:7] = [shop.envelope(bad, 1, 5), shop.envelope(bad, 2, 666), shop.envelope(bad, 3, 7)]
    await shop.send(*rows)
    async with running(await ready(shop, totals)), shop.database.connect() as connection:
        await come_to(shop, {bad: (5, 1), **dict.fromkeys(good, (1, 1))})

        async def waits() -> None:
            (parked,) = await parked_roots(connection, schema="projection")
            assert (parked.root, parked.reason, parked.events) == (str(bad), "failed", 2)
            assert "DivisionByZero" in parked.detail

        await eventually(waits)

        totals.poison = -1
        await retry_parked(connection, root=str(bad), schema="projection")
        await come_to(shop, {bad: (678, 3), **dict.fromkeys(good, (1, 1))})
        assert await parked_roots(connection, schema="projection") == []


@pytest.mark.parametrize(("type", "asked"), [(None, False), ("nobody.knows.this.v1", True)])
async def test_a_projection_is_asked_about_no_facts_of_others_but_about_those_that_nobody_knows(
    shop: Shop, type: str | None, asked: bool
) -> None:
    totals = Totals(shop)
    keeper = await ready(shop, totals)
    heard = open_envelope(shop.envelope(uuid7(), 1)["envelope"])
    others = next(each for each in registry() if each != heard.type)
    await project(keeper, [replace(heard, type=type or others)])
    await keeper.close()
    assert totals.batches == ([1] if asked else [])


async def test_a_large_batch_is_shared_out_and_a_root_that_fails_holds_up_no_share(
    shop_on_kafka: Shop,
) -> None:
    shop, totals, bad = shop_on_kafka, Totals(shop_on_kafka), uuid7()
    totals.poison = 666
    good = [uuid7() for _ in range(3_000)]
    await shop.send_all([shop.envelope(bad, 1, 666), *(shop.envelope(thing, 1, 1) for thing in good)])
    keeper = await ready(shop, totals, projection_connections=2)
    async with running(keeper), shop.database.connect() as connection:
        await come_to(shop, dict.fromkeys(good, (1, 1)))

        async def waits() -> None:
            parked = await parked_roots(connection, schema="projection")
            assert [(each.root, each.reason) for each in parked] == [(str(bad), "failed")]
            assert await unread(connection, shop.settings.kafka_bootstrap, schema="projection") == 0

        await eventually(waits)
    assert sum(totals.batches) == len(good), "each fact was added once"


async def test_a_share_that_is_held_up_does_not_hold_up_the_other_of_the_next_batch(
    shop_on_kafka: Shop,
) -> None:
    shop, totals = shop_on_kafka, Noting(shop_on_kafka)
    sides = [_things_in(partition, 3_000) for partition in (0, 1)]
    await shop.send_all([shop.envelope(thing, 1, 1) for side in sides for thing in side])
    keeper = await ready(shop, totals, projection_connections=2, projection_batch=2_000)
    async with AsyncExitStack() as stack:
        holds = [await stack.enter_async_context(_held(shop, side)) for side in sides]
        await stack.enter_async_context(running(keeper))
        stack.push_async_callback(_let_go, *holds)
        await eventually(lambda: len(totals.begun) == 2)
        lesser = min(totals.begun, key=lambda partition: totals.begun[partition])
        await _let_go(holds[lesser])
        await come_to_at_least(shop, totals.begun[lesser] + 1)
        await _let_go(*holds)
        await come_to(shop, {thing: (1, 1) for side in sides for thing in side})


class Noting(Totals):
    """Notes how many events of each partition it began with."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self.begun: dict[int, int] = {}

    async def apply(self, connection: Connection, batch: Batch) -> None:
        self.begun.setdefault(partition_of(batch.received[0].root), len(batch.received))
        await super().apply(connection, batch)


@asynccontextmanager
async def _held(shop: Shop, things: list[UUID]) -> AsyncIterator[Connection]:
    """A connection whose transaction has rows that others want to write."""
    async with shop.database.connect() as connection:
        await connection.execute("begin")
        await connection.execute("insert into projection.total select unnest($1::uuid[]), 0, 0", things)
        yield connection


async def _let_go(*holds: Connection) -> None:
    for each in holds:
        await each.execute("rollback")


def _things_in(partition: int, count: int) -> list[UUID]:
    """Things whose facts lie in one partition."""
    things = (uuid7() for _ in itertools.count())
    return list(itertools.islice((each for each in things if partition_of(str(each)) == partition), count))


async def test_two_processes_share_the_partitions_and_the_books(shop_on_kafka: Shop) -> None:
    shop, things = shop_on_kafka, [uuid7() for _ in range(24)]
    first, second = Totals(shop), Totals(shop)
    relay = Relay(shop.service, shop.database.url, shop.settings)
    numbers = list(range(1, 9))
    async with running(relay, projector(shop, first), projector(shop, second)):
        for number in numbers:
            for thing in things:
                await shop.count(thing, number)
        await come_to(shop, {thing: (sum(numbers), len(numbers)) for thing in things})
    assert sum(first.batches) + sum(second.batches) == len(things) * len(numbers), "each fact was added once"


async def test_a_projector_survives_a_database_that_throws_it_out(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    await shop.send(shop.envelope(thing, 1))
    async with running(await ready(shop, Totals(shop))):
        await come_to(shop, {thing: (1, 1)})
        async with shop.database.connect() as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        await shop.send(shop.envelope(thing, 2))
        await come_to(shop, {thing: (3, 2)})


async def test_a_missing_table_is_no_events_fault(shop_on_kafka: Shop) -> None:
    """A wrong deployment must not park every root of the company."""
    shop, thing = shop_on_kafka, uuid7()
    keeper = projector(shop, Totals(shop), stalled_after=0.2)
    await keeper.ensure()
    await shop.send(shop.envelope(thing, 1))
    async with shop.database.connect() as connection:
        await connection.execute("alter table projection.total rename to elsewhere")
        async with running(keeper):

            def complains() -> None:
                assert keeper.error is not None
                assert 'relation "total" does not exist' in keeper.error
                assert keeper.stalled() == keeper.error

            await eventually(complains)
            assert await parked_roots(connection, schema="projection") == []
            await connection.execute("alter table projection.elsewhere rename to total")
            await come_to(shop, {thing: (1, 1)})
            assert (keeper.error, keeper.stalled()) == (None, None)


async def test_tables_of_another_version_are_refused(shop_on_kafka: Shop) -> None:
    shop = shop_on_kafka
    await projector(shop, Totals(shop)).ensure()
    await projector(shop, Totals(shop)).ensure()
    with pytest.raises(ProjectionOutdated, match="attain rebuild"):
        await projector(shop, Totals(shop), TABLES + "create table another (id int);").ensure()
