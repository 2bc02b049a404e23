"""Whether the sums are those of the facts that they sum."""

from collections.abc import Collection

from asyncpg import Connection

from messaging import Difference


async def differing_sums(connection: Connection, schema: str, roots: Collection[str]) -> list[Difference]:
    """The roots with a fact whose sum is not that of all facts of its kind."""
    rows = await connection.fetch(_DIFFERING.format(schema=schema), list(roots))
    return [Difference("rollup", row["root"], detail="not the sum of the facts") for row in rows]


def _summed(table: str, value: str, count: str, person: str) -> str:
    """Sum and count of one key. A person who is null is looked up by `is null`, which the index knows, unlike
    `is not distinct from`."""
    return f"""
        select coalesce(sum({value}), 0) as sum, coalesce(sum({count}), 0)::bigint as count
        from {{schema}}.{table} as added
        where added.metric = key.metric and added.day = key.day and added.person_id {person}
          and added.occurred_on = key.occurred_on and added.dimensions = key.dimensions
          and added.currency is not distinct from key.currency
    """


def _compared(person: str, keys: str) -> str:
    return f"""
        select key.roots from key
        cross join lateral ({_summed("fact", "value", "1", person)}) as told
        cross join lateral ({_summed("rollup", "sum", "count", person)}) as kept
        where key.person_id is {keys} and (told.sum, told.count) <> (kept.sum, kept.count)
    """


_DIFFERING = f"""
with key as materialized (
    select metric, day, person_id, occurred_on, dimensions, currency, array_agg(distinct root) as roots
    from {{schema}}.fact where root = any($1::text[])
    group by metric, day, person_id, occurred_on, dimensions, currency
)
select distinct unnest(roots) as root
from ({_compared("= key.person_id", "not null")} union all {_compared("is null", "null")}) as differing
order by root
"""
