"""The import of history over HTTP."""

import asyncio
import itertools
from typing import Any
from uuid import UUID

import pytest

from contracts import Role
from testkit import eventually

from .office import LI, WANG, Office, refused, said, statements

_numbers = itertools.count(1)


def row(**fields: Any) -> dict[str, Any]:
    """A row of an export, under a key of its own unless one is given."""
    return {
        "source": "crm-export",
        "external_id": f"R{next(_numbers)}",
        "owner_code": "E1",
        "opened_at": "2016-10-20",
        **fields,
    }


def won(**fields: Any) -> dict[str, Any]:
    return row(stage="intent", state="won", closed_at="2017-03-01", amount="1054", currency="USD", **fields)


async def test_a_row_becomes_the_facts_of_its_past(office: Office) -> None:
    (item,) = await _import(office, won(title="GTX Plus", product_line="GTX Plus Basic"))
    assert item["status"] == 201
    facts = await office.facts("opportunities", item["id"])
    assert [(fact["fact"], fact["data"]["stage"], fact["occurred_at"]) for fact in facts] == [
        ("opportunity.opened", "prospect", "2016-10-19T16:00:00Z"),
        ("opportunity.stage_changed", "intent", "2016-10-19T16:00:00Z"),
        ("opportunity.won", "intent", "2017-02-28T16:00:00Z"),
    ]
    assert all(fact["data"]["imported"] for fact in facts)
    shown = said(await office.of(WANG).get(f"/v1/opportunities/{item['id']}"))
    assert (shown["state"], shown["amount"], shown["currency"]) == ("won", "1054.00", "USD")
    assert (shown["title"], shown["source"], shown["imported"]) == ("GTX Plus", "crm-export", True)


@pytest.mark.capability("S60")
async def test_the_same_row_again_makes_no_fact(office: Office) -> None:
    rows = [won(), row(), row(stage="contract", amount="5.00"), row(state="lost", closed_at="2017-03-01")]
    first = await _import(office, *rows)
    before = await _facts(office)
    again = await _import(office, *rows)
    assert [item["status"] for item in again] == [200] * 4
    assert [item["token"] for item in again] == [None] * 4
    assert [item["id"] for item in again] == [item["id"] for item in first]
    assert await _facts(office) == before


async def test_the_same_row_again_does_not_undo_what_was_done_here(office: Office) -> None:
    told = row(stage="intent", amount="100.00")
    (item,) = await _import(office, told)
    path = f"/v1/opportunities/{item['id']}"
    said(await office.of(WANG).patch(path, json={"amount": "250.00"}, headers={"If-Match": "*"}))
    (again,) = await _import(office, told)
    assert again["token"] is None
    assert said(await office.of(WANG).get(path))["amount"] == "250.00"


async def test_a_changed_row_makes_only_the_new_facts(office: Office) -> None:
    told = row(stage="prospect", amount="100.00", title="旧标题")
    (item,) = await _import(office, told)
    told |= {
        "stage": "proposal",
        "amount": "120.00",
        "owner_code": "E2",
        "title": "新标题",
        "expected_close_on": "2017-06-30",
    }
    (changed,) = await _import(office, told)
    assert changed["token"] == f"{item['id']}@{changed['version']}"
    told |= {"state": "won", "closed_at": "2026-11-01T02:00:00Z"}
    (refusal,) = await _import(office, told)  # the changes before were told to happen at the import
    assert refusal["problem"]["code"] == "occurred_before_last"
    assert refusal["problem"]["errors"][0]["pointer"] == "/closed_at"
    facts = await office.facts("opportunities", item["id"])
    assert [fact["fact"].removeprefix("opportunity.") for fact in facts] == [
        "opened",
        "owner_changed",
        "amount_changed",
        "close_date_moved",
        "details_changed",
        "stage_changed",
        "stage_changed",
    ]
    shown = said(await office.of(LI).get(f"/v1/opportunities/{item['id']}"))
    assert (shown["title"], shown["amount"], shown["stage"]) == ("新标题", "120.00", "proposal")


