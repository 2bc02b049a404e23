"""A fact's whole way over real PostgreSQL and Kafka, in processes as in production, some of them killed."""

import asyncio
import os
import signal
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from attain.access import database
from attain.client import ServiceError, Services
from attain.instance.layout import Instance
from attain.settling import settle
from testkit import eventually

AMOUNT = Decimal("1000.00")
DEALS = 160
KILLS = {40: "opportunities", 90: "reporting"}
"""After how many answers which process is killed. Relay and consumers run inside."""


@dataclass
class Sales:
    """What the services have answered for: what was not answered may or may not have happened."""

    won: list[str] = field(default_factory=list)
    unanswered: int = 0


@pytest.mark.capability("S37", "S145")
async def test_every_answered_fact_arrives_exactly_once_though_relay_and_consumer_are_killed(
    instance: Instance, services: Services
) -> None:
    seller = await hire(services, "line-seller", "line-team")
    await known_to_opportunities(services, seller)
    sales = await sell(instance, services, seller)
    await settle(instance)
    await assert_ledger_and_projection_agree(instance)
    row = (await attainment(services, "sales_amount", person_code="line-seller"))["items"][0]
    answered = AMOUNT * len(sales.won)
    assert answered <= Decimal(row["actual"]["amount"]) <= answered + AMOUNT * sales.unanswered
    assert len(sales.won) > DEALS // 2
    assert len(set(sales.won)) == len(sales.won)


@pytest.mark.capability("S140", "S164")
async def test_a_new_metric_counts_all_past_facts_without_a_restart(
    instance: Instance, services: Services
) -> None:
    seller = await hire(services, "metric-seller", "metric-team")
    await known_to_opportunities(services, seller)
    for amount in ("400.00", "600.00", "5000.00"):
        await win(services, seller, amount)
    await settle(instance)
    before = await processes(instance)
    definition = {
        "kind": "sum",
        "event_type": "opportunities.opportunity.won.v1",
        "conditions": [{"field": "amount", "operator": "lt", "value": "1000"}],
        "value_field": "amount",
        "currency_field": "currency",
        "credited_field": "owner_id",
    }
    metric = {
        "code": "small_deals",
        "name_en": "Small deals",
        "name_zh": "小额成交",
        "definition": definition,
    }
    await services.post("targets", "/v1/metrics", metric)
    await settle(instance)
    answer = await attainment(services, "small_deals", person_code="metric-seller")
    assert answer["items"][0]["actual"] == {"amount": "1000.00", "currency": "CNY"}
    assert await processes(instance) == before


@pytest.mark.capability("S141")
async def test_a_figure_explains_itself_down_to_the_events_of_the_ledger(
    instance: Instance, services: Services
) -> None:
    seller = await hire(services, "explained-seller", "explained-team")
    await known_to_opportunities(services, seller)
    opportunity = await win(services, seller, "777.00")
    await settle(instance)
    explained = await services.get(
        "reporting",
        "/v1/attainment/explain",
        metric="sales_amount",
        subject_kind="person",
        person_code="explained-seller",
        **THIS_YEAR,
    )
    facts = explained["items"]
    history = await services.get("opportunities", f"/v1/opportunities/{opportunity}/history")
    wins = [event for event in history["items"] if event["type"] == "opportunities.opportunity.won.v1"]
    assert [fact["event_id"] for fact in facts] == [event["id"] for event in wins]


THIS_YEAR = {"from": "2020-01-01", "to": "2100-01-01"}


async def hire(services: Services, code: str, unit: str) -> str:
    """A representative in a unit of their own; the person's id."""
    team = {"code": unit, "name": unit, "kind": "team", "effective_on": "2020-01-01"}
    person = {
        "code": code,
        "display_name": code,
        "role": "representative",
        "hired_on": "2020-01-01",
        "unit_code": unit,
    }
    await services.post("targets", "/v1/units:batch", {"items": [team]})
    answer = await services.post("targets", "/v1/people:batch", {"items": [person]})
    return str(answer["items"][0]["id"])


async def known_to_opportunities(services: Services, seller: str) -> None:
    probe = {"items": [{"verb": "open", "title": "?", "owner_id": seller}]}

    async def known() -> None:
        answer = await services.post("opportunities", "/v1/opportunities:batch", probe, validate_only="true")
        assert answer["items"][0].get("problem") is None, answer

    await eventually(known, timeout=30)


async def win(services: Services, seller: str, amount: str) -> str:
    """Opens and wins an opportunity; its id."""
    opening = {
        "title": "a deal",
        "owner_id": seller,
        "customer_id": await customer(services),
        "amount": amount,
        "currency": "CNY",
    }
    opened = await services.post("opportunities", "/v1/opportunities", opening)
    path = f"/v1/opportunities/{opened['id']}"
    for stage in ("intent", "proposal", "contract"):
        await services.post("opportunities", f"{path}/change-stage", {"stage": stage})
    await services.post("opportunities", f"{path}/win", {})
    return str(opened["id"])


async def customer(services: Services) -> str:
    """The customer of all deals."""
    row = {"source": "line", "external_id": "C1", "name": "长江精密制造有限公司"}
    answer = await services.post("opportunities", "/v1/customers:batch", {"items": [row]})
    return str(answer["items"][0]["id"])


async def sell(instance: Instance, services: Services, seller: str) -> Sales:
    """Wins deals, several at a time, while processes are killed; a request that breaks off is not repeated."""
    sales, turn = Sales(), asyncio.Semaphore(6)

    async def ready() -> None:
        try:
            await services.get("opportunities", "/readyz")
        except ServiceError as away:
            raise AssertionError(away) from away

    async def one() -> None:
        async with turn:
            try:
                sales.won.append(await win(services, seller, str(AMOUNT)))
            except ServiceError:
                sales.unanswered += 1
                await eventually(ready, timeout=60)
        if victim := kills.pop(len(sales.won), None):
            os.kill((await processes(instance))[victim], signal.SIGKILL)

    kills = dict(KILLS)
    await asyncio.gather(*(one() for _ in range(DEALS)))
    assert not kills, f"{sales} came too early for {kills}"
    return sales


async def processes(instance: Instance) -> dict[str, int]:
    """The pids of the running processes by name."""
    state = instance.state()
    assert state is not None
    return {process.name: process.pid for process in state.processes if process.pid}


async def attainment(services: Services, metric: str, **subject: str) -> Any:
    return await services.get(
        "reporting", "/v1/attainment", metric=metric, subject_kind="person", **subject, **THIS_YEAR
    )


async def assert_ledger_and_projection_agree(instance: Instance) -> None:
    """Each fact of the ledger stands in reporting's events once, and each root's numbers have no hole."""
    async with database(instance, "opportunities") as connection:
        said = await connection.fetch("select root, sequence from messaging.ledger")
    async with database(instance, "reporting") as connection:
        heard = await connection.fetch(
            "select root, sequence from projection.event where type like 'opportunities.%'"
        )
        parked = await connection.fetchval("select count(*) from projection.parked_root")
    assert sorted(map(tuple, heard)) == sorted(map(tuple, said))
    assert parked == 0
    numbers: dict[str, list[int]] = {}
    for root, sequence in said:
        numbers.setdefault(root, []).append(sequence)
    assert all(sorted(each) == list(range(1, len(each) + 1)) for each in numbers.values())
