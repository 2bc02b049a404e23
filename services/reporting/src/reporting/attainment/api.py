"""Attainment over HTTP: how far units and people are, and why."""

from collections.abc import Callable, Mapping
from operator import methodcaller
from typing import Annotated, Any

from fastapi import Depends
from fastapi.responses import StreamingResponse

from contracts import Money
from reporting.attainment.answers import AttainmentAnswer, AttainmentRow
from reporting.attainment.assembly import answer_of, rows_of
from reporting.attainment.explain import explain, explained_rows
from reporting.attainment.explanation import Explanation
from reporting.attainment.queries import attainment_rows
from reporting.attainment.question import AttainmentQuestion, Settled
from reporting.attainment.ranking import ranked
from reporting.conversion import in_a_cell
from reporting.figures import Figure
from reporting.freshness import waits
from reporting.viewer import deals_only
from runtime import AnswerFormat, CurrentDatabase, OrderedPageQuery, PageQuery, Router, Snapshot, csv_answer
from runtime.dependencies import at_once
from runtime.transaction import KeepingPlans, plan_anew

router = Router(prefix="/v1/attainment", tags=["attainment"], dependencies=[deals_only, waits])

Question = Annotated[AttainmentQuestion, Depends(at_once(AttainmentQuestion))]


@router.get("", response_model=AttainmentAnswer)
async def read_attainment(
    question: Question,
    page: PageQuery,
    format: AnswerFormat,  # noqa: A002
    database: CurrentDatabase,
    snapshot: KeepingPlans,
) -> AttainmentAnswer | StreamingResponse:
    """Attainment 达成率 of units or people in a period.

    Sorts by code, name, actual, base, challenge, attainment, challenge_attainment, gap, expectation or pace. CSV
    holds all rows.
    """
    settled = await question.settle(snapshot)
    if not settled.alone:
        await plan_anew(snapshot)
    currency = database.settings.reporting_currency
    query = attainment_rows(
        settled.kind, settled.chosen, settled.include, question.attribution, whole=settled.whole
    )
    values = settled.values | {"reporting_currency": currency}
    found = await query.rows(snapshot, **values)
    if format == "csv":
        return csv_answer(
            ranked(rows_of(settled, found, currency), page.sort),
            _columns(settled, currency),
            filename=f"attainment-{settled.metric.code}.csv",
            headers=settled.freshness.headers,
        )
    return answer_of(settled, found, page, currency)


@router.get("/explain", response_model=Explanation)
async def explain_attainment(
    question: Question,
    page: OrderedPageQuery,
    format: AnswerFormat,  # noqa: A002
    database: CurrentDatabase,
    snapshot: Snapshot,
) -> Explanation | StreamingResponse:
    """The facts that make one subject's figure, in the order in which they occurred, and what nearly counted.

    Of facts whose records the asker may not see only number and sum are told. All parts together are the figure.
    CSV holds the facts of all pages, and in a last row for each metric what is hidden.
    """
    settled, currency = await question.settle(snapshot), database.settings.reporting_currency
    if format == "csv":
        return csv_answer(
            explained_rows(settled, database, currency),
            _EXPLAINED_COLUMNS,
            filename=f"explanation-{settled.metric.code}.csv",
            headers=settled.freshness.headers,
        )
    return await explain(settled, snapshot, page, currency)


def _columns(settled: Settled, currency: str) -> Mapping[str, Callable[[AttainmentRow], Any]]:
    return {
        "metric": lambda row: settled.metric.code,
        "metric_version": lambda row: settled.metric.version,
        "from": lambda row: settled.span.starts_on,
        "to": lambda row: settled.span.ends_on,
        "subject_kind": lambda row: row.subject.kind.value,
        "code": lambda row: row.subject.code,
        "name": lambda row: row.subject.name,
        "actual": lambda row: _number(row.actual),
        "base": lambda row: _number(row.base),
        "challenge": lambda row: _number(row.challenge),
        "currency": lambda row: currency if settled.metric.is_money else None,
        "attainment": lambda row: row.attainment and row.attainment.value,
        "challenge_attainment": lambda row: row.challenge_attainment and row.challenge_attainment.value,
        "gap": lambda row: _number(row.gap),
        "expectation": lambda row: _number(row.expectation),
        "pace": lambda row: row.pace and row.pace.value,
        "errors": lambda row: in_a_cell(row.errors),
    }


_EXPLAINED_COLUMNS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    name: methodcaller("get", name)
    for name in (
        "metric",
        "facts",
        "event_id",
        "root",
        "sequence",
        "type",
        "occurred_at",
        "day",
        "person_code",
        "person_name",
        "value",
        "currency",
        "rate",
        "converted",
    )
}


def _number(figure: Figure | None) -> Any:
    return figure.amount if isinstance(figure, Money) else figure
