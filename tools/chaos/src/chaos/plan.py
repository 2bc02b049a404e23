"""The plan of a run: which faults in which order at which offsets. It follows from the seed alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from random import Random

from chaos.faults.kind import API, REBUILD, RECORD, Kind

LEAST = 100
"""Faults of a full run of a quarter of an hour."""

FULL_MINUTES = 15.0
_FIRST_AT = 3.0
_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault that is due `at` seconds after the load has begun; `seed` decides what it leaves open."""

    at: float
    kind: str
    seed: str

    @property
    def random(self) -> Random:
        return Random(self.seed)


def make_plan(seed: int, minutes: float, kinds: Mapping[str, Kind], *, brief: bool = False) -> list[Planned]:
    """In order of time. A full run has each kind as often as it says, and more of the short ones up to `LEAST`; a
    shorter run has its share of them, and the brief form each cheap kind once. What has no room is left out.
    """
    random = Random(f"{seed} plan")
    chosen = [kind for kind in kinds.values() if kind.brief] if brief else _full(random, kinds, minutes)
    random.shuffle(chosen)
    placed = _placed(random, chosen, minutes * 60)
    return [
        Planned(at, kind.name, f"{seed} fault {number}")
        for number, (at, kind) in enumerate(sorted(placed, key=itemgetter(0)))
    ]


def _full(random: Random, kinds: Mapping[str, Kind], minutes: float) -> list[Kind]:
    share = min(1.0, minutes / FULL_MINUTES)
    chosen = [kind for kind in kinds.values() for _ in range(max(1, round(kind.times * share)))]
    shortest = min(kind.lasts for kind in kinds.values())
    short = [kind for kind in kinds.values() if kind.lasts <= 2 * shortest]
    while len(chosen) < LEAST * share:
        chosen.append(random.choice(short))
    return chosen


def _placed(random: Random, chosen: Sequence[Kind], until: float) -> list[tuple[float, Kind]]:
    """What breaks the most first, each as early as it has room; then, into what is left, the others at any time."""
    placed: list[tuple[float, Kind]] = []
    for kind in sorted(chosen, key=_breadth, reverse=True):
        begin = _FIRST_AT if _breadth(kind) else random.uniform(_FIRST_AT, until)
        at = _room(kind, begin, placed, until) or _room(kind, _FIRST_AT, placed, until)
        if at is not None:
            placed.append((round(at + random.uniform(0.0, _PAUSE), 2), kind))
    return placed


def _breadth(kind: Kind) -> int:
    """How many of the parts that all share it breaks or needs."""
    return len((kind.breaks | kind.needs) - {API, RECORD, REBUILD})


def _room(kind: Kind, begin: float, placed: Collection[tuple[float, Kind]], until: float) -> float | None:
    """The first instant from `begin` on at which nobody disturbs it."""
    at = begin
    while at + kind.lasts <= until:
        in_the_way = [
            start + other.lasts + _PAUSE
            for start, other in placed
            if kind.disturbs(other) and start < at + kind.lasts + _PAUSE and at < start + other.lasts + _PAUSE
        ]
        if not in_the_way:
            return at
        at = max(in_the_way)
    return None
