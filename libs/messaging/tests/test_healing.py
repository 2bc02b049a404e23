"""What heals by itself, what a person decides, and when everything stops because the version is to blame."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from asyncpg import Connection
from prometheus_client import REGISTRY
from shop import Shop, running
from totals import Totals, come_to, ready

from messaging import Loss, Relay, drop_parked, lag, parked_roots, republish, reread, retry_parked, uuid7
from messaging.books import Books
from messaging.topics import PARTITIONS, Place, make_anew
from testkit import eventually


def relay(shop: Shop) -> Relay:
    return Relay(shop.service, shop.database.url, shop.settings)


async def count(shop: Shop, thing: UUID, facts: int) -> None:
    for number in range(1, facts + 1):
        await shop.count(thing, number)


async def written(shop: Shop, thing: UUID, number: int) -> dict[str, Any]:
    """A fact as the ledger has it."""
    async with shop.database.connect() as connection:
        row = await connection.fetchrow(
            "select * from messaging.ledger where root = $1 and sequence = $2", str(thing), number
        )
    assert row is not None
    return dict(row)


async def call_it_published(shop: Shop) -> None:
    """As if a relay had published the ledger, so that what the topic lacks is lost to Kafka."""
    async with shop.database.connect() as connection:
        await connection.execute(
            "insert into messaging.relay_cursor (name, prev) values ($1, pg_current_snapshot())", shop.service
        )


def garbage(shop: Shop, key: UUID | str) -> dict[str, Any]:
    """A record under a root's key that nobody can read."""
    return {**shop.envelope(uuid7(), 1), "root": str(key), "envelope": b'{"specversion": "1.0", "id":'}


def bad_version(shop: Shop) -> Totals:
    """Fails at every first count."""
    totals = Totals(shop)
    totals.poison = 1
    return totals


async def parked(connection: Connection) -> dict[str, str]:
    return {each.root: each.reason for each in await parked_roots(connection, schema="projection")}


async def test_what_kafka_lost_comes_from_the_owners_ledger_without_anybody(shop_on_kafka: Shop) -> None:
    shop = shop_on_kafka
    lost, unread_, intact = uuid7(), uuid7(), uuid7()
    await count(shop, lost, 4)
    await count(shop, unread_, 2)
    await count(shop, intact, 1)
    await call_it_published(shop)
    await shop.send(
        *(await written(shop, lost, 1), await written(shop, lost, 4)),
        *(await written(shop, unread_, 1), garbage(shop, unread_)),
        *(await written(shop, intact, 1), garbage(shop, intact)),
        garbage(shop, "nobody"),
    )
    async with running(relay(shop), await ready(shop)), shop.database.connect() as connection:
        await come_to(shop, {lost: (10, 4), unread_: (3, 2), intact: (1, 1)})

        async def waits() -> None:
            assert await parked(connection) == {"nobody": "gap"}

        await eventually(waits)
        group = {"group": f"{shop.service}-totals"}
        await eventually(lambda: REGISTRY.get_sample_value("attain_consumer_parked_roots", group) == 1)
        topic = {**group, "topic": shop.topic}
        await eventually(lambda: REGISTRY.get_sample_value("attain_consumer_behind_events", topic) == 0)
        left = await connection.fetch("select root from projection.parked_event")
        assert [row["root"] for row in left] == ["nobody"]


