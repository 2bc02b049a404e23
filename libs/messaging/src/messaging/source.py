"""Which PostgreSQL cluster a ledger lives on, and whether it still is the ledger that Kafka was told from.

A restored ledger looks like any other. Two things give it away: on another cluster transaction numbers mean something
else, so that a relay would take new facts for published ones; and a ledger that was set back to an earlier moment does
not hold what Kafka holds, so that its next facts get numbers that every consumer has seen and passes over. The relay
publishes neither until a person has adopted the ledger.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from uuid import UUID

from aiokafka import TopicPartition
from asyncpg import Connection

from contracts import topic_of
from messaging.arrivals import Arrival, read
from messaging.postgres import one
from messaging.reading import FETCH_MS, read_topic, reader
from messaging.tables import SCHEMA
from messaging.topics import PARTITIONS
from messaging.windows import BEFORE_ALL

LAST = 20
"""Records at the end of a partition that are looked up in the ledger. One would do, did not a fact that is published
again for somebody who missed it come to lie behind those that were lost."""

_LOOKED_UP = 5_000


class SourceRefused(Exception):
    """The ledger must not be published before a person has decided; the message says what to do."""


class ForeignCluster(SourceRefused):
    """The ledger was restored into another PostgreSQL cluster: its transaction numbers mean nothing here."""


class LedgerRestored(SourceRefused):
    """Kafka holds facts that the ledger does not: it was set back to an earlier moment."""


async def take_up(connection: Connection, service: str) -> int:
    """The ledger's epoch: 1, and a larger one with each adoption. The first call writes down the cluster.

    Raises `ForeignCluster`.
    """
    await connection.execute(_TAKE_UP)
    row = await one(connection, _LOOK)
    if row["foreign"]:
        raise ForeignCluster(
            f"the ledger of {service} comes from another PostgreSQL cluster; "
            f"`attain ledger adopt {service}` publishes it again from this one"
        )
    epoch: int = row["epoch"]
    return epoch


async def verify(connection: Connection, service: str, last: Sequence[Arrival]) -> dict[int, int]:
    """Looks up in the ledger what each partition of the topic has last. Raises `LedgerRestored`.

    The ledger's id of the last fact by partition, 0 where there is none.
    """
    ids, missing = await _looked_up(connection, last)
    if missing:
        raise LedgerRestored(
            f"Kafka holds facts that the ledger of {service} does not, such as number {missing[0].sequence} of "
            f"{missing[0].root}: the database was set back to an earlier moment; `attain ledger lost {service}` "
            f"lists them, `attain ledger adopt {service} --discard` goes on without them"
        )
    ends = dict.fromkeys(range(PARTITIONS), 0)
    for arrival in last:
        ends[arrival.partition] = max(ends[arrival.partition], ids[arrival.received.id])
    return ends


async def last_of(bootstrap: str, topic: str) -> list[Arrival]:
    """The last events of each partition."""
    places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
    async with reader(bootstrap) as kafka:
        kafka.assign(places)
        begins, ends = await kafka.beginning_offsets(places), await kafka.end_offsets(places)
        for place in places:
            kafka.seek(place, max(begins[place], ends[place] - LAST))
        found: list[Arrival] = []
        while behind := [place for place in places if await kafka.position(place) < ends[place]]:
            for records in (await kafka.getmany(*behind, timeout_ms=FETCH_MS)).values():
                found += read(records)[0]
        return found


async def lost(connection: Connection, service: str, bootstrap: str) -> AsyncIterator[Arrival]:
    """The facts that lie on Kafka and not in the ledger, partition by partition in their order."""
    looked_up: list[Arrival] = []
    async for arrival in read_topic(bootstrap, topic_of(service)):
        looked_up.append(arrival)
        if len(looked_up) == _LOOKED_UP:
            for each in (await _looked_up(connection, looked_up))[1]:
                yield each
            looked_up = []
    for each in (await _looked_up(connection, looked_up))[1]:
        yield each


async def adopt(connection: Connection, service: str) -> int:
    """Makes the ledger that of this cluster; the relay then publishes all of it again. Returns the new epoch.

    On another cluster than before every fact gets the number of this transaction: it takes seconds for a million.
    """
    async with connection.transaction():
        await connection.execute(_TAKE_UP)
        if (await one(connection, _LOOK))["foreign"]:
            await connection.execute(_RENUMBER)
        await connection.execute(_FROM_THE_BEGINNING, service, BEFORE_ALL)
        epoch: int = await connection.fetchval(_ADOPT)
    return epoch


async def kept(connection: Connection, roots: Collection[str]) -> dict[str, int]:
    """The number of the last fact that the ledger has of each of these roots, 0 where it has none."""
    return {row["root"]: row["last"] for row in await connection.fetch(_KEPT, list(roots))}


async def forget(connection: Connection, kept: Mapping[str, int], *, schema: str = SCHEMA) -> None:
    """Sets the books of a schema back to the number up to which the facts of each root are kept."""
    values = list(kept), list(kept.values())
    async with connection.transaction():
        await connection.execute(_FORGET_NUMBERS.format(schema=schema), *values)
        await connection.execute(_FORGET_WAITING.format(schema=schema), *values)


async def _looked_up(
    connection: Connection, arrivals: Sequence[Arrival]
) -> tuple[dict[UUID, int], list[Arrival]]:
    """The ids that the ledger gave to events, and the events that it does not hold."""
    asked = [arrival.received.id for arrival in arrivals]
    ids = {row["event_id"]: row["id"] for row in await connection.fetch(_IDS, asked)} if asked else {}
    return ids, [arrival for arrival in arrivals if arrival.received.id not in ids]


_TAKE_UP = f"""
insert into {SCHEMA}.source (system_identifier) select system_identifier from pg_control_system()
on conflict do nothing
"""

# A cursor that is ahead of the cluster shows a restore from before the cluster was written down.
_LOOK = f"""
select epoch, source.system_identifier <> here.system_identifier or exists (
    select from {SCHEMA}.relay_cursor
    where pg_snapshot_xmax(prev) > pg_snapshot_xmax(pg_current_snapshot())
) as foreign
from {SCHEMA}.source, pg_control_system() here
"""

_RENUMBER = f"update {SCHEMA}.ledger set xid = pg_current_xact_id()"

_FROM_THE_BEGINNING = f"""
insert into {SCHEMA}.relay_cursor as mine (name, prev, epoch) values ($1, ($2::text)::pg_snapshot, 1)
on conflict (name) do update
    set prev = excluded.prev, upto = null, after_id = 0, last_id = 0, epoch = mine.epoch + 1
"""

# By the clock, in microseconds: were it counted, a ledger that is restored to before an adoption would give the same
# epoch out again, and the feed would take cursors for its own that are not.
_ADOPT = f"""
update {SCHEMA}.source
set epoch = greatest(epoch + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint),
    system_identifier = here.system_identifier
from pg_control_system() here returning epoch
"""

_IDS = f"select event_id, id from {SCHEMA}.ledger where event_id = any($1::uuid[])"

_KEPT = f"""
select root, coalesce((select max(sequence) from {SCHEMA}.ledger where ledger.root = asked.root), 0) as last
from unnest($1::text[]) asked(root)
"""

_FORGET_NUMBERS = """
update {schema}.consumer_root heard set last_sequence = kept.number
from unnest($1::text[], $2::bigint[]) kept(root, number)
where heard.root = kept.root and heard.last_sequence > kept.number
"""

_FORGET_WAITING = """
with dropped as (
    delete from {schema}.parked_event waiting using unnest($1::text[], $2::bigint[]) kept(root, number)
    where waiting.root = kept.root and waiting.sequence > kept.number
)
delete from {schema}.parked_root where root = any($1::text[])
"""
