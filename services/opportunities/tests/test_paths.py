"""No way around the stages: every path refuses a skip and a step back, and says what is allowed."""

from typing import Any

import pytest

from .office import MAX, SUE, WANG, Office, ago, refused, said

pytestmark = pytest.mark.capability("S76")

MOVES = [
    ("prospect", "contract", "stage_skipped", "intent"),
    ("proposal", "intent", "stage_stepped_back", "contract"),
]


@pytest.mark.parametrize(("origin", "target", "code", "allowed"), MOVES)
@pytest.mark.capability("S76")
async def test_the_verb_refuses(office: Office, origin: str, target: str, code: str, allowed: str) -> None:
    opportunity = await office.opportunity(stage=origin)
    problem = refused(await office.ask(WANG, opportunity, "change-stage", stage=target), 409, code)
    assert f"allowed is {allowed}" in problem["detail"] or f"allowed stage is {allowed}" in problem["detail"]
    assert problem["errors"][0]["pointer"] == "/stage"


@pytest.mark.parametrize(("origin", "target", "code", "allowed"), MOVES)
@pytest.mark.capability("S76")
async def test_a_row_of_a_batch_refuses(
    office: Office, origin: str, target: str, code: str, allowed: str
) -> None:
    opportunity = await office.opportunity(stage=origin)
    row = {"verb": "change_stage", "opportunity_id": opportunity["id"], "stage": target}
    answer = said(await office.of(WANG).post("/v1/opportunities:batch", json={"items": [row]}), 207)
    assert answer["items"][0]["problem"]["code"] == code
    assert allowed in answer["items"][0]["problem"]["detail"]


@pytest.mark.parametrize(("origin", "target", "code", "allowed"), MOVES)
@pytest.mark.capability("S76")
async def test_an_import_of_a_live_change_refuses(
    office: Office, origin: str, target: str, code: str, allowed: str
) -> None:
    row = {
        "source": "crm",
        "external_id": origin,
        "owner_code": "E1",
        "opened_at": "2026-01-05",
        "amount": "5.00",
    }
    first = await _import(office, {**row, "stage": origin})
    path = f"/v1/opportunities/{first['id']}"
    said(await office.of(WANG).patch(path, json={"channel": "fair"}, headers={"If-Match": "*"}))
    refusal = await _import(office, {**row, "stage": target})
    assert refusal["problem"]["code"] == code
    assert allowed in refusal["problem"]["detail"]


@pytest.mark.capability("S76")
async def test_an_import_of_history_refuses_a_step_back(office: Office) -> None:
    row = {"source": "crm", "external_id": "back", "owner_code": "E1", "opened_at": "2026-01-05"}
    await _import(office, {**row, "stage": "proposal"})
    assert (await _import(office, {**row, "stage": "intent"}))["problem"]["code"] == "stage_stepped_back"


@pytest.mark.capability("S76")
async def test_a_win_from_an_earlier_stage_is_refused_by_verb_and_batch(office: Office) -> None:
    opportunity = await office.opportunity(stage="intent")
    problem = refused(await office.ask(WANG, opportunity, "win"), 409, "won_before_last_stage")
    assert "the next allowed stage is proposal" in problem["detail"]
    row = {"verb": "win", "opportunity_id": opportunity["id"]}
    answer = said(await office.of(WANG).post("/v1/opportunities:batch", json={"items": [row]}), 207)
    assert answer["items"][0]["problem"]["code"] == "won_before_last_stage"


@pytest.mark.parametrize(("origin", "target", "code", "allowed"), MOVES)
async def test_a_manager_allows_it_with_a_reason_and_a_note(
    office: Office, origin: str, target: str, code: str, allowed: str
) -> None:
    opportunity = await office.opportunity(stage=origin, customer_id=(await office.customer())["id"])
    reason = {"stage": target, "reason_code": "signed_elsewhere", "note": "总部框架合同"}
    refused(await office.ask(MAX, opportunity, "change-stage", stage=target), 409, code)
    moved = await office.do(MAX, opportunity, "change-stage", **reason)
    assert moved["stage"] == target
    fact = (await office.facts("opportunities", opportunity["id"]))[-1]
    assert fact["data"]["reason_code"] == "signed_elsewhere"
    assert fact["data"]["step_back"] is (code == "stage_stepped_back")
    assert fact["note"] == "总部框架合同"


@pytest.mark.parametrize("asker", [WANG, SUE])
async def test_a_reason_of_somebody_else_allows_nothing(office: Office, asker: Any) -> None:
    opportunity = await office.opportunity()
    answer = await office.ask(
        asker, opportunity, "change-stage", stage="contract", reason_code="signed_elsewhere"
    )
    refused(answer, 409, "stage_skipped")


