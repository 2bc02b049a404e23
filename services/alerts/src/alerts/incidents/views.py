"""What is answered about incidents."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.alerts import IncidentState, IncidentSubject
from runtime import View


class IncidentView(View):
    """An incident as it stands."""

    id: UUID
    rule: str
    rule_version: int
    subject_kind: IncidentSubject
    subject_id: UUID = Field(description="the opportunity, lead, unit or person")
    key: str | None = Field(description="which of several within the subject: an objection, a metric")
    owner_id: UUID | None = Field(description="who owned the record when it was raised")
    unit_id: UUID | None = Field(description="the owner's unit then, or the unit itself")
    assignee_id: UUID | None = Field(description="who is to act; null: nobody is known")
    assignee_name: str | None
    state: IncidentState
    level: int = Field(description="how often it was escalated")
    since: datetime = Field(description="when the episode began")
    due_at: datetime = Field(description="when the rule's patience ended")
    raised_at: datetime
    figures: list[str] = Field(description="of a reading rule: what was compared, week by week")
    escalates_at: datetime | None = Field(
        description="when it goes to the next one in charge, if nobody takes it up"
    )
    acknowledged_at: datetime | None
    snoozed_until: datetime | None
    resolved_at: datetime | None
    outcome_code: str | None
    resolving_event_id: UUID | None = Field(
        description="the fact that resolved it; null: a person did, or nobody yet"
    )


class StepView(BaseModel):
    """A step of the response flow."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name_en: str
    name_zh: str
    owner_id: UUID | None = Field(description="who is to do it: whoever is to act on the incident")
    due_at: datetime
    completed_at: datetime | None
    completed_by_id: UUID | None
    finding_code: str | None
    note: str | None


class EvidenceView(BaseModel):
    """A fact that an incident rests on."""

    event_id: UUID
    type: str
    occurred_at: datetime
    data: dict[str, Any] = Field(description="as in the event")


class ExplanationView(BaseModel):
    """Why an incident was raised, in words and down to the facts."""

    en: str
    zh: str
    rule_name_en: str
    rule_name_zh: str
    evidence: list[EvidenceView]
    resolves_en: str = Field(description="what would resolve it by itself")
    resolves_zh: str


class ExplainedIncident(IncidentView):
    """An incident with its explanation and its response flow."""

    explanation: ExplanationView
    steps: list[StepView]
