"""What the leads service can be told from outside."""

from pydantic import Field

from messaging import MessagingSettings
from runtime import Settings


class LeadsSettings(Settings, MessagingSettings):
    """How its processes start and are asked, and how they reach Kafka."""

    dispatch_every: float = Field(
        60.0,
        gt=0,
        description="seconds between two rounds that give waiting leads away and release untouched ones",
    )
