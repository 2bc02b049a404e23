"""Reactions: each fact once, in the order of its root; what cannot be applied waits alone."""

from collections import Counter
from uuid import UUID

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from opentelemetry import trace
from shop import Counted, Shop, Thing, running
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contracts import Received
from messaging import (
    ReactionConsumer,
    Reactions,
    Relay,
    lag,
    parked_roots,
    record,
    republish,
    retry_parked,
    show_parked,
    uuid7,
)
from messaging.absorbing import Absorber, Load
from messaging.arrivals import read
from messaging.books import Books, Fenced
from messaging.reactions import HeardTwice
from messaging.topics import Place, partition_of
from testkit import eventually

TALLY = text("insert into tally (thing, number) values (:thing, :number)")


class Tallying:
    """Reactions that count, and refuse the numbers in `poison`."""

    def __init__(self, shop: Shop, group: str = "tally") -> None:
        self.reactions, self.poison, self.traces = (
            Reactions(f"{shop.service}-{group}"),
            set[int](),
            set[str](),
        )
        self.reactions.on(shop.counted)(self.tally)
        self.shop, self.group = shop, self.reactions.group

    async def tally(self, session: AsyncSession, fact: Counted, received: Received) -> None:
        context = trace.get_current_span().get_span_context()
        self.traces.add(trace.format_trace_id(context.trace_id))
        await session.execute(TALLY, {"thing": fact.thing_id, "number": fact.number})
        if fact.number in self.poison:
            raise ValueError(f"{fact.number} cannot be counted")

    def consumer(self) -> ReactionConsumer:
        return ReactionConsumer(self.reactions, self.shop, self.shop.settings)


async def tallied(shop: Shop) -> dict[UUID, list[int]]:
    async with shop.database.connect() as connection:
        rows = await connection.fetch("select thing, number from tally order by at")
    found: dict[UUID, list[int]] = {}
    for row in rows:
        found.setdefault(row["thing"], []).append(row["number"])
    return found


async def comes_to(shop: Shop, expected: dict[UUID, list[int]]) -> None:
    async def probe() -> None:
        assert (now := await tallied(shop)) == expected, f"tallied {now}"

    await eventually(probe, timeout=15)


async def waits(shop: Shop, thing: UUID, reason: str) -> None:
    async def probe() -> None:
        async with shop.database.connect() as connection:
            found = [(each.root, each.reason) for each in await parked_roots(connection)]
        assert found == [(str(thing), reason)], f"parked: {found}"

    await eventually(probe, timeout=15)


def test_two_reactions_to_one_event_are_refused_when_they_are_registered(shop: Shop) -> None:
    reactions = Tallying(shop).reactions
    other = Reactions("another")
    other.include(reactions)
    assert other.topics == {shop.topic}
    with pytest.raises(HeardTwice):
        other.on(shop.counted)(Tallying(shop).tally)
    with pytest.raises(HeardTwice):
        other.include(reactions)


async def test_a_duplicate_is_passed_over(shop_on_kafka: Shop) -> None:
    shop, thing, other = shop_on_kafka, uuid7(), uuid7()
    first, second = shop.envelope(thing, 1), shop.envelope(thing, 2)
    await shop.send(first, second, first, second, first, shop.envelope(other, 1))
    async with running(Tallying(shop).consumer()):
        await comes_to(shop, {thing: [1, 2], other: [1]})


async def test_a_gap_parks_the_root_and_the_owners_ledger_heals_it(shop_on_kafka: Shop) -> None:
    shop, thing, other = shop_on_kafka, uuid7(), uuid7()
    for number in range(1, 6):
        await shop.count(thing, number)
    await shop.send(*(shop.envelope(thing, sequence) for sequence in (1, 3, 4)), shop.envelope(other, 1))
    async with running(Tallying(shop).consumer()):
        await waits(shop, thing, "gap")
        await comes_to(shop, {thing: [1], other: [1]})
        await republish(shop.service, shop.database.url, shop.settings, root=str(thing))
        await comes_to(shop, {thing: [1, 2, 3, 4, 5], other: [1]})
    async with shop.database.connect() as connection:
        assert await parked_roots(connection) == []
        assert await connection.fetchval("select count(*) from messaging.parked_event") == 0


