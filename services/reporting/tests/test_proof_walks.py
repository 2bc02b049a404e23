"""The continuous proof at work: what drifts is said once, what agrees again is said once, and load is no drift."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from attain.parts.kafka import Kafka
from contracts import open_envelope
from messaging import ProjectionSwapped, Projector, rebuild
from reporting.projector import SCHEMA
from reporting.proof.actions import drifting
from reporting.proof.checker import checker
from reporting.proof.evidence import prover
from reporting.proof.walks import walk_log, walk_roots
from reporting.settings import ReportingSettings
from reporting.worker import projector
from runtime import Database as Served
from testkit import Database, eventually
from testkit.history import History
from testkit.projecting import project, running
from testkit.publishing import publish
from testkit.servers import running_kafka


@pytest.fixture(scope="module")
def own_kafka() -> Iterator[Kafka]:
    """A node that hears no events of other tests: they would stand in the tables too."""
    with running_kafka() as kafka:
        yield kafka


@dataclass
class Proving:
    """Reporting's tables, and rounds of the proof under the test's hand."""

    settings: ReportingSettings
    projector: Projector
    database: Served
    looking: asyncpg.Connection

    async def roots(self, most: int = 10_000) -> int | None:
        """A piece of the walk over the roots."""
        async with self.database.connection() as reading, self.database.transaction() as session:
            return await walk_roots(session, reading, prover(self.projector), datetime.now(UTC), most)

    async def log(self, most: int = 10_000) -> int:
        """A whole lap over the log."""
        heard = 0
        places = await self.looking.fetchval("select count(*) from consumer_position where next_offset > 0")
        for _ in range(places):
            async with self.database.connection() as reading, self.database.transaction() as session:
                heard += await walk_log(session, reading, self.projector, datetime.now(UTC), most) or 0
        return heard

    async def drifting(self) -> dict[str, int]:
        async with self.database.transaction() as session:
            return await drifting(session)

    async def said(self) -> list[tuple[str, dict[str, Any]]]:
        """The facts of the proof, in the order said."""
        rows = await self.looking.fetch("select envelope from messaging.ledger order by id")
        facts = [open_envelope(row["envelope"]) for row in rows]
        return [(fact.type.split(".")[2], fact.data) for fact in facts]


@asynccontextmanager
async def proving_of(
    reporting: Database, looking: asyncpg.Connection, bootstrap: str = "127.0.0.1:1"
) -> AsyncIterator[Proving]:
    settings = ReportingSettings(database_url=reporting.url, kafka_bootstrap=bootstrap)
    made = Proving(settings, projector(settings), Served(settings, reading_schema=SCHEMA), looking)
    yield made
    await made.projector.close()
    await made.database.close()


@pytest.fixture
async def proving(reporting: Database, looking: asyncpg.Connection) -> AsyncIterator[Proving]:
    async with proving_of(reporting, looking) as made:
        yield made


def company(deals: int = 6) -> History:
    """A team with won opportunities and their sales amount."""
    history = History()
    history.sales_amount("product_line")
    east = history.unit("east")
    wang = history.person("E1", unit=east)
    for number in range(deals):
        deal = history.deal(wang, amount=100 + number).interaction().moved("intent")
        if number % 2:
            deal.won()
    return history


async def test_a_walk_comes_by_every_root_in_pieces_and_begins_anew(proving: Proving) -> None:
    await project(proving.projector, company().events)
    total = await proving.looking.fetchval("select count(*) from consumer_root")
    seen: list[int] = []
    while sum(seen) < total:
        seen.append(await proving.roots(4) or 0)
    assert seen[:-1] == [4] * (len(seen) - 1)
    if seen[-1] == 4:
        assert await proving.roots(4) == 0
    assert await proving.looking.fetchval("select laps from proof_walk") == 1
    assert await proving.drifting() == {}
    assert await proving.said() == []


async def test_an_altered_row_is_said_to_drift_once_and_to_agree_once_it_is_mended(proving: Proving) -> None:
    await project(proving.projector, company().events)
    altered = await proving.looking.fetchrow("select id, amount from opportunity order by id limit 1")
    assert altered is not None
    await proving.looking.execute("update opportunity set amount = 1 where id = $1", altered["id"])
    for _ in range(3):
        await proving.roots()
    assert await proving.drifting() == {"opportunity": 1}
    kept = await proving.looking.fetchrow("select root, detail from drift_root")
    assert kept is not None
    assert tuple(kept) == (str(altered["id"]), "amount"), "the column is named, its value is not"
    [(fact, data)] = await proving.said()
    assert (fact, data["check"], data["table"], data["roots"]) == (
        "drifted", "rows", "opportunity", [str(altered["id"])],
    )  # fmt: skip
    await proving.looking.execute("update opportunity set amount = $2 where id = $1", *altered)
    await proving.roots(1)
    assert await proving.drifting() == {}
    assert [fact for fact, _ in await proving.said()] == ["drifted", "agreed"]
    await proving.looking.execute("update opportunity set stage = 'x' where id = $1", altered["id"])
    await proving.roots()  # the rest of the lap
    await proving.roots()
    first, _, second = await proving.said()
    assert second[0] == "drifted"
    assert second[1]["drift_id"] != first[1]["drift_id"]


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("rollup", "update rollup set sum = sum + 1 where metric = 'sales_amount'"),
        ("cohort", "update cohort set advanced = advanced + 1 where reason is null"),
    ],
)
async def test_a_wrong_sum_is_found_although_its_facts_are_right(
    proving: Proving, table: str, wrong: str
) -> None:
    await project(proving.projector, company().events)
    await proving.looking.execute(wrong)
    await proving.roots()
    assert [(fact, data["check"], data["table"]) for fact, data in await proving.said()] == [
        ("drifted", "sums", table)
    ]


async def test_of_a_flood_of_drift_one_fact_is_said_and_a_rest_of_it_keeps_it_open(proving: Proving) -> None:
    await project(proving.projector, company(40).events)
    await proving.looking.execute("update opportunity set channel = 'x'")
    await proving.roots()
    assert await proving.drifting() == {"opportunity": 40}
    await proving.looking.execute("update opportunity set channel = null where amount <> 100")
    await proving.roots(1)
    assert await proving.drifting() == {"opportunity": 1}
    await proving.looking.execute("update opportunity set channel = null")
    await proving.roots(1)
    assert [fact for fact, _ in await proving.said()] == ["drifted", "agreed"]


async def test_a_rebuild_during_a_look_spoils_it_and_is_no_drift(proving: Proving) -> None:
    await project(proving.projector, company().events)
    look = prover(proving.projector).look()
    await look.__aenter__()
    await proving.looking.execute(f"alter schema {SCHEMA} rename to {SCHEMA}_old; create schema {SCHEMA}")
    with pytest.raises(ProjectionSwapped):
        await look.__aexit__(None, None, None)


async def test_what_kafka_has_otherwise_is_found_and_a_rebuild_mends_everything(
    reporting: Database, looking: asyncpg.Connection, own_kafka: Kafka
) -> None:
    async with proving_of(reporting, looking, own_kafka.bootstrap) as proving:
        history = company()

        async def heard() -> None:
            assert await looking.fetchval("select count(*) from event") == len(history.events)

        async with running(proving.projector):
            await publish(history.envelopes, proving.settings)
            await eventually(heard, timeout=30)
        assert await proving.log() == len(history.events)
        assert await proving.said() == []
        await looking.execute("update event set by = 'somebody' where type like '%.won.v1'")
        await looking.execute("update opportunity set amount = 0")
        await looking.execute("delete from fact where metric = 'sales_amount'")
        await proving.log()
        await proving.roots()
        assert {(data["check"], data["table"]) for _, data in await proving.said()} == {
            ("log", "event"), ("rows", "opportunity"), ("rows", "fact"),
        }  # fmt: skip
        await rebuild(proving.projector)
        await proving.roots()
        await proving.log()
        assert await proving.drifting() == {}
        assert sorted(fact for fact, _ in await proving.said()) == ["agreed"] * 3 + ["drifted"] * 3


async def test_looks_during_live_projection_and_a_rebuild_raise_no_false_alarm(
    reporting: Database, looking: asyncpg.Connection, own_kafka: Kafka
) -> None:
    async with proving_of(reporting, looking, own_kafka.bootstrap) as proving:
        history = History()
        history.sales_amount()
        people = [history.person(f"E{number}", unit=history.unit(f"unit-{number}")) for number in range(3)]
        told = 0

        def go_on() -> None:
            for number in range(30):
                deal = history.deal(people[number % 3], amount=number).interaction().moved("intent")
                if number % 3 == 0:
                    deal.won().receipt(1)
                if number % 7 == 0:
                    deal.voided("win" if number % 3 == 0 else "opportunity")
            history.unit(f"unit-{len(history.events)}")

        async def say() -> None:
            nonlocal told
            go_on()
            await publish(history.envelopes[told:], proving.settings)
            told = len(history.events)

        async def heard() -> None:
            # the other test's events lie on the same Kafka
            assert await looking.fetchval("select count(*) from event") >= told

        async def rebuild_now() -> None:
            await rebuild(projector(proving.settings))

        async with running(proving.projector):
            for look in range(8):
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(say())
                    if look == 4:
                        tasks.create_task(rebuild_now())
                    try:
                        assert await proving.roots(100) is not None
                    except ProjectionSwapped:
                        assert look == 4
            await eventually(heard, timeout=30)
        assert await proving.said() == []
        assert await proving.roots() is not None
        assert await proving.said() == []


async def test_a_round_proves_the_rows_although_kafka_is_away(proving: Proving) -> None:
    await project(proving.projector, company().events)
    await proving.looking.execute("update opportunity set amount = 0")
    worker = checker(proving.settings, proving.database, proving.projector)
    await worker._round()
    assert await proving.drifting() == {"opportunity": 6}
    assert worker.stalled() is None
