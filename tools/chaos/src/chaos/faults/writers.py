"""Two clients that write to one root at the same time."""

import asyncio
from random import Random

from chaos.faults.kind import NotRun, kind
from chaos.load.story import OPPORTUNITIES, STAGES, Step, interaction, opening, verb
from chaos.stage import Stage


@kind("two writers on one root", lasts=5, times=6, brief=True)
async def two_writers(stage: Stage, random: Random) -> None:
    """Each verb succeeds or is refused as a whole; the root's numbers have no hole."""
    root = await open_root(stage, random)
    script = [_steps(random), _steps(random), _steps(random)]
    await asyncio.gather(*(stage.load.send(step, root) for steps in script for step in steps))


def _steps(random: Random) -> list[Step]:
    stage = verb(random, "change-stage", {"stage": STAGES[0]}, "opportunity.stage_changed", keyed=True)
    return [interaction(random, keyed=True), stage, interaction(random, keyed=True)]


async def open_root(stage: Stage, random: Random) -> str:
    """An opportunity of the fault's own."""
    request, answer = await stage.load.send(opening(OPPORTUNITIES, random, stage.company))
    if "id" not in answer:
        raise NotRun(f"no opportunity could be opened: {request.attempts[-1:]}")
    return str(answer["id"])
