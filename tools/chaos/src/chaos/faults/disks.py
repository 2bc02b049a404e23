"""Disks that are full."""

import asyncio
import time
from random import Random

from chaos.disks import why_not
from chaos.faults.kind import EVERYTHING, KAFKA, WORKER, NotRun, kind
from chaos.stage import Stage

_FULL = 10.0


async def _full(stage: Stage, server: str, seconds: float) -> None:
    if not stage.rig.disks.small:
        raise NotRun(why_not() or "the disks of this run are not small")
    await asyncio.to_thread(stage.rig.disks.fill, server)
    try:
        await asyncio.sleep(seconds)
    finally:
        stage.rig.disks.empty(server)
    since = time.time()
    await stage.rig.until_ready(server)
    await stage.flows(since)


@kind("disk of PostgreSQL full", lasts=22, breaks=EVERYTHING)
async def postgres(stage: Stage, random: Random) -> None:
    """Writes are refused; what was answered stays."""
    await _full(stage, "postgres", _FULL + random.uniform(0, 5))


@kind("disk of Kafka full", lasts=25, breaks={KAFKA}, needs={WORKER})
async def kafka(stage: Stage, random: Random) -> None:
    """Facts wait in the ledgers; what was acknowledged stays."""
    await _full(stage, "kafka", _FULL + random.uniform(0, 5))
