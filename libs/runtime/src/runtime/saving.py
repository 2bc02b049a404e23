"""Writing many rows at once, and requests that write the same rows one after the other."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Dialect, Table, TextClause, text
from sqlalchemy.dialects.postgresql import JSONB, dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import instance_dict, instance_state
from sqlmodel import SQLModel


async def save_all[R: SQLModel](session: AsyncSession, kind: type[R], rows: Sequence[R]) -> None:
    """Inserts the rows that are new and updates those that were read. They are not the session's own: a batch
    writes a thousand of them, and the session would send statements by the shapes of their changes.

    Raises asyncpg's `PostgresError` where a new row cannot be kept.
    """
    table: Table = kind.__table__  # type: ignore[attr-defined]
    if new := [row for row in rows if instance_state(row).key is None]:
        await _copy(session, table, new)
    if read := [row for row in rows if instance_state(row).key is not None]:
        await session.execute(_update(table), _columns(table, read))


async def _copy(session: AsyncSession, table: Table, rows: Sequence[SQLModel]) -> None:
    """By `COPY`: sent as arrays, the rows would take the driver several times as long, and the server half as long
    again."""
    adapted = await (await session.connection()).get_raw_connection()
    connection = adapted.driver_connection
    if connection is None or not connection.is_in_transaction():
        raise RuntimeError("rows are saved within a transaction, after what they refer to was read")
    columns = _columns(table, rows)
    await connection.copy_records_to_table(
        table.name, columns=list(columns), records=zip(*columns.values(), strict=True)
    )


def _columns(table: Table, rows: Sequence[SQLModel]) -> dict[str, list[Any]]:
    """The values of each column, as the driver takes them."""
    values = [instance_dict(row) for row in rows]
    columns = {column.name: [row.get(column.name) for row in values] for column in table.columns}
    for column in table.columns:
        if isinstance(column.type, JSONB):
            held = columns[column.name]
            columns[column.name] = [None if each is None else to_json(each).decode() for each in held]
    return columns


@cache
def _update(table: Table) -> TextClause:
    names = [column.name for column in table.columns]
    arrays = ", ".join(f"cast(:{each.name} as {each.type.compile(_DIALECT)}[])" for each in table.columns)
    changes = ", ".join(f'"{name}" = said."{name}"' for name in names if name != "id")
    listed = ", ".join(f'"{name}"' for name in names)
    return text(
        f'update "{table.name}" set {changes} from unnest({arrays}) as said({listed}) '
        f'where "{table.name}".id = said.id'
    )


_DIALECT: Dialect = dialect()  # type: ignore[no-untyped-call]


async def take_turns(session: AsyncSession, purpose: str, names: Sequence[str]) -> None:
    """Makes requests that write under the same names wait for each other until they commit, in an order
    that never blocks two of them against each other.
    """
    await session.execute(
        text(
            "select pg_advisory_xact_lock(hashtextextended(name, 0)) "
            "from (select unnest(cast(:names as text[])) as name order by 1) as ordered"
        ),
        {"names": [f"{purpose}:{name}" for name in sorted(set(names))]},
    )
