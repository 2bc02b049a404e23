"""An opportunity's life over HTTP: the record, its facts, its version and token."""

from typing import Any

import pytest

from contracts import Role

from .office import DORA, LI, MAX, QIAN, SUE, WANG, ZHAO, Office, ago, refused, said


@pytest.mark.capability("S74", "S75")
async def test_an_opportunity_passes_the_stages_and_is_won(office: Office) -> None:
    opportunity = await office.opportunity(stage="contract", expected_close_on="2026-12-31")
    won = await office.do(WANG, opportunity, "win", amount="1150.00")
    assert (won["state"], won["stage"], won["amount"], won["currency"]) == (
        "won",
        "contract",
        "1150.00",
        "CNY",
    )
    assert won["customer_name"] == "长江精密制造"
    assert won["owner_name"] == "E1"
    assert won["closed_at"] is not None
    facts = await office.facts("opportunities", won["id"])
    assert [(fact["sequence"], fact["fact"], fact["data"]["stage"]) for fact in facts] == [
        (1, "opportunity.opened", "prospect"),
        (2, "opportunity.stage_changed", "intent"),
        (3, "opportunity.stage_changed", "proposal"),
        (4, "opportunity.stage_changed", "contract"),
        (5, "opportunity.won", "contract"),
    ]
    assert {fact["by"] for fact in facts} == {str(WANG)}


async def test_no_free_text_is_in_a_fact(office: Office) -> None:
    opportunity = await office.opportunity(title="绝密项目")
    await office.do(WANG, opportunity, "lose", reason_code="strong_competitor", note="王总说价格太高")
    await office.of(WANG).post(
        f"/v1/opportunities/{opportunity['id']}/interactions",
        json={"kind": "call", "direction": "outbound", "summary": "谈了预算", "next_step": "周三再谈"},
    )
    async with office.api.database.connect() as connection:
        ledger = str(await connection.fetch("select convert_from(envelope, 'utf8') from messaging.ledger"))
    for text in ("绝密项目", "王总说价格太高", "谈了预算", "周三再谈"):
        assert text not in ledger


@pytest.mark.capability("S79")
async def test_a_loss_keeps_its_reason_in_the_fact_and_its_note_beside_it(office: Office) -> None:
    opportunity = await office.opportunity()
    lost = await office.do(WANG, opportunity, "lose", reason_code="late_follow_up", note="三周未回访")
    assert (lost["state"], lost["loss_reason"]) == ("lost", "late_follow_up")
    fact = (await office.facts("opportunities", lost["id"]))[-1]
    assert fact["data"]["reason_code"] == "late_follow_up"
    assert fact["note"] == "三周未回访"


async def test_a_loss_without_a_reason_of_the_list_is_refused(office: Office) -> None:
    opportunity = await office.opportunity()
    refused(await office.ask(WANG, opportunity, "lose"), 422, "request_invalid")
    answer = await office.ask(WANG, opportunity, "lose", reason_code="bad_mood")
    problem = refused(answer, 422, "request_invalid")
    assert problem["errors"][0]["pointer"] == "/reason_code"
    assert "product_mismatch" in str(problem["errors"][0]["allowed"])
    answer = await office.ask(WANG, opportunity, "lose", reason_code="not_recorded")
    refused(answer, 422, "reason_only_for_imports")


async def test_a_lost_opportunity_is_reopened_where_it_was(office: Office) -> None:
    opportunity = await office.opportunity(stage="proposal")
    await office.do(WANG, opportunity, "lose", reason_code="strong_competitor")
    reopened = await office.do(WANG, opportunity, "reopen", reason_code="customer_returned")
    assert (reopened["state"], reopened["stage"]) == ("open", "proposal")
    assert (reopened["closed_at"], reopened["loss_reason"]) == (None, None)


async def test_a_wrong_win_is_voided_by_a_manager_and_names_the_fact(office: Office) -> None:
    opportunity = await office.opportunity(stage="contract")
    await office.do(WANG, opportunity, "win")
    answer = await office.ask(WANG, opportunity, "void", undone="win", reason_code="wrong_amount")
    refused(answer, 403, "forbidden")
    voided = await office.do(MAX, opportunity, "void", undone="win", reason_code="wrong_amount", note="误录")
    assert (voided["state"], voided["stage"], voided["closed_at"]) == ("open", "contract", None)
    facts = await office.facts("opportunities", opportunity["id"])
    assert facts[-1]["data"]["voided_event_id"] == facts[-2]["id"]
    await office.do(WANG, opportunity, "win", amount="1000.00")


