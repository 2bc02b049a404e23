"""Who sees and changes what, and how records are found."""

from typing import Any
from uuid import UUID

import pytest

from contracts import Role

from .office import DORA, LI, MAX, SHANGHAI, SUE, WANG, WEST, ZHAO, Office, refused, said


@pytest.mark.parametrize(
    ("asker", "seen"), [(WANG, True), (SUE, True), (MAX, True), (DORA, True), (LI, False), (ZHAO, False)]
)
async def test_records_are_seen_by_their_owner_and_those_above(
    office: Office, asker: UUID, seen: bool
) -> None:
    opportunity = await office.opportunity()
    path, status = f"/v1/opportunities/{opportunity['id']}", 200 if seen else 404
    client = office.of(asker)
    for address in (path, f"{path}/history", f"{path}/interactions", f"{path}/receipts"):
        said(await client.get(address), status)
    found = said(await client.get("/v1/opportunities", params={"limit": 200}))["items"]
    assert (opportunity["id"] in {item["id"] for item in found}) is seen


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.operations, True),
        (Role.integrator, True),
        (Role.bi_reader, True),
        (Role.administrator, False),
        (Role.representative, False),
    ],
)
async def test_programs_see_everything_or_nothing(office: Office, role: Role, seen: bool) -> None:
    opportunity = await office.opportunity(customer_id=(await office.customer())["id"])
    client = office.as_(role)
    said(await client.get(f"/v1/opportunities/{opportunity['id']}"), 200 if seen else 404)
    said(await client.get(f"/v1/customers/{opportunity['customer_id']}"), 200 if seen else 404)
    assert bool(said(await client.get("/v1/opportunities"))["items"]) is seen
    assert bool(said(await client.get("/v1/customers"))["items"]) is seen


async def test_a_strangers_record_does_not_exist_for_any_verb(office: Office) -> None:
    opportunity = await office.opportunity()
    for verb, body in (
        ("change-stage", {"stage": "intent"}),
        ("change-owner", {"owner_id": str(ZHAO)}),
        ("win", {}),
        ("lose", {"reason_code": "late_follow_up"}),
        ("reopen", {"reason_code": "x"}),
        ("void", {"undone": "win", "reason_code": "x"}),
        ("interactions", {"kind": "call", "direction": "inbound"}),
        ("receipts", {"amount": "1.00"}),
    ):
        refused(await office.ask(ZHAO, opportunity, verb, **body), 404, "not_found")
    path = f"/v1/opportunities/{opportunity['id']}"
    refused(
        await office.of(ZHAO).patch(path, json={"title": "x"}, headers={"If-Match": "*"}), 404, "not_found"
    )


async def test_without_a_token_nothing_is_answered(office: Office) -> None:
    refused(await office.api.client().get("/v1/opportunities"), 401, "unauthenticated")


async def test_opportunities_are_found_by_what_people_search_by(office: Office) -> None:
    customer = await office.customer(name="黄河重工")
    big = await office.opportunity(
        title="Furnace line",
        amount="5000.00",
        product_line="hardware",
        channel="fair",
        expected_close_on="2031-03-31",
        customer_id=customer["id"],
    )
    lost = await office.opportunity(title="Furnace spare parts", amount="70.00", product_line="services")
    await office.do(WANG, lost, "lose", reason_code="late_follow_up")
    west = await office.opportunity(ZHAO, title="Furnace west", amount="300.00")

    async def find(**params: Any) -> set[str]:
        asked = {"limit": 200, **params}
        items = said(await office.of(DORA).get("/v1/opportunities", params=asked))["items"]
        return {item["id"] for item in items} & {big["id"], lost["id"], west["id"]}

    assert await find() == {big["id"], lost["id"], west["id"]}
    assert await find(text="furnace") == {big["id"], lost["id"], west["id"]}
    assert await find(text="黄河") == {big["id"]}
    assert await find(text="100%_") == set()
    assert await find(owner_id=[str(WANG), str(LI)]) == {big["id"], lost["id"]}
    assert await find(unit_id=str(SHANGHAI)) == {big["id"], lost["id"]}
    assert await find(unit_id=str(WEST)) == {west["id"]}
    assert await find(customer_id=customer["id"]) == {big["id"]}
    assert await find(state=["won", "lost"]) == {lost["id"]}
    assert await find(stage="intent") == set()
    assert await find(product_line=["hardware", "services"], channel="fair") == {big["id"]}
    assert await find(expected_close_from="2031-03-31", expected_close_to="2031-04-01") == {big["id"]}
    assert await find(expected_close_to="2031-03-31") == set()
    assert await find(closed_from="2020-01-01") == {lost["id"]}
    assert await find(opened_to="2020-01-01") == set()
    assert await find(opened_from="2020-01-01", pipeline="default") == {big["id"], lost["id"], west["id"]}
    refused(
        await office.of(DORA).get("/v1/opportunities", params={"state": "asleep"}), 422, "request_invalid"
    )


@pytest.mark.parametrize("sort", ["amount", "-amount", "expected_close_on", "-closed_at", "opened_at"])
async def test_a_list_is_walked_page_by_page_without_doubles_or_holes(office: Office, sort: str) -> None:
    customer = await office.customer(name=f"Paging {sort}")
    made = {
        (await office.opportunity(amount=amount, expected_close_on=day, customer_id=customer["id"]))["id"]
        for amount, day in (
            ("3.00", None),
            (None, "2031-01-01"),
            ("3.00", "2031-01-02"),
            (None, None),
            ("1.00", None),
        )
    }
    seen: list[Any] = []
    params: dict[str, Any] = {"limit": 2, "sort": sort, "customer_id": customer["id"]}
    while True:
        answer = said(await office.of(WANG).get("/v1/opportunities", params=params))
        seen += answer["items"]
        if answer["next"] is None:
            break
        params["cursor"] = answer["next"]
    assert len(seen) == len(made)
    assert {item["id"] for item in seen} == made
    if sort == "-amount":
        assert [item["amount"] for item in seen] == [None, None, "3.00", "3.00", "1.00"]


async def test_a_cursor_holds_for_its_own_filter_only(office: Office) -> None:
    for _ in range(2):
        await office.opportunity()
    wang = office.of(WANG)
    answer = said(await wang.get("/v1/opportunities", params={"limit": 1}))
    other = {"limit": 1, "cursor": answer["next"], "state": "won"}
    refused(await wang.get("/v1/opportunities", params=other), 400, "cursor_mismatch")
    refused(await wang.get("/v1/opportunities", params={"sort": "mood"}), 422, "sort_unknown")


async def test_a_history_is_read_page_by_page(office: Office) -> None:
    opportunity = await office.opportunity(stage="proposal")
    path = f"/v1/opportunities/{opportunity['id']}/history"
    first = said(await office.of(WANG).get(path, params={"limit": 2}))
    rest = said(await office.of(WANG).get(path, params={"limit": 2, "cursor": first["next"]}))
    assert [item["sequence"] for item in first["items"] + rest["items"]] == [1, 2, 3]
    assert rest["next"] is None
