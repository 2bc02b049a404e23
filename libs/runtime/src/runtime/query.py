"""Queries with named parameters: SQL names what it is asked for instead of counting `$1` to `$14`."""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

# `:name`, but neither the cast `::name` nor a colon inside a word.
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)\b")


def prefixed(sql: str, prefix: str) -> str:
    """The statement with other names for its parameters, for one that stands beside another in the same statement."""
    return _PARAMETER.sub(lambda found: f":{prefix}{found[1]}", sql)


class Query:
    """A statement in which `:name` stands for a parameter, for asyncpg, which knows positional ones only.

    Parameters that the statement does not name are passed over, so that one set of values serves every variant
    of a report's SQL.
    """

    def __init__(self, sql: str) -> None:
        self.names = list(dict.fromkeys(_PARAMETER.findall(sql)))
        positions = {name: f"${position}" for position, name in enumerate(self.names, 1)}
        self.sql = _PARAMETER.sub(lambda found: positions[found[1]], sql)

    async def rows(self, connection: asyncpg.Connection, **values: Any) -> list[asyncpg.Record]:
        """All rows. Raises `KeyError` when a named parameter is missing."""
        return await connection.fetch(self.sql, *self.arguments(values))

    async def row(self, connection: asyncpg.Connection, **values: Any) -> asyncpg.Record | None:
        """The first row, if there is one."""
        return await connection.fetchrow(self.sql, *self.arguments(values))

    async def stream(self, connection: asyncpg.Connection, **values: Any) -> AsyncIterator[asyncpg.Record]:
        """All rows, read as they are taken: in a transaction that stays open meanwhile."""
        async for row in connection.cursor(self.sql, *self.arguments(values), prefetch=500):
            yield row

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """The values in the order of the positions, for asyncpg's own methods."""
        return [values[name] for name in self.names]