async def test_a_voided_opportunity_takes_nothing_more(office: Office) -> None:
    opportunity = await office.opportunity()
    voided = await office.do(MAX, opportunity, "void", undone="opportunity", reason_code="test_record")
    assert voided["state"] == "voided"
    for verb, body in (
        ("change-stage", {"stage": "intent"}),
        ("change-owner", {"owner_id": str(LI)}),
        ("lose", {"reason_code": "late_follow_up"}),
        ("win", {}),
        ("void", {"undone": "opportunity", "reason_code": "again"}),
    ):
        refused(await office.ask(MAX, opportunity, verb, **body), 409, "opportunity_voided")
    receipt = {"amount": "1.00"}
    answer = await office.of(WANG).post(f"/v1/opportunities/{opportunity['id']}/receipts", json=receipt)
    refused(answer, 409, "opportunity_voided")


@pytest.mark.parametrize(
    ("verb", "body", "status", "code"),
    [
        ("change-stage", {"stage": "prospect"}, 409, "stage_unchanged"),
        ("change-stage", {"stage": "negotiation"}, 422, "unknown_stage"),
        ("reopen", {"reason_code": "customer_returned"}, 409, "not_lost"),
        ("void", {"undone": "win", "reason_code": "wrong_amount"}, 409, "nothing_to_void"),
        ("void", {"undone": "loss", "reason_code": "Wrong amount!"}, 422, "request_invalid"),
    ],
)
async def test_a_verb_that_makes_no_sense_is_refused(
    office: Office, verb: str, body: dict[str, str], status: int, code: str
) -> None:
    opportunity = await office.opportunity()
    refused(await office.ask(MAX, opportunity, verb, **body), status, code)


async def test_a_win_needs_an_amount(office: Office) -> None:
    opportunity = await office.opportunity(stage="contract")
    path = f"/v1/opportunities/{opportunity['id']}"
    said(await office.of(WANG).patch(path, json={"amount": None}, headers={"If-Match": "*"}))
    refused(await office.ask(WANG, opportunity, "win"), 422, "amount_missing")
    assert (await office.do(WANG, opportunity, "win", amount="7.00"))["amount"] == "7.00"


async def test_a_patch_makes_a_fact_for_each_kind_of_change(office: Office) -> None:
    opportunity = await office.opportunity()
    customer = await office.customer()
    path = f"/v1/opportunities/{opportunity['id']}"
    change = {
        "title": "MES 二期",
        "amount": "900.5",
        "expected_close_on": "2026-12-31",
        "customer_id": customer["id"],
    }
    answer = await office.of(WANG).patch(path, json=change, headers={"If-Match": '"1"'})
    changed = said(answer)
    assert (changed["title"], changed["amount"], changed["version"]) == ("MES 二期", "900.50", 4)
    assert answer.headers["ETag"] == '"4"'
    assert [fact["fact"] for fact in await office.facts("opportunities", opportunity["id"])] == [
        "opportunity.opened",
        "opportunity.amount_changed",
        "opportunity.close_date_moved",
        "opportunity.details_changed",
    ]
    again = said(await office.of(WANG).patch(path, json=change, headers={"If-Match": '"4"'}))
    assert again["version"] == 4
    cleared = await office.of(WANG).patch(path, json={"customer_id": None}, headers={"If-Match": '"4"'})
    assert said(cleared)["customer_id"] is None


async def test_a_patch_needs_the_version_that_it_was_made_from(office: Office) -> None:
    opportunity = await office.opportunity()
    path = f"/v1/opportunities/{opportunity['id']}"
    wang = office.of(WANG)
    refused(await wang.patch(path, json={"title": "x"}), 428, "if_match_required")
    refused(await wang.patch(path, json={"title": "x"}, headers={"If-Match": '"7"'}), 412, "stale_version")
    problem = refused(
        await wang.patch(path, json={"title": None}, headers={"If-Match": '"1"'}), 422, "request_invalid"
    )
    assert problem["errors"][0]["code"] == "not_clearable"


