"""Workers that come and go, and a rebuild that is killed in the middle."""

import asyncio
import os
import signal
import sys
import time
from random import Random

from chaos.faults.kind import KAFKA, POSTGRES, REBUILD, START, WORKER, kind
from chaos.stage import Stage

_TOGETHER = 5.0
_REBUILT_WITHIN = 120.0


@kind("workers scaled 1, 3, 1", lasts=20, breaks={WORKER, START}, needs={KAFKA})
async def scale(stage: Stage, random: Random) -> None:
    """Partitions move to new workers and back; of two that leave, one says so and one is killed."""
    service = random.choice(("reporting", "opportunities", "leads"))
    added = [f"{service}-worker-{number}" for number in (2, 3)]
    for name in added:
        stage.rig.run_service(name)
    try:
        await asyncio.gather(*(stage.rig.until_ready(name) for name in added))
        await stage.flows()
        await asyncio.sleep(random.uniform(1, _TOGETHER))
        stage.rig.kill(added[0])
    finally:
        await asyncio.gather(*(stage.rig.down(name) for name in added))
    await stage.flows()


@kind("rebuild killed in the middle", lasts=20, breaks={REBUILD, START}, needs={KAFKA, POSTGRES})
async def rebuild(stage: Stage, random: Random) -> None:
    """Under load; the next one finds what the first has left, and comes to its end."""
    first = await _rebuild(stage)
    await asyncio.sleep(random.uniform(1.5, 4.0))
    if first.returncode is None:
        os.kill(first.pid, signal.SIGKILL)
    await first.wait()
    since = time.time()
    said = b""
    while time.time() - since < _REBUILT_WITHIN:
        again = await _rebuild(stage)
        said, _ = await again.communicate()
        if not again.returncode:
            break  # one that met another fault is begun again, as a person would
    else:
        stage.violations.append(f"no rebuild came to its end after one was killed: {said.decode()[-500:]}")
    stage.recovered("rebuild", time.time() - since)
    await stage.flows()


async def _rebuild(stage: Stage) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "attain", "rebuild", "reporting"),
        *("--home", str(stage.rig.instance.home)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
