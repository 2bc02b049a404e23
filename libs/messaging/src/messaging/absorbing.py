"""How a batch is absorbed: in one transaction with the books; what fails is found, parked, and stays alone."""

import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog
from asyncpg import Connection

from messaging.arrivals import Arrival, Unreadable
from messaging.books import Books, Fenced, Progress
from messaging.faults import Failures, TooManyFail, blames_event, describe
from messaging.sifting import Reason, RootState, Sifted, sift
from messaging.topics import Place

log = structlog.get_logger("messaging")

_WORTH_SHARING = 1_000
"""Events; two small transactions would cost more than they gain."""


class Unit(Protocol):
    """One transaction of a consumer: what it does with the events that are ready."""

    @property
    def connection(self) -> Connection:
        """The connection on which the transaction runs."""
        ...

    async def apply(self, sifted: Sifted) -> None:
        """Applies `sifted.ready`. A root's failure is noted by `sifted.fail`, or raised for all."""
        ...


class Handler(Protocol):
    """What a consumer does, apart from its books."""

    def transaction(self) -> AbstractAsyncContextManager[Unit]:
        """A transaction that commits at the end of the block and rolls back on any exception."""
        ...


@dataclass(frozen=True, slots=True)
class Load:
    """A batch: events, how far they take the partitions, and by which right (epochs)."""

    epochs: Mapping[Place, int]
    arrivals: Collection[Arrival] = ()
    unreadable: Collection[Unreadable] = ()
    progress: Mapping[Place, Progress] = field(default_factory=dict)
    retried: frozenset[str] = frozenset()

    @property
    def roots(self) -> list[str]:
        return list(dict.fromkeys([*(arrival.root for arrival in self.arrivals), *sorted(self.retried)]))

    def with_(self, later: "Load") -> "Load":
        """This batch and one that was read after it, as one."""
        return Load(
            {**self.epochs, **later.epochs},
            [*self.arrivals, *later.arrivals],
            [*self.unreadable, *later.unreadable],
            {**self.progress, **later.progress},
            self.retried | later.retried,
        )

    @property
    def large(self) -> bool:
        """Whether it is worth sharing out."""
        return len(self.arrivals) >= _WORTH_SHARING

    @property
    def partitions(self) -> set[int]:
        return {place.partition for place in self.epochs}

    def shares(self, count: int, before: Sequence["Load"] = ()) -> list["Load"]:
        """A large batch by partitions, for so many connections side by side: what one of the shares `before` moves
        goes behind it, the rest to whoever has the fewest events so far.
        """
        shares = [self.partitions & share.partitions for share in before] or [
            set[int]() for _ in range(count)
        ]
        events = Counter(arrival.partition for arrival in self.arrivals)
        weights = [sum(events[partition] for partition in share) for share in shares]
        for partition in sorted(self.partitions.difference(*shares), key=lambda each: -events[each]):
            lightest = weights.index(min(weights))
            shares[lightest].add(partition)
            weights[lightest] += events[partition]
        return [self._share(partitions) for partitions in shares]

    def _share(self, partitions: Collection[int]) -> "Load":
        return Load(
            {place: epoch for place, epoch in self.epochs.items() if place.partition in partitions},
            [each for each in self.arrivals if each.partition in partitions],
            [each for each in self.unreadable if each.partition in partitions],
            {place: progress for place, progress in self.progress.items() if place.partition in partitions},
        )

    def of(self, roots: Collection[str]) -> "Load":
        """The events of these roots alone; they move no offset."""
        arrivals = [arrival for arrival in self.arrivals if arrival.root in roots]
        return Load(self.epochs, arrivals, retried=self.retried.intersection(roots))

    def rest(self) -> "Load":
        """What remains when the events are done: the offsets, and what could not be read."""
        return replace(self, arrivals=(), retried=frozenset())


