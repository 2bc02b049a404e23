"""Writing many rows by one statement."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from opportunities.rows import JSON, KeyedRow

type Key = tuple[str, str]


async def save_all[R: KeyedRow](session: AsyncSession, kind: type[R], rows: Sequence[R]) -> None:
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


async def rows_by_key[K: KeyedRow](
    session: AsyncSession, kind: type[K], keys: Iterable[Key], *, lock: bool = False
) -> dict[Key, K]:
    """The rows with these keys (source, external id), taken out of the session for `save_all`."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    statement = (
        select(kind).where(tuple_(col(kind.source), col(kind.external_id)).in_(wanted)).order_by(col(kind.id))
    )
    found = (await session.scalars(statement.with_for_update() if lock else statement)).all()
    for row in found:
        session.expunge(row)
    return {(str(row.source), str(row.external_id)): row for row in found}


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
