"""What can be asked of webhooks."""

from typing import Annotated

from pydantic import Field, HttpUrl, model_validator

from contracts.dates import RequestInstant
from runtime import broken_rule
from runtime.requests import Request

type Address = Annotated[
    HttpUrl, Field(description="where to POST, https", examples=["https://example.com/attain"])
]
type EventTypes = Annotated[
    list[str],
    Field(
        min_length=1,
        max_length=50,
        description="what to be told of",
        examples=[["alerts.incident.raised.v1"]],
    ),
]
type Description = Annotated[str, Field(max_length=500, description="free text; stands in no event")]


class DefineWebhook(Request):
    """An address to be told of incidents."""

    url: Address
    event_types: EventTypes
    description: Description | None = None


class ChangeWebhook(Request):
    """Changes what is given and leaves the rest; null clears the description. `active` switches it off and on."""

    url: Address | None = None
    event_types: EventTypes | None = None
    description: Description | None = None
    active: bool | None = None

    @model_validator(mode="after")
    def _not_cleared(self) -> "ChangeWebhook":
        for field in ("url", "event_types", "active"):
            if field in self.model_fields_set and getattr(self, field) is None:
                raise broken_rule("not_clearable", en=f"{field} cannot be null", zh=f"{field} 不能为空")
        return self


class Redeliver(Request):
    """Which failed deliveries are tried again: those that were given up in this time."""

    failed_from: RequestInstant
    failed_to: RequestInstant = Field(description="before this instant")
