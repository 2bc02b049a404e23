"""How reporting keeps metrics, and turns what it hears into facts and their sums.

A metric applies to all of history: when its definition changes, every kept event is counted anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from contracts.opportunities import OpportunityVoided
from contracts.targets import CountOrSum, MembershipChanged, MetricDefined, PersonLeft
from directory import DirectoryProjection
from reporting.events.projections import EVERYTHING
from reporting.metrics.conditions import predicate

if TYPE_CHECKING:
    from asyncpg import Connection

    from messaging import Batch


class CountFacts:
    """Keeps `metric`, `fact` and `rollup`. It runs under the lock that `KeepEvents` took."""

    hears = EVERYTHING

    async def apply(self, connection: Connection, batch: Batch) -> None:
        recounted: list[str] = []
        if MetricDefined.type in batch.types:
            recounted = await _define(connection, batch)
        if OpportunityVoided.type in batch.types:
            await connection.execute(_UNCOUNT_VOIDED)
        await connection.execute(_COUNT_BATCH, recounted)

    @property
    def script(self) -> Sequence[str]:
        return (_COUNT_PLAIN,)

    def is_plain(self, batch: Batch) -> bool:
        """Whether it neither defines a metric nor undoes a fact."""
        return batch.types.isdisjoint({MetricDefined.type, OpportunityVoided.type})


class KeepOrganisation:
    """Keeps the directory's tables, and the sums of whoever comes into a unit for the first time. It runs under the
    lock that `KeepEvents` took.
    """

    hears = DirectoryProjection.hears

    async def apply(self, connection: Connection, batch: Batch) -> None:
        placing = not batch.types.isdisjoint({MembershipChanged.type, PersonLeft.type})
        before = [row["person_id"] for row in await connection.fetch(_PLACED_BEFORE)] if placing else []
        await DirectoryProjection().apply(connection, batch)
        if placing:
            await connection.execute(_PLACE_ANEW, before)


async def _define(connection: Connection, batch: Batch) -> list[str]:
    """Keeps the last definition of each metric; returns the codes that were counted anew."""
    events = (each.event() for each in batch.received if each.type == MetricDefined.type)
    rows = {event.metric: _row(event) for event in events if isinstance(event, MetricDefined)}
    defined = await connection.fetch(_DEFINE, json.dumps(list(rows.values())))
    changed = [code for code, recount in defined if recount]
    await connection.execute(_FORGET, changed)
    await connection.execute(_COUNT_HISTORY, changed)
    return changed


def _row(event: MetricDefined) -> dict[str, Any]:
    """The event as a row of `metric`."""
    row = event.definition.model_dump(mode="json") | {
        "code": event.metric,
        "version": event.metric_version,
        "name_en": event.name_en,
        "name_zh": event.name_zh,
        "direction": event.direction,
        "core": event.core,
    }
    if isinstance(event.definition, CountOrSum):
        return row | {"predicate": predicate(event.definition.conditions)}
    return row | {"dimensions": []}


_HOW_IT_COUNTS = (
    "kind, event_type, conditions, predicate, value_field, currency_field, credited_field, date_field, dimensions, "
    "numerator, denominator"
)


def _of(row: str) -> str:
    # jsonpath has no equality, and text serves all of these
    return ", ".join(f"{row}.{name}::text" for name in _HOW_IT_COUNTS.split(", "))


_DEFINE = f"""
insert into metric
select * from jsonb_populate_recordset(null::metric, $1::jsonb)
on conflict (code) do update set
    (version, name_en, name_zh, direction, core, {_HOW_IT_COUNTS}) = row(
        excluded.version, excluded.name_en, excluded.name_zh, excluded.direction, excluded.core,
        {", ".join(f"excluded.{name}" for name in _HOW_IT_COUNTS.split(", "))}
    )
returning code, row({_of("old")}) is distinct from row({_of("new")}) as recount
"""

_FORGET = """
with forgotten as (delete from fact where metric = any($1::text[]))
delete from rollup where metric = any($1::text[])
"""

_KEY = "metric, day, occurred_on, currency, placed, slice"

# Whether a unit may count a fact at all, and the partition that it came from.
_PLACED = "exists (select from membership where membership.person_id = {fact}.person_id) as placed, partition as slice"

_FACT = """
    root, sequence, event_id, occurred_at, partition, value, metric, person_id, day, occurred_on, dimensions, currency
