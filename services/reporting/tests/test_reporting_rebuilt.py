"""The whole of reporting's projector over a real Kafka: live, and made anew from offset 0."""

from collections.abc import Iterator
from datetime import date

import asyncpg
import pytest

from attain.parts.kafka import Kafka
from contracts.opportunities import OpportunityOpened
from messaging import freshness, rebuild
from messaging.rebuild import Versions
from reporting.settings import ReportingSettings
from reporting.worker import projector
from testkit import Database, eventually
from testkit.contents import contents
from testkit.history import History
from testkit.projecting import running
from testkit.publishing import publish
from testkit.servers import running_kafka


@pytest.fixture(scope="module")
def own_kafka() -> Iterator[Kafka]:
    """A node that hears no events of other tests: they would stand in the tables too."""
    with running_kafka() as kafka:
        yield kafka


def begin(history: History) -> None:
    """An organisation, its metrics, and opportunities on their way."""
    east = history.unit("east")
    wang, li = (history.person(code, unit=east) for code in ("E1", "E2"))
    history.pipeline()
    history.sales_amount("product_line")
    history.period("2026-Q1", date(2026, 1, 1), date(2026, 4, 1), "quarter")
    history.revise(history.target("sales_amount", "2026-Q1", 1000, unit=east), 900, date(2026, 2, 1))
    for number in range(20):
        deal = history.deal(wang, amount=100 + number, product_line="cloud").interaction().moved("intent")
        if number % 2:
            deal.owner(li).won().receipt(50)
        if number % 5 == 0:
            deal.voided("win" if number % 2 else "opportunity")


async def test_a_rebuild_ends_in_the_tables_that_were_kept_live(
    reporting: Database, own_kafka: Kafka, looking: asyncpg.Connection
) -> None:
    settings = ReportingSettings(database_url=reporting.url, kafka_bootstrap=own_kafka.bootstrap)
    live, history = projector(settings), History()

    async def heard() -> None:
        now = await freshness(looking, "projection")
        count = await looking.fetchval("select count(*) from event")
        assert count == len(history.events), f"{count} of {len(history.events)} events, {now}"

    async with running(live):
        begin(history)
        await publish(history.envelopes, live.settings)
        await eventually(heard, timeout=30)
        told = len(history.events)
        history.counting("opened", OpportunityOpened)  # after the facts
        history.deal(history.new_id("person"), amount=7).won()
        await publish(history.envelopes[told:], live.settings)
        await eventually(heard, timeout=30)
    kept = await contents(looking, "projection", without=["consumer_position"])
    rebuilt = await rebuild(projector(settings))
    assert rebuilt.records == len(history.events)
    assert (rebuilt.versions, rebuilt.drifted) == (Versions.same, [])
    assert await contents(looking, "projection", without=["consumer_position"]) == kept
    assert kept["parked_root"] == []
    assert await looking.fetchval("select sum(sum) from rollup where metric = 'sales_amount'") == 887
