"""Facts are numbered by their root and written as the transaction commits, or not at all."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from shop import Shop, Thing
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from contracts.refusal import OccurredBeforeLast
from messaging import bells, history, record, uuid7
from messaging.ledger import COPIED_FROM, FactTooLarge


async def rows(shop: Shop) -> list[tuple[str, int]]:
    async with shop.database.connect() as connection:
        found = await connection.fetch("select root, sequence from messaging.ledger order by id")
    return [(row["root"], row["sequence"]) for row in found]


async def test_facts_of_a_root_are_numbered_without_holes(shop: Shop) -> None:
    thing = uuid7()
    facts = [await shop.count(thing, number) for number in (7, 8, 9)]
    assert [fact.sequence for fact in facts] == [1, 2, 3]
    assert facts[-1].token == f"{thing}@3"
    async with shop.sessions() as session:
        heard = await history(session, str(thing), after=1)
    assert [(each.sequence, each.data["number"], each.by) for each in heard] == [
        (2, 8, "clerk"),
        (3, 9, "clerk"),
    ]


async def test_all_facts_of_a_transaction_are_one_insert_in_the_order_recorded(shop: Shop) -> None:
    things = [Thing(id=uuid7()) for _ in range(50)]
    statements: list[str] = []
    async with shop.sessions() as session, session.begin():
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        session.add_all(things)
        recorded = [
            record(session, thing, shop.counted(thing_id=thing.id, number=number), by="clerk")
            for number in range(3)
            for thing in reversed(things)
        ]
    assert await rows(shop) == [(fact.root, fact.sequence) for fact in recorded]
    assert len([each for each in statements if "messaging.ledger" in each]) == 1


async def test_many_facts_are_copied_in_the_order_recorded(shop: Shop) -> None:
    things = [Thing(id=uuid7()) for _ in range(COPIED_FROM)]
    statements: list[str] = []
    async with shop.sessions() as session, session.begin():
        event.listen(session.get_bind(), "before_cursor_execute", lambda *call: statements.append(call[2]))
        session.add_all(things)
        await session.flush()
        recorded = [
            record(session, thing, shop.counted(thing_id=thing.id, number=number), by="clerk")
            for number in range(2)
            for thing in reversed(things)
        ]
    assert await rows(shop) == [(fact.root, fact.sequence) for fact in recorded]
    assert not [each for each in statements if "messaging.ledger" in each]
    async with shop.sessions() as session:
        heard = await history(session, str(things[0].id))
    assert [(each.sequence, each.data["number"]) for each in heard] == [(1, 0), (2, 1)]


async def test_many_facts_that_cannot_be_written_take_their_transaction_along(shop: Shop) -> None:
    thing = uuid7()
    await shop.count(thing, 1)
    async with shop.sessions() as session:
        await session.execute(text("insert into tally (thing, number) values (:thing, 1)"), {"thing": thing})
        late = Thing(id=thing)
        for _ in range(COPIED_FROM):
            record(session, late, shop.counted(thing_id=thing, number=1), by="clerk")
        with pytest.raises(asyncpg.UniqueViolationError):
            await session.commit()
    assert await rows(shop) == [(str(thing), 1)]
    async with shop.database.connect() as connection:
        assert await connection.fetchval("select count(*) from tally where thing = $1", thing) == 0


async def test_a_commit_that_fails_writes_nothing_and_says_so(shop: Shop) -> None:
    """Two transactions that did not lock the root give the same number; the second must not answer 2xx."""
    thing = uuid7()
    rung = bells.bell(shop.topic)
    async with shop.sessions() as late, shop.sessions() as early:
        for session in (early, late):
            record(session, Thing(id=thing), shop.counted(thing_id=thing, number=1), by="clerk")
        await early.commit()
        assert rung.is_set()
        rung.clear()
        await late.execute(text("insert into tally (thing, number) values (:thing, 1)"), {"thing": thing})
        with pytest.raises(IntegrityError):
            await late.commit()
        await late.rollback()
        await late.commit()
    assert not rung.is_set()
    assert await rows(shop) == [(str(thing), 1)]
    async with shop.database.connect() as connection:
        assert await connection.fetchval("select count(*) from tally") == 0


async def test_a_savepoint_that_is_rolled_back_takes_its_facts_along_and_no_others(shop: Shop) -> None:
    kept, dropped = Thing(id=uuid7()), Thing(id=uuid7())

    def say(session: object, thing: Thing, number: int) -> None:
        record(session, thing, shop.counted(thing_id=thing.id, number=number), by="clerk")  # type: ignore[arg-type]

    async with shop.sessions() as session, session.begin():
        session.add(kept)
        say(session, kept, 1)
        savepoint = await session.begin_nested()
        session.add(dropped)
        say(session, dropped, 1)
        async with session.begin_nested():
            say(session, dropped, 2)
        say(session, kept, 2)
        await savepoint.rollback()
        await session.refresh(kept)
        async with session.begin_nested():
            say(session, kept, 3)
        assert kept.sequence == 2, "the number given inside the savepoint is free again"
    assert await rows(shop) == [(str(kept.id), 1), (str(kept.id), 2)]


async def test_a_session_that_is_closed_without_commit_forgets_its_facts(shop: Shop) -> None:
    thing = Thing(id=uuid7())
    async with shop.sessions() as session:
        session.add(thing)
        record(session, thing, shop.counted(thing_id=thing.id, number=1), by="clerk")
        await session.flush()
        await session.close()
        await session.execute(text("select 1"))
        await session.commit()
    assert await rows(shop) == []


async def test_a_logged_call_keeps_the_version_of_the_row(shop: Shop) -> None:
    thing = Thing(id=uuid7())
    async with shop.sessions() as session, session.begin():
        session.add(thing)
        record(session, thing, shop.counted(thing_id=thing.id, number=1), by="clerk")
        record(session, thing, shop.counted(thing_id=thing.id, number=1), by="clerk", changes_row=False)
    assert (thing.sequence, thing.version) == (2, 1)


async def test_a_refused_fact_changes_nothing(shop: Shop) -> None:
    thing = Thing(id=uuid7())
    now = datetime.now(UTC)
    async with shop.sessions() as session, session.begin():
        session.add(thing)
        record(session, thing, shop.counted(thing_id=thing.id, number=1), by="clerk", at=now)
        with pytest.raises(OccurredBeforeLast):
            record(
                session,
                thing,
                shop.counted(thing_id=thing.id, number=2),
                by="clerk",
                at=now - timedelta(seconds=1),
            )
    assert (thing.sequence, thing.last_occurred_at) == (1, now)
    assert await rows(shop) == [(str(thing.id), 1)]


async def test_a_fact_that_kafka_would_refuse_is_not_recorded(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.ledger.ENVELOPE_MOST", 100)
    thing = Thing(id=uuid7())
    async with shop.sessions() as session, session.begin():
        session.add(thing)
        with pytest.raises(FactTooLarge):
            record(session, thing, shop.counted(thing_id=thing.id, number=1), by="clerk")
    assert thing.sequence == 0
    assert await rows(shop) == []


async def test_writers_of_one_root_queue_and_lose_nothing(shop: Shop) -> None:
    thing = uuid7()
    await shop.count(thing, 0)
    await asyncio.gather(*(shop.count(thing, number) for number in range(1, 20)))
    assert await rows(shop) == [(str(thing), sequence) for sequence in range(1, 21)]


async def test_a_fact_carries_the_trace_of_its_request(shop: Shop) -> None:
    thing = uuid7()
    with TracerProvider().get_tracer("test").start_as_current_span("POST /things") as span:
        await shop.count(thing, 1)
    async with shop.sessions() as session:
        (heard,) = await history(session, str(thing))
    assert heard.traceparent is not None
    assert heard.traceparent.split("-")[1] == trace.format_trace_id(span.get_span_context().trace_id)


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [uuid7() for _ in range(3)]
    assert all(each.version == 7 and each.variant.startswith("specified") for each in ids)
    assert abs((ids[0].int >> 80) / 1000 - datetime.now(UTC).timestamp()) < 5
