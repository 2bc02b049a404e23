"""Whether the sums are those of the facts that they sum."""

from collections.abc import Collection

from asyncpg import Connection

from messaging import Difference


async def differing_sums(connection: Connection, schema: str, roots: Collection[str]) -> list[Difference]:
    """The roots with a fact whose sum is not that of all facts of its metric and day."""
    rows = await connection.fetch(_DIFFERING.format(schema=schema), list(roots))
    return [Difference("rollup", row["root"], detail="not the sum of the facts") for row in rows]


_DIFFERING = """
with key as materialized (
    select metric, day, array_agg(distinct root) as roots
    from {schema}.fact where root = any($1::text[])
    group by metric, day
)
select distinct unnest(key.roots) as root
from key
cross join lateral (
    select occurred_on, currency, placed, sum(sum) as sum, sum(count) as count from (
        select occurred_on, currency, value as sum, 1 as count,
               exists (select from {schema}.membership where membership.person_id = fact.person_id) as placed
        from {schema}.fact where fact.metric = key.metric and fact.day = key.day
        union all
        select occurred_on, currency, -sum, -count, placed
        from {schema}.rollup where rollup.metric = key.metric and rollup.day = key.day
    ) as added
    group by occurred_on, currency, placed
) as left_over
where left_over.sum <> 0 or left_over.count <> 0
order by root
"""
