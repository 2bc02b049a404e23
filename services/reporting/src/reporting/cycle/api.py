"""The cycle over HTTP: how long deals take (S100)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from asyncpg import Record
from fastapi import Depends
from fastapi import Query as Parameter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from reporting.belonging import Attribution
from reporting.cycle.queries import Grouping, cycle_rows
from reporting.deals import DealQuestion
from reporting.figures import Exact, Ratio, ratio, trimmed
from reporting.freshness import CurrentFreshness, Freshness, waits
from reporting.moments import CurrentSpan, Span
from reporting.viewer import deals_only
from runtime import AnswerFormat, Router, Snapshot, csv_answer
from runtime.dependencies import at_once

router = Router(prefix="/v1/cycle", tags=["cycle"], dependencies=[deals_only, waits])


class Outcome(StrEnum):
    """How the opportunities closed."""

    won = "won"
    lost = "lost"
    closed = "closed"
    """Either way."""

    @property
    def states(self) -> list[str]:
        return ["won", "lost"] if self is Outcome.closed else [self.value]


class Cycle(BaseModel):
    """Days from first contact to close."""

    closed: int = Field(description="opportunities")
    mean_days: Ratio = Field(description="days ÷ opportunities")
    median_days: Exact | None = Field(description="null where nothing closed")


class CycleGroup(Cycle):
    """The cycle of one unit or product line."""

    code: str | None = Field(description="null: closed without one")
    name: str | None


class CycleAnswer(BaseModel):
    """The cycle of the opportunities that closed in the period."""

    outcome: Outcome
    period: Span
    attribution: Attribution
    as_of: datetime
    total: Cycle
    items: list[CycleGroup] = Field(description="the groups that were asked for")
    freshness: Freshness


@router.get("", response_model=CycleAnswer)
async def read_cycle(
    question: Annotated[DealQuestion, Depends(at_once(DealQuestion))],
    asked_span: CurrentSpan,
    format: AnswerFormat,  # noqa: A002
    snapshot: Snapshot,
    freshness: CurrentFreshness,
    outcome: Outcome = Outcome.won,
    group_by: Annotated[Grouping | None, Parameter(description="split the cycle up")] = None,
) -> CycleAnswer | StreamingResponse:
    """Mean and median days from the first contact (the opening where none was logged) to the close in the period."""
    span = await asked_span.find(snapshot)
    values = await question.settle(snapshot) | span.bounds(question.moment) | {"states": outcome.states}
    query = cycle_rows(question.reach, question.attribution, group_by)
    all_closed, *groups = await query.rows(snapshot, **values)
    items = [CycleGroup(code=row["code"], name=row["name"], **_statistics(row)) for row in groups]
    total = Cycle(**_statistics(all_closed))
    if format == "csv":
        rows = items if group_by else [CycleGroup(code=None, name=None, **_statistics(all_closed))]
        return csv_answer(rows, _COLUMNS, filename=f"cycle-{outcome}.csv", headers=freshness.headers)
    return CycleAnswer(
        outcome=outcome,
        period=span,
        attribution=question.attribution,
        as_of=question.moment.as_of,
        total=total,
        items=items,
        freshness=freshness,
    )


def _statistics(row: Record) -> dict[str, Any]:
    median = row["median"]
    return {
        "closed": row["closed"],
        "mean_days": ratio(row["days"], row["closed"]),
        "median_days": None if median is None else trimmed(Decimal(median)),
    }


_COLUMNS: Mapping[str, Callable[[CycleGroup], Any]] = {
    "code": lambda row: row.code,
    "name": lambda row: row.name,
    "closed": lambda row: row.closed,
    "days": lambda row: row.mean_days.numerator,
    "mean_days": lambda row: row.mean_days.value,
    "median_days": lambda row: row.median_days,
}
