"""A run: everything is started, loaded, broken by the plan, left alone, and judged."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from attain.settling import NotSettled, settle
from chaos.company import found_company, token
from chaos.disks import Disks
from chaos.faults import KINDS, Kind, NotRun
from chaos.flow import Flow, NoFlow
from chaos.load.client import Load
from chaos.load.record import RequestLog
from chaos.network import Network
from chaos.oracle.ledgers import ends
from chaos.oracle.verdict import Verdict, examine
from chaos.plan import Planned
from chaos.rig import Rig, Staff
from chaos.stage import Recovery, Stage

log = structlog.get_logger("chaos")

CLIENTS, PACE = 8, 0.08
"""How many clients, and the mean of the seconds between two requests of one."""

SETTLES_WITHIN = 180.0
EACH_AT_LEAST = 3
"""How often a full run has each kind."""


@dataclass(slots=True)
class Report:
    """What became of a run."""

    seconds: float = 0.0
    done: dict[str, int] = field(default_factory=dict)
    not_run: dict[str, list[str]] = field(default_factory=dict)
    recoveries: Sequence[Recovery] = ()
    outcomes: dict[str, int] = field(default_factory=dict)
    verdict: Verdict | None = None
    violations: list[str] = field(default_factory=list)

    @property
    def late(self) -> list[Recovery]:
        """The recoveries that took longer than they may."""
        return [each for each in self.recoveries if each.bound is not None and each.seconds > each.bound]

    @property
    def faults(self) -> int:
        return sum(self.done.values())

    def too_seldom(self, kinds: Collection[str]) -> list[str]:
        """The kinds that a full run should have had more often."""
        return [name for name in kinds if self.done.get(name, 0) < EACH_AT_LEAST]


async def run(
    home: Path,
    plan: Sequence[Planned],
    seed: int,
    seconds: float,
    network: Network,
    disks: Disks,
    *,
    staff: Staff | None = None,
    told: Callable[[str], None] = log.info,
) -> Report:
    """Runs a plan under load. The faults begin at their instants, or when those are over that they would disturb."""
    rig = Rig(home, network, disks, staff or Staff())
    try:
        await rig.start()
        told("everything runs")
        return await _attack(rig, plan, seed, seconds, told)
    finally:
        network.heal()
        await rig.stop()


async def _attack(
    rig: Rig, plan: Sequence[Planned], seed: int, seconds: float, told: Callable[[str], None]
) -> Report:
    company, began = await found_company(rig), time.monotonic()
    await settle(rig.instance)
    before = await ends(rig)
    requests = RequestLog(rig.instance.home / "requests.jsonl")
    addresses = {name: f"http://127.0.0.1:{rig.api_link(name).port}" for name in rig.staff.services}
    load = Load(addresses, token(rig), requests, seed)
    stage = Stage(rig, load, Flow(rig, requests), company)
    report = Report(violations=stage.violations)
    report.not_run = defaultdict(list)
    working = asyncio.create_task(load.run(company, CLIENTS, PACE))
    try:
        turns = Turns()
        await asyncio.gather(*(_inflict(each, stage, report, turns, began, told) for each in plan))
        await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
    finally:
        rig.network.heal()
        load.stop()
        await working
        await load.close()
        requests.close()
    told("the load has stopped; waiting until all of it is heard")
    await rig.until_all_ready()
    try:
        await settle(rig.instance, SETTLES_WITHIN)
    except NotSettled as error:
        report.violations.append(f"it does not settle: {error}")
    report.verdict = await examine(rig, requests.requests, before, stage.planted)
    report.violations += report.verdict.violations
    report.seconds, report.done = time.monotonic() - began, dict(stage.done)
    report.recoveries, report.outcomes = stage.recoveries, dict(requests.outcomes())
    return report


class Turns:
    """Lets a fault begin when nothing is under way that it would disturb: some outlast what the plan allows."""

    def __init__(self) -> None:
        self._under_way: list[Kind] = []
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def of(self, kind: Kind) -> AsyncIterator[None]:
        """The turn of a fault."""
        async with self._changed:
            await self._changed.wait_for(lambda: not any(kind.disturbs(each) for each in self._under_way))
            self._under_way.append(kind)
        try:
            yield
        finally:
            async with self._changed:
                self._under_way.remove(kind)
                self._changed.notify_all()


async def _inflict(
    planned: Planned, stage: Stage, report: Report, turns: Turns, began: float, told: Callable[[str], None]
) -> None:
    await asyncio.sleep(max(0.0, began + planned.at - time.monotonic()))
    async with turns.of(KINDS[planned.kind]):
        told(f"{time.monotonic() - began:6.1f} s  {planned.kind}")
        try:
            await KINDS[planned.kind].fault(stage.seen_by(planned.kind), planned.random)
            stage.done[planned.kind] += 1
        except NotRun as reason:
            report.not_run[planned.kind].append(str(reason))
        except NoFlow as stuck:
            stage.done[planned.kind] += 1
            report.violations.append(f"{planned.kind} at {planned.at:.0f} s: {stuck}")
        except Exception as error:
            log.exception("fault failed", kind=planned.kind)
            report.violations.append(
                f"the fault {planned.kind} at {planned.at:.0f} s failed itself: {error!r}"
            )