async def test_a_root_that_fails_waits_alone_and_is_retried_in_order(shop_on_kafka: Shop) -> None:
    shop, thing, other = shop_on_kafka, uuid7(), uuid7()
    counter = Tallying(shop)
    counter.poison = {2}
    await shop.send(*(shop.envelope(thing, sequence) for sequence in (1, 2, 3)), shop.envelope(other, 1))
    async with running(counter.consumer()), shop.database.connect() as connection:
        await waits(shop, thing, "failed")
        await comes_to(shop, {thing: [1], other: [1]})
        await shop.send(shop.envelope(thing, 4), shop.envelope(thing, 2))
        shown = await shown_with(shop, counter.group, thing, 3)
        assert "2 cannot be counted" in shown

        assert await retry_parked(connection, root=str(thing)) == 1
        await tried(shop, thing, 2)
        counter.poison = set()
        assert await retry_parked(connection, group=counter.group) == 1
        await comes_to(shop, {thing: [1, 2, 3, 4], other: [1]})
        assert await parked_roots(connection) == []


async def shown_with(shop: Shop, group: str, thing: UUID, events: int) -> str:
    async def probe() -> str:
        async with shop.database.connect() as connection:
            shown = await show_parked(connection, group, str(thing))
        assert shown is not None
        assert len(shown[1]) == events, f"{len(shown[1])} events wait"
        return shown[0].detail

    return await eventually(probe)


async def tried(shop: Shop, thing: UUID, times: int) -> None:
    async def probe() -> None:
        async with shop.database.connect() as connection:
            (root,) = await parked_roots(connection)
        assert root.tries >= times, f"tried {root.tries} times"
        assert root.retry_requested_at is None, "the retry is still to come"

    await eventually(probe)


