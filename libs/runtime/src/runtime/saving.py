"""Writing many rows by one statement, and requests that write the same rows one after the other."""

from collections.abc import Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from runtime.columns import JSON


async def save_all[R: SQLModel](session: AsyncSession, kind: type[R], rows: Sequence[R]) -> None:
    """Inserts the rows, or updates those whose id is known. The rows are not the session's own: an import
    writes a thousand of them, and the session would send statements by the shapes of their changes.
    """
    if not rows:
        return
    names = [column.name for column in kind.__table__.columns]  # type: ignore[attr-defined]
    listed = ", ".join(f'"{name}"' for name in names)
    updates = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name != "id")
    table = str(kind.__tablename__)
    statement = text(
        f"insert into {table} ({listed}) "
        f"select {listed} from jsonb_populate_recordset(null::{table}, cast(:rows as jsonb)) "
        f"on conflict (id) do update set {updates}"
    )
    bound = statement.bindparams(bindparam("rows", type_=JSON))
    await session.execute(bound, {"rows": [row.model_dump() for row in rows]})


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
