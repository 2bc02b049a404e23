"""What health is measured of: leads, stays in stages, and how long customers wait for an answer."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Connection

from contracts.leads import FIRST_VISIT_KINDS
from contracts.opportunities import InteractionDirection, InteractionLogged
from contracts.reporting import HealthMeasure
from contracts.targets import Direction
from reporting.belonging import UNDER, Attribution
from reporting.health.rules import Thresholds
from runtime.query import Query

VISIT_KINDS = ", ".join(f"'{kind}'" for kind in sorted(FIRST_VISIT_KINDS))

FIRST_VISIT = f"""
    left join lateral (
        select min(at) as at from (
            select lead.first_visit_at as at
            union all
            select event.occurred_at from event
            where event.root = lead.opportunity_id::text and event.type = '{InteractionLogged.type}'
              and event.data->>'interaction_kind' in ({VISIT_KINDS}) and not event.voided
        ) as visits
    ) as visit on true
"""
"""Joins to a `lead` its first visit: the first completed one on the lead itself, or on its opportunity (S62)."""


@dataclass(slots=True)
class Figure:
    """What a dimension came to: the total (visited leads, or seconds) of so many leads, stays or waits."""

    total: Decimal | int = 0
    count: int = 0


@dataclass(slots=True)
class Figures:
    """The dimensions of one unit; of the dwell also stage by stage."""

    measures: dict[HealthMeasure, Figure] = field(
        default_factory=lambda: {measure: Figure() for measure in HealthMeasure}
    )
    stages: dict[str, Figure] = field(default_factory=dict)


async def health_figures(
    connection: Connection,
    units: Collection[UUID] | None,
    starts_on: date,
    ends_on: date,
    *,
    at: datetime,
    zone: ZoneInfo,
) -> Mapping[UUID | None, Figures]:
    """The figures of each unit with all below it over business days, [starts_on, ends_on), as they were at `at`; of
    everybody under None where no units are named. What nothing is known of has empty figures.
    """
    query = _figures("everything" if units is None else "units")
    return await _read(connection, query, starts_on, ends_on, at, zone, units=list(units or ()))


async def visible_figures(
    connection: Connection,
    viewer: Mapping[str, Any],
    starts_on: date,
    ends_on: date,
    *,
    at: datetime,
    zone: ZoneInfo,
) -> Figures:
    """The same of the units and records that an asker sees; `viewer` holds the viewer's values, and `today`."""
    return (await _read(connection, _figures("visible"), starts_on, ends_on, at, zone, **viewer))[None]


async def thresholds(connection: Connection) -> dict[HealthMeasure, Thresholds]:
    """The bands of each dimension that an active rule reads; of several the first by code."""
    found: dict[HealthMeasure, Thresholds] = {}
    for row in await connection.fetch(_THRESHOLDS, [measure.value for measure in HealthMeasure]):
        found.setdefault(
            HealthMeasure(row["measure"]),
            Thresholds(Direction(row["direction"]), row["healthy"], row["alert"]),
        )
    return found


async def _read(
    connection: Connection,
    query: Query,
    starts_on: date,
    ends_on: date,
    at: datetime,
    zone: ZoneInfo,
    **scope: Any,
) -> Mapping[UUID | None, Figures]:
    starts_at, ends_at = (datetime.combine(day, time(), zone) for day in (starts_on, ends_on))
    rows = await query.rows(
        connection,
        starts_on=starts_on,
        ends_on=ends_on,
        starts_at=starts_at,
        ends_at=min(ends_at, at),
        at=at,
        zone=zone.key,
        **scope,
    )
    found: defaultdict[UUID | None, Figures] = defaultdict(Figures)
    for row in rows:
        figures, measure = found[row["unit_id"]], HealthMeasure(row["measure"])
        figure = Figure(row["total"], row["count"])
        if row["of_all"]:
            figures.measures[measure] = figure
        elif measure is HealthMeasure.stage_dwell:
            figures.stages[row["stage"]] = figure
    return found


_SCOPES = {
    "everything": "",
    "units": f"""
        {UNDER[Attribution.as_was]},
        scope as (select * from under_as_was where unit_id = any(:units::uuid[])),
    """,
    "visible": f"""
        {UNDER[Attribution.as_was]},
        scope as (
            select null::uuid as unit_id, person_id, valid_from, valid_to from place_as_was
            where unit_id in (select visible_unit(:asker::uuid, :leads, :today))
              and person_id is distinct from :asker::uuid
            union all
            select null, :asker::uuid, date '-infinity', date 'infinity'
        ),
    """,
}

