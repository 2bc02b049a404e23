"""The relay puts every committed fact on Kafka, whatever dies meanwhile."""

import asyncio
import contextlib
import random
import time

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from shop import Shop, in_order, on_topic, running, without_repeats

from messaging import Relay, backlog, republish, uuid7
from messaging.publisher import Publisher, Row
from messaging.topics import PARTITIONS, PartitionCountDiffers, create_missing, end_offsets
from testkit import eventually


async def everything_published(shop: Shop) -> None:
    async with shop.database.connect() as connection:

        async def probe() -> None:
            assert (left := await backlog(connection)) == 0, f"{left} facts are not published"

        await eventually(probe)


async def kill_connections(shop: Shop) -> int:
    """What a restart of PostgreSQL does to those connected."""
    async with shop.database.connect() as connection:
        killed = await connection.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'messaging'"
        )
    return len(killed)


async def test_facts_travel_to_the_partition_of_their_root_with_trace_and_content_type(
    shop_on_kafka: Shop,
) -> None:
    shop = shop_on_kafka
    async with running(Relay(shop.service, shop.database.url, shop.settings)):
        facts = [await shop.count(uuid7(), number) for number in range(20)]
        await everything_published(shop)
    found = await on_topic(shop)
    assert {(root, sequence) for _, root, sequence, _ in found} == {(fact.root, 1) for fact in facts}
    assert all(headers["content-type"] == b"application/cloudevents+json" for *_, headers in found)
    async with shop.database.connect() as connection:
        stored = await connection.fetch("select root, partition from messaging.ledger")
    assert {root: partition for partition, root, *_ in found} == {
        row["root"]: row["partition"] for row in stored
    }


async def test_a_commit_of_the_same_process_wakes_the_relay(shop_on_kafka: Shop) -> None:
    shop = shop_on_kafka
    sleepy = shop.with_settings(relay_poll_busy=60.0, relay_poll_idle=60.0)
    async with running(relay := Relay(shop.service, shop.database.url, sleepy)):
        await shop.count(uuid7(), 1)
        await everything_published(shop)
        await shop.count(uuid7(), 2)
        await everything_published(shop)
        relay._bell.set()  # so that it hears the stop


async def test_relays_that_die_anywhere_lose_nothing_and_reorder_nothing(shop_on_kafka: Shop) -> None:
    """Writers commit while relays are killed and PostgreSQL throws everybody out; two relays compete."""
    shop = shop_on_kafka
    settings = shop.with_settings(relay_page=7, relay_standby=0.02)
    things = [uuid7() for _ in range(8)]
    chance = random.Random(4)
    for thing in things:
        await shop.count(thing, 0)

    async def write() -> None:
        for number in range(25):
            await shop.count(
                chance.choice(things), number, hold=lambda: asyncio.sleep(chance.random() * 0.004)
            )

    writers = asyncio.gather(*(write() for _ in range(6)))
    async with running(Relay(shop.service, shop.database.url, settings)):
        while not writers.done():
            victim = asyncio.create_task(
                Relay(shop.service, shop.database.url, settings).run(asyncio.Event())
            )
            await asyncio.sleep(0.15)
            await kill_connections(shop)
            await asyncio.sleep(0.05)
            victim.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await victim
        await writers
        await everything_published(shop)
    found = in_order((root, sequence) for _, root, sequence, _ in await on_topic(shop))
    async with shop.database.connect() as connection:
        counted = await connection.fetch(
            "select root, max(sequence) as last from messaging.ledger group by root"
        )
    assert {root: without_repeats(run) for root, run in found.items()} == {
        row["root"]: list(range(1, row["last"] + 1)) for row in counted
    }


async def test_a_producer_that_does_not_deliver_is_given_up_at_the_deadline(shop: Shop) -> None:
    """A Kafka that accepts connections and says nothing, like one behind a broken network."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    publisher = Publisher(shop.with_settings(kafka_bootstrap=f"127.0.0.1:{port}", publish_deadline=0.2))
    begun = time.monotonic()
    with pytest.raises((TimeoutError, KafkaError)):
        await publisher.publish(shop.topic, [Row.of(shop.envelope(uuid7(), 1))])
    await publisher.close()
    assert time.monotonic() - begun < 2
    server.close()


async def test_a_fact_larger_than_a_record_batch_travels_too(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    small = shop.with_settings(relay_batch_bytes=1_024)
    rows = [
        shop.envelope(thing, sequence, by="clerk" * (500 if sequence == 3 else 1)) for sequence in range(1, 9)
    ]
    await create_missing(small.kafka_bootstrap, [shop.topic])
    async with Publisher(small) as publisher:
        await publisher.publish(shop.topic, [Row.of(row) for row in rows])
    assert [sequence for _, _, sequence, _ in await on_topic(shop)] == list(range(1, 9))


async def test_a_relay_without_kafka_says_so_and_goes_on_trying(shop: Shop) -> None:
    relay = Relay(shop.service, shop.database.url, shop.with_settings(stalled_after=0.5))
    await shop.count(uuid7(), 1)
    async with running(relay):

        def complains() -> None:
            assert relay.error is not None
            assert "Kafka" in relay.error, relay.error
            assert relay.stalled() == relay.error

        await eventually(complains)
    async with shop.database.connect() as connection:
        assert await backlog(connection) == 1


async def test_the_ledger_can_be_published_again_for_one_root_or_all(shop_on_kafka: Shop) -> None:
    shop = shop_on_kafka
    thing, other = uuid7(), uuid7()
    for number in range(3):
        await shop.count(thing, number)
    await shop.count(other, 1)
    url = shop.database.url
    assert await republish(shop.service, url, shop.settings, root=str(thing)) == 3
    told: list[int] = []
    assert await republish(shop.service, url, shop.with_settings(relay_page=3), told=told.append) == 4
    assert told == [3, 4]
    found = in_order((root, sequence) for _, root, sequence, _ in await on_topic(shop))
    assert found == {str(thing): [1, 2, 3, 1, 2, 3], str(other): [1]}


async def test_topics_have_twelve_partitions_and_no_other_number_is_accepted(shop_on_kafka: Shop) -> None:
    bootstrap, topic = shop_on_kafka.settings.kafka_bootstrap, shop_on_kafka.topic
    await asyncio.gather(create_missing(bootstrap, [topic]), create_missing(bootstrap, [topic]))
    assert len(await end_offsets(bootstrap, [topic])) == PARTITIONS
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(f"{topic}-narrow", 3, 1)])
    await admin.close()
    with pytest.raises(PartitionCountDiffers, match="3 partitions, not 12"):
        await create_missing(bootstrap, [f"{topic}-narrow"])


async def test_what_kafka_has_not_acknowledged_is_not_published(
    shop_on_kafka: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes what it is sent and says nothing: the page stays in the backlog, and is sent again."""
    shop, sent = shop_on_kafka, asyncio.Event()

    async def unanswered(*_: object, **__: object) -> asyncio.Future[None]:
        sent.set()
        return asyncio.get_running_loop().create_future()

    fact = await shop.count(uuid7(), 1)
    relay = Relay(shop.service, shop.database.url, shop.with_settings(publish_deadline=1.0))
    async with running(relay), shop.database.connect() as connection:
        with monkeypatch.context() as silence:
            silence.setattr(AIOKafkaProducer, "send_batch", unanswered)
            await eventually(lambda: sent.is_set() and "TimeoutError" in (relay.error or ""))
            assert await backlog(connection) == 1
        await everything_published(shop)
    assert [(root, sequence) for _, root, sequence, _ in await on_topic(shop)] == [(fact.root, 1)]
