"""What readings are made of: figures and targets of all subjects of a week, by few statements."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from asyncpg import Connection

from contracts.targets import PeriodKind, SubjectKind
from reporting.attainment.queries import Chosen, Include, attainment_rows
from reporting.belonging import Attribution
from reporting.conversion import missing_rates
from reporting.figures import ratio
from reporting.metrics.definition import Metric
from reporting.metrics.queries import COLUMNS
from reporting.readings.rules import Goal, Week
from runtime.query import Query

type Figures = dict[UUID, Decimal | None]
"""By subject: the week's value; None where a rate is missing, or a ratio has nothing below the line."""


async def core_metrics(connection: Connection) -> list[tuple[Metric, list[Metric]]]:
    """The metrics that are marked core, each with those whose facts make it."""
    rows = [Metric.model_validate(dict(row)) for row in await _METRICS.rows(connection)]
    by_code = {metric.code: metric for metric in rows}
    return [
        (metric, [by_code[part] for part in metric.parts])
        for metric in rows
        if metric.core and all(part in by_code for part in metric.parts)
    ]


async def figures(
    connection: Connection,
    metric: Metric,
    parts: Sequence[Metric],
    kind: SubjectKind,
    week: Week,
    *,
    currency: str,
) -> Figures:
    """The week's value of every unit, or of every person, as the organisation was then."""
    last = week.ends_on - timedelta(days=1)
    query = attainment_rows(kind, Chosen.all, Include.self, Attribution.as_was)
    rows = await query.rows(
        connection,
        everything=True,
        asker=None,
        leads=False,
        metric=metric.code,
        metrics=[part.code for part in parts],
        subject_kind=kind.value,
        dimensions={},
        period=week.code,
        starts_on=week.starts_on,
        ends_on=week.ends_on,
        since=week.starts_on,
        until=last,
        day=last,
        today=last,
        horizon=_EVER,
        unit_id=None,
        person_id=None,
        reporting_currency=currency,
    )
    return {row["id"]: _value(metric, parts, row) for row in rows if row["id"] is not None}


def _value(metric: Metric, parts: Sequence[Metric], row: Any) -> Decimal | None:
    if missing_rates([row["first_unrated"], row["second_unrated"]]):
        return None
    if not metric.is_ratio:
        return metric.rounded(row["first"])
    above, below = parts
    return ratio(above.rounded(row["first"]), below.rounded(row["second"])).value


async def goals(
    connection: Connection, metric: str, kind: SubjectKind, weeks: Sequence[Week]
) -> dict[UUID, list[tuple[Goal, date]]]:
    """By subject: the targets of all periods that share a day with the weeks, each value with the business day from
    which it holds, in that order; without dimensions.
    """
    found: dict[UUID, list[tuple[Goal, date]]] = {}
    rows = await _GOALS.rows(
        connection,
        metric=metric,
        subject_kind=kind.value,
        starts_on=min(week.starts_on for week in weeks),
        ends_on=max(week.ends_on for week in weeks),
    )
    for row in rows:
        goal = Goal(PeriodKind(row["kind"]), row["starts_on"], row["ends_on"], row["base"])
        found.setdefault(row["subject_id"], []).append((goal, row["effective_on"]))
    return found


def in_force(values: Iterable[tuple[Goal, date]], on: date) -> list[Goal]:
    """Of each period the value in force on a business day."""
    last: dict[tuple[date, date], Goal] = {}
    for goal, effective_on in values:
        if effective_on <= on:
            last[goal.starts_on, goal.ends_on] = goal
    return list(last.values())


async def units_in(connection: Connection, week: Week) -> list[UUID]:
    """The units that were there in the week."""
    rows = await _UNITS.rows(connection, starts_on=week.starts_on, ends_on=week.ends_on)
    return [row["id"] for row in rows]


async def working_days(connection: Connection, starts_on: date, ends_on: date) -> list[date]:
    """The working days of [starts_on, ends_on)."""
    return [row["day"] for row in await _WORKING_DAYS.rows(connection, starts_on=starts_on, ends_on=ends_on)]


async def first_day(connection: Connection, metrics: Sequence[str]) -> date | None:
    """The first day on which anything counts for the metrics: before it nothing was recorded, or missed."""
    found: date | None = await connection.fetchval(
        "select min(day) from unnest($1::text[]) as code, "
        "lateral (select min(day) as day from rollup where metric = code) as first",
        list(metrics),
    )
    return found


async def applied(connection: Connection, schema: str) -> tuple[int, int]:
    """What tells two states of the projection apart: how much it has read, and how many roots wait."""
    row = await connection.fetchrow(
        f"select coalesce(sum(next_offset), 0)::bigint as read, (select count(*) from {schema}.parked_root) as parked "
        f"from {schema}.consumer_position"
    )
    assert row is not None, "an aggregate has a row"
    return row["read"], row["parked"]


_EVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")

_METRICS = Query(f"""
    select {COLUMNS} from metric order by code
""")

_GOALS = Query("""
    select target.subject_id, period.kind, period.starts_on, period.ends_on, said.base, said.effective_on
    from target join period on period.code = target.period
    cross join lateral (
        select target.base, date '-infinity' as effective_on, 0::bigint as sequence
        union all
        select base, effective_on, sequence from target_revision where target_id = target.id
    ) as said
    where target.metric = :metric and target.subject_kind = :subject_kind and target.dimensions = '{}'
      and target.state = 'published' and period.kind <> 'custom'
      and period.starts_on < :ends_on and :starts_on < period.ends_on
    order by target.subject_id, period.starts_on, period.ends_on, target.published_at, said.effective_on, said.sequence
""")

_UNITS = Query("""
    select descendant_id as id from closure
    where descendant_id = ancestor_id and valid_from < :ends_on and :starts_on < valid_to
    order by 1
""")

_WORKING_DAYS = Query("select day from working_day where day >= :starts_on and day < :ends_on order by day")
