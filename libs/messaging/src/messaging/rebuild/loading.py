"""A rebuild's tables are loaded without the indexes that only readers of the finished ones need.

Keys stay, because upserts rest on them and projections find their rows by them. What was put off is kept in the
schema itself, so that an interrupted rebuild knows it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from asyncpg import Connection, Record

_PUT_OFF = "put_off_index"


async def lighten(connection: Connection, schema: str) -> None:
    """Drops every index of the empty schema that is no key, and notes how it is made. In the caller's transaction."""
    await connection.execute(_NOTE.format(schema=schema, noted=_PUT_OFF))
    for row in await connection.fetch(f"select name from {schema}.{_PUT_OFF}"):
        await connection.execute(f"drop index {schema}.{row['name']}")


async def complete(connections: Sequence[Connection], schema: str, tell: Callable[[int, int], None]) -> None:
    """Builds the indexes that were put off, several tables side by side, and tells how many of how many are done; then
    the planner learns of each table, or the first reads would be planned for empty ones. Tables that are complete stay
    as they are."""
    first, *_ = connections
    if await first.fetchval("select to_regclass($1) is null", f"{schema}.{_PUT_OFF}"):
        return
    tables = await first.fetch(_UNFINISHED.format(schema=schema, noted=_PUT_OFF), schema)
    waiting, done, total = deque(tables), 0, len(tables)

    async def finish_in_turn(connection: Connection) -> None:
        nonlocal done
        while waiting:
            tell(done, total)
            await _finish(connection, schema, waiting.popleft())
            done += 1

    try:
        async with asyncio.TaskGroup() as tasks:
            for connection in connections:
                tasks.create_task(finish_in_turn(connection))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    await first.execute(f"drop table {schema}.{_PUT_OFF}")
    tell(total, total)


async def _finish(connection: Connection, schema: str, table: Record) -> None:
    for index, definition in zip(table["indexes"], table["definitions"], strict=True):
        async with connection.transaction():
            await connection.execute(definition)
            await connection.execute(f"delete from {schema}.{_PUT_OFF} where name = $1", index)
    await connection.execute(f"analyze {schema}.{table['name']}")


_NOTE = """
create table {schema}.{noted} as
select indrelid as table, quote_ident(relname) as name, pg_get_indexdef(indexrelid) as definition
from pg_index join pg_class on pg_class.oid = indexrelid
where relnamespace = '{schema}'::regnamespace and not indisunique
"""

# The largest first, so that what is left for the end is short.
_UNFINISHED = """
select quote_ident(relname) as name,
       array(select name from {schema}.{noted} where "table" = pg_class.oid order by name) as indexes,
       array(select definition from {schema}.{noted} where "table" = pg_class.oid order by name) as definitions
from pg_class
where relnamespace = $1::text::regnamespace and relkind = 'r' and relname <> '{noted}'
order by pg_relation_size(oid) desc
"""
