"""Leads that become opportunities: once, however often and in whatever order the facts arrive."""

import random
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts import Received
from opportunities.reactions import reactions
from testkit.history import History
from testkit.reacting import react

from .office import WANG, Office, said, statements

CAPTURED = date(2026, 6, 1)
TOLD = History()
"""All leads of this file: their ids follow from the order told."""


async def hear(office: Office, events: list[Received]) -> None:
    state = office.api.app.state
    await react(reactions, state.database, state.settings, events)


async def shown(office: Office, lead_id: object) -> list[Any]:
    return said(await office.operations.get("/v1/opportunities", params={"lead_id": str(lead_id)}))["items"]  # type: ignore[no-any-return]


@pytest.mark.capability("S66")
async def test_a_converted_lead_becomes_an_opportunity_with_what_the_lead_knew(office: Office) -> None:
    told, before = TOLD, len(TOLD.events)
    lead = (
        told.lead(WANG, at=CAPTURED, company="转化甲有限公司", product_line="cloud")
        .qualified()
        .converted(amount=88_000)
    )
    await hear(office, told.events[before:])
    [opened] = await shown(office, lead.id)
    assert opened["id"] == str(lead.opportunity_id)
    assert (opened["state"], opened["stage"], opened["channel"]) == ("open", "prospect", "zhihu")
    assert (opened["amount"], opened["product_line"], opened["owner_id"]) == ("88000.00", "cloud", str(WANG))
    assert opened["customer_name"] == "转化甲有限公司"
    assert datetime.fromisoformat(opened["opened_at"]) == lead.at
    [fact] = await office.facts("opportunities", opened["id"])
    assert (fact["data"]["lead_id"], fact["data"]["imported"]) == (str(lead.id), False)


async def test_a_lead_is_kept_through_the_life_of_its_opportunity(office: Office) -> None:
    told, before = TOLD, len(TOLD.events)
    lead = told.lead(WANG, at=CAPTURED, company="转化乙").qualified().converted(amount=1)
    await hear(office, told.events[before:])
    [opened] = await shown(office, lead.id)
    await office.do(WANG, opened, "change-stage", stage="intent")
    facts = await office.facts("opportunities", opened["id"])
    assert [fact["data"]["lead_id"] for fact in facts] == [str(lead.id)] * 2


async def test_however_often_and_in_whatever_order_the_facts_arrive_each_lead_opens_one(
    office: Office,
) -> None:
    told, before = TOLD, len(TOLD.events)
    leads = [
        told.lead(WANG, at=CAPTURED, company=f"转化丙{n % 7}").qualified().converted() for n in range(30)
    ]
    roots: dict[str, list[Received]] = {}
    for event in told.events[before:]:
        roots.setdefault(event.root, []).append(event)
    mixed = random.Random(7).sample(list(roots.values()), len(roots))
    events = [event for root in mixed for event in (*root, *root)]
    await hear(office, events)
    await hear(office, told.events[before:])
    assert [len(await shown(office, lead.id)) for lead in leads] == [1] * 30
    assert len(await office.facts("opportunities", str(leads[0].opportunity_id))) == 1


async def test_companies_of_one_name_are_one_customer_whoever_looks_after_it(office: Office) -> None:
    known = await office.customer(name="转化丁精密制造有限公司")
    told, before = TOLD, len(TOLD.events)
    leads = [
        told.lead(WANG, at=CAPTURED, company=name).converted()
        for name in ("转化丁精密制造", "转化丁精密制造 股份有限公司", None, "——")
    ]
    await hear(office, told.events[before:])
    customers = [(await shown(office, lead.id))[0]["customer_id"] for lead in leads]
    assert customers == [known["id"], known["id"], None, None]


@pytest.mark.parametrize(("outcome", "reason"), [("won", None), ("lost", "not_recorded")])
async def test_an_imported_lead_that_ended_is_opened_and_closed_as_history(
    office: Office, outcome: str, reason: str | None
) -> None:
    told, before = TOLD, len(TOLD.events)
    lead = told.lead(WANG, at=CAPTURED, company="转化戊", imported=True).converted(
        at=CAPTURED, amount=500, outcome=outcome, closed_at=datetime(2026, 6, 20, tzinfo=UTC)
    )
    await hear(office, told.events[before:])
    [closed] = await shown(office, lead.id)
    assert (closed["state"], closed["loss_reason"], closed["imported"]) == (outcome, reason, True)
    assert datetime.fromisoformat(closed["closed_at"]) == datetime(2026, 6, 20, tzinfo=UTC)


async def test_a_lead_that_cannot_be_taken_waits_alone(office: Office) -> None:
    told, before = TOLD, len(TOLD.events)
    broken = told.lead(None, at=CAPTURED, company="转化己").converted()
    good = told.lead(WANG, at=CAPTURED, company="转化己").converted()
    await hear(office, told.events[before:])
    assert len(await shown(office, good.id)) == 1
    async with office.api.database.connect() as connection:
        parked = await connection.fetch("select root, detail from messaging.parked_root")
    assert [row["root"] for row in parked] == [str(broken.id)]
    assert "without an owner" in parked[0]["detail"]


async def test_a_conversion_takes_a_handful_of_statements(office: Office) -> None:
    told, before = TOLD, len(TOLD.events)
    for number in range(50):
        told.lead(WANG, at=CAPTURED, company=f"转化庚{number % 10}").converted()
    with statements(office) as sent:
        await hear(office, told.events[before:])
    assert len([each for each in sent if "savepoint" not in each.casefold()]) <= 50 * 7
