"""What lists of webhooks and deliveries can be narrowed to."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query

from alerts.webhooks.rules import DeliveryState
from contracts.dates import RequestInstant


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFilter:
    """All conditions hold together."""

    active: Annotated[bool | None, Query(description="false: those that are called no more")] = None
    event_type: Annotated[str | None, Query(description="those that asked for this event")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """All conditions hold together; of one that is given several times any value will do."""

    state: Annotated[list[DeliveryState] | None, Query()] = None
    event_type: Annotated[list[str] | None, Query()] = None
    incident_id: Annotated[UUID | None, Query(description="whose events they are")] = None
    event_id: Annotated[UUID | None, Query(description="the `webhook-id` of the calls")] = None
    created_from: Annotated[RequestInstant | None, Query(description="from this instant on")] = None
    created_to: Annotated[RequestInstant | None, Query(description="before this instant")] = None
