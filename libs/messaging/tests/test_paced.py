"""How often a consumer asks Kafka."""

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from shop import Shop

from messaging import paced, uuid7
from messaging.paced import PacedConsumer
from messaging.topics import PARTITIONS, create_missing
from testkit import eventually

LONG = 10_000


async def test_who_hears_nothing_asks_rarely_and_still_hears_the_first_event_at_once(
    shop_on_kafka: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paced, "QUIET_AFTER", 0.1)
    monkeypatch.setattr(paced, "LONG_SILENCE", 0.2)
    shop, topic, waits = shop_on_kafka, shop_on_kafka.counted.topic, list[int]()
    await create_missing(shop.settings.kafka_bootstrap, [topic])
    places = [TopicPartition(topic, each) for each in range(PARTITIONS)]
    kafka = PacedConsumer(
        bootstrap_servers=shop.settings.kafka_bootstrap, fetch_max_wait_ms=20, quiet_wait_ms=LONG
    )
    await kafka.start()
    try:
        fetch = kafka._fetcher._proc_fetch_request

        async def counting(assignment: object, node: int, request: object) -> object:
            waits.append(request._max_wait_ms)  # type: ignore[attr-defined]
            return await fetch(assignment, node, request)

        kafka._fetcher._proc_fetch_request = counting
        kafka.assign(places)
        await kafka.seek_to_beginning(*places)

        async def quiet() -> None:
            assert not await kafka.getmany(timeout_ms=50)
            assert waits[-1] == 2 * LONG

        await eventually(quiet)
        assert waits[0] == 20
        asked = len(waits)
        await shop.send(shop.envelope(uuid7(), 1))
        assert await kafka.getmany(timeout_ms=LONG // 2)
        assert len(waits) == asked

        async def busy() -> None:
            await kafka.getmany(timeout_ms=5)
            assert waits[asked] == 20

        await eventually(busy)
    finally:
        await kafka.stop()


async def test_who_has_known_all_topics_for_long_soon_hears_that_one_was_made_anew(
    shop_on_kafka: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paced, "YOUNG_FOR", 0.0)
    bootstrap, topic = shop_on_kafka.settings.kafka_bootstrap, f"paced-{uuid7()}"
    await create_missing(bootstrap, [topic])
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    kafka = PacedConsumer(
        bootstrap_servers=bootstrap,
        group_id=topic,
        enable_auto_commit=False,
        fetch_max_wait_ms=20,
        quiet_wait_ms=100,
    )
    await admin.start()
    await kafka.start()

    async def reads(partitions: int) -> None:
        await kafka.getmany(timeout_ms=1_000)
        assert len(kafka.assignment()) == partitions

    try:
        kafka.subscribe([topic])
        await eventually(lambda: reads(PARTITIONS))
        await admin.delete_topics([topic])
        await eventually(lambda: reads(0))
        await create_missing(bootstrap, [topic])
        await eventually(lambda: reads(PARTITIONS))
    finally:
        await kafka.stop()
        await admin.close()
