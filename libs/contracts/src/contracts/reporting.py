"""What the reporting service says: readings of finished weeks."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.declaration import Event, event
from contracts.fields import UNIT, Code, CurrencyField, Day, Name, Number, UnitId
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
