"""What a service is: the one declaration in its `main.py`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from sqlalchemy.ext.asyncio import AsyncSession

from runtime.database import Database
from runtime.quick_reads import QuickRead
from runtime.routes import Router
from runtime.settings import Settings
from runtime.shortcuts import Shortcut


class Worker(Protocol):
    """Something that runs beside the API until it is told to stop: a relay, a consumer."""

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set. A return before that, or an exception, ends the process."""


@runtime_checkable
class Watched(Protocol):
    """A worker that can say that it is stuck."""

    def stalled(self) -> str | None:
        """What it has been waiting for too long; None while it gets on."""


def no_workers(_settings: Any, _database: Database) -> Sequence[Worker]:
    """For a service without workers."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service: its name, its routes, its workers, its migrations and its seeds."""

    name: str
    title: str
    description: str = ""
    routers: Sequence[Router] = ()
    shortcuts: Sequence[Shortcut[Any]] = ()
    """Short ways through those of its routes that are asked most."""
    quick_reads: Sequence[QuickRead[Any]] = ()
    """The same of those that read."""
    workers: Callable[[Any, Database], Sequence[Worker]] = no_workers
    migrations: str | None = None
    """Package that holds the Alembic versions, e.g. `targets.migrations.versions`."""
    setup: Callable[[AsyncSession, Any], Awaitable[None]] | None = None
    """Seeds after migration, in one transaction; idempotent."""
    settings: type[Settings] = Settings
    reading_schema: str = "public"
    """Schema that comes first in the search path of asyncpg reads."""
