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
    prove_every: float = Field(
        60.0, gt=0, description="seconds between two looks whether kept rows follow from their events"
    )
    prove_roots: int = Field(200, ge=1, description="roots that one such look tells anew")
    prove_records: int = Field(
        500, ge=1, description="records of one partition that one such look holds against the kept events"
    )
    contradiction_roots: int = Field(
        500, ge=1, description="most records of a figure that a contradiction report tells anew"
    )