async def test_a_row_that_was_won_since_is_won_when_it_says(office: Office) -> None:
    told = row(stage="intent", amount="100.00")
    (item,) = await _import(office, told)
    await _import(office, {**told, "state": "won", "closed_at": "2017-03-01", "stage": "proposal"})
    facts = await office.facts("opportunities", item["id"])
    assert [(fact["fact"], fact["occurred_at"]) for fact in facts[-2:]] == [
        ("opportunity.stage_changed", "2017-02-28T16:00:00Z"),
        ("opportunity.won", "2017-02-28T16:00:00Z"),
    ]


async def test_a_close_on_the_day_of_the_opening_follows_it(office: Office) -> None:
    (item,) = await _import(office, won() | {"opened_at": "2017-03-01T08:00:00Z"})
    facts = await office.facts("opportunities", item["id"])
    assert {fact["occurred_at"] for fact in facts} == {"2017-03-01T08:00:00Z"}


@pytest.mark.capability("S60")
async def test_customers_are_found_by_their_key(office: Office) -> None:
    customer = {"source": "crm-export", "external_id": "Cancity", "name": "Cancity"}
    said(await office.operations.post("/v1/customers:batch", json={"items": [customer]}), 207)
    found, unknown = await _import(
        office, row(customer_external_id="Cancity"), row(customer_external_id="Isdom")
    )
    shown = said(await office.of(WANG).get(f"/v1/opportunities/{found['id']}"))
    assert shown["customer_name"] == "Cancity"
    assert unknown["problem"]["code"] == "unknown_customer"


async def test_a_leavers_past_is_imported_as_it_was(office: Office) -> None:
    before, after = await _import(
        office,
        won(owner_code="E4"),
        won(owner_code="E4") | {"opened_at": "2026-04-01", "closed_at": "2026-05-01"},
    )
    assert before["status"] == 201
    assert after["problem"]["code"] == "owner_has_left"


@pytest.mark.parametrize(
    ("wrong", "code", "pointer"),
    [
        ({"owner_code": "E99"}, "unknown_owner", "/owner_code"),
        ({"stage": "negotiation"}, "unknown_stage", "/stage"),
        ({"pipeline": "other"}, "unknown_pipeline", "/pipeline"),
        ({"opened_at": "2199-01-01"}, "occurred_in_future", "/opened_at"),
        ({"opened_at": "10/20/2016"}, "request_invalid", "/opened_at"),
        ({"state": "won"}, "request_invalid", ""),
        ({"state": "won", "closed_at": "2017-03-01"}, "amount_missing", "/amount"),
        ({"state": "lost", "closed_at": "2016-01-01"}, "occurred_before_last", "/closed_at"),
        (
            {"state": "won", "closed_at": "2017-03-01", "amount": "1", "loss_reason": "late_follow_up"},
            "request_invalid",
            "",
        ),
        ({"amount": "-1"}, "request_invalid", "/amount"),
        ({"mood": "good"}, "request_invalid", "/mood"),
    ],
)
async def test_a_wrong_row_is_refused_by_itself(
    office: Office, wrong: dict[str, Any], code: str, pointer: str
) -> None:
    bad, good = await _import(office, row(**wrong), row())
    assert bad["problem"]["code"] == code, bad
    assert bad["problem"]["errors"][0]["pointer"].startswith(pointer)
    assert good["status"] == 201


async def test_what_was_imported_as_history_does_not_change(office: Office) -> None:
    told = won()
    await _import(office, told)
    (moved,) = await _import(office, told | {"opened_at": "2016-10-21"})
    assert moved["problem"]["code"] == "history_fixed"
    (again,) = await _import(office, told | {"closed_at": "2017-03-02"})
    assert again["problem"]["code"] == "history_fixed"
    (open_again,) = await _import(
        office, {key: value for key, value in told.items() if key not in ("state", "closed_at")}
    )
    assert open_again["problem"]["code"] == "opportunity_closed"


