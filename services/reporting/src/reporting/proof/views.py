"""What is answered about contradictions."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from contracts.targets import SubjectKind
from reporting.attainment.explanation import Explanation
from reporting.pipeline.answers import HistoricEvent
from runtime import View


class ContradictionView(View):
    """A report, and what came of telling its figure anew."""

    id: UUID
    by: str = Field(description="who reported it")
    reported_at: datetime
    metric: str | None
    subject_kind: SubjectKind | None
    subject_id: UUID | None = Field(description="the unit or the person")
    starts_on: date | None
    ends_on: date | None
    opportunity_id: UUID | None
    said: str | None
    records: int = Field(description="records that the figure rests on")
    checked: int = Field(description="those of them that were told anew from their events")
    agrees: bool = Field(description="whether all of these stand as their events tell")
    differing: dict[str, int] = Field(
        description="by table: records whose rows differ; an incident is open for them"
    )


class ContradictionAnswer(ContradictionView):
    """A report with the events behind the figure as they are known now: either of the two."""

    explanation: Explanation | None = Field(
        None, description="of a figure: its facts, and what nearly counted"
    )
    history: list[HistoricEvent] | None = Field(None, description="of an opportunity: its first 200 events")
