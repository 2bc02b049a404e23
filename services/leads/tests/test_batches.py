"""Many verbs in one request, and the leads of another system with what became of them."""

from typing import Any

import pytest

from contracts.leads import LeadConverted
from leads.reactions import reactions
from testkit.history import History
from testkit.reacting import react

from .bureau import LI, WANG, ZHAO, Bureau, said, statements

ROW = {
    "source": "crm",
    "channel": "zhihu",
    "captured_at": "2026-01-05",
    "company": "导入公司",
    "owner_code": "E1",
}


async def bring_in(bureau: Bureau, *rows: dict[str, Any], **query: str) -> Any:
    answer = await bureau.operations.post("/v1/leads:import", json={"items": list(rows)}, params=query)
    return said(answer, 207)["items"]


async def test_every_verb_can_stand_in_a_row_and_a_refused_one_stops_no_other(bureau: Bureau) -> None:
    mine, strangers, pooled = await bureau.lead(WANG), await bureau.lead(ZHAO), await bureau.lead(None)
    items = [
        {"verb": "capture", "channel": "zhihu", "phone": "13500000001", "owner_id": str(WANG)},
        {"verb": "capture", "channel": "baidu", "phone": "135 0000 0001", "owner_id": str(WANG)},
        {"verb": "log_contact", "lead_id": mine["id"], "kind": "visit"},
        {"verb": "change", "lead_id": mine["id"], "version": 1, "level": "a"},
        {"verb": "change_intent", "lead_id": mine["id"], "intent": "high"},
        {"verb": "qualify", "lead_id": mine["id"]},
        {"verb": "qualify", "lead_id": strangers["id"]},
        {"verb": "claim", "lead_id": pooled["id"]},
        {"verb": "assign", "lead_id": pooled["id"], "owner_id": str(WANG)},
        {"verb": "convert", "lead_id": mine["id"], "amount": "5.00"},
        {"verb": "discard", "lead_id": mine["id"], "reason_code": "no_need"},
        {"verb": "release", "lead_id": pooled["id"], "reason_code": "no_contact"},
        {"verb": "dance", "lead_id": mine["id"]},
    ]
    answer = said(await bureau.of(WANG).post("/v1/leads:batch", json={"items": items}), 207)["items"]
    assert [each["status"] for each in answer] == [
        201,
        200,
        201,
        200,
        200,
        200,
        404,
        200,
        409,
        200,
        409,
        200,
        422,
    ]
    assert answer[0]["id"] == answer[1]["id"]
    assert answer[1]["token"] is None


async def test_a_trial_keeps_nothing(bureau: Bureau) -> None:
    items = [{"verb": "capture", "channel": "zhihu", "company": "试一试", "owner_id": str(WANG)}]
    body, trial = {"items": items}, {"validate_only": "true"}
    said(await bureau.of(WANG).post("/v1/leads:batch", json=body, params=trial), 207)
    assert said(await bureau.operations.get("/v1/leads", params={"text": "试一试"}))["items"] == []


@pytest.mark.capability("S158", "S167")
async def test_a_lead_comes_in_with_its_past_and_the_same_row_makes_no_fact(bureau: Bureau) -> None:
    row = {
        **ROW,
        "external_id": "past",
        "phone": "13400000001",
        "first_contact_at": "2026-01-06",
        "first_visit_at": "2026-01-09T02:00:00Z",
        "outcome": "won",
        "closed_at": "2026-02-01",
        "amount": "900.00",
        "extra": {"landing_page": "/a", "星级": "五"},
    }
    [done] = await bring_in(bureau, row)
    assert (done["status"], done["warnings"]) == (201, [])
    facts = await bureau.facts(done["id"])
    assert [fact["fact"] for fact in facts] == [
        "lead.captured",
        "contact.logged",
        "contact.logged",
        "lead.converted",
    ]
    assert all(fact["data"]["imported"] for fact in facts)
    assert facts[-1]["data"]["closed"] == {
        "outcome": "won",
        "closed_at": "2026-01-31T16:00:00Z",
        "reason_code": None,
    }
    assert facts[2]["data"]["first_visit"] is True
    shown = await bureau.read(done)
    assert shown["extra"] == {"landing_page": "/a", "星级": "五"}
    assert "landing_page" not in str(facts)
    [again] = await bring_in(bureau, row)
    assert (again["id"], again["status"], again["token"]) == (done["id"], 200, None)


async def test_a_lead_that_ended_before_it_began_is_kept_and_reported(bureau: Bureau) -> None:
    [done] = await bring_in(
        bureau, {**ROW, "external_id": "early", "outcome": "lost", "closed_at": "2025-12-31"}
    )
    assert done["status"] == 201
    assert [each["code"] for each in done["warnings"]] == ["closed_before_captured"]
    closed = (await bureau.facts(done["id"]))[-1]["data"]["closed"]
    assert (closed["closed_at"], closed["reason_code"]) == ("2026-01-04T16:00:00Z", "not_recorded")
    async with bureau.api.database.connect() as connection:
        kept = await connection.fetchval(
            "select source_row->>'closed_at' from lead where external_id = 'early'"
        )
    assert kept == "2025-12-31"


async def test_what_cannot_be_reached_is_kept_as_it_was_and_reported(bureau: Bureau) -> None:
    [done] = await bring_in(bureau, {**ROW, "external_id": "badphone", "phone": "ask Li", "email": "a@b.cn"})
    assert [each["code"] for each in done["warnings"]] == ["phone_impossible"]
    shown = await bureau.read(done)
    assert (shown["phone"], shown["phone_text"], shown["valid"]) == (None, "ask Li", True)


