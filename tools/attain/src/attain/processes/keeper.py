"""Keep one process running: start it, see it become ready, start it again when it dies, stop it in order."""

import asyncio
import logging
from asyncio.subprocess import Process
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from attain.processes.command import Command
from attain.processes.logs import rotate, rotate_when_large
from attain.processes.state import ProcessState, Status

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between a death and the next start; the death of what has run well is followed at once."""
_HEALTHY_AFTER = 10.0
_PROBE_EVERY = 0.05
_PATIENCE = 15.0
_NOT_STARTED = 127

logger = logging.getLogger(__name__)


class Keeper:
    """One command under supervision. `changed` is called whenever its state has changed."""

    def __init__(self, command: Command, logs: Path, changed: Callable[[], None]) -> None:
        self.command = command
        self.state = ProcessState(name=command.name)
        self.is_up = asyncio.Event()
        self._log = logs / f"{command.name}.log"
        self._changed = changed
        self._stopping = asyncio.Event()
        self._process: Process | None = None

    async def keep(self) -> None:
        """Run until `stop`; a job only until it has succeeded once."""
        rotate(self._log)
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            try:
                status = await self._run_once()
            except OSError as error:  # the program is missing or may not be run
                logger.error("%s cannot be started: %s", self.command.name, error)
                status = _NOT_STARTED
            if self._stopping.is_set() or self.state.status is Status.done:
                break
            if asyncio.get_running_loop().time() - began > _HEALTHY_AFTER:
                pause = 0.0
            self._set(Status.restarting, pid=None, exit_status=status, restarts=self.state.restarts + 1)
            logger.warning(
                "%s ended with status %s; it starts again in %.1f s", self.command.name, status, pause
            )
            await self._sleep(pause)
            pause = min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)

    async def stop(self) -> None:
        """Ask the process to end, and end it when it does not."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(self.command.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
        self._set(Status.stopped, pid=None)

    async def _run_once(self) -> int:
        rotate_when_large(self._log)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *self.command.argv, stdout=output, **self.command.options()
            )
        self._process = process
        if self._stopping.is_set():  # while it was being started
            process.kill()
        self._set(Status.starting, pid=process.pid, since=datetime.now(UTC))
        await self._until_ready(process)
        status = await process.wait()
        if self.command.ready is None and status == 0:
            self._up(Status.done, pid=None)
        return status

    async def _until_ready(self, process: Process) -> None:
        while self.command.ready and process.returncode is None:
            # Asking may block; whoever keeps several processes must not stand still for it.
            if await asyncio.to_thread(self.command.ready):
                return self._up(Status.ready)
            await asyncio.sleep(_PROBE_EVERY)
        return None

    async def _sleep(self, seconds: float) -> None:
        """Wait, unless asked to stop meanwhile."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    def _up(self, status: Status, **changes: object) -> None:
        self._set(status, **changes)
        self.is_up.set()

    def _set(self, status: Status, **changes: object) -> None:
        self.state = self.state.model_copy(update={"status": status, **changes})
        logger.info("%s is %s", self.command.name, status)
        self._changed()
