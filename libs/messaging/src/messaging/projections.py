"""What a read table is made of: projections, which take a whole batch of events at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

from asyncpg import Connection

from contracts import Event, Received

SMALL = 200
"""Events of a batch that is applied by plans that are kept. To plan a projection's statements takes longer than to run
them for a few events; but a plan that was made for a few would be the wrong one for thousands."""


@dataclass(frozen=True)
class Batch:
    """Events that are new to the projector, each root's in the order of their numbers.

    They also lie in the temporary table `batch(root, sequence, id, type, partition, occurred_at, recorded_at, by,
    data)`, for set-based statements.
    """

    received: Sequence[Received]

    @property
    def small(self) -> bool:
        """Whether it is applied by plans that are kept."""
        return len(self.received) <= SMALL

    @cached_property
    def types(self) -> frozenset[str]:
        """The event types that occur in the batch."""
        return frozenset(received.type for received in self.received)


class Projection(Protocol):
    """How facts change read tables: a pure function of the events, in any order across roots."""

    @property
    def hears(self) -> frozenset[type[Event]]:
        """The events that change the tables; `apply` is called for batches in which one of them occurs."""
        ...

    async def apply(self, connection: Connection, batch: Batch) -> None:
        """Applies the temporary table `batch` to the tables, which are found by the search path.

        The transaction is the projector's: no commit here. An exception makes the projector look for the
        root that causes it, so a statement must not depend on what else is in the batch.
        """
        ...


@runtime_checkable
class Scripted(Projection, Protocol):
    """A projection that applies an ordinary batch by statements alone: with nothing to ask or decide between them.

    Those of all projections then take one journey to PostgreSQL, which keeps their plans.
    """

    @property
    def script(self) -> Sequence[str]:
        """Statements of PL/pgSQL."""
        ...

    def is_plain(self, batch: Batch, /) -> bool:
        """Whether the script does for this batch what `apply` does."""
        ...