async def test_a_record_that_is_no_event_is_parked_by_its_place(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    garbage = {**shop.envelope(thing, 1), "root": "", "envelope": b"not json"}
    await shop.send(garbage, shop.envelope(thing, 1))
    async with running(Tallying(shop).consumer()):
        await comes_to(shop, {thing: [1]})
        async with shop.database.connect() as connection:
            (parked,) = await parked_roots(connection)
            assert await retry_parked(connection) == 0
    assert parked.reason == "unreadable"
    assert parked.root == f"{shop.topic}/{partition_of(str(thing))}/0"


async def test_an_event_without_a_reaction_counts_as_applied(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    unknown = shop.envelope(thing, 1)
    unknown["envelope"] = unknown["envelope"].replace(b".counted.v1", b".counted.v9")
    await shop.send(unknown, shop.envelope(thing, 2))
    async with running(Tallying(shop).consumer()):
        await comes_to(shop, {thing: [2]})


async def test_a_rebalance_makes_no_gap_and_no_duplicate(shop_on_kafka: Shop) -> None:
    """Members come and go while facts flow; the table refuses a second tally, the books a hole."""
    shop = shop_on_kafka
    counter, things = Tallying(shop), [uuid7() for _ in range(24)]
    sent = Counter[UUID]()

    async def flow(rounds: int) -> None:
        for _ in range(rounds):
            for thing in things:
                sent[thing] += 1
                await shop.count(thing, sent[thing])

    relay = Relay(shop.service, shop.database.url, shop.settings)
    async with running(relay, counter.consumer()):
        await flow(2)
        async with running(counter.consumer()):
            await flow(4)
            await both_work(shop, counter.group)
            await flow(2)
        await flow(2)
        await comes_to_all(shop, {thing: list(range(1, 11)) for thing in things})
        async with shop.database.connect() as connection:
            assert await parked_roots(connection) == []


async def both_work(shop: Shop, group: str) -> None:
    """Every partition was claimed a second time, by the rebalance."""

    async def probe() -> None:
        async with shop.database.connect() as connection:
            least = await connection.fetchval(
                "select min(epoch) from messaging.consumer_position where consumer_group = $1", group
            )
        assert least >= 2, f"least epoch {least}"

    await eventually(probe, timeout=20)


async def comes_to_all(shop: Shop, expected: dict[UUID, list[int]]) -> None:
    async def probe() -> None:
        now = await tallied(shop)
        wrong = {thing: now.get(thing) for thing in expected if now.get(thing) != expected[thing]}
        assert not wrong, f"{len(wrong)} of {len(expected)} differ: {list(wrong.values())[:3]}"

    await eventually(probe, timeout=20)


async def test_a_zombie_commits_nothing(shop: Shop) -> None:
    """It goes on with a batch after its partition was claimed by another."""
    counter, thing = Tallying(shop), uuid7()
    consumer, books = counter.consumer(), Books(counter.group, "messaging")
    place = Place(shop.topic, 0)
    async with consumer.transaction() as unit:
        mine = await books.claim(unit.connection, [place])
    async with consumer.transaction() as heir:
        assert (await books.claim(heir.connection, [place]))[place].epoch == mine[place].epoch + 1

    async def go_on() -> None:
        async with consumer.transaction() as unit:
            await unit.connection.execute("insert into tally (thing, number) values ($1, 1)", thing)
            await books.hold(unit.connection, {place: mine[place].epoch})

    with pytest.raises(Fenced):
        await go_on()
    assert await tallied(shop) == {}


async def test_a_log_that_ends_before_our_offset_is_an_alarm_and_not_a_reset(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    counter, place = Tallying(shop), Place(shop.topic, partition_of(str(thing)))
    await shop.send(shop.envelope(thing, 1), shop.envelope(thing, 2))
    async with shop.database.connect() as connection:
        await Books(counter.group, "messaging").claim(connection, [place])
        await connection.execute("update messaging.consumer_position set next_offset = 1000")
        async with running(consumer := counter.consumer()):

            async def stands_still() -> None:
                (of_group,) = await lag(connection)
                assert of_group.alarms, "no alarm yet"
                assert consumer.error is not None
                assert "does not hold offset 1000" in consumer.error
                assert list(of_group.alarms) == [consumer.error]
                assert consumer.stalled() == consumer.error, "an alarm needs a person at once"

            await eventually(stands_still, timeout=15)
        assert await connection.fetchval("select max(next_offset) from messaging.consumer_position") == 1000
    assert await tallied(shop) == {}


async def test_reactions_survive_a_database_that_throws_them_out(shop_on_kafka: Shop) -> None:
    shop, thing = shop_on_kafka, uuid7()
    consumer = Tallying(shop).consumer()
    await shop.send(shop.envelope(thing, 1))
    async with running(consumer):
        await comes_to(shop, {thing: [1]})
        async with shop.database.connect() as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        await shop.send(shop.envelope(thing, 2))
        await comes_to(shop, {thing: [1, 2]})
        async with shop.database.connect() as connection:
            assert await parked_roots(connection) == [], "nobody blames an event for it"


async def test_a_reaction_runs_in_the_trace_of_the_request_that_made_the_fact(shop_on_kafka: Shop) -> None:
    shop, thing, counter = shop_on_kafka, uuid7(), Tallying(shop_on_kafka)
    wanted = "4bf92f3577b34da6a3ce929d0e0e4736"
    await shop.send(shop.envelope(thing, 1, traceparent=f"00-{wanted}-00f067aa0ba902b7-01"))
    async with running(counter.consumer()):
        await comes_to(shop, {thing: [1]})
    assert counter.traces == {wanted}


async def test_a_reaction_may_record_facts_of_its_own(shop: Shop) -> None:
    """They are written with the batch, and a root that fails leaves none of its own behind."""
    reactions = Reactions("echo")
    echoed = uuid7()

    @reactions.on(shop.counted)
    async def echo(session: AsyncSession, fact: Counted, received: Received) -> None:
        thing = Thing(id=fact.thing_id if fact.number else echoed)
        session.add(thing)
        record(session, thing, shop.counted(thing_id=thing.id, number=9), by="echo")
        if fact.number == 0:
            raise ValueError("not zero")

    good, bad = uuid7(), uuid7()
    envelopes = [shop.envelope(bad, 1, 0), shop.envelope(good, 1, 1)]
    records = [type("R", (), {**each, "value": each["envelope"], "offset": 0})() for each in envelopes]
    consumer = ReactionConsumer(reactions, shop, shop.settings)
    await Absorber(Books("echo", "messaging"), consumer).absorb(Load({}, read(records)[0]))
    async with shop.database.connect() as connection:
        assert [row["root"] for row in await connection.fetch("select root from messaging.ledger")] == [
            str(good)
        ]
        assert [each.root for each in await parked_roots(connection)] == [str(bad)]


async def test_a_stopped_consumer_leaves_its_offsets_as_a_hint_in_kafka(shop_on_kafka: Shop) -> None:
    shop, thing, counter = shop_on_kafka, uuid7(), Tallying(shop_on_kafka)
    await shop.send(shop.envelope(thing, 1), shop.envelope(thing, 2))
    async with running(counter.consumer()):
        await comes_to(shop, {thing: [1, 2]})
    admin = AIOKafkaAdminClient(bootstrap_servers=shop.settings.kafka_bootstrap)
    await admin.start()
    offsets = await admin.list_consumer_group_offsets(counter.group)
    await admin.close()
    assert {
        each.offset for place, each in offsets.items() if place.partition == partition_of(str(thing))
    } == {2}
