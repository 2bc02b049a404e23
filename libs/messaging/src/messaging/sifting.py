"""What to do with events that arrived: the root's number decides. Pure.

At most the last applied number is a duplicate; the next one is applied; more is a gap, and the root waits
(parked) until the missing number comes: its owner is asked for it. A root that is parked because an event could
not be applied waits until somebody asks for a retry.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from messaging.arrivals import Arrival


class Reason(StrEnum):
    """Why a root waits."""

    gap = "gap"
    failed = "failed"
    unreadable = "unreadable"


@dataclass(frozen=True, slots=True)
class RootState:
    """What a consumer knows of a root: its last applied number; if it is parked, why, whether its owner was asked,
    and whether events wait."""

    last: int = 0
    parked: Reason | None = None
    asked: bool = False
    waits: bool = False

    def answers(self, sequence: int) -> bool:
        """Whether a duplicate shows that nothing is missing: owners begin their answer with our last number."""
        return self.parked is Reason.gap and self.asked and not self.waits and sequence == self.last


@dataclass(frozen=True, slots=True)
class Parked:
    """Why a root is parked, for the person who looks."""

    reason: Reason
    detail: str

    def about(self, root: str) -> str | None:
        """The root whose facts the owner is asked to say again."""
        return root if self.reason is Reason.gap else None


@dataclass(slots=True)
class Sifted:
    """What is to be applied and what is to be kept for later.

    `ready` holds for each root the run of events that follows its last one; `waiting` what must be stored
    (or stay stored) until its turn; `parked` the roots that wait from now on; `healed` those that wait no more.
    """

    ready: dict[str, list[Arrival]] = field(default_factory=dict)
    waiting: list[Arrival] = field(default_factory=list)
    parked: dict[str, Parked] = field(default_factory=dict)
    healed: set[str] = field(default_factory=set)
    duplicates: int = 0

    def fail(self, root: str, applied: int, why: str) -> None:
        """Notes that only the first `applied` events of a root's run could be applied."""
        run = self.ready.pop(root)
        if run[:applied]:
            self.ready[root] = run[:applied]
        self.waiting.extend(run[applied:])
        self.parked[root] = Parked(
            Reason.failed, f"{run[applied].received.type} #{run[applied].sequence}: {why}"
        )
        self.healed.discard(root)


def sift(
    arrivals: Iterable[Arrival],
    states: Mapping[str, RootState],
    stored: Iterable[Arrival] = (),
    retried: Collection[str] = (),
) -> Sifted:
    """Sorts events into what is ready and what waits, whatever order they came in.

    `stored` are the events that a parked root has waiting already; `retried` names roots whose failed event
    shall be tried again.
    """
    sifted = Sifted()
    pools: dict[str, dict[int, Arrival]] = {}
    answered: set[str] = set()
    for arrival in stored:
        pools.setdefault(arrival.root, {})[arrival.sequence] = arrival
    for arrival in arrivals:
        pool = pools.setdefault(arrival.root, {})
        if arrival.sequence <= _state(states, arrival.root).last or arrival.sequence in pool:
            sifted.duplicates += 1
            if _state(states, arrival.root).answers(arrival.sequence):
                answered.add(arrival.root)
        else:
            pool[arrival.sequence] = arrival
    for root, pool in pools.items():
        _sift_root(sifted, root, pool, _state(states, root), root in retried, root in answered)
    return sifted


def _sift_root(
    sifted: Sifted, root: str, pool: dict[int, Arrival], state: RootState, retried: bool, answered: bool
) -> None:
    if state.parked is Reason.failed and not retried:
        sifted.waiting.extend(pool.values())
        return
    sequence = state.last + 1
    run: list[Arrival] = []
    while sequence in pool:
        run.append(pool.pop(sequence))
        sequence += 1
    late = [arrival for arrival in pool.values() if arrival.sequence > sequence]
    if run:
        sifted.ready[root] = run
    if late:
        sifted.waiting.extend(late)
        first = min(arrival.sequence for arrival in late)
        sifted.parked[root] = Parked(Reason.gap, f"#{sequence} is missing; #{first} has arrived")
    elif state.parked and (run or answered):
        sifted.healed.add(root)


def _state(states: Mapping[str, RootState], root: str) -> RootState:
    return states.get(root, _NEW)


_NEW = RootState()
