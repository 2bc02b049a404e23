"""Metrics over HTTP."""

import asyncio
from typing import Any

import pytest

from contracts import Role
from testkit.http import Api

from .company import problem

PROPOSALS: dict[str, Any] = {
    "code": "proposals",
    "name_en": "Proposals",
    "name_zh": "报价次数",
    "definition": {
        "kind": "count",
        "event_type": "opportunities.opportunity.stage_changed.v1",
        "conditions": [{"field": "stage", "operator": "eq", "value": "proposal"}],
        "credited_field": "owner_id",
        "dimensions": ["product_line"],
    },
}


@pytest.mark.capability("S104", "S105")
async def test_an_instance_begins_with_the_built_in_metrics(api: Api) -> None:
    client = api.client(Role.bi_reader)
    listed = (await client.get("/v1/metrics?limit=200")).json()["items"]
    assert {item["code"] for item in listed} >= {
        "sales_amount",
        "won_count",
        "collected_amount",
        "opportunities_opened",
        "opportunities_lost",
        "new_customers",
        "visits",
        "demos",
        "win_rate",
        "average_order_value",
        "collection_rate",
    }
    found = await client.get("/v1/metrics?text=回款&kind=ratio")
    assert [item["code"] for item in found.json()["items"]] == ["collection_rate"]


async def test_a_new_metric_is_a_fact_and_the_same_again_is_none(api: Api) -> None:
    operations = api.client(Role.operations)
    first = await operations.post("/v1/metrics", json=PROPOSALS)
    again = await operations.post("/v1/metrics", json=PROPOSALS)
    assert (first.status_code, first.json()["metric_version"]) == (201, 1)
    assert again.json() == first.json()
    assert (await operations.get("/v1/metrics/proposals")).json() == first.json()


@pytest.mark.capability("S161", "S179")
async def test_versions_stay_beside_each_other(api: Api) -> None:
    operations = api.client(Role.operations)
    await operations.post("/v1/metrics", json=PROPOSALS)
    second = await operations.post("/v1/metrics", json={**PROPOSALS, "core": True})
    assert (second.json()["metric_version"], second.headers["ETag"]) == (2, '"2"')
    stale = await operations.post("/v1/metrics", json=PROPOSALS, headers={"If-Match": '"1"'})
    assert problem(stale) == (412, "stale_version")
    versions = await operations.get("/v1/metrics/proposals/versions")
    assert [(item["metric_version"], item["core"]) for item in versions.json()["items"]] == [
        (1, False),
        (2, True),
    ]
    history = await operations.get("/v1/metrics/proposals/history")
    assert [item["data"]["metric_version"] for item in history.json()["items"]] == [1, 2]


async def test_every_fault_of_a_definition_is_told_at_its_place(api: Api) -> None:
    definition = {**PROPOSALS["definition"], "credited_field": "stage", "dimensions": ["amount"]}
    client = api.client(Role.operations)
    english = await client.post("/v1/metrics", json={**PROPOSALS, "definition": definition})
    assert problem(english) == (422, "request_invalid")
    assert [(error["pointer"], error["code"]) for error in english.json()["errors"]] == [
        ("/definition/credited_field", "field_unfit"),
        ("/definition/dimensions/0", "field_unfit"),
    ]
    assert english.json()["errors"][0]["allowed"] == {"expected": ["owner_id"]}
    chinese = await client.post(
        "/v1/metrics",
        json={**PROPOSALS, "definition": definition},
        headers={"Accept-Language": "zh-CN"},
    )
    assert "不适用" in chinese.json()["errors"][0]["detail"]


async def test_two_first_definitions_at_once_are_one_metric(api: Api) -> None:
    operations = api.client(Role.operations)
    answers = await asyncio.gather(*(operations.post("/v1/metrics", json=PROPOSALS) for _ in range(2)))
    assert [answer.json()["metric_version"] for answer in answers] == [1, 1]
