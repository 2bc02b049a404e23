"""Find the processes of an instance again, whatever became of its files: each carries a mark in its environment."""

import signal
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
            if environment.get(_INSTANCE) == str(home) and process.status() != psutil.STATUS_ZOMBIE:
                yield environment.get(_PART, "?"), process


def stop(processes: Iterable[psutil.Process], patience: float, how: signal.Signals = signal.SIGTERM) -> None:
    """Ask them to end, and end those that did not within `patience` seconds.

    psutil compares the start time before it signals, so that a successor with the same pid is never hit.
    """
    asked = list(processes)
    for process in asked:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(how)
    _, alive = psutil.wait_procs(asked, timeout=patience)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)