async def test_a_duplicate_in_a_file_is_answered_with_the_lead_that_is_there(bureau: Bureau) -> None:
    first, second = await bring_in(
        bureau,
        {**ROW, "external_id": "dup-1", "phone": "13400000002"},
        {**ROW, "external_id": "dup-2", "phone": "+86 134 0000 0002"},
    )
    assert (second["id"], second["status"], second["token"]) == (first["id"], 200, None)
    assert second["warnings"][0]["code"] == "lead_known_already"


async def test_another_row_of_a_key_makes_the_facts_of_the_difference(bureau: Bureau) -> None:
    row = {**ROW, "external_id": "changing", "phone": "13400000003"}
    [done] = await bring_in(bureau, row)
    later = {
        **row,
        "company": "改名公司",
        "intent": "high",
        "owner_code": "E2",
        "contact_name": "李工",
        "state": "qualified",
    }
    await bring_in(bureau, later)
    facts = await bureau.facts(done["id"])
    assert [fact["fact"] for fact in facts] == [
        "lead.captured", "lead.changed", "lead.intent_changed", "lead.assigned", "lead.qualified",
    ]  # fmt: skip
    shown = await bureau.read(done)
    assert (shown["company"], shown["owner_id"], shown["contact_name"]) == ("改名公司", str(LI), "李工")
    [refused] = await bring_in(bureau, {**later, "captured_at": "2026-01-06"})
    assert (refused["status"], refused["problem"]["code"]) == (409, "captured_at_fixed")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"owner_code": None, "state": "converted"}, 422, "lead_owner_needed"),
        ({"owner_code": "E99"}, 422, "unknown_owner"),
        ({"outcome": "won"}, 422, "validation_failed"),
        ({"campaign": "unheard"}, 422, "unknown_campaign"),
        ({"captured_at": "2099-01-01"}, 422, "occurred_in_future"),
        ({"channel": "知乎"}, 422, "validation_failed"),
    ],
)
async def test_a_row_that_cannot_be_leaves_no_fact(
    bureau: Bureau, change: dict[str, Any], status: int, code: str
) -> None:
    [done] = await bring_in(bureau, {**ROW, "external_id": "bad", **change})
    assert done["status"] == status
    assert done["problem"]["code"] in (code, "request_invalid")
    found = await bureau.operations.get("/v1/leads", params={"source": "crm", "external_id": "bad"})
    assert said(found)["items"] == []


async def test_a_channel_that_is_named_for_the_first_time_is_defined_on_the_way(bureau: Bureau) -> None:
    await bring_in(bureau, {**ROW, "external_id": "new-channel", "channel": "organic_search"})
    assert said(await bureau.operations.get("/v1/channels/organic_search"))["active"] is True


async def test_the_number_of_statements_does_not_grow_with_the_rows(bureau: Bureau) -> None:
    def rows(count: int) -> list[dict[str, Any]]:
        return [
            {
                **ROW,
                "external_id": f"many-{count}-{n}",
                "email": f"m{count}.{n}@example.com",
                "first_contact_at": "2026-01-06",
            }
            for n in range(count)
        ]

    with statements(bureau) as few:
        await bring_in(bureau, *rows(5))
    with statements(bureau) as many:
        await bring_in(bureau, *rows(1000))
    assert len(many) <= len(few) + 2  # the contacts go in pages of a thousand


async def test_a_batch_of_captures_takes_as_many_statements_as_one(bureau: Bureau) -> None:
    def items(count: int) -> list[dict[str, Any]]:
        return [
            {"verb": "capture", "channel": "zhihu", "phone": f"133{count:04d}{n:04d}", "owner_id": str(WANG)}
            for n in range(count)
        ]

    with statements(bureau) as one:
        said(await bureau.of(WANG).post("/v1/leads:batch", json={"items": items(1)}), 207)
    with statements(bureau) as many:
        said(await bureau.of(WANG).post("/v1/leads:batch", json={"items": items(200)}), 207)
    assert len(many) <= len(one) + 1


@pytest.mark.capability("S66")
async def test_a_lead_learns_what_became_of_its_opportunity_however_the_facts_arrive(bureau: Bureau) -> None:
    lead = await bureau.lead(WANG)
    await bureau.do(WANG, lead, "convert", amount="100.00")
    [*_, fact] = await bureau.facts(lead["id"])
    converted = LeadConverted.model_validate(fact["data"])
    told = History()
    standin = told.lead(WANG)
    standin.id, standin.opportunity_id = converted.lead_id, converted.opportunity_id
    deal = told.deal(WANG, lead=standin, amount=100)
    deal.won(amount=120).voided("win").lost()
    state = bureau.api.app.state
    for _ in range(2):
        await react(reactions, state.database, state.settings, [*told.events, *told.events])
    facts = await bureau.facts(lead["id"])
    outcomes = [
        (fact["data"]["outcome"], fact["data"]["amount"])
        for fact in facts
        if "outcome_learnt" in fact["fact"]
    ]
    assert outcomes == [("won", "120.00"), ("open", None), ("lost", None)]
    shown = await bureau.read(lead)
    assert (shown["outcome"], shown["version"]) == ("lost", facts[-1]["sequence"])
