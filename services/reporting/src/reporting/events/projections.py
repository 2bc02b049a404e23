"""How reporting keeps what it hears, and marks what was undone since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from contracts import Event, registry
from contracts.opportunities import OpportunityVoided, ReceiptRecorded, Undone
from contracts.targets import MembershipChanged, MetricDefined, PersonLeft

if TYPE_CHECKING:
    from asyncpg import Connection

    from messaging import Batch

EVERYTHING: frozenset[type[Event]] = frozenset(registry().values())


class KeepEvents:
    """Stores every event with its business day and marks those that were voided. Stands before all others:
    they read what it wrote, and it takes the lock that they share.
    """

    hears = EVERYTHING

    async def apply(self, connection: Connection, batch: Batch) -> None:
        lock = _LOCK_SHARED if self.is_plain(batch) else _LOCK_ALONE
        await connection.execute(f"select {lock}")
        await connection.execute(_STORE)
        if OpportunityVoided.type in batch.types:
            await connection.execute(_VOID)

    @property
    def script(self) -> Sequence[str]:
        return f"perform {_LOCK_SHARED}", _STORE

    def is_plain(self, batch: Batch) -> bool:
        """Whether nothing in it must run alone."""
        return batch.types.isdisjoint(_ALONE)


_ALONE = {MetricDefined.type, OpportunityVoided.type, MembershipChanged.type, PersonLeft.type}
"""A new metric is applied to all past events, and who comes into a unit brings all their past facts: a batch of another
partition that commits at the same time would have neither been seen by it nor know it. A void lessens the sums that
such a batch moves. All are rare, and run alone.
"""

_LOCK = "pg_advisory_xact_lock{mode}(hashtext('reporting.metrics.' || current_schema()))"
_LOCK_ALONE, _LOCK_SHARED = _LOCK.format(mode=""), _LOCK.format(mode="_shared")

_STORE = """
insert into event (root, sequence, id, type, partition, occurred_at, recorded_at, day, by, data)
select root, sequence, id, type, partition, occurred_at, recorded_at, business_day(occurred_at), by, data
from batch
"""

# Money that was received stays received when its opportunity turns out to be a mistake.
_VOID = f"""
update event set voided = true
from batch as void
where void.type = '{OpportunityVoided.type}'
  and event.root = void.root and event.sequence < void.sequence and not event.voided
  and case void.data->>'undone'
          when '{Undone.opportunity}' then event.type <> '{ReceiptRecorded.type}'
          else event.id = (void.data->>'voided_event_id')::uuid
      end
"""
