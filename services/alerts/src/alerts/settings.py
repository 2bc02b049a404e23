"""What the alerts service can be told from outside."""

from typing import Self

from pydantic import Field, model_validator

from messaging import MessagingSettings
from runtime import Settings


class AlertsSettings(Settings, MessagingSettings):
    """How its processes start and are asked, how they reach Kafka, and where webhooks may go."""

    watch_every: float = Field(1.0, gt=0, description="seconds between two looks at what has come due")
    webhook_allow_loopback: bool = Field(
        False, description="webhooks may go to this machine, and over plain http; for development only"
    )

    @model_validator(mode="after")
    def _no_loopback_in_production(self) -> Self:
        if self.environment == "production" and self.webhook_allow_loopback:
            raise ValueError("refused in production: ATTAIN_WEBHOOK_ALLOW_LOOPBACK is for development only")
        return self