async def test_the_deal_of_a_closed_opportunity_stays(office: Office) -> None:
    opportunity = await office.opportunity()
    await office.do(WANG, opportunity, "lose", reason_code="strong_competitor")
    path = f"/v1/opportunities/{opportunity['id']}"
    answer = await office.of(WANG).patch(path, json={"amount": "5.00"}, headers={"If-Match": "*"})
    refused(answer, 409, "opportunity_closed")


@pytest.mark.capability("S78", "S178")
async def test_interactions_are_logged_listed_and_leave_the_version(office: Office) -> None:
    opportunity = await office.opportunity()
    path = f"/v1/opportunities/{opportunity['id']}/interactions"
    call = {"kind": "call", "direction": "outbound", "summary": "谈了预算", "next_step": "周三再谈"}
    logged = said(await office.of(WANG).post(path, json=call), 201)
    await office.of(WANG).post(path, json={"kind": "visit", "direction": "mutual"})
    assert (logged["summary"], logged["next_step"], logged["logged_by_id"]) == (
        "谈了预算",
        "周三再谈",
        str(WANG),
    )
    assert logged["token"] == f"{opportunity['id']}@2"
    items = said(await office.of(SUE).get(path))["items"]
    assert [item["kind"] for item in items] == ["visit", "call"]
    shown = said(await office.of(WANG).get(f"/v1/opportunities/{opportunity['id']}"))
    assert (shown["version"], shown["token"]) == (1, f"{opportunity['id']}@3")


async def test_interactions_are_found_by_kind_direction_days_and_words(office: Office) -> None:
    opportunity = await office.opportunity()
    path = f"/v1/opportunities/{opportunity['id']}/interactions"
    for logged in (
        {"kind": "call", "direction": "outbound", "summary": "谈了预算"},
        {"kind": "visit", "direction": "mutual", "next_step": "周三报价"},
        {"kind": "message", "direction": "inbound"},
    ):
        said(await office.of(WANG).post(path, json=logged), 201)
    params: dict[str, Any]
    for params, kinds in (
        ({"kind": ["call", "visit"]}, ["visit", "call"]),
        ({"direction": "inbound"}, ["message"]),
        ({"text": "预算"}, ["call"]),
        ({"text": "报价", "kind": "visit"}, ["visit"]),
        ({"occurred_to": "2020-01-01"}, []),
        ({"occurred_from": "2020-01-01", "kind": "message"}, ["message"]),
    ):
        found = said(await office.of(WANG).get(path, params=params))["items"]
        assert [item["kind"] for item in found] == kinds, params


@pytest.mark.capability("S191")
async def test_money_comes_in_before_and_after_the_win(office: Office) -> None:
    opportunity = await office.opportunity(stage="contract")
    path = f"/v1/opportunities/{opportunity['id']}/receipts"
    said(await office.of(WANG).post(path, json={"amount": "200.00"}), 201)
    await office.do(WANG, opportunity, "win")
    said(await office.of(WANG).post(path, json={"amount": "100.00", "currency": "USD"}), 201)
    items = said(await office.of(WANG).get(path, params={"sort": "occurred_at"}))["items"]
    assert [(item["amount"], item["currency"]) for item in items] == [("200.00", "CNY"), ("100.00", "USD")]
    for params in ({"occurred_to": "2020-01-01"}, {"occurred_from": "2199-01-01"}):
        assert said(await office.of(WANG).get(path, params=params))["items"] == []
    refused(await office.of(WANG).post(path, json={"amount": "0"}), 422, "request_invalid")


async def test_a_fact_may_be_told_late_but_not_before_the_last_one(office: Office) -> None:
    opportunity = await office.opportunity(occurred_at=ago(days=6))
    moved = await office.do(WANG, opportunity, "change-stage", stage="intent", occurred_at=ago(days=3))
    assert moved["stage_since"] < ago(days=2)
    answer = await office.ask(
        WANG, opportunity, "lose", reason_code="late_follow_up", occurred_at=ago(days=5)
    )
    refused(answer, 422, "occurred_before_last")
    answer = await office.ask(
        WANG, opportunity, "lose", reason_code="late_follow_up", occurred_at=ago(days=-1)
    )
    refused(answer, 422, "occurred_in_future")