class Absorber:
    """Absorbs batches for one consumer group."""

    def __init__(self, books: Books, handler: Handler, failures: Failures | None = None) -> None:
        """`failures` says how many roots may be parked; without, any number."""
        self._books, self._handler = books, handler
        self._failures = failures or Failures(sys.maxsize)

    async def absorb(self, load: Load) -> None:
        """Applies a batch, each event once. Raises `Fenced`, `TooManyFail`, or trouble that is not an event's fault.

        A batch that fails is halved by roots until the failing ones are alone. Only then are they parked, for
        it may turn out that too many fail; of each, the events are tried one by one up to the one that fails.
        """
        try:
            await self._transact(load)
        except Exception as error:
            if not _is_events_fault(error) or not load.roots:
                raise
            failing: dict[str, Exception] = {}
            await self._separate(load, error, failing)
            for root, why in failing.items():
                await self._single_out(load.of({root}), root, why)
            if load.progress or load.unreadable:
                await self._transact(load.rest())

    async def _separate(self, load: Load, error: Exception, failing: dict[str, Exception]) -> None:
        """Applies the events of all roots but those that fail."""
        roots = load.roots
        if len(roots) == 1:
            if not load.retried:
                self._failures.fail(roots, describe(error))
            failing[roots[0]] = error
            return
        half = len(roots) // 2
        for some in roots[:half], roots[half:]:
            part = load.of(set(some))
            try:
                await self._transact(part)
            except Exception as why:
                if not _is_events_fault(why):
                    raise
                await self._separate(part, why, failing)

    async def _single_out(self, load: Load, root: str, error: Exception) -> None:
        await self._transact(load, failed=describe(error))
        again = Load(load.epochs, retried=frozenset({root}))
        try:
            while await self._transact(again, step=True):
                pass
        except Exception as last:
            if not _is_events_fault(last):
                raise
            log.exception("root parked", group=self._books.group, root=root)
            await self._transact(again, failed=describe(last))

    async def _transact(self, load: Load, *, failed: str | None = None, step: bool = False) -> bool:
        """One transaction. `failed` parks the root instead of applying it; `step` applies one event.

        Returns whether there is more to step through.
        """
        async with self._handler.transaction() as unit:
            await self._books.hold(unit.connection, load.epochs)
            sifted = await self._sift(unit.connection, load)
            rest = _shorten(sifted, failed, step)
            if sifted.ready:
                await unit.apply(sifted)
                self._weigh(sifted, load.retried)
            if load.unreadable:
                self._failures.fail(
                    [each.root for each in load.unreadable], next(iter(load.unreadable)).detail
                )
            await self._books.enter(unit.connection, sifted)
            await self._books.park_unreadable(unit.connection, list(load.unreadable))
            await self._books.move(unit.connection, load.progress)
        for root, why in sifted.parked.items():
            log.warning(
                "root waits", group=self._books.group, root=root, reason=why.reason, detail=why.detail
            )
        return rest

    def _weigh(self, sifted: Sifted, retried: Collection[str]) -> None:
        self._failures.well(len(sifted.ready))
        failed = {root: why for root, why in sifted.parked.items() if why.reason is Reason.failed}
        if new := failed.keys() - retried:
            self._failures.fail(new, failed[next(iter(new))].detail)

    async def _sift(self, connection: Connection, load: Load) -> Sifted:
        if not load.roots:
            return Sifted()
        states = await self._books.states(connection, load.roots)
        due = load.retried | {
            arrival.root for arrival in load.arrivals if closes_gap(arrival, states[arrival.root])
        }
        stored = await self._books.stored(connection, due)
        return sift(load.arrivals, states, stored, load.retried)


def _is_events_fault(error: Exception) -> bool:
    return not isinstance(error, Fenced | TooManyFail) and blames_event(error)


def closes_gap(arrival: Arrival, state: RootState) -> bool:
    """Whether the root's turn has come, so that what waits of it is to be looked at."""
    return state.parked is Reason.gap and arrival.sequence == state.last + 1


def _shorten(sifted: Sifted, failed: str | None, step: bool) -> bool:
    rest = False
    for root, run in list(sifted.ready.items()):
        if failed is not None:
            sifted.fail(root, 0, failed)
        elif step and len(run) > 1:
            sifted.fail(root, 1, "not tried yet")
            rest = True
    return rest
