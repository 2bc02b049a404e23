"""The rows of incidents, the steps of their response, and the notes beside their facts."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from alerts.incidents.rules import Standing, StepState
from alerts.rows import RootRow, Row
from contracts.alerts import (
    Incident,
    IncidentAcknowledged,
    IncidentRaised,
    IncidentResolved,
    IncidentSnoozed,
    IncidentState,
    IncidentSubject,
)
from runtime.columns import INSTANT, JSON, TEXT

INCIDENT_COLUMNS = {name: "id" if name == "incident_id" else name for name in Incident.model_fields}
"""The fields of an incident's facts and the columns that hold them."""

UNRESOLVED = text(f"state <> '{IncidentState.resolved}'")


class IncidentRow(RootRow, table=True):
    """An incident as it stands. `watched_root`, `key` and `began_event` name the episode, which raises one incident."""

    __tablename__ = "incident"
    __table_args__ = (
        UniqueConstraint("rule", "watched_root", "key", "began_event", name="incident_episode_key"),
        Index("incident_raised_at", "raised_at", "id"),
        Index("incident_assignee_id", "assignee_id", "raised_at", "id"),
        Index("incident_owner_id", "owner_id", "raised_at", "id"),
        Index("incident_unit_id", "unit_id", "raised_at", "id"),
        Index("incident_subject_id", "subject_id", "raised_at", "id"),
        Index("incident_unresolved", "rule", "watched_root", postgresql_where=UNRESOLVED),
        Index("incident_escalation", "escalates_at", postgresql_where=UNRESOLVED),
    )

    id: UUID = Field(primary_key=True)
    rule: str = Field(sa_type=TEXT)
    rule_version: int
    subject_kind: str = Field(sa_type=TEXT)
    subject_id: UUID
    key: str = Field(sa_type=TEXT)
    owner_id: UUID | None = None
    unit_id: UUID | None = None
    assignee_id: UUID | None = None
    state: str = Field(sa_type=TEXT)
    level: int
    watched_root: str = Field(sa_type=TEXT)
    began_event: UUID
    since: datetime = Field(sa_type=INSTANT)
    due_at: datetime = Field(sa_type=INSTANT)
    raised_at: datetime = Field(sa_type=INSTANT)
    evidence: list[str] = Field(sa_type=JSON)
    figures: list[str] = Field(sa_type=JSON)
    escalates_at: datetime | None = Field(default=None, sa_type=INSTANT)
    acknowledged_at: datetime | None = Field(default=None, sa_type=INSTANT)
    snoozed_until: datetime | None = Field(default=None, sa_type=INSTANT)
    resolved_at: datetime | None = Field(default=None, sa_type=INSTANT)
    outcome_code: str | None = Field(default=None, sa_type=TEXT)
    resolving_event_id: UUID | None = None

    @classmethod
    def before_raising(cls, id: UUID, **own: Any) -> Self:
        """A row that its first fact will fill."""
        return cls(id=id, **own)

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return str(self.id)

    def standing(self, steps: list["Step"]) -> Standing:
        """The row as the rules see it."""
        values: dict[str, Any] = {field: getattr(self, column) for field, column in INCIDENT_COLUMNS.items()}
        values |= {
            "state": IncidentState(self.state),
            "subject_kind": IncidentSubject(self.subject_kind),
            "key": self.key or None,
        }
        ordered = sorted(steps, key=lambda step: step.position)
        return Standing(
            Incident.model_construct(**values), [StepState(step.code, step.completed_at) for step in ordered]
        )

    def take(self, event: Incident) -> None:
        """Makes the row what a fact says that was just recorded for it."""
        for field, column in INCIDENT_COLUMNS.items():
            setattr(self, column, getattr(event, field))
        self.key = event.key or ""
        self.snoozed_until = event.until if isinstance(event, IncidentSnoozed) else None
        match event:
            case IncidentRaised():
                self.since, self.due_at, self.raised_at = event.since, event.due_at, self.latest
                self.evidence = [str(each) for each in event.evidence]
                self.figures = [format(each, "f") for each in event.figures]
            case IncidentAcknowledged():
                self.acknowledged_at = self.latest
            case IncidentResolved():
                self.resolved_at, self.outcome_code = self.latest, event.outcome_code
                self.resolving_event_id = event.resolving_event_id


class Step(Row, table=True):
    """A step of the response flow of an incident. `note` is free text, which is in no event."""

    __tablename__ = "incident_step"

    incident_id: UUID = Field(primary_key=True, foreign_key="incident.id")
    position: int = Field(primary_key=True)
    code: str = Field(sa_type=TEXT)
    name_en: str = Field(sa_type=TEXT)
    name_zh: str = Field(sa_type=TEXT)
    due_at: datetime = Field(sa_type=INSTANT)
    completed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    completed_by_id: UUID | None = None
    finding_code: str | None = Field(default=None, sa_type=TEXT)
    note: str | None = Field(default=None, sa_type=TEXT)


class Note(Row, table=True):
    """What a person wrote beside a fact. It is in no event, so that it can be erased."""

    __tablename__ = "incident_note"

    event_id: UUID = Field(primary_key=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    text: str = Field(sa_type=TEXT)