@pytest.mark.capability("S75")
async def test_a_stage_is_entered_only_with_the_fields_that_it_requires(office: Office) -> None:
    opportunity = await office.opportunity(stage="intent", amount=None)
    problem = refused(
        await office.ask(WANG, opportunity, "change-stage", stage="proposal"), 409, "fields_missing"
    )
    assert "amount" in problem["detail"]


@pytest.mark.capability("S75")
async def test_an_opportunity_keeps_the_version_that_it_was_opened_under(office: Office) -> None:
    short = {
        "code": "partner",
        "name_en": "Partners",
        "name_zh": "渠道",
        "stages": [_stage("sign_up"), _stage("deal")],
    }
    first = said(await office.operations.post("/v1/pipelines", json=short), 201)
    old = await office.opportunity(pipeline="partner", occurred_at=ago(minutes=5))
    longer = {**short, "stages": [_stage("sign_up"), _stage("training"), _stage("deal")], "allows_skip": True}
    second = said(await office.operations.post("/v1/pipelines", json=longer), 201)
    assert (first["pipeline_version"], second["pipeline_version"]) == (1, 2)
    new = await office.opportunity(pipeline="partner")
    assert (old["pipeline_version"], new["pipeline_version"]) == (1, 2)
    refused(await office.ask(WANG, old, "change-stage", stage="training"), 422, "unknown_stage")
    assert (await office.do(WANG, old, "change-stage", stage="deal"))["stage"] == "deal"
    assert (await office.do(WANG, new, "change-stage", stage="deal"))["stage"] == "deal"
    versions = said(await office.of(WANG).get("/v1/pipelines/partner/versions"))["items"]
    assert [each["pipeline_version"] for each in versions] == [2, 1]
    history = said(await office.of(WANG).get("/v1/pipelines/partner/history"))["items"]
    assert [fact["data"]["pipeline_version"] for fact in history] == [1, 2]


@pytest.mark.capability("S74")
async def test_the_default_pipeline_is_there_from_the_start(office: Office) -> None:
    pipelines = said(await office.of(WANG).get("/v1/pipelines"))["items"]
    default = next(each for each in pipelines if each["code"] == "default")
    assert [(stage["code"], stage["name_zh"]) for stage in default["stages"]] == [
        ("prospect", "潜在客户"),
        ("intent", "初步意向"),
        ("proposal", "报价/方案"),
        ("contract", "合同签署"),
    ]
    assert said(await office.of(WANG).get("/v1/pipelines/default"))["pipeline_version"] == 1
    refused(await office.of(WANG).get("/v1/pipelines/none"), 404, "not_found")


@pytest.mark.capability("S213")
async def test_a_pipeline_is_defined_by_administrators_and_operations_and_makes_sense(office: Office) -> None:
    body = {"code": "odd", "name_en": "Odd", "name_zh": "怪", "stages": [_stage("a"), _stage("a")]}
    refused(await office.of(MAX).post("/v1/pipelines", json=body), 403, "forbidden")
    refused(await office.operations.post("/v1/pipelines", json=body), 422, "stage_twice")
    body["stages"] = [{**_stage("a"), "required_fields": ["mood"]}]
    refused(await office.operations.post("/v1/pipelines", json=body), 422, "field_not_requirable")
    body["stages"] = [{**_stage("a"), "expected_dwell_days": 10**11}]
    (error,) = refused(await office.operations.post("/v1/pipelines", json=body), 422, "request_invalid")[
        "errors"
    ]
    assert (error["pointer"], error["allowed"]) == ("/stages/0/expected_dwell_days", {"le": 3650})
    body["stages"] = [_stage("a")]
    for code in ("od/d", "od?d", "od#d", "od d", "od%2Fd", ".."):  # each would hide the pipeline's address
        answer = await office.operations.post("/v1/pipelines", json={**body, "code": code})
        (error,) = refused(answer, 422, "request_invalid")["errors"]
        assert (error["pointer"], error["code"]) == ("/code", "string_pattern_mismatch")


def _stage(code: str) -> dict[str, Any]:
    return {"code": code, "name_en": code, "name_zh": code, "probability": "0.5", "expected_dwell_days": 7}


async def _import(office: Office, row: dict[str, Any]) -> Any:
    answer = said(await office.operations.post("/v1/opportunities:import", json={"items": [row]}), 207)
    return answer["items"][0]
