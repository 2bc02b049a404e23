"""A database for every test, cloned in milliseconds from a template that was migrated once."""

import asyncio
import inspect
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from attain.parts.postgres import Postgres

Prepare = Callable[["Database"], Awaitable[None] | None]
"""Fills a template: migrates, seeds. It is called once a session; one that is not async runs in a thread."""


@dataclass(frozen=True, slots=True)
class Database:
    """The addresses of one database: `url` for SQLAlchemy (asyncpg driver), `dsn` for asyncpg itself."""

    name: str
    url: str
    dsn: str

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of its own, for looking from outside at what the code under test did."""
        connection = await asyncpg.connect(self.dsn)
        try:
            yield connection
        finally:
            await connection.close()


class Databases:
    """Makes and drops the databases of one server."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._templates: dict[Prepare, asyncio.Task[Database]] = {}
        self._numbers = itertools.count(1)

    async def clone(self, prepare: Prepare | None = None) -> Database:
        """A new database: empty, or as `prepare` left its template."""
        template = None
        if prepare is not None:
            if prepare not in self._templates:
                self._templates[prepare] = asyncio.create_task(self._template(prepare))
            template = await self._templates[prepare]
        return await self._create("test", template.name if template else "template0")

    async def drop(self, database: Database) -> None:
        """Drop it, whoever is still connected."""
        await self._execute(f"drop database {database.name} with (force)")

    async def _template(self, prepare: Prepare) -> Database:
        database = await self._create("template", "template0")
        if inspect.iscoroutinefunction(prepare):
            await prepare(database)
        else:
            await asyncio.to_thread(prepare, database)
        return database

    async def _create(self, kind: str, template: str) -> Database:
        name = f"{kind}_{next(self._numbers)}"
        await self._execute(f"create database {name} template {template} strategy file_copy")
        return Database(name, self._server.url(name), self._server.url(name, driver="postgresql"))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._server.url("postgres", driver="postgresql"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