async def test_a_refused_row_leaves_no_fact_behind(office: Office) -> None:
    told = row(stage="prospect", amount="5.00")
    (item,) = await _import(office, told)
    late = {**told, "stage": "intent", "state": "won", "closed_at": "2016-10-01"}
    (refusal,) = await _import(office, late)
    assert refusal["problem"]["code"] == "occurred_before_last"
    assert len(await office.facts("opportunities", item["id"])) == 1


async def test_the_same_key_twice_in_a_request_is_one_opportunity(office: Office) -> None:
    told = row(amount="5.00")
    first, second, third = await _import(office, told, told, {**told, "amount": "6.00"})
    assert first["id"] == second["id"] == third["id"]
    assert [item["token"] is None for item in (first, second, third)] == [False, True, False]


async def test_a_validation_keeps_nothing(office: Office) -> None:
    before = await _facts(office)
    told = row()
    (item,) = await _import(office, told, validate_only=True)
    assert item["status"] == 201
    assert await _facts(office) == before
    found = await office.operations.get("/v1/opportunities", params={"external_id": told["external_id"]})
    assert said(found)["items"] == []


async def test_rows_that_somebody_else_writes_meanwhile_are_refused_together_and_leave_nothing(
    office: Office,
) -> None:
    (known,) = await _import(office, row())
    before = await _facts(office)
    late, beside = row(external_id="late"), row(external_id="beside")
    async with office.api.database.connect() as other, office.api.database.connect() as watch:
        transaction = other.transaction()
        await transaction.start()
        await other.execute(_ANOTHER, UUID(known["id"]))
        path = "/v1/opportunities:import"
        answer = asyncio.create_task(office.operations.post(path, json={"items": [beside, late]}))
        await eventually(lambda: watch.fetchval(_WAITING))
        await transaction.commit()
    refused(await answer, 409, "written_meanwhile")
    assert await _facts(office) == before
    found = await office.operations.get("/v1/opportunities", params={"external_id": "beside"})
    assert said(found)["items"] == []


_WAITING = """
    select count(*) > 0 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
"""
_ANOTHER = """
    insert into opportunity
    select (jsonb_populate_record(o, '{"id": "018e4a39-7a2b-7c3d-9a1b-1d1d1d1d1d1d", "external_id": "late"}')).*
    from opportunity as o where id = $1
"""


async def test_only_operations_import(office: Office) -> None:
    for client in (office.of(WANG), office.as_(Role.director), office.as_(Role.administrator)):
        refused(await client.post("/v1/opportunities:import", json={"items": [row()]}), 403, "forbidden")


async def test_the_number_of_statements_does_not_grow_with_the_rows(office: Office) -> None:
    opened, changed = [], []
    for rows in ([won(), row()], [won() for _ in range(50)]):
        with statements(office) as sent:
            await _import(office, *rows)
        opened.append(len(sent))
        with statements(office) as sent:
            await _import(office, *({**each, "title": "another", "owner_code": "E2"} for each in rows))
        changed.append(len(sent))
    # The many facts' own statement is a `COPY`, which is not among those that are counted.
    assert opened[1] == opened[0] - 1 <= 9
    assert changed[1] == changed[0] - 1 <= 9


async def _import(office: Office, *rows: dict[str, Any], **params: Any) -> list[Any]:
    answer = await office.operations.post(
        "/v1/opportunities:import", json={"items": list(rows)}, params=params
    )
    items: list[Any] = said(answer, 207)["items"]
    return items


async def _facts(office: Office) -> int:
    async with office.api.database.connect() as connection:
        count: int = await connection.fetchval("select count(*) from messaging.ledger")
        return count
