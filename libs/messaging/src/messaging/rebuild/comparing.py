"""Holds the new tables against the live ones, without stopping anybody.

A snapshot shows live rows and live positions as they belong together, because they move in one transaction. The new
tables are brought to exactly these positions and compared with it. Where the same version of the program made both,
they must be equal: a difference is drift.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from asyncpg import Connection, Record

from messaging.postgres import one

UNTOLD = "not told by facts"
"""How the comment of a column begins that is no function of the events, and is therefore not compared."""

KEYS_SHOWN = 5
_PAGE = 10_000


class Versions(StrEnum):
    """Whether the live tables and the new ones could be compared."""

    same = "the same version made both: every row was compared"
    other = "another version made the live tables: only rows were counted"
    ahead = "the live tables were behind the new ones: only rows were counted"
    none = "there were no live tables"


class Sum(NamedTuple):
    """A table in two numbers. The checksum is the sum of a 64-bit hash of each row: no order, and no repeat that
    cancels out. None where rows were only counted."""

    rows: int
    checksum: int | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A table before and after. `differing` counts the rows that are not the same, None where only rows were
    counted; `keys` are those of the first of them. A table that one side does not have has None rows there."""

    table: str
    live_rows: int | None
    new_rows: int | None
    differing: int | None = None
    keys: Sequence[str] = field(default=())


@asynccontextmanager
async def snapshot(connection: Connection) -> AsyncIterator[None]:
    """Everything read in the block is as of its first statement."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        yield


async def sums(
    connection: Connection,
    schema: str,
    tell: Callable[[int, int], None] = lambda done, total: None,
    *,
    checked: bool = True,
) -> dict[str, Sum]:
    """Each table that the events make, in two numbers, by its name. `checked` reads and hashes every row; `tell`
    hears how many tables of how many are done."""
    tables, found = await connection.fetch(_TABLES, schema, UNTOLD), dict[str, Sum]()
    for number, row in enumerate(tables):
        tell(number, len(tables))
        checksum = f"coalesce(sum({_hash(row['columns'])}), 0)" if checked else "null"
        found[row["name"]] = Sum(
            *await one(connection, f"select count(*), {checksum} from {schema}.{row['name']}")
        )
    tell(len(tables), len(tables))
    return found


def counted(live: dict[str, Sum], new: dict[str, Sum]) -> list[Compared]:
    """The rows of each table on both sides."""
    return [Compared(name, _counted(live, name), _counted(new, name)) for name in sorted(live | new)]


def _counted(found: dict[str, Sum], name: str) -> int | None:
    return found[name].rows if name in found else None


type Side = tuple[Connection, str, dict[str, Sum]]
"""A snapshot, the schema that is looked at in it, and what its tables come to."""


async def compared(live: Side, new: Side) -> list[Compared]:
    """Each table on both sides, and of those whose sums differ the rows that do. Both snapshots are at the same
    positions, of tables that the same version made."""
    (_, _, live_sums), (connection, schema, new_sums) = live, new
    tables = {row["name"]: row for row in await connection.fetch(_TABLES, schema, UNTOLD)}
    found = []
    for each in counted(live_sums, new_sums):
        differing, keys = 0, list[str]()
        if live_sums[each.table] != new_sums[each.table]:
            async with (
                aclosing(_rows(live, tables[each.table])) as ours,
                aclosing(_rows(new, tables[each.table])) as theirs,
            ):
                async for key in _differing(ours, theirs):
                    differing += 1
                    keys += [key] if differing <= KEYS_SHOWN else []
        found.append(Compared(each.table, each.live_rows, each.new_rows, differing, keys))
    return found


type _Rows = AsyncGenerator[tuple[str, int]]
"""The key and the hash of each row, ordered by key."""


async def _differing(live: _Rows, new: _Rows) -> AsyncGenerator[str]:
    """The keys that one side lacks, or whose rows differ."""
    ours, theirs = await anext(live, None), await anext(new, None)
    while present := [row for row in (ours, theirs) if row is not None]:
        key, _ = min(present)
        if ours != theirs:
            yield key
        if ours is not None and ours[0] == key:
            ours = await anext(live, None)
        if theirs is not None and theirs[0] == key:
            theirs = await anext(new, None)


async def _rows(side: Side, table: Record) -> _Rows:
    connection, schema, _ = side
    statement = _ROWS.format(
        key=table["key"], hash=_hash(table["columns"]), table=f"{schema}.{table['name']}"
    )
    async for row in connection.cursor(statement, prefetch=_PAGE):
        yield row["key"], row["hash"]


def _hash(columns: str) -> str:
    return f"hash_record_extended(row({columns}), 0)"


# In the order of bytes, which is Python's too.
_ROWS = """
select row({key})::text collate "C" as key, {hash} as hash from {table} order by 1, 2
"""

# Without the books, but for the last number of each root; a key is the primary key, else what is unique, else all.
_TABLES = """
select quote_ident(relname) as name, columns.hashed as columns,
       coalesce(
           (select string_agg(quote_ident(attname), ', ' order by place)
            from (select indkey from pg_index where indrelid = pg_class.oid and indisunique
                  order by indisprimary desc, indexrelid limit 1) as chosen,
                 unnest(indkey) with ordinality as part(attnum, place)
                 join pg_attribute on attrelid = pg_class.oid and pg_attribute.attnum = part.attnum),
           columns.names
       ) as key
from pg_class, lateral (
    select string_agg(quote_ident(attname), ', ' order by attnum) as names,
           string_agg(quote_ident(attname) || case when hashable then '' else '::text' end, ', ' order by attnum)
               as hashed
    from pg_attribute, lateral (
        select exists (
            select from pg_opclass join pg_am on pg_am.oid = opcmethod
            where amname = 'hash' and opcdefault and opcintype in (atttypid, (
                select typelem from pg_type where pg_type.oid = atttypid and typcategory = 'A'
            ))
        ) as hashable
    ) as type
    where attrelid = pg_class.oid and attnum > 0 and not attisdropped
      and coalesce(col_description(pg_class.oid, attnum), '') not like $2 || '%'
) as columns
where relnamespace = $1::text::regnamespace and relkind = 'r'
  and relname not in ('consumer_position', 'parked_root', 'parked_event', 'projection_fingerprint', 'put_off_index')
order by relname
"""
