"""A lead's way through two services and back, in processes as in production, one of them killed."""

import os
import signal
from typing import Any

import pytest

from attain.client import Services
from attain.instance.layout import Instance
from attain.settling import settle
from testkit import eventually

from .test_the_line import hire, processes

LEADS = 24
CHANNEL = "line-fair"


@pytest.mark.capability("S66")
async def test_each_converted_lead_opens_one_opportunity_though_the_process_is_killed_and_learns_its_end(
    instance: Instance, services: Services
) -> None:
    seller = await hire(services, "lead-seller", "lead-team")
    await known_to_leads(services, seller)
    leads = [await capture(services, seller, number) for number in range(LEADS)]
    opportunities = {}
    for number, lead in enumerate(leads):
        if number == LEADS // 2:
            os.kill((await processes(instance))["opportunities"], signal.SIGKILL)
        converted = await services.post("leads", f"/v1/leads/{lead}/convert", {"amount": "500.00"})
        opportunities[converted["opportunity_id"]] = lead
    await settle(instance)
    found = await services.get("opportunities", "/v1/opportunities", owner_id=seller, limit=200)
    assert {each["id"]: each["lead_id"] for each in found["items"]} == opportunities
    assert {each["version"] for each in found["items"]} == {1}
    assert len({each["customer_id"] for each in found["items"]}) == 1
    opportunity, lead = next(iter(opportunities.items()))
    for stage in ("intent", "proposal", "contract"):
        await services.post(
            "opportunities", f"/v1/opportunities/{opportunity}/change-stage", {"stage": stage}
        )
    await services.post("opportunities", f"/v1/opportunities/{opportunity}/win", {})
    await settle(instance)
    ended = await services.get("leads", f"/v1/leads/{lead}")
    assert (ended["outcome"], ended["outcome_amount"], ended["outcome_currency"]) == ("won", "500.00", "CNY")


async def known_to_leads(services: Services, seller: str) -> None:
    """Waits until leads can be given to the seller, and has a channel."""
    named = {"name_en": "Fair", "name_zh": "展会", "active": True}
    await services.request("PUT", "leads", f"/v1/channels/{CHANNEL}", json=named, headers={"If-Match": "*"})
    probe = {"items": [{"verb": "capture", "channel": CHANNEL, "company": "?", "owner_id": seller}]}

    async def known() -> Any:
        answer = await services.post("leads", "/v1/leads:batch", probe, validate_only="true")
        assert answer["items"][0].get("problem") is None, answer

    await eventually(known, timeout=30)


async def capture(services: Services, seller: str, number: int) -> str:
    """A lead of the seller; all of them write the name of one company in two ways."""
    company = "一线精密制造有限公司" if number % 2 else "一线精密制造"
    body = {"channel": CHANNEL, "company": company, "phone": f"1370000{number:04d}", "owner_id": seller}
    return str((await services.post("leads", "/v1/leads", body))["id"])
