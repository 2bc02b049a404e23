"""Bring an instance up and take it down, whatever state it was left in."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

import psutil

from attain.instance.keys import ensure_keys
from attain.instance.layout import Configuration, Instance, State, write_private
from attain.instance.ports import SERVICES, Ports
from attain.instance.topology import servers
from attain.parts.cache import cache_dir, ensure_kafka, ensure_postgres
from attain.parts.postgres import STOP_SIGNAL, running_server
from attain.problems import LocalProblem
from attain.processes.logs import rotate, tail
from attain.processes.marks import find, mark, runs, stop
from attain.processes.state import ProcessState
from attain.processes.turns import alone_in
from attain.settings import LocalSettings

SUPERVISOR = "supervisor"
POSTGRES = "postgres"

_PATIENCE_WITH_SUPERVISOR = 60.0  # it waits for its processes in turn
_PATIENCE = 15.0
_TOO_MANY_RESTARTS = 3

Told = Callable[[ProcessState], None]
"""Hears of a process whose status has changed."""


class NotUp(LocalProblem):
    """The instance did not come up. The message says which process, and how its log ends."""


def bring_up(
    instance: Instance,
    *,
    told: Told,
    services: Sequence[str] = SERVICES,
    environment: Mapping[str, str] | None = None,
    patience: float = 180.0,
) -> State:
    """Start what does not run, and wait until everything is ready. Doing it again changes nothing.

    `services` are those to run, and `environment` is what they are told beside what this process was told, unless
    the instance is up already.
    """
    with _alone(instance):
        supervisor = find(instance.home).get(SUPERVISOR)
        if supervisor is None:
            _clear(instance)
            _prepare(instance)
            supervisor = _start_supervisor(instance, services, environment)
    return _wait(instance, supervisor, told, patience)


def take_down(instance: Instance) -> list[str]:
    """Stop everything that belongs to the instance and nothing else; answers what was running."""
    with _alone(instance):
        running = find(instance.home)
        if SUPERVISOR in running:
            stop([running[SUPERVISOR]], _PATIENCE_WITH_SUPERVISOR)
        return sorted({*running, *_clear(instance)})


def _clear(instance: Instance) -> set[str]:
    """End what an earlier supervisor left behind when it was killed."""
    instance.state_file.unlink(missing_ok=True)
    left = find(instance.home)
    server = left.pop(POSTGRES, None) or running_server(instance.data / "postgres")
    stop(left.values(), _PATIENCE)
    stop([server] if server else [], _PATIENCE, STOP_SIGNAL)
    return {*left, POSTGRES} if server else set(left)


def _alone(instance: Instance) -> AbstractContextManager[None]:
    """One `up` or `down` of an instance at a time."""
    return alone_in(instance.home, "ATTAIN_HOME")


def _prepare(instance: Instance) -> None:
    """Fetch the parts, choose ports, make keys and data folders: whatever of it is not there yet."""
    settings = LocalSettings()
    installed, class_path = ensure_postgres(settings), ensure_kafka(settings)
    found = instance.configuration()
    configuration = found or Configuration(ports=Ports.choose(instance.home))
    ports = Ports.block(configuration.ports.postgres)  # a service may have joined since
    if ports.taken():
        ports = Ports.choose(instance.home)
    configuration = configuration.model_copy(update={"ports": ports})
    postgres, kafka = servers(instance, configuration, installed, class_path)
    if postgres.exists() and found is None:
        postgres.reset_password()
    postgres.create()
    kafka.create()
    ensure_keys(instance)
    write_private(instance.configuration_file, configuration.model_dump_json(indent=1))


def _start_supervisor(
    instance: Instance, services: Sequence[str], environment: Mapping[str, str] | None
) -> psutil.Process:
    instance.logs.mkdir(parents=True, exist_ok=True)
    log = instance.logs / f"{SUPERVISOR}.log"
    rotate(log)
    with log.open("ab") as output:
        started = subprocess.Popen(
            (sys.executable, "-P", "-m", "attain.instance.supervise", str(instance.home), *services),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                **(environment or {}),
                "ATTAIN_CACHE_DIR": str(cache_dir(LocalSettings())),
                **mark(instance.home, SUPERVISOR),
            },
            cwd="/",
            start_new_session=True,
        )
    return psutil.Process(started.pid)


def _wait(instance: Instance, supervisor: psutil.Process, told: Told, patience: float) -> State:
    deadline = time.monotonic() + patience
    known: dict[str, ProcessState] = {}
    restarts: dict[str, int] = {}
    while time.monotonic() < deadline:
        state = instance.state()
        if state and state.supervisor_pid == supervisor.pid:
            for process in state.processes:
                _notice(process, known, told)
                _give_up_on_crash_loop(instance, process, restarts.setdefault(process.name, process.restarts))
            if state.is_up:
                return state
        if not runs(supervisor):
            raise NotUp(_ending(instance, SUPERVISOR, "has ended"))
        time.sleep(0.05)
    waiting = [name for name, process in known.items() if not process.is_up]
    raise NotUp(
        _ending(instance, waiting[0] if waiting else SUPERVISOR, f"is not ready after {patience:.0f} s")
    )


def _notice(process: ProcessState, known: dict[str, ProcessState], told: Told) -> None:
    before = known.get(process.name)
    known[process.name] = process
    if before is None or before.status is not process.status:
        told(process)


def _give_up_on_crash_loop(instance: Instance, process: ProcessState, before: int) -> None:
    times = process.restarts - before
    if times >= _TOO_MANY_RESTARTS and not process.is_up:
        raise NotUp(_ending(instance, process.name, f"ended {times} times"))


def _ending(instance: Instance, name: str, what: str) -> str:
    log = instance.logs / f"{name}.log"
    return f"{name} {what}. {log} ends:\n{tail(log)}"
