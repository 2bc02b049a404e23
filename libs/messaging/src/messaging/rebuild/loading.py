"""A rebuild's tables are loaded without what only the finished ones need: indexes for readers, and a log for crashes.

Keys stay, because upserts rest on them and projections find their rows by them. What was put off is kept in the
schema itself, so that an interrupted rebuild knows it. A crash of PostgreSQL empties unlogged tables, all of them,
positions and fingerprint too: what is left is then of no version, and the next rebuild begins anew.
"""

from collections.abc import Callable

from asyncpg import Connection

_PUT_OFF = "put_off_index"


async def lighten(connection: Connection, schema: str) -> None:
    """Drops every index of the empty schema that is no key, notes how it is made, and leaves PostgreSQL's log out
    of it. In the caller's transaction."""
    await connection.execute(_NOTE.format(schema=schema, noted=_PUT_OFF))
    for row in await connection.fetch(f"select name from {schema}.{_PUT_OFF}"):
        await connection.execute(f"drop index {schema}.{row['name']}")
    for row in await connection.fetch(_TABLES, schema, "p"):
        await connection.execute(f"alter table {schema}.{row['name']} set unlogged")


async def complete(connection: Connection, schema: str, tell: Callable[[int, int], None]) -> None:
    """Makes the tables safe and builds the indexes that were put off, and tells how many of how many are done; then
    the planner learns of the tables, or the first reads would be planned for empty ones. Tables that are complete
    stay as they are."""
    if await connection.fetchval("select to_regclass($1) is null", f"{schema}.{_PUT_OFF}"):
        return
    tables = await connection.fetch(_TABLES, schema, "u")  # the fingerprint last: it vouches for all of them
    indexes = await connection.fetch(f"select name, definition from {schema}.{_PUT_OFF} order by name")
    total = len(tables) + len(indexes)
    for number, row in enumerate(tables):
        tell(number, total)
        await connection.execute(f"alter table {schema}.{row['name']} set logged")
    for number, row in enumerate(indexes, len(tables)):
        tell(number, total)
        async with connection.transaction():
            await connection.execute(row["definition"])
            await connection.execute(f"delete from {schema}.{_PUT_OFF} where name = $1", row["name"])
    for row in await connection.fetch(_TABLES, schema, "p"):
        await connection.execute(f"analyze {schema}.{row['name']}")
    await connection.execute(f"drop table {schema}.{_PUT_OFF}")
    tell(total, total)


_NOTE = """
create table {schema}.{noted} as
select quote_ident(relname) as name, pg_get_indexdef(indexrelid) as definition
from pg_index join pg_class on pg_class.oid = indexrelid
where relnamespace = '{schema}'::regnamespace and not indisunique
"""

_TABLES = """
select quote_ident(relname) as name from pg_class
where relnamespace = $1::text::regnamespace and relkind = 'r' and relpersistence::text = $2
order by relname = 'projection_fingerprint', relname
"""
