"""Customers over HTTP: opened, changed, handed over, taken by the batch."""

from typing import Any

import pytest

from contracts import Role

from .office import EAST, LI, QIAN, SUE, WANG, WEST, ZHAO, Office, refused, said, statements


async def test_a_customer_is_opened_for_the_one_who_asks_and_changed(office: Office) -> None:
    customer = await office.customer(sector="manufacturing", country="China")
    assert (customer["owner_id"], customer["owner_name"], customer["version"]) == (str(WANG), "E1", 1)
    path = f"/v1/customers/{customer['id']}"
    change = {"name": "长江精密", "country": None}
    refused(await office.of(WANG).patch(path, json=change), 428, "if_match_required")
    answer = await office.of(WANG).patch(path, json=change, headers={"If-Match": '"1"'})
    changed = said(answer)
    assert (changed["name"], changed["sector"], changed["country"]) == ("长江精密", "manufacturing", None)
    assert answer.headers["ETag"] == '"2"'
    assert answer.headers["Attain-Token"] == changed["token"] == f"{customer['id']}@2"
    refused(await office.of(WANG).patch(path, json=change, headers={"If-Match": '"1"'}), 412, "stale_version")
    assert said(await office.of(WANG).patch(path, json=change, headers={"If-Match": "*"}))["version"] == 2
    assert [fact["fact"] for fact in await office.facts("customers", customer["id"])] == [
        "customer.opened",
        "customer.changed",
    ]
    refused(
        await office.of(WANG).patch(path, json={"name": None}, headers={"If-Match": "*"}),
        422,
        "request_invalid",
    )


async def test_a_customer_is_handed_over_by_who_sees_both_owners(office: Office) -> None:
    customer = await office.customer()
    path = f"/v1/customers/{customer['id']}/change-owner"
    refused(await office.of(WANG).post(path, json={"owner_id": str(LI)}), 422, "unknown_owner")
    refused(await office.operations.post(path, json={"owner_id": str(QIAN)}), 422, "owner_has_left")
    given = said(await office.of(SUE).post(path, json={"owner_id": str(LI)}))
    assert given["owner_id"] == str(LI)
    refused(await office.of(WANG).get(f"/v1/customers/{customer['id']}"), 404, "not_found")
    free = said(await office.of(LI).post(path, json={"owner_id": None}))
    assert free["owner_id"] is None
    assert said(await office.of(WANG).post(path, json={"owner_id": str(WANG)}))["owner_id"] == str(WANG)


async def test_who_sells_to_a_customer_sees_it_but_does_not_take_it(office: Office) -> None:
    customer = await office.customer()
    path = f"/v1/customers/{customer['id']}"
    refused(await office.of(ZHAO).get(path), 404, "not_found")
    body = {"title": "西区分部", "owner_id": str(ZHAO), "customer_id": customer["id"]}
    said(await office.operations.post("/v1/opportunities", json=body), 201)
    said(await office.of(ZHAO).get(path))
    answer = await office.of(ZHAO).patch(path, json={"name": "x"}, headers={"If-Match": "*"})
    refused(answer, 403, "customer_of_another")
    answer = await office.of(ZHAO).post(f"{path}/change-owner", json={"owner_id": str(ZHAO)})
    refused(answer, 403, "customer_of_another")


async def test_a_customer_never_stands_above_itself(office: Office) -> None:
    top = await office.customer(name="集团")
    middle = await office.customer(name="子公司", parent_id=top["id"])
    low = await office.customer(name="孙公司", parent_id=middle["id"])
    assert low["parent_name"] == "子公司"
    for parent in (top, middle, low):
        answer = await office.of(WANG).patch(
            f"/v1/customers/{top['id']}", json={"parent_id": parent["id"]}, headers={"If-Match": "*"}
        )
        refused(answer, 409, "customer_is_own_parent")
    answer = await office.of(WANG).post("/v1/customers", json={"name": "x", "parent_id": str(LI)})
    refused(answer, 422, "unknown_customer")


async def test_customers_are_found_by_what_people_search_by(office: Office) -> None:
    made = await office.customer(name="Yellow Crane Optics", sector="optics", country="Peru")
    for params in (
        {"text": "crane"},
        {"sector": "optics"},
        {"country": ["Peru", "Chile"]},
        {"owner_id": str(WANG), "text": "yellow"},
        {"unit_id": str(EAST), "text": "crane"},
        {"opened_from": "2020-01-01", "opened_to": "2199-01-01", "text": "crane"},
    ):
        found = said(await office.of(WANG).get("/v1/customers", params=params))["items"]
        assert [item["id"] for item in found] == [made["id"]]
    for params in ({"unit_id": str(WEST)}, {"opened_to": "2020-01-01"}, {"opened_from": "2199-01-01"}):
        found = said(await office.of(WANG).get("/v1/customers", params={**params, "text": "crane"}))
        assert found["items"] == [], params
    found = said(await office.of(WANG).get("/v1/customers", params={"text": "crane", "sector": "steel"}))
    assert found["items"] == []


