"""A kind of fault: what it does, how long it lasts, and what nobody else may touch meanwhile."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos.stage import Stage

API, WORKER, POSTGRES, KAFKA = "api", "worker", "postgres", "kafka"
START = "start"
"""The start of a service's process. On a small machine two that start at once take twice as long each, and the time in
which one must be back is that of one.
"""
REBUILD, RECORD = "rebuild", "record"
"""Nothing else needs these; so none of them meets another of its kind."""
EVERYTHING = frozenset({API, WORKER, START, POSTGRES, KAFKA})

type Fault = Callable[["Stage", Random], Awaitable[None]]


class NotRun(Exception):
    """The fault could not be made here; the message says why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`lasts` is what the plan allows for it, recovery included (seconds); meanwhile nobody else breaks what it
    `breaks` or what it `needs` whole. `times`: how often a full run has it at least; `brief`: the short form has it
    too."""

    name: str
    fault: Fault
    lasts: float
    breaks: frozenset[str]
    needs: frozenset[str]
    times: int = 3
    brief: bool = False

    def disturbs(self, other: "Kind") -> bool:
        """Whether the two may not be under way at the same time."""
        return bool(self.breaks & (other.breaks | other.needs) or other.breaks & self.needs)


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    *,
    lasts: float,
    breaks: Collection[str] = (),
    needs: Collection[str] = (),
    times: int = 3,
    brief: bool = False,
) -> Callable[[Fault], Fault]:
    """Registers a function as a kind of fault."""

    def register(fault: Fault) -> Fault:
        KINDS[name] = Kind(name, fault, lasts, frozenset(breaks), frozenset(needs), times, brief)
        return fault

    return register
