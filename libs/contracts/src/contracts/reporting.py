"""What the reporting service says: readings of finished weeks, and whether its figures follow from the facts."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.declaration import Event, event
from contracts.fields import (
    OPPORTUNITY,
    THING,
    UNIT,
    Code,
    CurrencyField,
    Day,
    Name,
    Number,
    OpportunityId,
    UnitId,
)
from contracts.targets import Direction, SubjectKind


class HealthMeasure(StrEnum):
    """The dimensions of the health table (F2), read of units. The dwell is in days, the response in hours."""

    first_visit_conversion = "first_visit_conversion"
    stage_dwell = "stage_dwell"
    response_interval = "response_interval"


@event(
    "reporting.reading.published.v1",
    root="series",
    en="A finished week was read: a metric against its target, or a dimension of health",
    zh="已结束的一周的指标读数",
)
class ReadingPublished(Event):
    series: Annotated[
        Name,
        Field(
            description="Metric, kind and id of the subject: its readings are numbered by it",
            examples=[f"sales_amount/unit/{UNIT}"],
        ),
    ]
    metric: Annotated[Code, Field(description="A metric, or a measure of health", examples=["sales_amount"])]
    metric_version: Annotated[
        int | None, Field(ge=1, description="Null for a measure of health", examples=[1])
    ]
    core: Annotated[bool, Field(description="Watched by the early warning (S118)", examples=[True])]
    direction: Annotated[Direction, Field(examples=[Direction.higher_is_better])]
    subject_kind: Annotated[SubjectKind, Field(examples=[SubjectKind.unit])]
    subject_id: Annotated[UnitId, Field(description="The unit or the person")]
    period: Annotated[Code, Field(description="The ISO week", examples=["2026-W27"])]
    starts_on: Annotated[Day, Field(description="Monday", examples=[date(2026, 6, 29)])]
    ends_on: Annotated[Day, Field(description="The Monday after", examples=[date(2026, 7, 6)])]
    value: Annotated[Number | None, Field(description="Null: nothing to measure", examples=["69000.000000"])]
    target: Annotated[
        Number | None,
        Field(
            description="The week's published target, else its share of the month's by working days",
            examples=["100000.000000"],
        ),
    ]
    attainment: Annotated[Number | None, Field(description="Null without a target", examples=["0.690000"])]
    currency: Annotated[CurrencyField | None, Field(description="Of value and target; null: no money")]
    restated: Annotated[
        bool, Field(description="It replaces an earlier reading of the week", examples=[False])
    ]


class ProofCheck(StrEnum):
    """What the continuous proof compares: rows with what their events tell, sums with the rows that they sum, kept
    events with those on Kafka."""

    rows = "rows"
    sums = "sums"
    log = "log"


class Drift(Event):
    """A time in which rows of one table differ from what they follow from."""

    drift_id: Annotated[UUID, Field(description="The drift", examples=[THING])]
    check: Annotated[ProofCheck, Field(examples=[ProofCheck.rows])]
    table: Annotated[Code, Field(description="Whose rows differ", examples=["opportunity"])]


@event(
    "reporting.projection.drifted.v1",
    root="drift_id",
    en="Figures differ from the facts that they follow from",
    zh="报表数据与事实不一致",
)
class ProjectionDrifted(Drift):
    roots: Annotated[
        list[str],
        Field(
            description="The roots in which it was found first, at most ten", examples=[[str(OPPORTUNITY)]]
        ),
    ]


@event(
    "reporting.projection.agreed.v1",
    root="drift_id",
    en="The figures that differed follow from their facts again",
    zh="报表数据与事实恢复一致",
)
class ProjectionAgreed(Drift):
    pass


@event(
    "reporting.contradiction.reported.v1",
    root="contradiction_id",
    en="Somebody reported that a figure contradicts what they know; it was told anew from its facts",
    zh="有人反馈数据与实际不符,系统已据事实重算",
)
class ContradictionReported(Event):
    """Either the figure of a metric or an opportunity. What was written beside it stays in the service."""

    contradiction_id: Annotated[UUID, Field(description="The report", examples=[THING])]
    metric: Annotated[Code | None, Field(examples=["sales_amount"])]
    subject_kind: Annotated[SubjectKind | None, Field(examples=[SubjectKind.unit])]
    subject_id: Annotated[UnitId | None, Field(description="The unit or the person")]
    starts_on: Annotated[Day | None, Field(description="First business day of the figure")]
    ends_on: Annotated[
        Day | None, Field(description="The business day after its last", examples=[date(2026, 8, 1)])
    ]
    opportunity_id: Annotated[OpportunityId | None, Field(examples=[None])]
    records: Annotated[int, Field(ge=0, description="Records that the figure rests on", examples=[12])]
    checked: Annotated[int, Field(ge=0, description="Those of them that were told anew", examples=[12])]
    agrees: Annotated[bool, Field(description="Whether they are as their facts tell", examples=[True])]