async def test_a_question_that_nobody_heard_is_answered_by_the_next_relay(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    await count(shop, thing, 3)
    await call_it_published(shop)
    await shop.send(await written(shop, thing, 1), await written(shop, thing, 3))
    async with running(await ready(shop)), shop.database.connect() as connection:

        async def asked_and_not_again() -> None:
            hour_later = (
                "update projection.parked_root set ask_at = now() + interval '1 hour' where asked > 0"
            )
            assert await connection.execute(hour_later) == "UPDATE 1"

        await eventually(asked_and_not_again)
        await come_to(shop, {thing: (1, 1)})
        async with running(relay(shop)):
            await come_to(shop, {thing: (6, 3)})


async def test_a_record_without_a_key_waits_by_itself(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    await shop.send(garbage(shop, ""), {**shop.envelope(thing, 1)})
    async with running(await ready(shop)), shop.database.connect() as connection:
        await come_to(shop, {thing: (1, 1)})
        ((root, reason),) = (await parked(connection)).items()
        assert root.startswith(f"{shop.topic}/")
        assert reason == "unreadable"


async def test_a_bad_version_parks_nothing_and_goes_on_when_it_is_asked_to(shop_on_kafka: Shop) -> None:
    shop, things, totals = (
        shop_on_kafka,
        [uuid7() for _ in range(12)],
        bad_version(shop_on_kafka),
    )
    await shop.send(*(shop.envelope(thing, 1) for thing in things))
    projector = await ready(shop, totals, park_most=3)
    async with running(projector), shop.database.connect() as connection:
        await eventually(lambda: "DivisionByZero" in (projector.alarm or ""))
        assert projector.stalled() == projector.alarm

        async def alarmed() -> None:
            alarms = [alarm for each in await lag(connection, schema="projection") for alarm in each.alarms]
            assert ["attain parked retry" in alarm for alarm in alarms] == [True]

        await eventually(alarmed)
        alarm = ("attain_consumer_alarm", {"group": f"{shop.service}-totals"})
        assert REGISTRY.get_sample_value(*alarm) == 1
        assert await parked(connection) == {}
        totals.poison = -1
        await retry_parked(connection, schema="projection")
        await come_to(shop, dict.fromkeys(things, (1, 1)))
        await eventually(lambda: projector.alarm is None)
        assert REGISTRY.get_sample_value(*alarm) == 0


async def test_the_next_version_goes_on_by_itself(shop_on_kafka: Shop) -> None:
    shop, things = shop_on_kafka, [uuid7() for _ in range(12)]
    await shop.send(*(shop.envelope(thing, 1) for thing in things))
    bad = await ready(shop, bad_version(shop), park_most=3)
    async with running(bad):
        await eventually(lambda: bad.alarm is not None)
    async with running(await ready(shop)), shop.database.connect() as connection:
        await come_to(shop, dict.fromkeys(things, (1, 1)))
        assert [each.alarms for each in await lag(connection, schema="projection")] == [[]]


async def test_a_log_that_was_made_anew_is_noticed_and_read_again_when_asked(shop_on_kafka: Shop) -> None:
    shop, thing, other = shop_on_kafka, uuid7(), uuid7()
    await count(shop, thing, 3)
    await call_it_published(shop)
    await shop.send(shop.envelope(thing, 1), shop.envelope(thing, 2))
    async with running(await ready(shop)):
        await come_to(shop, {thing: (3, 2)})
    await make_anew(shop.settings.kafka_bootstrap, shop.topic)
    stranger = {**shop.envelope(other, 1), "partition": shop.envelope(thing, 1)["partition"]}
    await shop.send(stranger, stranger, stranger)  # longer than it was
    projector = await ready(shop)
    async with running(projector), shop.database.connect() as connection:
        await eventually(lambda: "attain reread" in (projector.alarm or ""))
        await republish(shop.service, shop.database.url, shop.settings)
        assert await reread(connection, shop.topic, schema="projection") == [f"{shop.service}-totals"]
        await come_to(shop, {thing: (6, 3), other: (1, 1)})


async def test_who_was_replaced_without_noticing_writes_nothing(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    await shop.send(shop.envelope(thing, 1))
    async with running(await ready(shop)), shop.database.connect() as connection:
        await come_to(shop, {thing: (1, 1)})
        places = [Place(shop.topic, partition) for partition in range(PARTITIONS)]
        successor = Books(f"{shop.service}-totals", "projection")
        claims = await successor.claim(connection, places)
        await shop.send(shop.envelope(thing, 2))

        async def claimed_anew() -> None:
            lowest = await connection.fetchval("select min(epoch) from projection.consumer_position")
            assert lowest > max(claim.epoch for claim in claims.values())

        await eventually(claimed_anew)
        await come_to(shop, {thing: (3, 2)})


async def test_a_root_goes_on_without_what_is_dropped(shop_on_kafka: Shop) -> None:
    shop, holed, failing, torn = shop_on_kafka, uuid7(), uuid7(), uuid7()
    poisoned = shop.envelope(failing, 1)
    poisoned["envelope"] = poisoned["envelope"].replace(b'"number":1', b'"number":"one"')
    await shop.send(
        *(shop.envelope(holed, 1), shop.envelope(holed, 4), shop.envelope(holed, 5)),
        *(
            poisoned,
            shop.envelope(failing, 2),
            shop.envelope(torn, 1),
            garbage(shop, torn),
            garbage(shop, ""),
        ),
    )
    async with running(await ready(shop)), shop.database.connect() as connection:

        async def all_wait() -> None:
            assert sorted((await parked(connection)).values()) == ["failed", "gap", "gap", "unreadable"]

        await eventually(all_wait)
        group = f"{shop.service}-totals"
        lost = {
            root: await drop_parked(connection, group, root, schema="projection")
            for root in await parked(connection)
        }
        assert lost[str(holed)] == Loss(2, 3, None, 2)
        assert lost[str(failing)] == Loss(1, 1, shop.counted.type, 1)
        assert lost[str(torn)] == Loss(2, 1, None, 0)
        await come_to(shop, {holed: (10, 3), failing: (2, 1), torn: (1, 1)})
        assert await parked(connection) == {}
        assert await connection.fetchval("select count(*) from projection.parked_event") == 0
        assert await drop_parked(connection, group, str(holed), schema="projection") is None


class Elsewhere:
    """A projector in another process: how many batches it has applied."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process, self.batches = process, 0

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for _ in self.process.stdout:
            self.batches += 1


@asynccontextmanager
async def projecting_elsewhere(shop: Shop) -> AsyncIterator[Elsewhere]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).parent / "example" / "projecting.py"),
        *(shop.service, shop.database.url, shop.settings.kafka_bootstrap),
        stdout=asyncio.subprocess.PIPE,
    )
    elsewhere = Elsewhere(process)
    listening = asyncio.create_task(elsewhere.listen())
    try:
        yield elsewhere
    finally:
        process.kill()
        await process.wait()
        await listening


async def test_a_process_that_stood_still_for_longer_than_its_session_writes_nothing_when_it_wakes_up(
    shop_on_kafka: Shop,
) -> None:
    shop, things = shop_on_kafka, [uuid7() for _ in range(24)]
    said = 0

    async def say() -> None:
        nonlocal said
        said += 1
        await shop.send_all(shop.envelope(thing, said, 1) for thing in things)

    projector = await ready(shop)
    await say()
    async with projecting_elsewhere(shop) as zombie:
        await eventually(lambda: zombie.batches >= 2)
        os.kill(zombie.process.pid, signal.SIGSTOP)
        await say()
        async with running(projector):
            await come_to(shop, dict.fromkeys(things, (said, said)))
            before = zombie.batches
            os.kill(zombie.process.pid, signal.SIGCONT)

            async def at_work_again() -> None:
                await say()
                assert zombie.batches > before + 2

            await eventually(at_work_again, timeout=20, every=0.5)
            await come_to(shop, dict.fromkeys(things, (said, said)))
