"""What fires when nothing happens: over processes as in production, down to somebody's web server."""

from typing import Any

import pytest
from standardwebhooks import Webhook

from attain.client import Services
from contracts.alerts import IncidentRaised
from testkit import eventually
from testkit.receiving import receiving

from .test_the_line import hire, known_to_opportunities

RULE = "line-silent"


@pytest.mark.capability("S121", "S124")
async def test_an_opportunity_of_which_nothing_is_heard_raises_an_incident_and_the_webhook_is_called(
    services: Services,
) -> None:
    seller = await hire(services, "silent-seller", "silent-team")
    await known_to_opportunities(services, seller)
    await define_rule(services, seller)
    async with receiving() as receiver:
        asked = {"url": receiver.url, "event_types": [IncidentRaised.type]}
        webhook = await services.post("alerts", "/v1/webhooks", asked)
        opened = await services.post("opportunities", "/v1/opportunities", {"title": "?", "owner_id": seller})
        incident = await eventually(lambda: raised(services, opened["id"]), timeout=60)
        assert (incident["state"], incident["assignee_id"]) == ("open", seller)

        async def called() -> Any:
            assert receiver.received, "the webhook was not called"
            return receiver.received[0]

        call = await eventually(called, timeout=30)
        told = Webhook(webhook["secret"]).verify(call.body, call.headers)
        assert (told["type"], told["data"]["incident_id"]) == (IncidentRaised.type, incident["id"])
        await services.request("DELETE", "alerts", f"/v1/webhooks/{webhook['id']}", headers={"If-Match": "*"})
    await services.post("alerts", f"/v1/rules/{RULE}/deactivate", {})


async def define_rule(services: Services, seller: str) -> None:
    """Fires for opportunities of this seller alone, a second after they were opened."""
    rule = {
        "name_en": "Nothing heard for a second",
        "name_zh": "一秒无动静",
        "definition": {
            "kind": "timer",
            "starts": [{"event_type": "opportunities.opportunity.opened.v1"}],
            "after_seconds": 1,
            "conditions": [{"field": "owner_id", "operator": "eq", "value": seller}],
        },
        "recipient": "owner",
    }
    await services.request("PUT", "alerts", f"/v1/rules/{RULE}", json=rule, headers={"If-Match": "*"})


async def raised(services: Services, opportunity: str) -> Any:
    """The incident about an opportunity."""
    found = await services.get("alerts", "/v1/incidents", subject_id=opportunity, rule=RULE)
    assert found["items"], "no incident yet"
    return found["items"][0]
