"""Whatever becomes of the active relay or of its producer, facts go on within seconds."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from shop import Shop, in_order, on_topic, running, without_repeats

from messaging import Relay, backlog, closing, publisher, uuid7
from messaging.topics import create_missing
from testkit import eventually

TAKEN_OVER_WITHIN = 5.0

ALONE = """
import asyncio, sys
from messaging import MessagingSettings, Relay

service, url, bootstrap = sys.argv[1:]
asyncio.run(Relay(service, url, MessagingSettings(kafka_bootstrap=bootstrap)).run(asyncio.Event()))
"""


@contextlib.asynccontextmanager
async def relay_process(shop: Shop) -> AsyncIterator[asyncio.subprocess.Process]:
    """A relay in a process of its own, once it is active."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ALONE, shop.service, shop.database.url, shop.settings.kafka_bootstrap
    )
    try:
        await shop.count(uuid7(), 0)
        await everything_published(shop)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def everything_published(shop: Shop, within: float = 30.0) -> None:
    async with shop.database.connect() as connection:

        async def probe() -> None:
            assert (left := await backlog(connection)) == 0, f"{left} facts are not published"

        await eventually(probe, timeout=within)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_standby_goes_on_within_five_seconds_when_the_active_relay_is_killed_or_stands_still(
    shop_on_kafka: Shop, end: signal.Signals
) -> None:
    """One that stood still and wakes up moves nothing, and stands by again."""
    shop, thing = shop_on_kafka, uuid7()
    async with relay_process(shop) as active:
        standby = Relay(shop.service, shop.database.url, shop.settings)
        async with running(standby):
            await shop.count(thing, 1)
            await everything_published(shop)
            os.kill(active.pid, end)
            await shop.count(thing, 2)
            await everything_published(shop, within=TAKEN_OVER_WITHIN)
            if end is signal.SIGSTOP:
                os.kill(active.pid, signal.SIGCONT)
                await shop.count(thing, 3)
                await everything_published(shop)
                assert standby.error is None
    runs = in_order((root, sequence) for _, root, sequence, _ in await on_topic(shop))
    assert without_repeats(runs[str(thing)]) == list(range(1, 4 if end is signal.SIGSTOP else 3))


class Stuck(AIOKafkaProducer):  # type: ignore[misc]  # a library without types
    """An idempotent producer as it is after an error that it repeats for ever: it takes batches and says nothing.

    The first that is made is stuck from its second batch on; its sender cannot be ended either.
    """

    made: list["Stuck"]

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.made.append(self)
        self._taken = 0

    async def send_batch(self, *batch: Any, **place: Any) -> Any:
        self._taken += 1
        if self is self.made[0] and self._taken > 1:
            self._sender.close = asyncio.Event().wait
            return asyncio.get_running_loop().create_future()
        return await super().send_batch(*batch, **place)


async def test_a_producer_that_is_stuck_and_cannot_be_ended_is_replaced_at_the_deadline(
    shop_on_kafka: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, things = shop_on_kafka, [uuid7() for _ in range(5)]
    Stuck.made = []
    monkeypatch.setattr(publisher, "AIOKafkaProducer", Stuck)
    monkeypatch.setattr(closing, "CLOSE_WITHIN", 1.0)
    hasty = shop.with_settings(publish_deadline=0.5, relay_page=3)
    async with running(Relay(shop.service, shop.database.url, hasty)):
        for number in range(3):
            for thing in things:
                await shop.count(thing, number)
        await everything_published(shop, within=TAKEN_OVER_WITHIN)
        assert len(Stuck.made) == 2
        ending = time.monotonic()
    assert time.monotonic() - ending < 2.0, "the end of a relay waits for no producer that hangs"
    found = in_order((root, sequence) for _, root, sequence, _ in await on_topic(shop))
    assert {root: without_repeats(run) for root, run in found.items()} == {
        str(thing): [1, 2, 3] for thing in things
    }


async def test_facts_that_follow_a_batch_that_failed_stay_here(
    shop_on_kafka: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the later ones of a root would be on Kafka before the earlier ones, and a consumer would see a gap."""
    shop, thing = shop_on_kafka, uuid7()
    Stuck.made = []
    monkeypatch.setattr(publisher, "AIOKafkaProducer", Stuck)
    monkeypatch.setattr(closing, "CLOSE_WITHIN", 0.1)
    await create_missing(shop.settings.kafka_bootstrap, [shop.topic])
    rows = [publisher.Row.of(shop.envelope(thing, number)) for number in range(1, 10)]
    async with publisher.Publisher(shop.with_settings(publish_deadline=0.5)) as given_up:
        pages = [asyncio.create_task(given_up.publish(shop.topic, rows[n : n + 3])) for n in (0, 3, 6)]
        ended = await asyncio.gather(*pages, return_exceptions=True)
        with pytest.raises(publisher.ProducerGivenUp):
            await given_up.publish(shop.topic, rows[:1])
    assert ended[0] is None
    assert all(isinstance(end, TimeoutError | publisher.ProducerGivenUp) for end in ended[1:])
    assert [sequence for _, _, sequence, _ in await on_topic(shop)] == [1, 2, 3]
