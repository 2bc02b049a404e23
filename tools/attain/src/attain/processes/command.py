"""What to run: one value for the supervisor and for the tests."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attain.processes.users import RunAs, as_user

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, user and environment, and how it is asked to stop.

    `ready` tells whether it can be used now. A job has none: it is ready when it ended with status 0.
    """

    name: str
    argv: tuple[str, ...]
    ready: Callable[[], bool] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    run_as: RunAs | None = None
    stop_signal: signal.Signals = signal.SIGTERM

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """Start it; its output is appended to the log."""
        with log.open("ab") as output:
            return subprocess.Popen(self.argv, stdout=output, **self.options())

    def options(self) -> dict[str, Any]:
        """How the process is started, for `subprocess` and `asyncio` alike.

        It gets a session of its own, so that a terminal's Ctrl-C reaches only its keeper, and it ends with its
        keeper where the system can promise that (Linux). It keeps its bytecode, also where Python is told to write
        none: compiled anew, a service takes a fifth longer to be back after each death.
        """
        return {
            "stdin": subprocess.DEVNULL,
            "stderr": subprocess.STDOUT,
            "env": {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **self.environment},
            "cwd": "/",
            **as_user(self.run_as),
            "start_new_session": True,
            "preexec_fn": self._end_with_keeper if _libc else None,
        }

    def _end_with_keeper(self) -> None:
        """Runs in the child after it changed its user, which would clear the request."""
        assert _libc
        _libc.prctl(_PR_SET_PDEATHSIG, self.stop_signal.value)
