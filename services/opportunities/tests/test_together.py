"""What happens at the same time."""

import asyncio
from typing import Any

from .office import MAX, SUE, WANG, Office, said


async def test_of_two_wins_at_once_one_wins(office: Office) -> None:
    opportunity = await office.opportunity(stage="contract")
    answers = await asyncio.gather(
        *(
            office.ask(who, opportunity, "win", amount=amount)
            for who, amount in ((WANG, "1.00"), (SUE, "2.00"))
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    facts = [fact["fact"] for fact in await office.facts("opportunities", opportunity["id"])]
    assert facts.count("opportunity.won") == 1


async def test_of_two_edits_of_one_version_one_is_kept(office: Office) -> None:
    opportunity = await office.opportunity()
    path, seen = f"/v1/opportunities/{opportunity['id']}", {"If-Match": '"1"'}
    answers = await asyncio.gather(
        *(
            office.of(who).patch(path, json={"amount": amount}, headers=seen)
            for who, amount in ((WANG, "1"), (MAX, "2"))
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_a_logged_call_refuses_nobodys_edit(office: Office) -> None:
    opportunity = await office.opportunity()
    call = {"kind": "call", "direction": "inbound"}
    said(await office.of(SUE).post(f"/v1/opportunities/{opportunity['id']}/interactions", json=call), 201)
    path = f"/v1/opportunities/{opportunity['id']}"
    said(await office.of(WANG).patch(path, json={"amount": "1"}, headers={"If-Match": '"1"'}))


async def test_verbs_at_once_number_their_facts_without_holes(office: Office) -> None:
    opportunity = await office.opportunity()
    path = f"/v1/opportunities/{opportunity['id']}/interactions"
    call = {"kind": "call", "direction": "inbound"}
    await asyncio.gather(*(office.of(WANG).post(path, json=call) for _ in range(8)))
    sequences = [fact["sequence"] for fact in await office.facts("opportunities", opportunity["id"])]
    assert sequences == list(range(1, 10))


async def test_two_imports_of_one_row_at_once_make_one_opportunity(office: Office) -> None:
    row = {"source": "crm", "external_id": "twice", "owner_code": "E1", "opened_at": "2026-01-05"}
    answers = await asyncio.gather(
        *(office.operations.post("/v1/opportunities:import", json={"items": [row]}) for _ in range(2))
    )
    items = [said(answer, 207)["items"][0] for answer in answers]
    assert len({item["id"] for item in items}) == 1
    assert sorted(item["status"] for item in items) == [200, 201]


async def test_two_parents_set_at_once_close_no_circle(office: Office) -> None:
    one, other = await office.customer(name="甲"), await office.customer(name="乙")

    async def set_parent(child: Any, parent: Any) -> int:
        path = f"/v1/customers/{child['id']}"
        answer = await office.of(WANG).patch(
            path, json={"parent_id": parent["id"]}, headers={"If-Match": "*"}
        )
        return answer.status_code

    statuses = await asyncio.gather(set_parent(one, other), set_parent(other, one))
    assert sorted(statuses) == [200, 409]


async def test_two_batches_over_the_same_records_in_opposite_order_both_end(office: Office) -> None:
    one, other = await office.opportunity(), await office.opportunity()

    async def log(*ids: str) -> Any:
        call = {"verb": "log_interaction", "kind": "call", "direction": "inbound"}
        rows = [{**call, "opportunity_id": each} for each in ids]
        return said(await office.of(WANG).post("/v1/opportunities:batch", json={"items": rows}), 207)

    answers = await asyncio.gather(log(one["id"], other["id"]), log(other["id"], one["id"]))
    assert [answer["failed"] for answer in answers] == [0, 0]
