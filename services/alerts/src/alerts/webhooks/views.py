"""What is answered about webhooks and deliveries."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from alerts.webhooks.rules import DeliveryState
from runtime import View


class WebhookView(View):
    """A webhook, without its secret."""

    id: UUID
    url: str
    event_types: list[str]
    description: str | None
    active: bool
    disabled_reason: str | None = Field(
        description="`switched_off` by a person, or `gone`: it answered 410", examples=["gone"]
    )
    created_at: datetime
    previous_until: datetime | None = Field(
        description="until then the secret before the last rotation signs as well"
    )


class WebhookSecretView(WebhookView):
    """A webhook and its new secret, which is shown this once."""

    secret: str = Field(description="`whsec_` and base64; verifies `webhook-signature`")


class AttemptView(BaseModel):
    """A call, as it was made and answered."""

    model_config = ConfigDict(from_attributes=True)

    number: int = Field(description="1, 2, 3, … over all redeliveries")
    started_at: datetime
    milliseconds: int = Field(description="until the answer was read, or the call given up")
    request_headers: dict[str, str]
    status: int | None = Field(description="of the answer; null: there was none")
    failure: str | None = Field(
        description="null: taken; `refused`: an answer that is no 2xx; `gone`: 410; else why there was no answer: "
        "`timed_out`, `unresolved`, `address_refused`, `unreachable`, `insecure`, `garbled`",
    )
    answer: str = Field(description="the first 4 KiB of the answer's body")


class DeliveryView(BaseModel):
    """An event's way to a webhook."""

    id: UUID
    webhook_id: UUID
    event_id: UUID = Field(description="the `webhook-id` of every call")
    event_type: str
    event_root: str = Field(description="whose event it is, an incident; its events are told in their order")
    event_sequence: int
    state: DeliveryState
    created_at: datetime
    attempts: int = Field(description="calls so far")
    next_try_at: datetime | None = Field(description="null: settled, or the webhook is not active")
    settled_at: datetime | None = Field(description="when it was taken or given up")
    last_attempt: AttemptView | None


class DeliveryDetail(DeliveryView):
    """An event's way to a webhook, with what is sent."""

    request_body: str = Field(description="the event's envelope: the bytes that are signed and sent")


class Redelivered(BaseModel):
    """What is tried again."""

    deliveries: int = Field(description="how many")
