"""What a supervisor says about its processes, in a file that others read."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class Status(StrEnum):
    """Where a process stands; a job ends as `done`."""

    waiting = "waiting"
    starting = "starting"
    ready = "ready"
    done = "done"
    restarting = "restarting"
    stopped = "stopped"


class ProcessState(BaseModel):
    """One process or job. `since` (UTC) is when the running process was started."""

    name: str
    status: Status = Status.waiting
    pid: int | None = None
    since: datetime | None = None
    restarts: int = 0
    exit_status: int | None = None

    @property
    def is_up(self) -> bool:
        return self.status in (Status.ready, Status.done)
