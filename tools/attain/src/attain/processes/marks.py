"""Find the processes of an instance again, whatever became of its files: each carries a mark in its environment."""

import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

_INSTANCE = "ATTAIN_INSTANCE"
_PART = "ATTAIN_INSTANCE_PART"


def mark(home: Path, part: str) -> dict[str, str]:
    """The environment that makes a process findable as this part of the instance in `home`."""
    return {_INSTANCE: str(home), _PART: part}


def find(home: Path) -> dict[str, psutil.Process]:
    """The running processes of an instance by part; children of such processes are left to their parents."""
    marked = {process.pid: (part, process) for part, process in _marked(home)}
    found = {}
    for part, process in marked.values():
        with suppress(psutil.Error):
            if marked.get(process.ppid(), ("",))[0] != part:
                found[part] = process
    return found


def _marked(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            environment = process.environ()
            if environment.get(_INSTANCE) == str(home) and runs(process):
                yield environment.get(_PART, "?"), process


def stop(processes: Iterable[psutil.Process], patience: float, how: signal.Signals = signal.SIGTERM) -> None:
    """Ask them to end, and end those that did not within `patience` seconds.

    psutil compares the start time before it signals, so that a successor with the same pid is never hit.
    """
    asked = list(processes)
    for process in asked:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(how)
    for process in _wait(asked, patience):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _wait(asked, patience=5)


def runs(process: psutil.Process) -> bool:
    """Whether it still does something: an ended process that its parent has not yet noticed does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait(processes: list[psutil.Process], patience: float) -> list[psutil.Process]:
    """Wait until they have ended; answers those that have not."""
    deadline = time.monotonic() + patience
    while (alive := list(filter(runs, processes))) and time.monotonic() < deadline:
        time.sleep(0.02)
    return alive
