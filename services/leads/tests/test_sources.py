"""Channels, campaigns and what they cost (S65)."""

import pytest

from contracts import Role

from .bureau import WANG, Bureau, refused, said

COST = {"starts_on": "2026-07-01", "ends_on": "2026-08-01", "amount": "5000.00"}


@pytest.mark.capability("S65")
async def test_a_cost_is_recorded_listed_and_undone_once(bureau: Bureau) -> None:
    configurer = bureau.as_(Role.administrator)
    defined = await configurer.put("/v1/channels/douyin", json={"name_en": "Douyin", "name_zh": "抖音"})
    assert said(defined)["name_zh"] == "抖音"
    campaign = {"channel": "douyin", "name": "夏季", "starts_on": "2026-06-01"}
    said(await configurer.put("/v1/campaigns/douyin-summer", json=campaign))
    cost = said(
        await configurer.post("/v1/channels/douyin/costs", json={**COST, "campaign": "douyin-summer"}), 201
    )
    assert (cost["amount"], cost["currency"], cost["token"]) == ("5000.00", "CNY", "channel:douyin@2")
    inside = {"channel": "douyin", "from": "2026-07-31", "to": "2026-08-02"}
    assert [each["id"] for each in said(await configurer.get("/v1/costs", params=inside))["items"]] == [
        cost["id"]
    ]
    after = {"channel": "douyin", "from": "2026-08-01"}
    assert said(await configurer.get("/v1/costs", params=after))["items"] == []
    void = f"/v1/costs/{cost['id']}/void"
    assert said(await configurer.post(void, json={"reason_code": "typed_twice"}))["voided_at"]
    refused(await configurer.post(void, json={"reason_code": "typed_twice"}), 409, "cost_voided_already")
    history = said(await configurer.get("/v1/channels/douyin/history"))["items"]
    assert [each["type"] for each in history] == [
        "leads.channel.defined.v1", "leads.cost.recorded.v1", "leads.cost.voided.v1",
    ]  # fmt: skip


async def test_a_channel_out_of_use_is_kept_and_takes_no_new_leads(bureau: Bureau) -> None:
    configurer = bureau.as_(Role.operations)
    said(await configurer.put("/v1/channels/fair", json={"name_en": "Fair", "name_zh": "展会"}))
    lead = await bureau.lead(WANG, channel="fair")
    out = {"name_en": "Fair", "name_zh": "展会", "active": False}
    said(await configurer.put("/v1/channels/fair", json=out))
    refused(await configurer.post("/v1/leads", json={"channel": "fair"}), 422, "unknown_channel")
    assert (await bureau.read(lead))["channel"] == "fair"
    assert said(await configurer.put("/v1/channels/fair", json=out))["version"] == 2


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("channels/zhihu/costs", {**COST, "campaign": "unheard"}, "unknown_campaign"),
        ("channels/zhihu/costs", {**COST, "ends_on": "2026-07-01"}, "validation_failed"),
        ("channels/zhihu/costs", {**COST, "amount": "0.00"}, "validation_failed"),
    ],
)
async def test_a_cost_that_cannot_be_is_refused(
    bureau: Bureau, path: str, body: dict[str, str], code: str
) -> None:
    answer = await bureau.operations.post(f"/v1/{path}", json=body)
    assert answer.status_code == 422
    assert code in (answer.json()["code"], "validation_failed")


async def test_a_cost_of_no_channel_is_not_found(bureau: Bureau) -> None:
    refused(await bureau.operations.post("/v1/channels/unheard/costs", json=COST), 404, "not_found")
