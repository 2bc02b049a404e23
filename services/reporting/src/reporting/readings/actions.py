"""Reading finished weeks and publishing what they came to. A timed action, never a projection: a rebuild of the
projections publishes nothing again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Connection
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.reporting import ReadingPublished
from contracts.targets import SubjectKind
from messaging import heard_until, record
from reporting.health.queries import health_figures
from reporting.health.rules import mean
from reporting.metrics.definition import Metric
from reporting.projector import SCHEMA
from reporting.readings import queries, rules
from reporting.readings.rules import Measure, Published, Week
from reporting.readings.tables import Reading, Series

BY = "attain-readings"
"""What facts name as `authid`: the clock decided."""


@dataclass(frozen=True, slots=True)
class Business:
    """What readings depend on beside the facts."""

    zone: ZoneInfo
    currency: str


async def publish_readings(
    session: AsyncSession, connection: Connection, now: datetime, business: Business
) -> int | None:
    """Publishes the readings of the finished weeks that are not published, and those that came out otherwise; how
    many. None: another process is at it. `connection` looks into the projection.
    """
    if not await session.scalar(_ALONE):
        return None
    weeks = rules.finished_weeks(now, await heard_until(connection, SCHEMA), business.zone)
    if not weeks:
        return 0
    found = [
        *await _of_metrics(connection, weeks, business),
        *await _of_health(connection, weeks, business),
    ]
    return await _publish(session, weeks, found)


async def _of_metrics(
    connection: Connection, weeks: Sequence[Week], business: Business
) -> list[ReadingPublished]:
    """The core metrics, of every unit and person with a target for the week."""
    found: list[ReadingPublished] = []
    for metric, parts in await queries.core_metrics(connection):
        first = await queries.first_day(connection, [part.code for part in parts])
        counted = [week for week in weeks if first is not None and first < week.ends_on]
        if not counted:
            continue
        for kind in SubjectKind:
            goals = await queries.goals(connection, metric.code, kind, counted)
            if not goals:
                continue
            spans = [goal for values in goals.values() for goal, _ in values]
            works = await queries.working_days(
                connection, min(goal.starts_on for goal in spans), max(goal.ends_on for goal in spans)
            )
            for week in counted:
                values = await queries.figures(
                    connection, metric, parts, kind, week, currency=business.currency
                )
                found += _measured(metric, kind, week, values, goals, works, business)
    return found


def _measured(
    metric: Metric,
    kind: SubjectKind,
    week: Week,
    values: queries.Figures,
    goals: dict[UUID, list[tuple[rules.Goal, date]]],
    works: Sequence[date],
    business: Business,
) -> Iterator[ReadingPublished]:
    measure = Measure(
        metric.code,
        metric.version,
        metric.core,
        metric.direction,
        business.currency if metric.is_money else None,
    )
    last = week.ends_on - timedelta(days=1)
    for subject_id, values_of_goals in goals.items():
        in_force = queries.in_force(values_of_goals, last)
        target = rules.week_target(week, in_force, works, prorated=not metric.is_ratio)
        if target is not None and subject_id in values:
            yield rules.read(measure, kind, subject_id, week, values[subject_id], target)


async def _of_health(
    connection: Connection, weeks: Sequence[Week], business: Business
) -> list[ReadingPublished]:
    """The dimensions of health of every unit with all below it, as they were at the end of each week."""
    found: list[ReadingPublished] = []
    for week in weeks:
        end = datetime.combine(week.ends_on, time(), business.zone).astimezone(UTC)
        units = await queries.units_in(connection, week)
        figures = await health_figures(
            connection, units, week.ends_on - rules.HEALTH_DAYS, week.ends_on, at=end, zone=business.zone
        )
        for unit_id in units:
            for measure, figure in figures[unit_id].measures.items():
                value = mean(measure, figure.total, figure.count)
                if value is not None:
                    kept = rules.decimal_of(value)
                    found.append(
                        rules.read(rules.health_measure(measure), SubjectKind.unit, unit_id, week, kept, None)
                    )
    return found


async def _publish(session: AsyncSession, weeks: Sequence[Week], found: Sequence[ReadingPublished]) -> int:
    known = {
        (row.series, row.starts_on): row
        for row in await session.scalars(
            select(Reading).where(
                col(Reading.starts_on) >= weeks[0].starts_on, col(Reading.starts_on) < weeks[-1].ends_on
            )
        )
    }
    said = [
        (fact, row)
        for each in found
        for row in [known.get((each.series, each.starts_on))]
        if (fact := rules.to_publish(each, _published(row)))
    ]
    said.sort(key=lambda each: (each[0].starts_on, each[0].series))
    series = await _series(session, {fact.series for fact, _ in said})
    for fact, row in said:
        root = series[fact.series]
        record(session, root, fact, by=BY)
        if row is None:
            session.add(_row(fact, root.latest))
        else:
            row.value, row.target, row.attainment = fact.value, fact.target, fact.attainment
            row.published_at, row.restated = root.latest, row.restated + 1
    return len(said)


def _published(row: Reading | None) -> Published | None:
    return None if row is None else Published(row.value, row.target, row.attainment)


async def _series(session: AsyncSession, codes: set[str]) -> dict[str, Series]:
    """The roots, begun where they are new, locked in the order of their codes."""
    if not codes:
        return {}
    begun = [{"code": code, "sequence": 0, "version": 0} for code in sorted(codes)]
    await session.execute(insert(Series).on_conflict_do_nothing(), begun)
    found = await session.scalars(
        select(Series).where(col(Series.code).in_(codes)).order_by(col(Series.code)).with_for_update()
    )
    return {row.code: row for row in found}


def _row(fact: ReadingPublished, published_at: datetime) -> Reading:
    return Reading(
        series=fact.series,
        starts_on=fact.starts_on,
        metric=fact.metric,
        subject_kind=fact.subject_kind,
        subject_id=fact.subject_id,
        period=fact.period,
        value=fact.value,
        target=fact.target,
        attainment=fact.attainment,
        currency=fact.currency,
        published_at=published_at,
    )


_ALONE = text("select pg_try_advisory_xact_lock(hashtext('reporting.readings'))")
