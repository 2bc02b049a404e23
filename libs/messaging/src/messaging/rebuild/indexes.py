"""A rebuild's tables are filled without the indexes that only readers need: making them at the end is cheaper.

Keys stay, because upserts rest on them and projections find their rows by them. What was put off is kept in the
schema itself, so that an interrupted rebuild knows it.
"""

from collections.abc import Callable

from asyncpg import Connection

_PUT_OFF = "put_off_index"


async def put_off(connection: Connection, schema: str) -> None:
    """Drops every index of the schema that is no key, and notes how it is made. In the caller's transaction."""
    await connection.execute(_NOTE.format(schema=schema, noted=_PUT_OFF))
    for row in await connection.fetch(f"select name from {schema}.{_PUT_OFF}"):
        await connection.execute(f"drop index {schema}.{row['name']}")


async def build(connection: Connection, schema: str, tell: Callable[[int, int], None]) -> None:
    """Makes the indexes that were put off, and tells how many of how many are done; then the planner learns of
    the tables, or the first reads would be planned for empty ones."""
    rows = await connection.fetch(f"select name, definition from {schema}.{_PUT_OFF} order by name")
    for number, row in enumerate(rows):
        tell(number, len(rows))
        async with connection.transaction():
            await connection.execute(row["definition"])
            await connection.execute(f"delete from {schema}.{_PUT_OFF} where name = $1", row["name"])
    for row in await connection.fetch(_TABLES, schema):
        await connection.execute(f"analyze {schema}.{row['name']}")
    tell(len(rows), len(rows))


async def forget(connection: Connection, schema: str) -> None:
    """Takes the note away: a live schema has none. In the caller's transaction."""
    await connection.execute(f"drop table {schema}.{_PUT_OFF}")


_NOTE = """
create table {schema}.{noted} as
select quote_ident(relname) as name, pg_get_indexdef(indexrelid) as definition
from pg_index join pg_class on pg_class.oid = indexrelid
where relnamespace = '{schema}'::regnamespace and not indisunique
"""

_TABLES = """
select quote_ident(relname) as name from pg_class
where relnamespace = $1::text::regnamespace and relkind = 'r' order by relname
"""
