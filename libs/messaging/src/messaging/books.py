"""A consumer's books in PostgreSQL: the offset that counts, each root's last number, and what is parked.

Every method works inside the caller's transaction, so that the books move with what was done, or not at all.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Connection

from contracts import open_envelope
from messaging.arrivals import Arrival, Unreadable
from messaging.postgres import one
from messaging.repairs import AGAIN_MOST, Ask
from messaging.sifting import Reason, RootState, Sifted
from messaging.topics import PARTITIONS, Place

AT_A_TIME = 500
"""Roots that a heartbeat takes up, so that ten thousand gaps neither stop a consumer nor flood their owner."""


class Fenced(Exception):
    """Another process has claimed a partition since: what was done here must not be committed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to move a partition's offset, until somebody claims it with a higher epoch."""

    epoch: int
    next_offset: int
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a partition was read by a batch, what was the latest in it, and the mark of the last record."""

    next_offset: int
    end_offset: int
    recorded_at: datetime | None = None
    occurred_at: datetime | None = None
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many roots of a group are parked; for how many a retry was asked, or the owner is to be asked, now."""

    parked: int
    retries: int
    asks: int


@dataclass(frozen=True, slots=True)
class Look:
    """How far a partition's log went, and the instant (UTC) at which Kafka said so."""

    end: int
    at: datetime


