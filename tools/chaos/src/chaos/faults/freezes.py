"""SIGSTOP: a process that does not know that its time is over, and writes as if nothing had happened."""

import asyncio
import time
from random import Random

from chaos.faults.kind import KAFKA, START, WORKER, kind
from chaos.stage import Stage

_PAST_SESSION = 8.0
"""Seconds; Kafka waits six for a sign of life of a consumer."""


@kind("worker frozen past its session", lasts=15, breaks={WORKER, START}, needs={KAFKA})
async def worker(stage: Stage, random: Random) -> None:
    """A second worker takes its partitions; when the first wakes up, its epoch is over."""
    service = random.choice(("reporting", "opportunities", "leads"))
    await _frozen(stage, random, service, cut=False)


@kind("relay frozen and replaced", lasts=15, breaks={WORKER, START}, needs={KAFKA})
async def relay(stage: Stage, random: Random) -> None:
    """It loses its session at PostgreSQL while it sleeps, so that the standby takes over."""
    await _frozen(stage, random, random.choice(("opportunities", "leads")), cut=True)


async def _frozen(stage: Stage, random: Random, service: str, *, cut: bool) -> None:
    rig, name, second = stage.rig, f"{service}-worker", f"{service}-worker-second"
    rig.run_service(second)
    try:
        await rig.until_ready(second)
        rig.freeze(name)
        frozen_at = time.time()
        try:
            if cut:
                rig.network.cut(rig.postgres_link(name))
            await asyncio.sleep(_PAST_SESSION + random.uniform(0, 3))
            if cut:
                await stage.published(service, frozen_at)
        finally:
            rig.thaw(name)
        await stage.flows()
    finally:
        await rig.down(second)
    await stage.flows()
