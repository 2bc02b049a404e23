"""Health over HTTP (F2)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from fastapi import Query as Parameter
from fastapi.responses import StreamingResponse

from contracts.dates import RequestDay
from reporting.freshness import CurrentFreshness, waits
from reporting.health.answers import HealthAnswer, HealthRow, HealthStage
from reporting.health.assembly import health
from reporting.health.queries import DEFAULT_STAGES, health_figures, thresholds, visible_figures
from reporting.moments import AskedSpan, CurrentMoment, asked_span
from reporting.viewer import CurrentViewer, deals_only
from runtime import AnswerFormat, Router, Snapshot, csv_answer

router = Router(prefix="/v1/reports", tags=["reports"], dependencies=[deals_only, waits])

DAYS = timedelta(days=28)
"""What is looked at unless asked otherwise: as many days up to today."""


async def health_span(
    moment: CurrentMoment,
    period: Annotated[
        str | None, Parameter(description="code of a period of the calendar, e.g. `2026-Q3`")
    ] = None,
    starts_on: Annotated[RequestDay | None, Parameter(alias="from", description="first business day")] = None,
    ends_on: Annotated[
        RequestDay | None, Parameter(alias="to", description="the business day after the last")
    ] = None,
) -> AskedSpan:
    """The period that is asked for, by default the 28 days up to the day of `as_of`. Raises `PeriodNeeded`."""
    if period is None and starts_on is None and ends_on is None:
        tomorrow = moment.day + timedelta(days=1)
        return AskedSpan(None, tomorrow - DAYS, tomorrow)
    return await asked_span(period, starts_on, ends_on)


@router.get("/health", response_model=HealthAnswer)
async def read_health(
    viewer: CurrentViewer,
    moment: CurrentMoment,
    asked: Annotated[AskedSpan, Depends(health_span)],
    format: AnswerFormat,  # noqa: A002
    snapshot: Snapshot,
    freshness: CurrentFreshness,
    unit_id: UUID | None = None,
    unit_code: str | None = None,
) -> HealthAnswer | StreamingResponse:
    """Lead → first visit, days in a stage, hours until a customer is answered: each in green, amber or red.

    Runs up to the end of the period what has not ended; history from an import counts from its first live fact on. The
    bands are those of the active rules of alerts.
    """
    span = await asked.find(snapshot)
    unit = None
    if unit_id is not None or unit_code is not None:
        unit = (await viewer.unit(snapshot, moment.today, unit_id, unit_code))["id"]
    days, at, zone = (span.starts_on, span.ends_on), moment.as_of, moment.zone
    if unit is None and not viewer.everything:
        values = {**viewer.values(), "today": moment.today}
        figures = await visible_figures(snapshot, values, *days, at=at, zone=zone)
    else:
        units = None if unit is None else [unit]
        figures = (await health_figures(snapshot, units, *days, at=at, zone=zone))[unit]
    items = health(figures, await thresholds(snapshot), await DEFAULT_STAGES.rows(snapshot))
    if format == "csv":
        return csv_answer(_lines(items), _COLUMNS, filename="health.csv", headers=freshness.headers)
    return HealthAnswer(unit_id=unit, period=span, as_of=moment.as_of, items=items, freshness=freshness)


type Line = tuple[HealthRow, HealthStage | None]
"""A dimension, and of the dwell a stage: a line of the CSV."""


def _lines(items: list[HealthRow]) -> Iterator[Line]:
    for row in items:
        yield row, None
        for stage in row.stages:
            yield row, stage


_COLUMNS: Mapping[str, Callable[[Line], Any]] = {
    "measure": lambda line: line[0].measure,
    "name_en": lambda line: line[0].name_en,
    "name_zh": lambda line: line[0].name_zh,
    "stage": lambda line: line[1] and line[1].stage.code,
    "value": lambda line: (line[1] or line[0]).value.value,
    "numerator": lambda line: (line[1] or line[0]).value.numerator,
    "denominator": lambda line: (line[1] or line[0]).value.denominator,
    "unit": lambda line: line[0].unit,
    "healthy": lambda line: line[0].healthy,
    "alert": lambda line: line[0].alert,
    "band": lambda line: (line[1] or line[0]).band,
    "colour": lambda line: (line[1] or line[0]).colour,
}
