"""What is answered about a backtest."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from alerts.timers.rules import Over
from contracts.alerts import IncidentSubject, ReadingRule, Recipient, TimerRule
from contracts.fields import Number


class FiringView(BaseModel):
    """An incident that the rule would have raised."""

    fires_at: datetime = Field(description="when")
    subject_kind: IncidentSubject
    subject_id: UUID
    key: str | None = Field(description="which of several within the subject: an objection, a metric")
    owner_id: UUID | None = Field(description="who owned the record then")
    unit_id: UUID | None = Field(description="the owner's unit then, or the unit itself")
    recipient_id: UUID | None = Field(description="whom it would have gone to then; null: nobody is known")
    since: datetime = Field(description="the last sign of life, or the first week")
    due_at: datetime = Field(description="when the rule's patience ended")
    resolved_at: datetime | None = Field(description="when a fact resolved it; null: none has")
    resolved_by: Over | None = Field(
        description="a sign of life, the record's close, or a figure that is well"
    )
    resolving_event_id: UUID | None
    outcome: str | None = Field(
        description="what became of the record: `won`, `lost`, `open`, a lead's state"
    )
    figures: list[Number] = Field(description="of a reading rule: what was compared, week by week")


class RecipientCount(BaseModel):
    """How often somebody would have been told."""

    recipient_id: UUID | None
    name: str | None
    fired: int


class Outcomes(BaseModel):
    """What became of records, each counted once."""

    records: int
    counts: dict[str, int] = Field(description="by outcome", examples=[{"lost": 6, "open": 1, "won": 3}])
    shares: dict[str, Number] = Field(description="of all of these records", examples=[{"lost": "0.600000"}])


class RunView(BaseModel):
    """One run of the rule over the time."""

    variant: Literal["as_it_stands", "changed"]
    definition: TimerRule | ReadingRule = Field(discriminator="kind")
    recipient: Recipient
    recipients: list[RecipientCount] = Field(description="who would have been told, most often first")
    fired: Outcomes | None = Field(description="records for which it fires; null for a reading rule")
    quiet: Outcomes | None = Field(
        description="records that it watched in this time without firing: what `fired` is to be held against"
    )
    items: list[FiringView] = Field(description="the first firings by time, `limit` of them")
    total: int = Field(description="how often it fires in all")


class BacktestView(BaseModel):
    """What a rule would have done in a time."""

    rule: str
    rule_version: int
    start: datetime = Field(serialization_alias="from")
    end: datetime = Field(serialization_alias="to", description="before this, and not after now")
    applied_to: datetime | None = Field(description="when the last fact that it ran over was recorded")
    behind_events: int = Field(description="facts that were published and not heard yet")
    runs: list[RunView] = Field(description="as it stands, or changed, or both where they are compared")
