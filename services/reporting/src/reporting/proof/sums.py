"""Whether the sums are those of the facts that they sum."""

from collections.abc import Collection

from asyncpg import Connection

from messaging import Difference
from reporting.pipeline.cohorts import FIGURES, counted_anew

SUMS = frozenset({"rollup", "cohort"})
"""The tables whose rows are of many roots."""

MOST_COUNTED = 5_000
"""Opportunities of a month that are counted anew beside everything else. A larger month is by a rebuild."""


async def differing_sums(connection: Connection, schema: str, roots: Collection[str]) -> list[Difference]:
    """The roots with a fact whose sum is not that of all facts of its metric and day, and those whose month does not
    count its opportunities."""
    summed = await connection.fetch(_DIFFERING.format(schema=schema), list(roots))
    counted = await connection.fetch(_MISCOUNTED.format(schema=schema), list(roots), MOST_COUNTED)
    return [
        *(Difference("rollup", row["root"], detail="not the sum of the facts") for row in summed),
        *(Difference("cohort", row["root"], detail="not the count of the visits") for row in counted),
    ]


# The days of a metric at once: its facts lie by person, and each pass over everybody's is long. `offset 0` holds the
# planner to one pass a metric.
_DIFFERING = """
with said as materialized (
    select distinct metric, day, root from {schema}.fact where root = any($1::text[])
),
key as materialized (select metric, array_agg(distinct day) as days from said group by metric),
left_over as (
    select metric, day from (
        select counted.metric, day, occurred_on, currency, value as sum, 1 as count,
               exists (select from {schema}.membership where membership.person_id = counted.person_id) as placed
        from key cross join lateral (
            select * from {schema}.fact where fact.metric = key.metric and fact.day = any(key.days) offset 0
        ) as counted
        union all
        select rollup.metric, rollup.day, occurred_on, currency, -sum, -count, placed
        from key join {schema}.rollup on rollup.metric = key.metric and rollup.day = any(key.days)
    ) as added
    group by metric, day, occurred_on, currency, placed
    having sum(sum) <> 0 or sum(count) <> 0
)
select distinct root from said join left_over using (metric, day) order by root
"""

_OPENED_IN = """
    opportunity.opened_at >= month.opened_in::timestamp - interval '1 day'
    and opportunity.opened_at < month.opened_in::timestamp + interval '32 days'
"""
"""For the index: a business month lies within these instants in every zone."""

_OF_MONTH = f"""
    select opportunity.id, 0 as slice
    from month join {{schema}}.opportunity on opportunity.pipeline = month.pipeline and {_OPENED_IN}
     and date_trunc('month', opportunity.opened_on) = month.opened_in
"""

_MISCOUNTED = f"""
with touched as materialized (
    select pipeline, date_trunc('month', opened_on)::date as opened_in, array_agg(id::text) as roots
    from {{schema}}.opportunity
    where opened_on is not null and id = any(array(
        select case when position(':' in root) = 0 then root::uuid end from unnest($1::text[]) as root
    ))
    group by 1, 2
),
month as materialized (
    select * from touched as month where $2::integer >= (
        select count(*) from (select from {{schema}}.opportunity where {_OPENED_IN} limit $2::integer + 1) as opened
    )
),
left_over as (
    select pipeline, opened_in, stage, reason from (
        select * from {counted_anew(_OF_MONTH, "{schema}.")} as told
        union all
        select pipeline, opened_in, stage, reason, 0, {", ".join(f"-{name}" for name in FIGURES)}
        from {{schema}}.cohort join month using (pipeline, opened_in)
    ) as told
    group by 1, 2, 3, 4
    having row({", ".join(f"sum({name})" for name in FIGURES)}) <> row({", ".join("0" for _ in FIGURES)})
)
select distinct unnest(month.roots) as root from month join left_over using (pipeline, opened_in)
order by root
"""
