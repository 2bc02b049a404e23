"""The log of the load: every request with all of its answers, as one line of JSON each."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TextIO


class Outcome(StrEnum):
    """What the client knows about a request."""

    done = "done"
    """A 2xx was answered: the fact exists, once."""
    refused = "refused"
    """A 4xx was answered: there is no fact."""
    unknown = "unknown"
    """No answer, or a 5xx: there may be a fact, once at most."""


@dataclass(slots=True)
class Request:
    """A request. `trace` (32 hexadecimal digits) is the trace id that its facts carry; `began` and `ended` are Unix
    seconds, `attempts` what was answered or what went wrong, each with its instant."""

    trace: str
    service: str
    path: str
    makes: str
    keyed: bool
    began: float
    attempts: list[tuple[float, str]] = field(default_factory=list)
    outcome: Outcome = Outcome.unknown
    token: str | None = None
    ended: float = 0.0


class RequestLog:
    """All requests of a run, in the order of their ends, and in a file."""

    def __init__(self, file: Path) -> None:
        self._file: TextIO = file.open("w")
        self.requests: list[Request] = []

    def add(self, request: Request) -> None:
        """Keeps a request of which nothing more will become known."""
        self.requests.append(request)
        self._file.write(json.dumps(asdict(request)) + "\n")

    def close(self) -> None:
        """Completes the file."""
        self._file.close()

    def done(self, service: str, since: float) -> Iterator[Request]:
        """The latest requests that were begun since an instant and have succeeded, the last first."""
        for request in reversed(self.requests):
            if request.ended < since:
                return
            if request.service == service and request.outcome is Outcome.done and request.began >= since:
                yield request

    def outcomes(self) -> Counter[str]:
        """How many requests ended how."""
        return Counter(request.outcome.value for request in self.requests)

    def answers(self) -> Counter[str]:
        """How often each answer was given, lost answers among them."""
        return Counter(said for request in self.requests for _, said in request.attempts)

    def failures(self, since: float, until: float) -> list[Request]:
        """The requests with an attempt in a span that was neither a success nor a refusal."""
        return [
            request
            for request in self.requests
            if any(since <= at <= until and not said.startswith(("2", "4")) for at, said in request.attempts)
        ]
