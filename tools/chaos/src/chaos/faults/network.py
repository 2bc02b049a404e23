"""Connections that are cut, go silent or are slow; a broker that is away; answers that are lost."""

import asyncio
import time
from random import Random

from chaos.faults.kind import API, KAFKA, POSTGRES, WORKER, kind
from chaos.network import Link, Mode
from chaos.stage import Stage

_AWAY = 30.0
_BRIEFLY = 6.0
PATH = frozenset({API, WORKER, KAFKA})
"""A link may be anybody's, so nobody's recovery is measured meanwhile."""


def _some_link(stage: Stage, random: Random) -> Link:
    names = sorted(name for name in stage.rig.parts if name not in ("postgres", "kafka"))
    chosen = random.choice(("kafka", *names))
    return stage.rig.kafka_link if chosen == "kafka" else stage.rig.postgres_link(chosen)


@kind("broker away", lasts=38, breaks={KAFKA}, needs={API, WORKER, POSTGRES})
async def broker_away(stage: Stage, random: Random) -> None:
    """For 30 seconds nobody reaches Kafka. No write may fail."""
    rig, since = stage.rig, time.time()
    rig.network.turn(rig.kafka_link, Mode.refusing)
    try:
        await asyncio.sleep(_AWAY)
    finally:
        rig.network.turn(rig.kafka_link, Mode.open)
    back = time.time()
    failed = stage.load.log.failures(since, back)
    if failed:
        stage.violations.append(
            f"broker away: {len(failed)} writes failed, the first {failed[0].path}: {failed[0].attempts}"
        )
    await stage.flows(back)


@kind("connections cut", lasts=8, breaks=PATH, times=4, brief=True)
async def cut(stage: Stage, random: Random) -> None:
    """All connections of a process to PostgreSQL, or of everybody to Kafka, are reset at once."""
    link = _some_link(stage, random)
    since = time.time()
    stage.rig.network.cut(link)
    await stage.flows(since)


@kind("connections half open", lasts=14, breaks=PATH)
async def half_open(stage: Stage, random: Random) -> None:
    """For a while nothing comes through, and nobody is told; then they are reset."""
    link = _some_link(stage, random)
    stage.rig.network.turn(link, Mode.silent)
    try:
        await asyncio.sleep(random.uniform(_BRIEFLY, 2 * _BRIEFLY))
    finally:
        stage.rig.network.turn(link, Mode.open)
    await stage.flows()


@kind("connections slow", lasts=10, breaks=PATH)
async def slow(stage: Stage, random: Random) -> None:
    """Every piece takes a fifth of a second longer."""
    link = _some_link(stage, random)
    stage.rig.network.turn(link, Mode.slow, 0.2)
    try:
        await asyncio.sleep(_BRIEFLY)
    finally:
        stage.rig.network.turn(link, Mode.open)
    await stage.flows()


@kind("answers lost", lasts=4, breaks={API}, times=6, brief=True)
async def answers_lost(stage: Stage, random: Random) -> None:
    """The service has done its work and the client never hears of it; it repeats under the same key."""
    link = stage.rig.api_link(random.choice(("opportunities", "leads")))
    before, wanted = link.lost, random.randrange(3, 8)
    stage.rig.network.lose(link, wanted)
    for _ in range(200):
        if link.lost >= before + wanted:
            break
        await asyncio.sleep(0.05)
    stage.rig.network.lose(link, 0)
