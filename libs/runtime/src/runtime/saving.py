"""Writing many rows by one statement, and requests that write the same rows one after the other."""

from collections.abc import Sequence
from functools import cache

from pydantic_core import to_json
from sqlalchemy import Dialect, Table, TextClause, text
from sqlalchemy.dialects.postgresql import JSONB, dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import instance_dict
from sqlmodel import SQLModel


async def save_all[R: SQLModel](session: AsyncSession, kind: type[R], rows: Sequence[R]) -> None:
    """Inserts the rows, or updates those whose id is known. The rows are not the session's own: a batch
    writes a thousand of them, and the session would send statements by the shapes of their changes.
    """
    if not rows:
        return
    table: Table = kind.__table__  # type: ignore[attr-defined]
    values = [instance_dict(row) for row in rows]
    listed = {column.name: [row.get(column.name) for row in values] for column in table.columns}
    for column in table.columns:
        if isinstance(column.type, JSONB):
            listed[column.name] = [
                None if each is None else to_json(each).decode() for each in listed[column.name]
            ]
    await session.execute(_insert(table), listed)


@cache
def _insert(table: Table) -> TextClause:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    arrays = ", ".join(
        f"cast(:{column.name} as {column.type.compile(_DIALECT)}[])" for column in table.columns
    )
    updates = ", ".join(
        f'"{column.name}" = excluded."{column.name}"' for column in table.columns if column.name != "id"
    )
    return text(
        f'insert into "{table.name}" ({names}) select {names} from unnest({arrays}) as row({names}) '
        f"on conflict (id) do update set {updates}"
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
