"""A relay publishes no ledger that is not the one Kafka was told from, and heals a Kafka that has lost its tail."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from shop import Shop, in_order, on_topic, running, without_repeats

from messaging import PositionGone, Relay, backlog, feed_end, read_feed, republish, uuid7
from messaging.source import adopt, lost
from messaging.topics import make_anew
from testkit import eventually


async def relayed(shop: Shop) -> None:
    """Runs a relay until everything is published."""
    async with (
        running(Relay(shop.service, shop.database.url, shop.settings)),
        shop.database.connect() as look,
    ):

        async def probe() -> None:
            assert await backlog(look) == 0

        await eventually(probe)


async def refusal(shop: Shop) -> str:
    """What a relay says that refuses."""
    async with running(relay := Relay(shop.service, shop.database.url, shop.settings)):

        def refuses() -> None:
            assert relay.stalled()

        await eventually(refuses)
        return relay.stalled() or ""


async def published(shop: Shop) -> dict[str, list[int]]:
    return in_order((root, sequence) for _, root, sequence, _ in await on_topic(shop))


async def set_back(shop: Shop, thing: UUID, number: int) -> None:
    """What a restore to an earlier moment does to a thing and its facts."""
    async with shop.database.connect() as connection:
        await connection.execute(
            "delete from messaging.ledger where root = $1 and sequence > $2", str(thing), number
        )
        await connection.execute("update thing set sequence = $2 where id = $1", thing, number)


async def test_a_ledger_that_was_set_back_to_before_what_kafka_holds_is_not_published(
    shop_on_kafka: Shop,
) -> None:
    shop, thing = shop_on_kafka, uuid7()
    for number in range(5):
        await shop.count(thing, number)
    await relayed(shop)
    await set_back(shop, thing, 3)
    await shop.count(thing, 99)
    said = await refusal(shop)
    assert f"number 4 of {thing}" in said
    assert f"attain ledger lost {shop.service}" in said
    assert await published(shop) == {str(thing): [1, 2, 3, 4, 5]}, "the new number 4 would be passed over"
    async with shop.database.connect() as connection:
        found = [each async for each in lost(connection, shop.service, shop.settings.kafka_bootstrap)]
    assert [(each.root, each.sequence) for each in found] == [(str(thing), 4), (str(thing), 5)]


async def test_a_ledger_from_another_cluster_is_published_after_somebody_has_adopted_it(
    shop_on_kafka: Shop,
) -> None:
    """Its transaction numbers are far beyond those of this cluster, so that no snapshot shows them."""
    shop, things = shop_on_kafka, [uuid7(), uuid7()]
    for number in range(3):
        for thing in things:
            await shop.count(thing, number)
    await relayed(shop)
    await shop.count(things[0], 99)
    async with shop.database.connect() as connection:
        await connection.execute(
            "update messaging.ledger set xid = (xid::text::bigint + 1000000000)::text::xid8"
        )
        await connection.execute("update messaging.source set system_identifier = 1")
        assert f"attain ledger adopt {shop.service}" in await refusal(shop)
        position = await feed_end(connection)
        assert await adopt(connection, shop.service) > 1
        with pytest.raises(PositionGone):
            await read_feed(connection, position)
    await relayed(shop)
    first, second = (str(thing) for thing in things)
    assert await published(shop) == {first: [1, 2, 3, 1, 2, 3, 4], second: [1, 2, 3, 1, 2, 3]}


async def test_a_restore_from_before_clusters_were_written_down_is_known_by_its_cursor(
    shop_on_kafka: Shop,
) -> None:
    shop = shop_on_kafka
    await shop.count(uuid7(), 1)
    async with shop.database.connect() as connection:
        await connection.execute(
            "insert into messaging.relay_cursor (name, prev) values ($1, '900000000000:900000000000:')",
            shop.service,
        )
    assert "another PostgreSQL cluster" in await refusal(shop)


async def test_what_a_broker_has_lost_of_its_tail_is_published_again_by_the_next_relay(
    shop_on_kafka: Shop,
) -> None:
    shop, things = shop_on_kafka, [uuid7() for _ in range(6)]
    for number in range(4):
        for thing in things:
            await shop.count(thing, number)
    await relayed(shop)
    async with shop.database.connect() as connection:
        lost_from = await connection.fetchval(
            "select recorded_at from messaging.ledger order by id offset 13 limit 1"
        )
    await make_anew(shop.settings.kafka_bootstrap, shop.topic)
    await republish(shop.service, shop.database.url, shop.settings, until=lost_from)
    whole = {str(thing): [1, 2, 3, 4] for thing in things}

    async def probe() -> None:
        runs = await published(shop)
        assert {root: without_repeats(run) for root, run in runs.items()} == whole

    async with running(Relay(shop.service, shop.database.url, shop.settings)):
        await eventually(probe)


async def test_a_relay_that_begins_with_a_whole_topic_publishes_nothing_twice(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    for number in range(4):
        await shop.count(thing, number)
        await relayed(shop)
    assert await published(shop) == {str(thing): [1, 2, 3, 4]}


async def test_a_clock_that_is_an_hour_off_neither_loses_nor_reorders_a_fact(shop_on_kafka: Shop) -> None:
    """The order of a root is that of its numbers and of its ledger rows; a clock decides nothing."""
    shop, thing = shop_on_kafka, uuid7()
    for number in range(6):
        await shop.count(thing, number)
    async with shop.database.connect() as connection:
        await connection.execute(
            "update messaging.ledger set recorded_at = $1::timestamptz + (sequence % 3 - 1) * interval '1 hour'",
            datetime.now(UTC),
        )
    await relayed(shop)
    assert await published(shop) == {str(thing): [1, 2, 3, 4, 5, 6]}
    again = await republish(
        shop.service, shop.database.url, shop.settings, since=datetime.now(UTC) - timedelta(hours=2)
    )
    assert again == 6
