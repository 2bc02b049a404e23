"""The explanation of a figure: what sums to it, what is hidden, what nearly counted."""

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

from asyncpg import Connection, Record

from reporting.attainment.explain_queries import explained_facts, explained_totals, near_misses
from reporting.attainment.explanation import (
    ExplainedFact,
    ExplainedPart,
    Explanation,
    NearMiss,
    fact_of,
    near_miss_of,
)
from reporting.attainment.question import Settled
from reporting.conversion import RateMissing, missing_rates
from reporting.figures import Ratio, ratio
from runtime import Database, PageRequest, decode_cursor, encode_cursor

NEAR_MISSES = 50


async def explain(settled: Settled, connection: Connection, page: PageRequest, currency: str) -> Explanation:
    """The explanation of the settled question's one subject. Raises `SubjectNeeded`."""
    values = _values(settled, currency)
    parts, errors = await _parts(settled, connection, values)
    items, following = await _facts(settled, connection, page, values)
    figure = _ratio(settled, parts)
    total = figure.value if figure else parts[0].total
    return Explanation(
        metric=settled.metric_version,
        period=settled.span,
        subject=settled.one_subject,
        attribution=settled.asked.attribution,
        as_of=settled.asked.moment.as_of,
        actual=settled.metric.shown(total, currency),
        ratio=figure,
        parts=parts,
        items=items,
        next=following,
        total=sum(part.facts - part.hidden_facts for part in parts) if page.count else None,
        near_misses=None if page.cursor else await _near_misses(settled, connection, values),
        errors=errors,
        freshness=settled.freshness,
    )


def explained_rows(settled: Settled, database: Database, currency: str) -> AsyncIterator[Mapping[str, Any]]:
    """The same for a CSV: the facts of all pages, then for each metric those that are hidden in one row, so that the
    columns `facts` and `converted` sum to the figure. Raises `SubjectNeeded`.
    """
    return _rows(settled, database, _values(settled, currency))


async def _rows(
    settled: Settled, database: Database, values: dict[str, object]
) -> AsyncIterator[Mapping[str, Any]]:
    query = explained_facts(settled.kind, settled.asked.attribution)
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        async for row in query.stream(connection, **values, **_FIRST, limit=None):
            yield {**row, "facts": 1}
        parts, _ = await _parts(settled, connection, values)
    for part in parts:
        if part.hidden_facts:
            yield {"metric": part.metric, "facts": part.hidden_facts, "converted": part.hidden_total}


def _values(settled: Settled, currency: str) -> dict[str, object]:
    return settled.values | {"reporting_currency": currency, "subject_id": settled.one_subject.id}


_FIRST = {"after_at": None, "after_id": None, "after_metric": None}


async def _parts(
    settled: Settled, connection: Connection, values: dict[str, object]
) -> tuple[list[ExplainedPart], list[RateMissing]]:
    query = explained_totals(settled.kind, settled.asked.attribution)
    found = {row["metric"]: row for row in await query.rows(connection, **values)}
    parts = [_part(metric.code, found.get(metric.code)) for metric in settled.parts]
    return parts, missing_rates(row["unrated"] for row in found.values())


def _part(code: str, row: Record | None) -> ExplainedPart:
    nothing = Decimal(0)
    if row is None:
        return ExplainedPart(metric=code, facts=0, total=nothing, hidden_facts=0, hidden_total=nothing)
    known = not row["unrated"]
    return ExplainedPart(
        metric=code,
        facts=row["facts"],
        total=row["total"] if known else None,
        hidden_facts=row["hidden_facts"],
        hidden_total=(row["hidden_total"] or nothing) if known else None,
    )


def _ratio(settled: Settled, parts: list[ExplainedPart]) -> Ratio | None:
    if not settled.metric.is_ratio:
        return None
    known = [
        metric.rounded(part.total)
        for metric, part in zip(settled.parts, parts, strict=True)
        if part.total is not None
    ]
    return ratio(*known) if len(known) == len(parts) else None


async def _facts(
    settled: Settled, connection: Connection, page: PageRequest, values: dict[str, object]
) -> tuple[list[ExplainedFact], str | None]:
    scope = settled.asked.scope()
    at, event_id, metric = decode_cursor(page.cursor, scope, 3) if page.cursor else (None, None, None)
    query = explained_facts(settled.kind, settled.asked.attribution)
    after = {"after_at": at, "after_id": event_id, "after_metric": metric, "limit": page.limit + 1}
    found = await query.rows(connection, **values | after)
    shown = found[: page.limit]
    if len(found) <= page.limit:
        return [fact_of(row) for row in shown], None
    last = shown[-1]
    key = (last["occurred_at"], last["event_id"], last["metric"])
    return [fact_of(row) for row in shown], encode_cursor(key, scope)


async def _near_misses(settled: Settled, connection: Connection, values: dict[str, object]) -> list[NearMiss]:
    query = near_misses(settled.kind, settled.asked.attribution)
    return [near_miss_of(row) for row in await query.rows(connection, **values, limit=NEAR_MISSES)]
