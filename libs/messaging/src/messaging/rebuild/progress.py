"""How far a rebuild is, and how long it will still take."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import structlog

log = structlog.get_logger("messaging")

LOGGED_EVERY = 10.0
"""Seconds between two lines of the log."""

_LOOKED_BACK = 30.0
"""Seconds that the rate is taken over: it falls as tables grow."""


class Step(StrEnum):
    """What a rebuild is doing; `done` and `total` count events, indexes or tables."""

    reading = "reading events"
    completing = "completing tables"
    comparing = "comparing tables"
    catching_up = "catching up"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is. `rate` is per second, `remaining` in seconds; None while nothing can be said."""

    step: Step
    done: int
    total: int
    rate: float | None = None
    remaining: float | None = None


class Pace:
    """The rate of the last half minute, from looks at what is done."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._looks = clock, deque[tuple[float, int]]()

    def look(self, step: Step, done: int, total: int) -> Progress:
        """Notes what is done by now of a step of which there is so much."""
        now = self._clock()
        self._looks.append((now, done))
        while now - self._looks[0][0] > _LOOKED_BACK:
            self._looks.popleft()
        since, before = self._looks[0]
        if done <= before or now <= since:
            return Progress(step, done, total)
        rate = (done - before) / (now - since)
        return Progress(step, done, total, rate, max(0, total - done) / rate)


class Telling:
    """Tells whoever listens of every look, and the log of one in ten seconds."""

    def __init__(self, schema: str, listener: Callable[[Progress], None] | None) -> None:
        self._schema, self._listener = schema, listener
        self._step: Step | None = None
        self._logged_at = 0.0

    def __call__(self, step: Step, done: int, total: int) -> None:
        now = time.monotonic()
        if step is not self._step:
            self._step, self._pace, self._logged_at = step, Pace(), 0.0
        progress = self._pace.look(step, done, total)
        if self._listener is not None:
            self._listener(progress)
        if now - self._logged_at >= LOGGED_EVERY:
            self._logged_at = now
            log.info(
                "rebuilding",
                schema=self._schema,
                step=step.value,
                done=done,
                total=total,
                per_second=progress.rate and round(progress.rate),
                seconds_left=progress.remaining and round(progress.remaining),
            )
