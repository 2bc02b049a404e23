"""What a decision about targets stands on: metrics, periods, subjects, owners and parents. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from contracts.refusal import NotFound
from contracts.targets import MetricDefined, SubjectKind
from targets.calendar.rules import Span
from targets.metrics.rules import Definition
from targets.organisation.refusals import PersonUnknown
from targets.plans.commands import NewTarget
from targets.plans.refusals import MetricUnknown, PeriodUnknown


@dataclass(frozen=True, slots=True)
class Subject:
    """A unit or a person, there from `since` until before `until`; `leader_id` answers for it."""

    kind: SubjectKind
    id: UUID
    code: str
    since: date
    until: date | None
    leader_id: UUID | None


class Target(Protocol):
    id: UUID
    metric: str
    subject_kind: str
    subject_id: UUID
    period: str
    dimensions: dict[str, str]
    base: Decimal
    challenge: Decimal | None
    weight: Decimal
    owner_id: UUID | None
    parent_id: UUID | None
    state: str


@dataclass(frozen=True, slots=True)
class Ground:
    """Loaded for a request; subjects are those that the asker sees, by id and by code."""

    metrics: Mapping[str, MetricDefined] = field(default_factory=dict)
    periods: Mapping[str, Span] = field(default_factory=dict)
    subjects: Mapping[tuple[str, UUID | str], Subject] = field(default_factory=dict)
    owners: Mapping[UUID | str, UUID] = field(default_factory=dict)
    parents: Mapping[UUID, Target] = field(default_factory=dict)

    @property
    def definitions(self) -> dict[str, Definition]:
        """What each metric means now."""
        return {code: metric.definition for code, metric in self.metrics.items()}

    def metric(self, code: str) -> MetricDefined:
        """Raises `MetricUnknown`."""
        if code not in self.metrics:
            raise MetricUnknown(pointer="/metric", asked=code)
        return self.metrics[code]

    def period(self, code: str) -> Span:
        """Raises `PeriodUnknown`."""
        if code not in self.periods:
            raise PeriodUnknown(pointer="/period", asked=code)
        return self.periods[code]

    def subject(self, asked: NewTarget) -> Subject:
        """The subject that is named. Raises `NotFound`, also for one that the asker does not see."""
        key = asked.subject_id or asked.subject_code or ""
        found = self.subjects.get((asked.subject_kind, key))
        if found is None:
            pointer = "/subject_id" if asked.subject_id else "/subject_code"
            raise NotFound(pointer=pointer, what=asked.subject_kind, id=key)
        return found

    def parent(self, id: UUID) -> Target:
        """The target that another is a part of. Raises `NotFound`, also for one that the asker does not see."""
        if id not in self.parents:
            raise NotFound(pointer="/parent_id", what="target", id=id)
        return self.parents[id]

    def owner(self, asked: NewTarget, subject: Subject) -> UUID | None:
        """Who answers for the target: who is named, else the subject's leader. Raises `PersonUnknown`."""
        key = asked.owner_id or asked.owner_code
        if key is None:
            return subject.leader_id
        if key not in self.owners:
            pointer = "/owner_id" if asked.owner_id else "/owner_code"
            raise PersonUnknown(pointer=pointer, asked=key)
        return self.owners[key]
