"""The kept events held against those on Kafka: a stretch of a partition at a time."""

from collections.abc import Sequence

from asyncpg import Connection

from contracts.reporting import ProofCheck
from messaging import Arrival
from reporting.proof.rules import Finding

KIND = (ProofCheck.log, "event")


async def differing_events(
    connection: Connection, schema: str, group: str, arrivals: Sequence[Arrival]
) -> list[Finding]:
    """Of events as Kafka has them those that are kept otherwise, and those that the books have passed over.

    What lies beyond the books' offsets, or waits parked, is not expected to be kept yet.
    """
    if not arrivals:
        return []
    columns = zip(*map(_columns, arrivals), strict=True)
    rows = await connection.fetch(_DIFFERING.format(schema=schema), group, *map(list, columns))
    return [Finding(KIND, row["root"], f"#{row['sequence']} is {row['how']}", row["place"]) for row in rows]


def _columns(arrival: Arrival) -> tuple[object, ...]:
    told = arrival.received
    return (
        arrival.topic,
        arrival.partition,
        arrival.offset,
        told.root,
        told.sequence,
        told.id,
        told.type,
        told.occurred_at,
        told.recorded_at,
        told.by,
        bytes(told.raw).decode(),
    )


_DIFFERING = """
with told as (
    select topic, partition, "offset", root, sequence, id, type, occurred_at, recorded_at, by, data::jsonb as data
    from unnest($2::text[], $3::int[], $4::bigint[], $5::text[], $6::bigint[], $7::uuid[], $8::text[],
                $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[])
        as told(topic, partition, "offset", root, sequence, id, type, occurred_at, recorded_at, by, data)
)
select distinct on (told.root) told.root, told.sequence,
       concat_ws('/', told.topic, told.partition, told."offset") as place,
       case when kept.id is null then 'missing' else 'kept otherwise' end as how
from told
join {schema}.consumer_position as read
    on (read.consumer_group, read.topic, read.partition) = ($1, told.topic, told.partition)
left join {schema}.consumer_root as applied on (applied.consumer_group, applied.root) = ($1, told.root)
left join {schema}.event as kept on (kept.root, kept.sequence) = (told.root, told.sequence)
where told."offset" < read.next_offset
  and case
      when told.sequence <= coalesce(applied.last_sequence, 0)
          then (kept.id, kept.type, kept.occurred_at, kept.recorded_at, kept.by, kept.data) is distinct from
               (told.id, told.type, told.occurred_at, told.recorded_at, told.by, told.data)
      else not exists (
          select from {schema}.parked_event as parked
          where (parked.consumer_group, parked.root, parked.sequence) = ($1, told.root, told.sequence)
      )
  end
order by told.root, told.sequence
"""
