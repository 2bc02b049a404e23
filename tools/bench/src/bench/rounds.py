"""Measuring in turns: what is compared runs in the same rounds, so that the machine's mood falls on all alike."""

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

ROUNDS = 5

type Run = Callable[[int], Awaitable[float]]
"""Does the work of a round and returns its figure, such as events/s."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The figures of all rounds."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        """The distance between the highest and the lowest round, as a part of the median."""
        return (max(self.rounds) - min(self.rounds)) / self.median if self.median else 0.0


async def in_turns(runs: Mapping[str, Run], rounds: int = ROUNDS, *, first: int = 0) -> dict[str, Figure]:
    """Runs each once a round, of which the first has the number `first`. The order turns with the rounds, so that
    nobody always comes after the same one."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            found[name].append(await runs[name](first + number))
    return {name: Figure(tuple(each)) for name, each in found.items()}


async def per_second(count: int, work: Callable[[], Awaitable[object]]) -> float:
    """How many of `count` things a second the work gets done."""
    began = time.perf_counter()
    await work()
    return count / (time.perf_counter() - began)


def percentile(values: list[float], part: float) -> float:
    """The value below which `part` (0 to 1) of the values lie; the nearest one."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
