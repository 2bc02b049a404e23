"""Ask a local service whether it is ready."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered."""

    status: int
    body: bytes

    @property
    def reasons(self) -> list[str]:
        """Why the service is not ready, of the answer of `/readyz`."""
        said = json.loads(self.body)
        database = [] if said["database"] == "ok" else [f"database {said['database']}"]
        return [*database, *(f"{worker}: {why}" for worker, why in said["stalled_workers"].items())]


def ask(port: int, path: str, timeout: float = 1.0) -> Answer | None:
    """The answer of the loopback port, if one comes; no proxy is asked, whatever the environment says."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def answers(port: int, path: str) -> bool:
    """Whether the loopback port answers the path with 200."""
    answer = ask(port, path)
    return answer is not None and answer.status == HTTPStatus.OK
