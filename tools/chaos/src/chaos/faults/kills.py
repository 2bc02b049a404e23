"""SIGKILL: at named points of the code, and at any."""

import asyncio
from random import Random

from chaos.faults.kind import API, EVERYTHING, KAFKA, START, WORKER, NotRun, kind
from chaos.flow import NoFlow
from chaos.load.record import Outcome
from chaos.load.story import opening
from chaos.stage import API_BOUND, CONSUMER_BOUND, RELAY_BOUND, Stage

_REACHED_WITHIN = 20.0
_LOOK = 0.02
_SAID_BY = ("opportunities", "leads")


async def killed_at(stage: Stage, name: str, point: str, skip: int) -> float:
    """Lets a process die at a point; when that was. Raises `NotRun` where it does not get there."""
    orders = stage.rig.parts[name].orders
    assert orders
    orders.give(point, skip)
    for _ in range(int(_REACHED_WITHIN / _LOOK)):
        if said := orders.report():
            return float(said["at"])
        await asyncio.sleep(_LOOK)
    orders.withdraw()
    raise NotRun(f"{name} did not come to the point {point!r}")


@kind("API killed before its commit", lasts=7, breaks={API, START}, times=5, brief=True)
async def api_before_commit(stage: Stage, random: Random) -> None:
    """What the request did is gone with its transaction; the client repeats it."""
    await _kill_api(stage, random, "api before its commit")


@kind("API killed after its commit", lasts=7, breaks={API, START}, times=5, brief=True)
async def api_after_commit(stage: Stage, random: Random) -> None:
    """The fact is kept and nobody was told; the client repeats and gets the stored answer."""
    await _kill_api(stage, random, "api after its commit")


@kind("API killed", lasts=7, breaks={API, START}, times=4)
async def api(stage: Stage, random: Random) -> None:
    """Anywhere."""
    service = random.choice(_SAID_BY)
    await asyncio.sleep(random.uniform(0, 1))
    await _written_again(stage, random, service, stage.rig.kill(f"{service}-api"))


async def _kill_api(stage: Stage, random: Random, point: str) -> None:
    service = random.choice(_SAID_BY)
    at = await killed_at(stage, f"{service}-api", point, random.randrange(4))
    await _written_again(stage, random, service, at)


async def _written_again(stage: Stage, random: Random, service: str, since: float) -> None:
    """By a request of its own: the load's clients may all be waiting for what the other service has to hear first."""
    request, _ = await stage.load.send(opening(service, random, stage.company))
    if request.outcome is not Outcome.done:
        raise NoFlow(f"no write of {service} succeeded: {request.attempts[-1:]}")
    stage.recovered("write", request.ended - since, API_BOUND)


@kind(
    "relay killed between ack and cursor", lasts=8, breaks={WORKER, START}, needs={KAFKA}, times=5, brief=True
)
async def relay_after_acks(stage: Stage, random: Random) -> None:
    """Kafka has the page and the cursor does not know: it is published again."""
    await _kill_relay(stage, random, "relay after the acks")


@kind("relay killed before its page", lasts=8, breaks={WORKER, START}, needs={KAFKA}, times=3)
async def relay_before_page(stage: Stage, random: Random) -> None:
    """The page was read and not sent."""
    await _kill_relay(stage, random, "relay before its page")


async def _kill_relay(stage: Stage, random: Random, point: str) -> None:
    service = random.choice(_SAID_BY)
    at = await killed_at(stage, f"{service}-worker", point, random.randrange(4))
    await stage.published(service, at, RELAY_BOUND)


@kind(
    "consumer killed in its transaction",
    lasts=10,
    breaks={WORKER, START},
    needs={KAFKA},
    times=4,
    brief=True,
)
async def consumer_in_transaction(stage: Stage, random: Random) -> None:
    """Rows are changed and the offset is not: both are gone."""
    await _kill_consumer(stage, random, "consumer in its transaction")


@kind("consumer killed after its commit", lasts=10, breaks={WORKER, START}, needs={KAFKA})
async def consumer_after_commit(stage: Stage, random: Random) -> None:
    """The offset is kept and Kafka was not told."""
    await _kill_consumer(stage, random, "consumer after its commit")


async def _kill_consumer(stage: Stage, random: Random, point: str) -> None:
    name = random.choice(("reporting-worker", "reporting-worker", "opportunities-worker", "leads-worker"))
    at = await killed_at(stage, name, point, random.randrange(4))
    await stage.applied(at, CONSUMER_BOUND)


@kind("worker killed", lasts=10, breaks={WORKER, START}, needs={KAFKA}, times=4)
async def worker(stage: Stage, random: Random) -> None:
    """Anywhere in relay, projector or reactions."""
    service = random.choice((*_SAID_BY, "reporting"))
    await asyncio.sleep(random.uniform(0, 1))
    await stage.applied(stage.rig.kill(f"{service}-worker"), CONSUMER_BOUND)


@kind("PostgreSQL killed", lasts=14, breaks=EVERYTHING, brief=True)
async def postgres(stage: Stage, random: Random) -> None:
    """It recovers from its log; every connection of every process is gone."""
    await asyncio.sleep(random.uniform(0, 1))
    at = stage.rig.kill("postgres")
    await stage.written("opportunities", at)
    await stage.applied(at)


@kind("Kafka killed", lasts=16, breaks={KAFKA}, needs={WORKER}, brief=True)
async def kafka(stage: Stage, random: Random) -> None:
    """Writes go on; facts wait in the ledgers."""
    await asyncio.sleep(random.uniform(0, 1))
    await stage.applied(stage.rig.kill("kafka"))