_JOINED = """
    join scope on scope.person_id = measured.person_id
     and scope.valid_from <= measured.day and measured.day < scope.valid_to
"""

# An opportunity that was imported has stood and waited elsewhere: its clocks run from its first live fact on.
_LIVE = """
    left join lateral (
        select min(event.occurred_at) as at from event
        where opportunity.imported and event.root = opportunity.id::text and not event.voided
          and not (event.data->>'imported')::boolean
    ) as live on true
"""


@cache
def _figures(scope: str) -> Query:
    """A row a unit and dimension (`of_all`), and of the dwell one a stage."""
    everything = scope == "everything"
    unit = "" if everything else "scope.unit_id,"
    return Query(f"""
        with {_SCOPES[scope]}
        visited as (
            select lead.first_owner_id as person_id, lead.captured_on as day,
                   case when visit.at <= :at then 1 else 0 end as amount
            from lead {FIRST_VISIT}
            where lead.valid and lead.captured_on >= :starts_on and lead.captured_on < :ends_on
              and lead.captured_at <= :at
        ),
        stay as ( -- left in the period, or still running at its end
            select opportunity.id as opportunity_id, stage_visit.stage, least(stage_visit.left_at, :ends_at) as until,
                   greatest(stage_visit.entered_at, live.at) as since
            from stage_visit
            join opportunity on opportunity.id = stage_visit.opportunity_id
            {_LIVE}
            where stage_visit.entered_at < :ends_at
              and (stage_visit.left_at is null or stage_visit.left_at >= :starts_at)
              and (not opportunity.imported
                   or live.at < :ends_at and (stage_visit.left_at is null or stage_visit.left_at > live.at))
        ),
        dwelt as (
            select stay.stage, stood.owner_id as person_id,
                   ((stay.until - interval '1 microsecond') at time zone :zone)::date as day,
                   extract(epoch from stay.until - stay.since) as amount
            from stay
            join opportunity_history as stood on stood.opportunity_id = stay.opportunity_id
             and stood.valid_from <= stay.until and stay.until < stood.valid_to
        ),
        talk as (
            select root, sequence, occurred_at, day, (data->>'owner_id')::uuid as person_id,
                   data->>'direction' = '{InteractionDirection.inbound}' as inbound
            from event
            where type = '{InteractionLogged.type}' and not voided and not (data->>'imported')::boolean
              and occurred_at < :ends_at and root in ( -- who was answered in the period, and who may wait at its end
                  select root from event
                  where type = '{InteractionLogged.type}' and not voided and day >= :starts_on and day < :ends_on
                  union
                  select opportunity_id::text from opportunity_history
                  where state = 'open' and valid_from < :ends_at and :ends_at <= valid_to
              )
        ),
        turned as (
            select *, inbound is distinct from lag(inbound) over (partition by root order by sequence) as turns
            from talk
        ),
        asked as ( -- the first unanswered word of the customer, and our next one
            select *, lead(occurred_at) over (partition by root order by sequence) as answered_at
            from turned where turns
        ),
        waited as ( -- nobody waits any more for an answer about what is closed
            select asked.person_id, asked.day,
                   extract(epoch from coalesce(asked.answered_at, :ends_at) - asked.occurred_at) as amount
            from asked
            where asked.inbound and (asked.answered_at >= :starts_at or asked.answered_at is null and exists (
                select from opportunity_history as stood
                where stood.opportunity_id = asked.root::uuid and stood.state = 'open'
                  and stood.valid_from < :ends_at and :ends_at <= stood.valid_to
            ))
        ),
        measured as (
            select '{HealthMeasure.first_visit_conversion}' as measure, null as stage, person_id, day, amount
            from visited
            union all
            select '{HealthMeasure.stage_dwell}', stage, person_id, day, amount from dwelt
            union all
            select '{HealthMeasure.response_interval}', null, person_id, day, amount from waited
        )
        select {"null::uuid" if everything else "scope.unit_id"} as unit_id, measure, stage,
               grouping(stage) = 1 as of_all, sum(amount)::numeric as total, count(*) as count
        from measured {"" if everything else _JOINED}
        group by grouping sets (({unit} measure, stage), ({unit} measure))
    """)


DEFAULT_STAGES = Query("""
    select stage, pipeline_stage.name_en, pipeline_stage.name_zh
    from pipeline
    join pipeline_stage on pipeline_stage.pipeline = code and pipeline_version = version
    where code = 'default'
    order by position
""")

_THRESHOLDS = """
    select measure, reading_rule.direction, healthy, alert
    from unnest($1::text[]) as measure
    join reading_rule on active and measure = any(metrics)
    order by code
"""