class Books:
    """The books of one consumer group in one schema."""

    def __init__(self, group: str, schema: str) -> None:
        self.group, self.schema = group, schema
        self._sql = {name: statement.format(schema=schema) for name, statement in _STATEMENTS.items()}

    async def open(self, connection: Connection, topics: Collection[str]) -> None:
        """Begins the books at the start of the topics, where they are not begun yet. Until a process claims
        the partitions all of it counts as unread: nobody shall take a group that never joined for one that is done.
        """
        places = [(topic, partition) for topic in topics for partition in range(PARTITIONS)]
        await connection.execute(self._sql["open"], self.group, *_columns(places, 2))

    async def claim(self, connection: Connection, places: Collection[Place]) -> dict[Place, Claim]:
        """Takes partitions over: raises their epochs and says where to read on (0 when they are new)."""
        rows = await connection.fetch(self._sql["claim"], self.group, *_columns(places, 2))
        return {
            Place(row["topic"], row["partition"]): Claim(row["epoch"], row["next_offset"], row["mark"])
            for row in rows
        }

    async def hold(self, connection: Connection, epochs: Mapping[Place, int]) -> None:
        """Locks the partitions until the transaction ends. Raises `Fenced` when an epoch is not the latest.

        It comes first in every transaction: who claims or swaps waits for us, and we never begin after them.
        """
        lanes = [(*place, epoch) for place, epoch in epochs.items()]
        held = await connection.fetchval(self._sql["hold"], self.group, *_columns(lanes, 3))
        if held != len(lanes):
            raise Fenced(f"{len(lanes) - held} of {len(lanes)} partitions of {self.group} were taken over")

    async def states(self, connection: Connection, roots: Collection[str]) -> dict[str, RootState]:
        """What is known of each root."""
        rows = await connection.fetch(self._sql["states"], self.group, list(roots))
        return {
            row["root"]: RootState(
                row["last"], row["parked"] and Reason(row["parked"]), row["asked"], row["waits"]
            )
            for row in rows
        }

    async def stored(self, connection: Connection, roots: Collection[str]) -> list[Arrival]:
        """The parked events of roots. Raises ValueError when one cannot be opened."""
        rows = await connection.fetch(self._sql["stored"], self.group, list(roots)) if roots else []
        return [
            Arrival(
                row["topic"], row["partition"], row["offset"], row["envelope"], open_envelope(row["envelope"])
            )
            for row in rows
        ]

    async def enter(self, connection: Connection, sifted: Sifted) -> None:
        """Writes down what was applied, what waits, and who waits no more."""
        applied = [(root, run[-1].sequence) for root, run in sifted.ready.items()]
        if applied:
            await connection.execute(self._sql["applied"], self.group, *_columns(applied, 2))
        if sifted.healed or sifted.parked:
            roots = list(sifted.healed | sifted.parked.keys())
            await connection.execute(self._sql["drained"], self.group, roots)
            await connection.execute(self._sql["healed"], self.group, list(sifted.healed))
        if sifted.parked:
            parked = [
                (root, each.reason, each.detail, each.about(root)) for root, each in sifted.parked.items()
            ]
            await connection.execute(self._sql["park"], self.group, *_columns(parked, 4))
        if sifted.waiting:
            await self._store(
                connection,
                [
                    (e.root, e.sequence, e.topic, e.partition, e.offset, e.received.type, e.envelope)
                    for e in sifted.waiting
                ],
            )

    async def park_unreadable(self, connection: Connection, records: Sequence[Unreadable]) -> None:
        """Keeps records that are no events. One whose key names a root is a gap of that root, which its owner fills."""
        if not records:
            return
        parked = {
            record.root: (
                record.root,
                Reason.gap if record.about else Reason.unreadable,
                f"{record.topic}-{record.partition}@{record.offset} cannot be read: {record.detail}",
                record.about,
            )
            for record in records
        }
        await connection.execute(self._sql["unreadable"], self.group, *_columns(parked.values(), 4))
        rows = [(r.root, 0, r.topic, r.partition, r.offset, "", r.envelope) for r in records]
        await self._store(connection, rows)

    async def move(self, connection: Connection, progress: Mapping[Place, Progress]) -> None:
        """Moves the offsets. The partitions are held."""
        rows = [
            (*place, to.next_offset, to.end_offset, to.recorded_at, to.occurred_at, to.mark)
            for place, to in progress.items()
        ]
        if rows:
            await connection.execute(self._sql["move"], self.group, *_columns(rows, 7))

    async def see_ends(self, connection: Connection, looks: Mapping[Place, Look]) -> None:
        """Notes how far the log goes, for whoever asks how much is still to come, and until when all was heard."""
        rows = [(*place, look.end, look.at) for place, look in looks.items()]
        await connection.execute(self._sql["ends"], self.group, *_columns(rows, 4))

    async def raise_alarm(
        self, connection: Connection, places: Collection[Place], alarm: str, failed: Collection[str] = ()
    ) -> datetime:
        """Notes why partitions stand still, which the next claim clears; returns when that was (UTC).

        The roots that have failed before it was noticed are tried again afterwards.
        """
        await connection.execute(self._sql["alarm"], self.group, *_columns(places, 2), alarm)
        await connection.execute(self._sql["again"], self.group, list(failed))
        at: datetime = await connection.fetchval("select now()")
        return at

    async def resumed(self, connection: Connection, since: datetime) -> bool:
        """Whether somebody has asked the group to go on since."""
        found: bool = await connection.fetchval(self._sql["resumed"], self.group, since)
        return found

    async def waiting(self, connection: Connection) -> Waiting:
        """What waits in the group, and whether something is to be done about it now."""
        return Waiting(*await one(connection, self._sql["waiting"], self.group))

    async def retries(self, connection: Connection, places: Collection[Place]) -> dict[str, Place]:
        """The parked roots of the partitions for which somebody has asked for a retry, some hundreds at a time.

        Absorbing them answers the request: they are unparked, or parked again without one.
        """
        rows = await connection.fetch(self._sql["retries"], self.group, *_columns(places, 2), AT_A_TIME)
        return {row["root"]: Place(row["topic"], row["partition"]) for row in rows}

    async def ask(self, connection: Connection, places: Collection[Place]) -> list[Ask]:
        """The roots of the partitions whose owner is to be asked now, some hundreds at a time; each is due again
        after four seconds, then eight, and so on up to five minutes, for as long as it waits."""
        rows = await connection.fetch(
            self._sql["ask"], self.group, *_columns(places, 2), AT_A_TIME, AGAIN_MOST
        )
        return [Ask(**row, group=self.group) for row in rows]

    async def _store(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        await connection.execute(self._sql["store"], self.group, *_columns(rows, 7))


def _columns(rows: Iterable[tuple[object, ...]], width: int) -> list[list[object]]:
    """Rows as columns, for `unnest`."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


_STATEMENTS = {
    "open": """
        insert into {schema}.consumer_position
            (consumer_group, topic, partition, next_offset, end_offset, epoch)
        select $1, topic, partition, 0, 0, 0
        from unnest($2::text[], $3::int[]) as place(topic, partition) order by topic, partition
        on conflict do nothing
    """,
    "claim": """
        insert into {schema}.consumer_position as mine
            (consumer_group, topic, partition, next_offset, end_offset, epoch)
        select $1, topic, partition, 0, 0, 1
        from unnest($2::text[], $3::int[]) as place(topic, partition) order by topic, partition
        on conflict (consumer_group, topic, partition)
            do update set epoch = mine.epoch + 1, alarm = null, updated_at = now()
        returning topic, partition, epoch, next_offset, mark
    """,
    "hold": """
        select count(*) from (
            select from {schema}.consumer_position mine
            join unnest($2::text[], $3::int[], $4::bigint[]) as lane(topic, partition, epoch)
                using (topic, partition, epoch)
            where consumer_group = $1
            order by topic, partition for update of mine
        ) held
    """,
    "states": """
        select told.root, coalesce(applied.last_sequence, 0) as last, parked.reason as parked,
               coalesce(parked.asked > 0, false) as asked,
               case when parked.root is null then false else exists (
                   select from {schema}.parked_event event
                   where (event.consumer_group, event.root) = ($1, told.root) and sequence > 0
               ) end as waits
        from unnest($2::text[]) as told(root)
        left join (select * from {schema}.consumer_root where consumer_group = $1) applied using (root)
        left join (select * from {schema}.parked_root where consumer_group = $1) parked using (root)
    """,
    "stored": """
        select topic, partition, "offset", envelope from {schema}.parked_event
        where consumer_group = $1 and root = any($2::text[]) and sequence > 0 order by root, sequence
    """,
    "applied": """
        insert into {schema}.consumer_root (consumer_group, root, last_sequence)
        select $1, root, sequence from unnest($2::text[], $3::bigint[]) as applied(root, sequence)
        on conflict (root, consumer_group) do update set last_sequence = excluded.last_sequence
    """,
    "drained": """
        delete from {schema}.parked_event event using {schema}.consumer_root applied
        where event.consumer_group = $1 and event.root = any($2::text[])
          and (applied.consumer_group, applied.root) = (event.consumer_group, event.root)
          and event.sequence <= applied.last_sequence
    """,
    "healed": "delete from {schema}.parked_root where consumer_group = $1 and root = any($2::text[])",
    "park": """
        insert into {schema}.parked_root as mine (consumer_group, root, reason, detail, about)
        select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[])
        on conflict (consumer_group, root)
            do update set reason = excluded.reason, detail = excluded.detail, retry_requested_at = null,
                          tries = mine.tries + (excluded.reason <> 'gap')::int,
                          about = coalesce(excluded.about, case when mine.asked = 0 then mine.about end),
                          asked = case when mine.about is null then 0 else mine.asked end,
                          ask_at = case when mine.about is null then now() else mine.ask_at end
    """,
    "unreadable": """
        insert into {schema}.parked_root as mine (consumer_group, root, reason, detail, about)
        select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[])
        on conflict (consumer_group, root)
            do update set detail = case mine.reason when 'failed' then mine.detail else excluded.detail end,
                          about = excluded.about, asked = 0, ask_at = now()
    """,
    "store": """
        insert into {schema}.parked_event
            (consumer_group, root, sequence, topic, partition, "offset", type, envelope)
        select $1, * from unnest($2::text[], $3::bigint[], $4::text[], $5::int[], $6::bigint[], $7::text[], $8::bytea[])
        on conflict (consumer_group, root, sequence) do nothing
    """,
    "move": """
        update {schema}.consumer_position mine
        set next_offset = read.next_offset, end_offset = greatest(read.end_offset, read.next_offset),
            last_recorded_at = greatest(last_recorded_at, read.recorded_at),
            last_occurred_at = greatest(last_occurred_at, read.occurred_at), mark = read.mark, updated_at = now()
        from unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::timestamptz[],
                    $8::bigint[]) as read(topic, partition, next_offset, end_offset, recorded_at, occurred_at, mark)
        where consumer_group = $1 and (mine.topic, mine.partition) = (read.topic, read.partition)
    """,
    "ends": """
        update {schema}.consumer_position mine
        set end_offset = greatest(mine.end_offset, seen.end_offset), updated_at = now(),
            heard_at = case when mine.next_offset >= seen.end_offset then greatest(mine.heard_at, seen.at)
                            else mine.heard_at end
        from unnest($2::text[], $3::int[], $4::bigint[], $5::timestamptz[]) as seen(topic, partition, end_offset, at)
        where consumer_group = $1 and (mine.topic, mine.partition) = (seen.topic, seen.partition)
    """,
    "alarm": """
        update {schema}.consumer_position mine set alarm = $4, updated_at = now()
        from unnest($2::text[], $3::int[]) as place(topic, partition)
        where consumer_group = $1 and (mine.topic, mine.partition) = (place.topic, place.partition)
    """,
    "again": """
        update {schema}.parked_root set retry_requested_at = now()
        where consumer_group = $1 and root = any($2::text[]) and reason = 'failed'
    """,
    "resumed": """
        select coalesce(max(resume_requested_at) > $2, false) from {schema}.consumer_position where consumer_group = $1
    """,
    "waiting": """
        select count(*), count(*) filter (where retry_requested_at is not null and reason <> 'unreadable'),
               count(*) filter (where about is not null and ask_at <= now())
        from {schema}.parked_root where consumer_group = $1
    """,
    "retries": """
        select root, topic, partition
        from {schema}.parked_root parked cross join lateral (
            select topic, partition from {schema}.parked_event event
            where (event.consumer_group, event.root) = (parked.consumer_group, parked.root) limit 1
        ) lies
        join unnest($2::text[], $3::int[]) as place(topic, partition) using (topic, partition)
        where consumer_group = $1 and retry_requested_at is not null and reason <> 'unreadable'
        order by retry_requested_at limit $4
    """,
    "ask": """
        with due as (
            select root, about, asked, topic
            from {schema}.parked_root parked cross join lateral (
                select topic, partition from {schema}.parked_event event
                where (event.consumer_group, event.root) = (parked.consumer_group, parked.root) limit 1
            ) lies
            join unnest($2::text[], $3::int[]) as place(topic, partition) using (topic, partition)
            where consumer_group = $1 and about is not null and ask_at <= now()
            order by ask_at limit $4
        ), asked as (
            update {schema}.parked_root mine
            set asked = due.asked + 1, about = case mine.reason when 'failed' then null else mine.about end,
                ask_at = now() + make_interval(secs => least(4 * 2 ^ least(due.asked, 16), $5))
            from due where (mine.consumer_group, mine.root) = ($1, due.root)
        )
        select distinct topic, about as root, coalesce(applied.last_sequence, 0) as after
        from due left join {schema}.consumer_root applied on (applied.consumer_group, applied.root) = ($1, about)
    """,
}
