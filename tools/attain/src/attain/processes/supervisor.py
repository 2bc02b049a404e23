"""Keep several processes running that need each other."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from attain.processes.command import Command
from attain.processes.keeper import Keeper
from attain.processes.state import ProcessState

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Node:
    """A command and the names of those that must be up before it starts; it is stopped before they are."""

    command: Command
    needs: Sequence[str] = field(default=())


def _stop_on_failure(stop: asyncio.Event, task: asyncio.Task[None]) -> None:
    """A keeper that fails itself would leave its process alone: rather stop everything in order."""
    if not task.cancelled() and (error := task.exception()):
        logger.error("a keeper failed; everything is stopped", exc_info=error)
        stop.set()


class Supervisor:
    """Starts what is needed first, restarts what dies, stops in reverse order."""

    def __init__(
        self, nodes: Sequence[Node], logs: Path, changed: Callable[[list[ProcessState]], None]
    ) -> None:
        self._nodes = {node.command.name: node for node in nodes}
        self._keepers = {
            name: Keeper(node.command, logs, lambda: changed(self.states()))
            for name, node in self._nodes.items()
        }
        self._waiting: set[str] = set()

    def states(self) -> list[ProcessState]:
        """All processes and jobs in the order of their declaration."""
        return [keeper.state for keeper in self._keepers.values()]

    async def run(self, stop: asyncio.Event) -> None:
        """Keep everything running until `stop` is set, then stop everything."""
        keeping = {name: asyncio.create_task(self._keep(name)) for name in self._nodes}
        for task in keeping.values():
            task.add_done_callback(partial(_stop_on_failure, stop))
        await stop.wait()
        for name in self._waiting:
            keeping[name].cancel()
        stopping: dict[str, asyncio.Task[None]] = {}
        for name in reversed(self._nodes):
            stopping[name] = asyncio.create_task(self._stop(name, stopping))
        await asyncio.gather(*stopping.values())
        await asyncio.gather(*keeping.values(), return_exceptions=True)

    async def _keep(self, name: str) -> None:
        self._waiting.add(name)
        for needed in self._nodes[name].needs:
            await self._keepers[needed].is_up.wait()
        self._waiting.remove(name)
        await self._keepers[name].keep()

    async def _stop(self, name: str, stopping: dict[str, asyncio.Task[None]]) -> None:
        """Stop one after all that need it; they stand later in the declaration, so their tasks exist."""
        users = [user for user, node in self._nodes.items() if name in node.needs]
        await asyncio.gather(*(stopping[user] for user in users))
        await self._keepers[name].stop()
