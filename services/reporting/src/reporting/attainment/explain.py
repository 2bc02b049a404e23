"""The explanation of a figure: what sums to it, what is hidden, what nearly counted."""

from decimal import Decimal

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
from reporting.freshness import Freshness
from runtime import PageRequest, decode_cursor, encode_cursor

NEAR_MISSES = 50


async def explain(
    settled: Settled, connection: Connection, page: PageRequest, currency: str, freshness: Freshness
) -> Explanation:
    """The explanation of the settled question's one subject. Raises `SubjectNeeded`."""
    subject = settled.one_subject
    values = settled.values | {"reporting_currency": currency, "subject_id": subject.id}
    parts, errors = await _parts(settled, connection, values)
    items, following = await _facts(settled, connection, page, values)
    figure = _ratio(settled, parts)
    total = figure.value if figure else parts[0].total
    return Explanation(
        metric=settled.metric_version,
        period=settled.span,
        subject=subject,
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
        freshness=freshness,
    )


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
