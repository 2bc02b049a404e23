"""The funnel over HTTP, as cohort, flow and snapshot."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import Depends
from fastapi import Query as Parameter
from fastapi.responses import StreamingResponse

from contracts.refusal import NotFound
from reporting.conversion import in_a_cell
from reporting.deals import DealQuestion
from reporting.freshness import CurrentFreshness, Freshness, waits
from reporting.funnels import assembly
from reporting.funnels.answers import (
    CohortAnswer,
    CohortStage,
    FlowAnswer,
    FlowStage,
    SnapshotAnswer,
    SnapshotStage,
    Tally,
)
from reporting.funnels.queries import (
    PIPELINE,
    SETTLED,
    cohort_losses,
    cohort_stages,
    flow_moves,
    snapshot_stages,
)
from reporting.moments import CurrentSpan
from reporting.viewer import deals_only
from runtime import AnswerFormat, CurrentDatabase, Router, Snapshot, csv_answer
from runtime.dependencies import at_once
from runtime.transaction import KeepingPlans, plan_anew

router = Router(prefix="/v1/funnels", tags=["funnels"], dependencies=[deals_only, waits])

Question = Annotated[DealQuestion, Depends(at_once(DealQuestion))]


PipelineCode = Annotated[str, Parameter(description="code of the pipeline")]


async def known_pipeline(snapshot: Snapshot, pipeline: PipelineCode = "default") -> str:
    """The code of the pipeline that is asked for. Raises `NotFound`."""
    if await PIPELINE.row(snapshot, pipeline=pipeline) is None:
        raise NotFound(what="pipeline", id=pipeline)
    return pipeline


Pipeline = Annotated[str, Depends(known_pipeline)]


@router.get("/cohort", response_model=CohortAnswer)
async def read_cohort_funnel(
    question: Question,
    asked_span: CurrentSpan,
    format: AnswerFormat,  # noqa: A002
    snapshot: KeepingPlans,
    pipeline: PipelineCode = "default",
) -> CohortAnswer | StreamingResponse:
    """The opportunities opened in the period, followed to `as_of`: who entered each stage, and how they left it."""
    named = await SETTLED.row(snapshot, **asked_span.values(), pipeline=pipeline)
    assert named is not None, "how fresh the figures are has one row"
    if named["pipeline"] is None:
        raise NotFound(what="pipeline", id=pipeline)
    span, freshness = asked_span.found(named), Freshness.of(named)
    whole = question.unlimited and span.in_whole_months
    if not whole:
        await plan_anew(snapshot)
    values = await question.settle(snapshot) | span.bounds(question.moment) | {"pipeline": pipeline}
    variant = question.reach, question.attribution
    stages = await cohort_stages(*variant, whole=whole).rows(snapshot, **values)
    losses = await cohort_losses(*variant, whole=whole).rows(snapshot, **values)
    items, total = assembly.cohort(stages, losses)
    if format == "csv":
        return csv_answer(items, _COHORT_COLUMNS, filename="funnel-cohort.csv", headers=freshness.headers)
    return CohortAnswer(
        pipeline=pipeline,
        period=span,
        attribution=question.attribution,
        as_of=question.moment.as_of,
        items=items,
        total=total,
        freshness=freshness,
    )


@router.get("/flow", response_model=FlowAnswer)
async def read_flow_funnel(
    question: Question,
    asked_span: CurrentSpan,
    format: AnswerFormat,  # noqa: A002
    database: CurrentDatabase,
    snapshot: Snapshot,
    freshness: CurrentFreshness,
    pipeline: Pipeline,
) -> FlowAnswer | StreamingResponse:
    """The moves that happened in the period: into each stage and out of it, with their amounts."""
    span, currency = await asked_span.find(snapshot), database.settings.reporting_currency
    moment = question.moment
    values = await question.settle(snapshot) | span.bounds(moment)
    values |= {"pipeline": pipeline, "reporting_currency": currency}
    rows = await flow_moves(question.reach, question.attribution).rows(snapshot, **values)
    items = assembly.flow(rows, currency)
    if format == "csv":
        return csv_answer(
            items,
            _money_columns(currency, *_FLOW_WAYS),
            filename="funnel-flow.csv",
            headers=freshness.headers,
        )
    return FlowAnswer(
        pipeline=pipeline,
        period=span,
        attribution=question.attribution,
        as_of=moment.as_of,
        items=items,
        errors=assembly.rates_missing(rows),
        freshness=freshness,
    )


@router.get("/snapshot", response_model=SnapshotAnswer)
async def read_snapshot_funnel(
    question: Question,
    format: AnswerFormat,  # noqa: A002
    database: CurrentDatabase,
    snapshot: Snapshot,
    freshness: CurrentFreshness,
    pipeline: Pipeline,
) -> SnapshotAnswer | StreamingResponse:
    """What stood open in each stage at `as_of`."""
    currency = database.settings.reporting_currency
    values = await question.settle(snapshot) | {"pipeline": pipeline, "reporting_currency": currency}
    rows = await snapshot_stages(question.reach, question.attribution).rows(snapshot, **values)
    items = assembly.snapshot(rows, currency)
    if format == "csv":
        return csv_answer(
            items,
            _money_columns(currency, "standing"),
            filename="funnel-snapshot.csv",
            headers=freshness.headers,
        )
    return SnapshotAnswer(
        pipeline=pipeline,
        attribution=question.attribution,
        as_of=question.moment.as_of,
        items=items,
        total=assembly.tally([row for row in rows if row["way"]], currency),
        errors=assembly.rates_missing(rows),
        freshness=freshness,
    )


_COHORT_COLUMNS: Mapping[str, Callable[[CohortStage], Any]] = {
    "stage": lambda row: row.stage.code,
    "name_en": lambda row: row.stage.name_en,
    "name_zh": lambda row: row.stage.name_zh,
    "entered": lambda row: row.entered,
    "opportunities": lambda row: row.opportunities,
    "re_entries": lambda row: row.re_entries,
    "advanced": lambda row: row.advanced,
    "lost": lambda row: row.lost,
    "returned": lambda row: row.returned,
    "open": lambda row: row.open,
    "conversion": lambda row: row.conversion.value,
    "loss_rate": lambda row: row.loss_rate.value,
    "average_cycle_days": lambda row: row.average_cycle_days.value,
    "average_dwell_days": lambda row: row.average_dwell_days.value,
}


_FLOW_WAYS = ("into", "out_of", "moved_on", "moved_back", "won", "lost")

type MoneyStage = FlowStage | SnapshotStage


def _money_columns(currency: str, *ways: str) -> dict[str, Callable[[MoneyStage], Any]]:
    columns: dict[str, Callable[[MoneyStage], Any]] = {
        "stage": lambda row: row.stage.code,
        "name_en": lambda row: row.stage.name_en,
        "name_zh": lambda row: row.stage.name_zh,
    }
    for way in ways:
        columns |= _tally_columns(way)
    return columns | {"currency": lambda row: currency, "errors": lambda row: in_a_cell(row.errors)}


def _tally_columns(way: str) -> dict[str, Callable[[MoneyStage], Any]]:
    def of(row: MoneyStage) -> Tally:
        tally: Tally = getattr(row, way)
        return tally

    def converted(row: MoneyStage) -> Any:
        money = of(row).amount.converted
        return money and money.amount

    return {way: lambda row: of(row).count, f"{way}_amount": converted}
