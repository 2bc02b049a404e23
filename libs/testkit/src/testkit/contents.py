"""All rows of a schema: to compare what two ways of making them led to."""

from collections.abc import Collection

import asyncpg

_NO_ROWS_OF_EVENTS = ("projection_fingerprint",)


async def contents(
    connection: asyncpg.Connection, schema: str, *, without: Collection[str] = ()
) -> dict[str, list[str]]:
    """The rows of each table as sorted text, by the table's name; `without` names tables to leave out."""
    found: dict[str, list[str]] = {table: [] for table in await _tables(connection, schema, without)}
    rows = await connection.fetch(
        " union all ".join(f"select '{table}', row::text from {schema}.{table} as row" for table in found)
    )
    for table, row in rows:
        found[table].append(row)
    return {table: sorted(lines) for table, lines in found.items()}


async def empty(connection: asyncpg.Connection, *schemas: str) -> None:
    """Deletes all rows; faster than TRUNCATE where there are few."""
    for schema in schemas:
        tables = await _tables(connection, schema, ())
        await connection.execute(";".join(f"delete from {schema}.{table}" for table in tables))


async def _tables(connection: asyncpg.Connection, schema: str, without: Collection[str]) -> list[str]:
    rows = await connection.fetch(
        "select tablename from pg_tables where schemaname = $1 and tablename <> all ($2)",
        schema,
        [*_NO_ROWS_OF_EVENTS, *without],
    )
    return [name for (name,) in rows]
