"""Giving up what cannot be applied: a root goes on without the facts that hold it up."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Connection

from messaging.sifting import Reason
from messaging.status import ParkedEvent, ParkedRoot, show_parked
from messaging.tables import SCHEMA


@dataclass(frozen=True, slots=True)
class Loss:
    """What a group goes on without: a root's facts from number `first` to `last`, of one `type` where it is known.

    `last` is below `first` where no fact is known to be missing. `following` events wait behind, and are applied then.
    """

    first: int
    last: int
    type: str | None
    following: int


def loss(parked: ParkedRoot, events: Sequence[ParkedEvent]) -> Loss:
    """What it would mean to drop a root that waits with these events. Pure."""
    waiting = [event for event in events if event.sequence > parked.last]
    if not waiting:
        return Loss(parked.last + 1, parked.last, None, 0)
    head = waiting[0]
    if parked.reason == Reason.failed:
        return Loss(head.sequence, head.sequence, head.type, len(waiting) - 1)
    return Loss(parked.last + 1, head.sequence - 1, None, len(waiting))


async def drop_parked(connection: Connection, group: str, root: str, *, schema: str = SCHEMA) -> Loss | None:
    """Has a group go on without what holds a root up; returns what that was, or None when the root is not parked.

    What waits behind is applied by the running consumer within a second. The facts stay in their owner's ledger and
    on Kafka, so that tables that are rebuilt meet them again.
    """
    sql = {name: statement.format(schema=schema) for name, statement in _STATEMENTS.items()}
    async with connection.transaction():
        await connection.execute(sql["hold"], group, root)
        shown = await show_parked(connection, group, root, schema=schema)
        if shown is None:
            return None
        lost = loss(*shown)
        if lost.last >= lost.first:
            await connection.execute(sql["pass"], group, root, lost.last)
        await connection.execute(sql["forget"], group, root, lost.last)
        await connection.execute(sql["retry" if lost.following else "unpark"], group, root)
    return lost


_STATEMENTS = {
    "hold": """
        select from {schema}.consumer_position
        where consumer_group = $1 and (topic, partition) in (
            select topic, partition from {schema}.parked_event where consumer_group = $1 and root = $2
        )
        order by topic, partition for update
    """,
    "pass": """
        insert into {schema}.consumer_root (consumer_group, root, last_sequence) values ($1, $2, $3)
        on conflict (root, consumer_group) do update set last_sequence = excluded.last_sequence
    """,
    "forget": """
        delete from {schema}.parked_event where consumer_group = $1 and root = $2 and sequence <= $3
    """,
    "retry": """
        update {schema}.parked_root set retry_requested_at = now() where consumer_group = $1 and root = $2
    """,
    "unpark": "delete from {schema}.parked_root where consumer_group = $1 and root = $2",
}
