"""What a fault has at hand: the processes, the load, how fast it recovers, and a place for what it found."""

import time
from collections import defaultdict
from dataclasses import dataclass, field

from chaos.flow import Flow
from chaos.load.client import Load
from chaos.load.story import Company
from chaos.rig import Rig

API_BOUND, RELAY_BOUND, CONSUMER_BOUND = 5.0, 5.0, 10.0
"""Seconds from a kill to full flow."""


@dataclass(slots=True)
class Planted:
    """What the harness itself put into ledgers and topics, or kept from them: the oracle must know of it."""

    stated: set[str] = field(default_factory=set)
    """Roots that the harness itself put into the ledger of opportunities: nobody asked for them."""
    poisoned: set[str] = field(default_factory=set)
    """Keys of records that are no events."""
    dropped: dict[str, int] = field(default_factory=dict)
    """Root and number of the records that Kafka never got from the relay."""


@dataclass(slots=True)
class Recovery:
    """How long something took to flow again after a fault, and how long it may take."""

    kind: str
    what: str
    seconds: float
    bound: float | None


@dataclass(slots=True)
class Stage:
    """One for the whole run; `kind` names the fault that uses this view of it."""

    rig: Rig
    load: Load
    flow: Flow
    company: Company
    kind: str = ""
    planted: Planted = field(default_factory=Planted)
    recoveries: list[Recovery] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    violations: list[str] = field(default_factory=list)

    def seen_by(self, kind: str) -> "Stage":
        """The same stage for one fault."""
        return Stage(
            self.rig, self.load, self.flow, self.company, kind,
            self.planted, self.recoveries, self.done, self.violations,
        )  # fmt: skip

    def recovered(self, what: str, seconds: float, bound: float | None = None) -> None:
        """Notes a recovery."""
        self.recoveries.append(Recovery(self.kind, what, seconds, bound))

    async def written(self, service: str, since: float, bound: float | None = None) -> None:
        """Waits until writes succeed again, and notes how long it took."""
        self.recovered("write", await self.flow.written(service, since), bound)

    async def published(self, service: str, since: float, bound: float | None = None) -> None:
        """Waits until facts are published again, and notes how long it took."""
        self.recovered("publish", await self.flow.published(service, since), bound)

    async def applied(self, since: float, bound: float | None = None) -> None:
        """Waits until facts count in the reports again, and notes how long it took."""
        self.recovered("apply", await self.flow.applied(since), bound)

    async def flows(self, since: float | None = None) -> None:
        """Waits until a fact goes the whole way."""
        await self.applied(time.time() if since is None else since)
