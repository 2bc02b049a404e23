"""What is answered about readings."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.targets import SubjectKind
from reporting.figures import Exact, Total
from reporting.freshness import Freshness


class ReadingRow(BaseModel):
    """A finished week of one metric of one subject, as it was published last."""

    metric: str = Field(description="a metric, or a measure of health")
    subject_kind: SubjectKind
    subject_id: UUID
    period: str = Field(description="the ISO week")
    starts_on: date
    value: Exact | None
    target: Exact | None = Field(
        description="the week's published target, else its share of the month's by working days"
    )
    attainment: Exact | None
    currency: str | None = Field(description="of value and target; null: no money")
    published_at: datetime
    restated: int = Field(description="how often a late fact has restated it")


class ReadingsAnswer(BaseModel):
    """The readings that the asker may see, the latest week first."""

    items: list[ReadingRow]
    next: str | None = Field(description="cursor of the next page; null on the last")
    total: Total = None
    freshness: Freshness
