"""Reading the feed of a service over HTTP, as an integrator does: page by page, on from a cursor that is kept."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attain.client import ServiceAway, Services
from attain.problems import LocalProblem

NOW = "now"
PATIENT_SECONDS = 20
"""How long the service lets a reader wait who has heard everything."""
SLOWEST_SECONDS = 30.0

type Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Page:
    """Facts as CloudEvents, and the cursor behind them."""

    events: list[dict[str, Any]]
    next: str
    at_end: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which service, which types (all unless named; whole, or up to a dot), and recorded from when on (RFC 3339)."""

    service: str
    types: Sequence[str] = ()
    since: str | None = None
    limit: int = 500


async def pages(
    services: Services, asked: Asked, after: str | None, *, follow: bool, told: Told
) -> AsyncIterator[Page]:
    """The feed behind a cursor (`now`, or None for the oldest fact), to its end, or for ever where it is to `follow`.

    A service that was there and is away is asked again until it answers; `told` hears why nothing comes. Raises
    `ServiceError`, also when it is away from the start, or the cursor has gone.
    """
    page = await _page(services, asked, after, wait=0)
    while True:
        yield page
        if page.at_end and not follow:
            return
        page = await _patiently(services, asked, page, follow, told)


class CursorFile:
    """Where a reader keeps how far it has got. It is written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str | None:
        """The cursor; None where there is no file yet. Raises `LocalProblem` for a file that holds none."""
        try:
            cursor = self._path.read_text().strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise LocalProblem(f"The cursor in {self._path} cannot be read: {error}") from error
        if not cursor:
            raise LocalProblem(f"{self._path} holds no cursor; remove it to begin anew.")
        return cursor

    def write(self, cursor: str) -> None:
        """Keeps the cursor, also when the machine stops right after. Raises `LocalProblem` where it cannot be kept."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        try:
            with fresh.open("w") as file:
                file.write(f"{cursor}\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            raise LocalProblem(f"The cursor cannot be kept in {self._path}: {error}") from error


async def _patiently(services: Services, asked: Asked, page: Page, follow: bool, told: Told) -> Page:
    pause = 0.0
    while True:
        try:
            return await _page(services, asked, page.next, wait=PATIENT_SECONDS if follow else 0)
        except ServiceAway as away:
            pause = min(max(pause * 2, away.seconds), SLOWEST_SECONDS)
            told(f"{away} Asking again in {pause:g} s.")
            await asyncio.sleep(pause)


async def _page(services: Services, asked: Asked, after: str | None, *, wait: int) -> Page:
    answer = await services.get(
        asked.service,
        "/v1/events",
        after=after,
        type=list(asked.types) or None,
        limit=asked.limit,
        wait=wait or None,
        **{"from": asked.since},
    )
    return Page(answer["events"], answer["next"], answer["at_end"])