async def test_a_batch_opens_what_is_new_and_changes_what_differs(office: Office) -> None:
    rows = [
        _row("child", parent_external_id="parent", owner_code="E1", sector="software"),
        _row("parent", opened_at="2016-01-01"),
    ]
    first = await _batch(office, *rows)
    assert [item["status"] for item in first] == [201, 201]
    child = said(await office.operations.get(f"/v1/customers/{first[0]['id']}"))
    assert (child["parent_id"], child["owner_id"], child["source"]) == (first[1]["id"], str(WANG), "crm")
    parent = said(await office.operations.get(f"/v1/customers/{first[1]['id']}"))
    assert parent["opened_at"] == "2015-12-31T16:00:00Z"

    again = await _batch(office, *rows)
    assert [(item["status"], item["token"], item["version"]) for item in again] == [(200, None, 1)] * 2

    rows[0] = _row("child", owner_code="E2", sector="cloud")
    changed = await _batch(office, *rows)
    assert [item["token"] for item in changed] == [f"{child['id']}@3", None]
    assert [fact["fact"] for fact in await office.facts("customers", child["id"])] == [
        "customer.opened",
        "customer.changed",
        "customer.owner_changed",
    ]
    kept = said(await office.operations.get(f"/v1/customers/{child['id']}"))
    assert (kept["parent_id"], kept["sector"]) == (parent["id"], "cloud")


@pytest.mark.capability("S60")
async def test_the_same_row_again_does_not_undo_what_was_done_here(office: Office) -> None:
    row = _row("edited", sector="steel", owner_code="E1", country=None)
    (item,) = await _batch(office, row)
    path = f"/v1/customers/{item['id']}"
    change = {"name": "改名", "sector": "gas", "country": "Chile"}
    said(await office.of(WANG).patch(path, json=change, headers={"If-Match": "*"}))
    said(await office.of(SUE).post(f"{path}/change-owner", json={"owner_id": str(LI)}))
    before = said(await office.operations.get(path))
    (again,) = await _batch(office, row)
    assert (again["status"], again["token"], again["version"]) == (200, None, 3)
    assert said(await office.operations.get(path)) == before

    (changed,) = await _batch(office, row | {"country": "Peru"})
    assert changed["token"] == f"{item['id']}@4"
    shown = said(await office.operations.get(path))
    assert (shown["name"], shown["sector"], shown["country"], shown["owner_id"]) == (
        "改名",
        "gas",
        "Peru",
        str(LI),
    )


async def test_a_row_is_compared_with_the_last_one_also_where_that_made_no_fact(office: Office) -> None:
    (item,) = await _batch(office, _row("caught-up", sector="steel"))
    path = f"/v1/customers/{item['id']}"
    said(await office.of(SUE).patch(path, json={"sector": "gas"}, headers={"If-Match": "*"}))
    caught_up, edited, again, back = await _batch(
        office,
        _row("caught-up", sector="gas"),
        _row("caught-up", country="Peru"),
        _row("caught-up", sector="gas"),
        _row("caught-up", sector="steel"),
    )
    assert [each["token"] for each in (caught_up, edited, again, back)] == [
        None,
        f"{item['id']}@3",
        None,
        f"{item['id']}@4",
    ]
    shown = said(await office.operations.get(path))
    assert (shown["sector"], shown["country"]) == ("steel", "Peru")


async def test_where_no_row_was_kept_the_next_is_compared_with_what_stands(office: Office) -> None:
    (item,) = await _batch(office, _row("older", sector="steel"))
    async with office.api.database.connect() as connection:
        await connection.execute("update customer set source_row = null where id = $1", item["id"])
    said_again, changed = await _batch(office, _row("older", sector="steel"), _row("older", sector="gas"))
    assert (said_again["token"], changed["token"]) == (None, f"{item['id']}@2")


async def test_a_refused_row_is_not_the_one_that_was_told_before(office: Office) -> None:
    await _batch(office, _row("refused", sector="steel"))
    (refusal,) = await _batch(office, _row("refused", sector="gas", owner_code="E99"))
    assert refusal["problem"]["code"] == "unknown_owner"
    (told,) = await _batch(office, _row("refused", sector="gas"))
    assert told["version"] == 2


async def test_a_customer_that_was_opened_here_is_no_sources(office: Office) -> None:
    here = await office.customer(name="opened-here", sector="steel")
    (item,) = await _batch(office, _row("opened-here", sector="gas"))
    assert (item["status"], item["id"] == here["id"]) == (201, False)
    assert said(await office.operations.get(f"/v1/customers/{here['id']}"))["sector"] == "steel"


