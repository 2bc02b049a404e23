"""Many verbs in one request."""

from typing import Any

import pytest

from .office import LI, MAX, WANG, ZHAO, Office, ago, refused, said, statements


async def test_every_verb_can_stand_in_a_row(office: Office) -> None:
    deal = await office.opportunity(stage="contract")
    lost = await office.opportunity()
    opened, *rest = await _batch(
        office,
        MAX,
        {"verb": "open", "title": "新商机", "owner_id": str(LI), "amount": "10.00"},
        {"verb": "change", "opportunity_id": deal["id"], "version": 4, "amount": "1500.00", "title": "扩容"},
        {"verb": "win", "opportunity_id": deal["id"]},
        {"verb": "record_receipt", "opportunity_id": deal["id"], "amount": "500.00"},
        {"verb": "void", "opportunity_id": deal["id"], "undone": "win", "reason_code": "wrong_amount"},
        {"verb": "lose", "opportunity_id": lost["id"], "reason_code": "product_mismatch", "note": "功能不符"},
        {"verb": "reopen", "opportunity_id": lost["id"], "reason_code": "customer_returned"},
        {"verb": "change_stage", "opportunity_id": lost["id"], "stage": "intent"},
        {"verb": "log_interaction", "opportunity_id": lost["id"], "kind": "demo", "direction": "mutual"},
        {"verb": "change_owner", "opportunity_id": lost["id"], "owner_id": str(LI)},
    )
    assert opened["status"] == 201
    assert [item["status"] for item in rest] == [200, 200, 201, 200, 200, 200, 200, 201, 200]
    assert rest[-1]["token"] == f"{lost['id']}@6"
    assert [fact["fact"].split(".")[1] for fact in await office.facts("opportunities", deal["id"])] == [
        "opened", "stage_changed", "stage_changed", "stage_changed",
        "amount_changed", "details_changed", "won", "recorded", "voided",
    ]  # fmt: skip
    assert [fact["note"] for fact in await office.facts("opportunities", lost["id"])][1] == "功能不符"
    shown = said(await office.of(LI).get(f"/v1/opportunities/{opened['id']}"))
    assert (shown["title"], shown["amount"]) == ("新商机", "10.00")


async def test_a_refused_row_does_not_stop_the_others(office: Office) -> None:
    mine, strangers = await office.opportunity(), await office.opportunity(ZHAO)
    answer = await _batch(
        office,
        WANG,
        {"verb": "change_stage", "opportunity_id": mine["id"], "stage": "intent"},
        {"verb": "change_stage", "opportunity_id": mine["id"], "stage": "contract"},
        {"verb": "change_stage", "opportunity_id": strangers["id"], "stage": "intent"},
        {"verb": "change", "opportunity_id": mine["id"], "version": 1, "channel": "fair"},
        {"verb": "void", "opportunity_id": mine["id"], "undone": "opportunity", "reason_code": "x"},
        {"verb": "log_interaction", "opportunity_id": mine["id"], "kind": "rumour", "direction": "inbound"},
        {"verb": "dance", "opportunity_id": mine["id"]},
        {"verb": "win", "opportunity_id": mine["id"], "mood": "good"},
        {"verb": "lose", "opportunity_id": mine["id"], "reason_code": "late_follow_up"},
    )
    assert [item["status"] for item in answer] == [200, 409, 404, 412, 403, 422, 422, 422, 200]
    assert answer[1]["problem"]["code"] == "stage_skipped"
    assert answer[5]["problem"]["errors"][0]["pointer"] == "/kind"
    assert answer[6]["problem"]["errors"][0]["code"] == "union_tag_invalid"
    assert answer[7]["problem"]["errors"][0]["pointer"] == "/mood"
    assert [fact["fact"] for fact in await office.facts("opportunities", mine["id"])] == [
        "opportunity.opened",
        "opportunity.stage_changed",
        "opportunity.lost",
    ]
    untouched = said(await office.of(ZHAO).get(f"/v1/opportunities/{strangers['id']}"))
    assert untouched["version"] == 1


async def test_a_row_that_changes_nothing_has_no_token(office: Office) -> None:
    mine = await office.opportunity(channel="fair")
    (item,) = await _batch(office, WANG, {"verb": "change", "opportunity_id": mine["id"], "channel": "fair"})
    assert (item["status"], item["token"], item["version"]) == (200, None, 1)


async def test_operations_tell_of_long_ago_and_others_do_not(office: Office) -> None:
    row = {"verb": "open", "title": "去年", "owner_id": str(WANG), "occurred_at": ago(days=300)}
    (late,) = await _batch(office, WANG, row)
    assert late["problem"]["code"] == "occurred_too_long_ago"
    body = {"items": [row]}
    told = said(await office.operations.post("/v1/opportunities:batch", json=body), 207)["items"]
    assert told[0]["status"] == 201


async def test_a_validation_tries_everything_and_keeps_nothing(office: Office) -> None:
    mine = await office.opportunity()
    rows = [
        {"verb": "change_stage", "opportunity_id": mine["id"], "stage": "intent"},
        {"verb": "change_stage", "opportunity_id": mine["id"], "stage": "proposal"},
        {"verb": "win", "opportunity_id": mine["id"]},
    ]
    answer = await _batch(office, WANG, *rows, validate_only=True)
    assert [item["status"] for item in answer] == [200, 200, 409]
    assert said(await office.of(WANG).get(f"/v1/opportunities/{mine['id']}"))["version"] == 1


@pytest.mark.parametrize("count", [0, 1001])
async def test_a_batch_has_one_to_a_thousand_rows(office: Office, count: int) -> None:
    body = {"items": [{"verb": "open", "title": "x"}] * count}
    refused(await office.of(WANG).post("/v1/opportunities:batch", json=body), 422, "request_invalid")


async def test_the_number_of_statements_does_not_grow_with_the_rows(office: Office) -> None:
    counts = []
    for many in (2, 30):
        opened = await _batch(office, WANG, *({"verb": "open", "title": f"{n}"} for n in range(many)))
        verbs = [
            {**verb, "opportunity_id": item["id"]}
            for item in opened
            for verb in (
                {"verb": "change_stage", "stage": "intent"},
                {"verb": "log_interaction", "kind": "call", "direction": "inbound"},
                {"verb": "lose", "reason_code": "late_follow_up", "note": "无预算"},
            )
        ]
        with statements(office) as sent:
            answer = await _batch(office, WANG, *verbs)
        assert all(item["problem"] is None for item in answer)
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def _batch(office: Office, person: Any, *rows: dict[str, Any], **params: Any) -> list[Any]:
    answer = await office.of(person).post(
        "/v1/opportunities:batch", json={"items": list(rows)}, params=params
    )
    items: list[Any] = said(answer, 207)["items"]
    return items