async def test_only_operations_tell_of_more_than_a_week_ago(office: Office) -> None:
    body = {"title": "旧商机", "owner_id": str(WANG), "occurred_at": ago(days=30)}
    answer = await office.of(WANG).post("/v1/opportunities", json=body)
    refused(answer, 422, "occurred_too_long_ago")
    opened = said(await office.operations.post("/v1/opportunities", json=body), 201)
    assert opened["opened_at"] < ago(days=29)


async def test_the_same_idempotency_key_opens_one_opportunity(office: Office) -> None:
    wang, key = office.of(WANG), {"Idempotency-Key": "8c2f"}
    first = said(await wang.post("/v1/opportunities", json={"title": "只此一次"}, headers=key), 201)
    again = said(await wang.post("/v1/opportunities", json={"title": "只此一次"}, headers=key), 201)
    assert first == again
    assert len(said(await wang.get("/v1/opportunities", params={"text": "只此一次"}))["items"]) == 1


@pytest.mark.parametrize(
    ("asker", "owner", "status"),
    [
        (WANG, WANG, 201),
        (WANG, LI, 422),
        (SUE, LI, 201),
        (SUE, ZHAO, 422),
        (MAX, SUE, 201),
        (DORA, ZHAO, 201),
    ],
)
async def test_everybody_opens_for_the_people_whose_records_they_see(
    office: Office, asker: Any, owner: Any, status: int
) -> None:
    body = {"title": "给下属", "owner_id": str(owner)}
    answer = await office.of(asker).post("/v1/opportunities", json=body)
    problem = said(answer, status)
    assert status == 201 or problem["code"] == "unknown_owner"


async def test_a_leaver_and_an_unknown_customer_or_pipeline_are_refused(office: Office) -> None:
    answer = await office.operations.post("/v1/opportunities", json={"title": "x", "owner_id": str(QIAN)})
    refused(answer, 422, "owner_has_left")
    answer = await office.of(WANG).post("/v1/opportunities", json={"title": "x", "customer_id": str(QIAN)})
    assert refused(answer, 422, "unknown_customer")["errors"][0]["pointer"] == "/customer_id"
    answer = await office.of(WANG).post("/v1/opportunities", json={"title": "x", "pipeline": "other"})
    refused(answer, 422, "unknown_pipeline")
    refused(await office.operations.post("/v1/opportunities", json={"title": "x"}), 422, "unknown_owner")


async def test_an_opportunity_is_given_to_another_person_by_who_sees_both(office: Office) -> None:
    opportunity = await office.opportunity()
    answer = await office.ask(WANG, opportunity, "change-owner", owner_id=str(LI))
    refused(answer, 422, "unknown_owner")
    given = await office.do(SUE, opportunity, "change-owner", owner_id=str(LI))
    assert given["owner_id"] == str(LI)
    refused(await office.ask(WANG, opportunity, "lose", reason_code="late_follow_up"), 404, "not_found")
    fact = (await office.facts("opportunities", opportunity["id"]))[-1]
    assert (fact["fact"], fact["data"]["previous_owner_id"]) == ("opportunity.owner_changed", str(WANG))


async def test_the_reporting_currency_is_the_default(office: Office) -> None:
    assert (await office.opportunity())["currency"] == "CNY"
    opened = await office.opportunity(currency="USD")
    assert (opened["currency"], opened["amount"]) == ("USD", "1200.00")


@pytest.mark.parametrize("role", [Role.administrator, Role.integrator, Role.bi_reader])
async def test_other_roles_write_nothing(office: Office, role: Role) -> None:
    opportunity = await office.opportunity()
    path = f"/v1/opportunities/{opportunity['id']}"
    client = office.as_(role)
    for address, body in (
        ("/v1/opportunities", {"title": "x"}),
        (f"{path}/win", {}),
        (f"{path}/interactions", {"kind": "call", "direction": "inbound"}),
        (f"{path}/receipts", {"amount": "1.00"}),
        ("/v1/opportunities:batch", {"items": [{"verb": "open", "title": "x"}]}),
        ("/v1/customers", {"name": "x"}),
    ):
        refused(await client.post(address, json=body), 403, "forbidden")
    refused(await client.patch(path, json={"title": "x"}, headers={"If-Match": "*"}), 403, "forbidden")
