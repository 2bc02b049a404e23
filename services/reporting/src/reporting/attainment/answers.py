"""What attainment answers."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.targets import SubjectKind
from reporting.attainment.rules import TargetView
from reporting.belonging import Attribution
from reporting.conversion import RateMissing
from reporting.figures import Figure, Ratio, Total
from reporting.freshness import Freshness
from reporting.metrics.definition import MetricVersion
from reporting.moments import Span


class Subject(BaseModel):
    """The unit or person that a figure is of."""

    kind: SubjectKind
    id: UUID
    code: str
    name: str


class Elapsed(BaseModel):
    """The working days of the period, and those completed before the business day of `as_of`.

    Both are 0 while a year of the period has no working time yet.
    """

    elapsed: int
    total: int


class AttainmentRow(BaseModel):
    """How far one subject is. Target columns are null where none is published."""

    subject: Subject
    actual: Figure | None = Field(
        description="null when a rate is missing, or a ratio has nothing below the line"
    )
    parts: Ratio | None = Field(description="of a ratio: its summed parts")
    target_id: UUID | None
    base: Figure | None
    challenge: Figure | None
    attainment: Ratio | None = Field(description="actual ÷ base, or base ÷ actual where lower is better")
    challenge_attainment: Ratio | None
    gap: Figure | None = Field(description="actual − base")
    expectation: Figure | None = Field(description="base × elapsed ÷ working days; a ratio's whole base")
    pace: Ratio | None = Field(description="actual ÷ expectation")
    errors: list[RateMissing]


class AttainmentAnswer(BaseModel):
    """Attainment of the subjects that the asker may see."""

    metric: MetricVersion
    period: Span
    subject_kind: SubjectKind
    attribution: Attribution
    target: TargetView
    as_of: datetime
    working_days: Elapsed
    items: list[AttainmentRow]
    next: str | None = Field(description="cursor of the next page; null on the last")
    total: Total = None
    errors: list[RateMissing] = Field(description="what is missing for the figures of this page")
    freshness: Freshness
