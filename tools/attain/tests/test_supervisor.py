"""The supervisor keeps processes running, in the order of their needs, and ends what is its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from attain.processes.command import Command
from attain.processes.marks import find, mark, runs, stop
from attain.processes.state import ProcessState, Status
from attain.processes.supervisor import Node, Supervisor
from testkit import eventually

SLEEPER = ("sleep", "600")


def sleeper(name: str, home: Path, ready: Callable[[], bool] = lambda: True) -> Command:
    return Command(name, SLEEPER, ready=ready, environment=mark(home, name))


class Running:
    """A supervisor at work and what it said last."""

    def __init__(self) -> None:
        self.states: dict[str, ProcessState] = {}
        self.statuses: list[tuple[str, Status]] = []
        self.end: Callable[[], Awaitable[None]]

    def hear(self, states: list[ProcessState]) -> None:
        self.states = {state.name: state for state in states}
        self.statuses += [(state.name, state.status) for state in states]

    async def until(self, name: str, status: Status, restarts: int = 0) -> ProcessState:
        def reached() -> ProcessState:
            state = self.states.get(name)
            assert state, f"{name} was not heard of"
            assert (state.status, state.restarts) == (status, restarts), str(state)
            return state

        return await eventually(reached)


@asynccontextmanager
async def supervised(nodes: Sequence[Node], logs: Path) -> AsyncIterator[Running]:
    running, stopping = Running(), asyncio.Event()
    supervisor = Supervisor(nodes, logs, running.hear)
    task = asyncio.create_task(supervisor.run(stopping))

    async def end() -> None:
        stopping.set()
        await task

    running.end = end
    try:
        yield running
    finally:
        await end()


async def test_a_killed_process_is_started_again(tmp_path: Path) -> None:
    async with supervised([Node(sleeper("worker", tmp_path))], tmp_path) as running:
        first = await running.until("worker", Status.ready)
        os.kill(first.pid or 0, signal.SIGKILL)
        second = await running.until("worker", Status.ready, restarts=1)
        assert second.pid != first.pid
        assert second.exit_status == -signal.SIGKILL


async def test_a_process_waits_for_what_it_needs_and_is_stopped_before_it(tmp_path: Path) -> None:
    opened = False
    store = Node(sleeper("store", tmp_path, ready=lambda: opened))
    service = Node(sleeper("service", tmp_path), needs=("store",))
    async with supervised([store, service], tmp_path) as running:
        await running.until("store", Status.starting)
        assert running.states["service"].status is Status.waiting
        opened = True
        await running.until("service", Status.ready)
        await running.end()
        stopped = [name for name, status in running.statuses if status is Status.stopped]
        assert stopped[0] == "service"
        assert running.states["store"].status is Status.stopped


async def test_a_job_runs_once_before_those_that_need_it(tmp_path: Path) -> None:
    done = tmp_path / "done"
    job = Command("job", ("sh", "-c", f"echo once >> {done}"))
    needs_it = Command("service", SLEEPER, ready=done.exists)
    async with supervised([Node(job), Node(needs_it, needs=("job",))], tmp_path) as running:
        await running.until("service", Status.ready)
        assert running.states["job"].status is Status.done
    assert done.read_text() == "once\n"


async def test_a_program_that_is_missing_does_not_hold_up_the_others(tmp_path: Path) -> None:
    nodes = [Node(Command("absent", ("/nonexistent",))), Node(sleeper("worker", tmp_path))]
    async with supervised(nodes, tmp_path) as running:
        await running.until("worker", Status.ready)
        await running.until("absent", Status.restarting, restarts=1)


async def test_a_fault_of_the_supervisor_itself_ends_everything_in_order(tmp_path: Path) -> None:
    faults = iter([RuntimeError("a fault")])

    def hear(states: list[ProcessState]) -> None:
        if states[0].status is Status.ready:
            for only_once in faults:
                raise only_once

    nodes = [Node(sleeper("store", tmp_path)), Node(sleeper("service", tmp_path))]
    await asyncio.wait_for(Supervisor(nodes, tmp_path, hear).run(asyncio.Event()), timeout=30)
    assert find(tmp_path) == {}


async def test_the_processes_of_two_homes_are_told_apart(tmp_path: Path) -> None:
    homes = [tmp_path / "one", tmp_path / "two"]
    foreign = await asyncio.create_subprocess_exec(*SLEEPER, start_new_session=True)
    try:
        async with (
            supervised([Node(sleeper("worker", homes[0]))], homes[0] / "logs") as one,
            supervised([Node(sleeper("worker", homes[1]))], homes[1] / "logs") as two,
        ):
            await one.until("worker", Status.ready)
            other = await two.until("worker", Status.ready)
            await one.end()
            assert find(homes[0]) == {}
            assert find(homes[1])["worker"].pid == other.pid
        assert foreign.returncode is None
    finally:
        foreign.kill()
        await foreign.wait()


def test_a_process_that_does_not_listen_is_ended() -> None:
    deaf = subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done"], stdout=subprocess.PIPE
    )
    assert deaf.stdout
    deaf.stdout.readline()
    process = psutil.Process(deaf.pid)
    stop([process], patience=0.1)
    assert not runs(process)
    deaf.stdout.close()
    deaf.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
async def test_nothing_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    keeper = f"""
from pathlib import Path
from attain.processes.command import Command
child = Command("worker", {SLEEPER}).start(Path({str(tmp_path / "log")!r}))
print(child.pid, flush=True)
child.wait()
"""
    supervisor = await asyncio.create_subprocess_exec(sys.executable, "-c", keeper, stdout=subprocess.PIPE)
    assert supervisor.stdout
    child = psutil.Process(int(await supervisor.stdout.readline()))
    supervisor.kill()
    await supervisor.wait()

    def gone() -> None:
        assert not runs(child), f"{child} still runs"

    await eventually(gone)