async def test_the_number_of_statements_does_not_grow_with_the_rows(office: Office) -> None:
    counts = []
    for change in ({}, {"sector": "gas", "owner_code": "E2"}):
        for many in (2, 50):
            rows = [_row(f"many-{many}-{n}", owner_code="E1", sector="steel") | change for n in range(many)]
            with statements(office) as sent:
                answer = await _batch(office, *rows)
            assert all(item["token"] for item in answer)
            counts.append(len(sent))
    assert counts[0] == counts[1]
    assert counts[3] == counts[2] - 1  # the facts' own: `COPY` is not among those that are counted


async def test_a_refused_row_does_not_stop_the_others(office: Office) -> None:
    answer = await _batch(
        office,
        _row("good"),
        _row("orphan", parent_external_id="nobody"),
        _row("loop-a", parent_external_id="loop-b"),
        _row("loop-b", parent_external_id="loop-a"),
        _row("of-a-leaver", owner_code="E4"),
        _row("of-nobody", owner_code="E99"),
        {"source": "crm", "external_id": "nameless"},
    )
    assert [item["problem"] and item["problem"]["code"] for item in answer] == [
        None,
        "unknown_customer",
        "unknown_customer",
        "unknown_customer",
        "owner_has_left",
        "unknown_owner",
        "request_invalid",
    ]
    assert answer[1]["problem"]["errors"][0]["pointer"] == "/parent_external_id"


async def test_a_customer_is_not_known_since_tomorrow(office: Office) -> None:
    (item,) = await _batch(office, _row("early", opened_at="2199-01-01"))
    assert item["problem"]["code"] == "occurred_in_future"
    assert item["problem"]["errors"][0]["pointer"] == "/opened_at"


async def test_since_when_a_customer_is_known_does_not_change(office: Office) -> None:
    row = _row("since", opened_at="2016-01-01", sector="steel")
    live, item = await _batch(office, _row("since-now"), row)
    for again in (
        row,
        _row("since"),
        row | {"opened_at": None},
        row | {"opened_at": "2015-12-31T16:00:00Z"},
        row,
    ):
        (known,) = await _batch(office, again)
        assert (known["status"], known["token"]) == (200, None)
    moved = row | {"opened_at": "2016-01-02", "sector": "gas"}
    for other in (moved, moved, _row("since-now", opened_at="2016-01-01")):
        (refusal,) = await _batch(office, other)
        assert (refusal["status"], refusal["problem"]["code"]) == (409, "history_fixed")
        assert refusal["problem"]["errors"][0]["pointer"] == "/opened_at"
    for each in (live, item):
        assert len(await office.facts("customers", each["id"])) == 1
    (later,) = await _batch(office, _row("since", sector="gas"))
    assert later["version"] == 2


async def test_of_two_rows_of_a_customer_the_later_one_holds(office: Office) -> None:
    rows = [_row("leaf", parent_external_id="root"), _row("root", sector="steel"), _row("root", sector="gas")]
    root = (await _batch(office, *rows))[2]
    shown = said(await office.operations.get(f"/v1/customers/{root['id']}"))
    assert (shown["sector"], shown["version"]) == ("gas", 2)


async def test_a_leaver_keeps_the_customers_that_they_had(office: Office) -> None:
    (item,) = await _batch(office, _row("kept", owner_code="E1"))
    async with office.api.database.connect() as connection:
        await connection.execute("update customer set owner_id = $1 where id = $2", QIAN, item["id"])
    (again,) = await _batch(office, _row("kept", owner_code="E4"))
    assert (again["status"], again["token"]) == (200, None)


async def test_a_circle_that_a_batch_would_close_is_refused(office: Office) -> None:
    await _batch(office, _row("above"), _row("below", parent_external_id="above"))
    answer = await _batch(office, _row("above", parent_external_id="below"))
    assert answer[0]["problem"]["code"] == "customer_is_own_parent"


async def test_a_validation_keeps_nothing_and_only_operations_import(office: Office) -> None:
    body = {"items": [_row("tried")]}
    tried = await office.operations.post("/v1/customers:batch", json=body, params={"validate_only": True})
    assert said(tried, 207)["items"][0]["status"] == 201
    found = await office.operations.get("/v1/customers", params={"source": "crm", "external_id": "tried"})
    assert said(found)["items"] == []
    refused(await office.of(SUE).post("/v1/customers:batch", json=body), 403, "forbidden")
    refused(await office.as_(Role.administrator).post("/v1/customers:batch", json=body), 403, "forbidden")


def _row(key: str, **fields: Any) -> dict[str, Any]:
    return {"source": "crm", "external_id": key, "name": key, **fields}


async def _batch(office: Office, *rows: dict[str, Any]) -> list[Any]:
    answer = said(await office.operations.post("/v1/customers:batch", json={"items": list(rows)}), 207)
    items: list[Any] = answer["items"]
    return items