"""


def _lessen(less: str) -> str:
    """The statement that takes the sums of `less` out of the rollup; nothing stays of what summed no more facts."""
    return f"""
    merge into rollup using {less} as less
    on rollup.metric = less.metric and rollup.day = less.day and rollup.placed = less.placed
       and rollup.slice = less.slice and rollup.occurred_on = less.occurred_on
       and rollup.currency is not distinct from less.currency
    when matched and rollup.count = less.count then delete
    when matched then update set sum = rollup.sum - less.sum, count = rollup.count - less.count
    """


# What a void of this batch undid, earlier or in this very batch. `offset 0` holds the planner to the index: what is
# read is a root's events, however large the table.
_UNDONE = f"""
undone as materialized (
    select event.root, event.sequence, event.id as event_id
    from (select distinct root from batch where type = '{OpportunityVoided.type}') as void,
    lateral (select * from event where event.root = void.root and event.voided offset 0) as event
)
"""


def _count(events: str, counting: str, undone: str = "") -> str:
    """Makes facts of kept events and adds them to the sums. A field that does not hold what the metric needs makes no
    fact, and no error.
    """
    return f"""
    with {undone}
    read as (
        select metric.code as metric, event.root, event.sequence, event.id as event_id, event.occurred_at,
               event.day as occurred_on, event.partition,
               case when pg_input_is_valid(event.data->>credited_field, 'uuid')
                    then (event.data->>credited_field)::uuid end as person_id,
               case when date_field is null then event.day
                    when pg_input_is_valid(event.data->>date_field, 'date')
                    then (event.data->>date_field)::date end as day,
               case when kind = 'count' then 1
                    when pg_input_is_valid(event.data->>value_field, 'numeric')
                    then (event.data->>value_field)::numeric end as value,
               event.data->>currency_field as currency,
               jsonb_strip_nulls(jsonb_object(
                   metric.dimensions, array(select event.data->>unnest(metric.dimensions))
               )) as dimensions
        from {events} join metric on metric.event_type = event.type
        where {counting} and event.data @? predicate
    ),
    made as (
        insert into fact ({_FACT})
        select {_FACT} from read where value is not null and day is not null
        returning metric, day, occurred_on, currency, person_id, partition, value
    )
    insert into rollup ({_KEY}, sum, count)
    select {_KEY}, sum(value), count(*) from (select *, {_PLACED.format(fact="made")} from made) as placed_fact
    group by {_KEY}
    on conflict ({_KEY}) do update
        set sum = rollup.sum + excluded.sum, count = rollup.count + excluded.count
    """


_COUNT_BATCH = _count(
    """(
        select batch.*, business_day(batch.occurred_at) as day from batch
        left join undone using (root, sequence) where undone.root is null
    ) as event""",
    "metric.code <> all($1::text[])",
    f"{_UNDONE},",
)
_COUNT_PLAIN = _count("(select *, business_day(occurred_at) as day from batch) as event", "true")
_COUNT_HISTORY = _count("(select * from event where not voided) as event", "metric.code = any($1::text[])")

_UNCOUNT_VOIDED = f"""
with {_UNDONE},
gone as (
    delete from fact using undone where fact.event_id = undone.event_id returning fact.*
),
less as (
    select {_KEY}, sum(value), count(*) from (select *, {_PLACED.format(fact="gone")} from gone) as placed_fact
    group by {_KEY}
)
{_lessen("less")}
"""

_TOUCHED = f"""
select distinct root::uuid as id from batch where type in ('{MembershipChanged.type}', '{PersonLeft.type}')
"""

_PLACED_BEFORE = f"select distinct person_id from membership where person_id in ({_TOUCHED})"

# Metric by metric, for the index of facts begins with it; how they meet is the planner's choice. A rebuild that heard
# of the people last has thousands of them, all facts, and that index not yet: it passes over the facts once.
_PLACE_ANEW = f"""
with turned as materialized (
    select id, placed from (
        select id, exists (select from membership where person_id = id) as placed from ({_TOUCHED}) as touched
    ) as now
    where placed <> (id = any($1::uuid[]))
),
moved as materialized (
    select fact.metric, fact.day, fact.occurred_on, fact.currency, turned.placed, fact.partition as slice,
           sum(fact.value), count(*)
    from turned cross join metric
    join fact on fact.metric = metric.code and fact.person_id = turned.id
    group by 1, 2, 3, 4, 5, 6
),
added as (
    insert into rollup ({_KEY}, sum, count) select {_KEY}, sum, count from moved
    on conflict ({_KEY}) do update
        set sum = rollup.sum + excluded.sum, count = rollup.count + excluded.count
)
{_lessen("(select metric, day, occurred_on, currency, not placed as placed, slice, sum, count from moved)")}
"""
