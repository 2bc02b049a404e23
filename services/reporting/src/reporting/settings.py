"""What the reporting service can be told from outside."""

from pydantic import Field

from messaging import MessagingSettings
from runtime import Settings


class ReportingSettings(Settings, MessagingSettings):
    """How its processes start and are asked, and how they reach Kafka."""

    read_every: float = Field(
        10.0,
        gt=0,
        description="seconds between two looks whether a finished week is to be read, or read again",
    )
