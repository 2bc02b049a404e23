"""Roots that are known by a code: found or begun, and locked, however many ask at once."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from targets.rows import RootRow


async def claim[Row: RootRow](
    session: AsyncSession, table: type[Row], rows: Iterable[dict[str, Any]]
) -> dict[Any, Row]:
    """The rows by key, locked in the order of their keys; those that were not there begin as given.

    A row that was just begun has the sequence 0: whoever claims it records its first fact, or rolls back.
    """
    key = table.__table__.primary_key.columns.values()[0]  # type: ignore[attr-defined]
    wanted = {row[key.name]: {"sequence": 0, "version": 0, **row} for row in rows}
    if not wanted:
        return {}
    await session.execute(insert(table).on_conflict_do_nothing(), [wanted[each] for each in sorted(wanted)])
    found = await session.scalars(select(table).where(key.in_(list(wanted))).order_by(key).with_for_update())
    return {row.root_key: row for row in found}


async def hold(session: AsyncSession, what: str) -> None:
    """Lets one transaction at a time change `what`, for rules that look at all of it at once."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"targets.{what}"))))
