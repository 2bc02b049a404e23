"""What an operator asks: what is not published, who is behind, what is parked, and please try again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Connection

from messaging.tables import SCHEMA
from messaging.topics import Place, end_offsets
from messaging.windows import BEFORE_ALL


@dataclass(frozen=True, slots=True)
class GroupLag:
    """How a consumer group stands on one topic. `behind` counts records, as of the last look at Kafka."""

    consumer_group: str
    topic: str
    behind: int
    last_recorded_at: datetime | None
    updated_at: datetime
    alarms: Sequence[str]


@dataclass(frozen=True, slots=True)
class ParkedRoot:
    """A root that waits, and how many of its events wait with it.

    `asked` is how often its owner was asked for what is missing, `last` the number of the last fact applied.
    """

    consumer_group: str
    root: str
    reason: str
    detail: str
    since: datetime
    tries: int
    retry_requested_at: datetime | None
    asked: int
    last: int
    events: int


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that waits, with its bytes as they came."""

    sequence: int
    type: str
    topic: str
    partition: int
    offset: int
    envelope: bytes


async def backlog(connection: Connection) -> int:
    """How many committed facts of this service's ledger are not known to be on Kafka."""
    count: int = await connection.fetchval(_BACKLOG, BEFORE_ALL)
    return count


async def consumer_schemas(connection: Connection) -> list[str]:
    """The schemas of the database in which a consumer keeps its books; those of a rebuild under way, and what
    proves the tables, are not among them."""
    return [row["nspname"] for row in await connection.fetch(_SCHEMAS)]


async def lag(connection: Connection, *, schema: str = SCHEMA) -> list[GroupLag]:
    """Every group whose books stand in the schema, by group and topic."""
    return [GroupLag(*row) for row in await connection.fetch(_LAG.format(schema=schema))]


async def unread(connection: Connection, bootstrap: str, *, schema: str = SCHEMA) -> int:
    """How many records lie on Kafka now that the groups of the schema have not read, by asking Kafka itself."""
    rows = await connection.fetch(_READ.format(schema=schema))
    ends = await end_offsets(bootstrap, {row["topic"] for row in rows})
    return sum(ends[Place(row["topic"], row["partition"])] - row["next_offset"] for row in rows)


async def parked_roots(
    connection: Connection, *, schema: str = SCHEMA, group: str | None = None
) -> list[ParkedRoot]:
    """What waits, the longest first."""
    return [ParkedRoot(*row) for row in await connection.fetch(_PARKED.format(schema=schema), group, None)]


async def show_parked(
    connection: Connection, group: str, root: str, *, schema: str = SCHEMA
) -> tuple[ParkedRoot, list[ParkedEvent]] | None:
    """A parked root with its events in order, or None when it is not parked."""
    row = await connection.fetchrow(_PARKED.format(schema=schema), group, root)
    if row is None:
        return None
    events = await connection.fetch(_EVENTS.format(schema=schema), group, root)
    return ParkedRoot(*row), [ParkedEvent(*event) for event in events]


async def retry_parked(
    connection: Connection, *, group: str | None = None, root: str | None = None, schema: str = SCHEMA
) -> int:
    """Asks for a retry of one root, of a group's roots, or of all; returns how many.

    The running consumer does it within a second: applies the root's events in order, and unparks it or notes
    the new failure; where facts are missing, it asks their owner at once. Records that are no events are passed
    over, for they name no root to apply them to. A consumer that stands still on an alarm goes on, unless it is
    one root that is asked for.
    """
    done = await connection.execute(_RETRY.format(schema=schema), group, root)
    if root is None:
        await connection.execute(_RESUME.format(schema=schema), group)
    return int(done.rpartition(" ")[2])


async def reread(connection: Connection, topic: str, *, schema: str = SCHEMA) -> list[str]:
    """Has all groups of the schema read a topic again from its beginning; returns which.

    For a log that was cut or made anew, once its owner has published its ledger again. What was applied is passed
    over by the roots' numbers. Running consumers do it by themselves within seconds, also those that stand still.
    """
    rows = await connection.fetch(_REREAD.format(schema=schema), topic)
    return sorted({row["consumer_group"] for row in rows})


_BACKLOG = f"""
with cursor as (
    select prev, upto, after_id from {SCHEMA}.relay_cursor
    union all
    select ($1::text)::pg_snapshot, null, 0 where not exists (select from {SCHEMA}.relay_cursor)
)
select count(*) from cursor cross join lateral (
    select id, xid from {SCHEMA}.ledger where xid >= pg_snapshot_xmax(prev)
    union all
    select id, xid from {SCHEMA}.ledger where xid = any(array(select pg_snapshot_xip(prev)))
) fact
where upto is null or id > after_id or not pg_visible_in_snapshot(xid, upto)
"""

_READ = "select topic, partition, next_offset from {schema}.consumer_position"

_SCHEMAS = """
select nspname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where relname = 'consumer_position' and nspname !~ '_(next|old|proof)$' order by nspname
"""

_LAG = """
select consumer_group, topic, sum(end_offset - next_offset)::bigint, max(last_recorded_at), max(updated_at),
       array_remove(array_agg(distinct alarm), null)
from {schema}.consumer_position group by consumer_group, topic order by consumer_group, topic
"""

_PARKED = """
select parked.consumer_group, parked.root, reason, detail, since, tries, retry_requested_at, asked,
       coalesce(last_sequence, 0),
       (select count(*) from {schema}.parked_event event
        where (event.consumer_group, event.root) = (parked.consumer_group, parked.root))
from {schema}.parked_root parked left join {schema}.consumer_root using (consumer_group, root)
where ($1::text is null or consumer_group = $1) and ($2::text is null or root = $2)
order by since, consumer_group, root
"""

_EVENTS = """
select sequence, type, topic, partition, "offset", envelope from {schema}.parked_event
where consumer_group = $1 and root = $2 order by sequence
"""

_RETRY = """
update {schema}.parked_root
set retry_requested_at = case reason when 'failed' then now() else retry_requested_at end, ask_at = now()
where ($1::text is null or consumer_group = $1) and ($2::text is null or root = $2)
  and reason <> 'unreadable'
"""

_RESUME = """
update {schema}.consumer_position set resume_requested_at = now() where $1::text is null or consumer_group = $1
"""

_REREAD = """
with lane as (
    select consumer_group, topic, partition from {schema}.consumer_position
    where topic = $1 order by consumer_group, topic, partition for update
)
update {schema}.consumer_position mine
set next_offset = 0, end_offset = 0, mark = null, epoch = epoch + 1, alarm = null,
    resume_requested_at = now(), updated_at = now()
from lane
where (mine.consumer_group, mine.topic, mine.partition) = (lane.consumer_group, lane.topic, lane.partition)
returning mine.consumer_group
"""
"""With a new epoch, so that whoever reads now begins there too."""
