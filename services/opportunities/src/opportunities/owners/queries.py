"""Which people the caller may give records to, as the directory knows them today."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import closure, membership, person
from opportunities.caller import Caller
from opportunities.owners.rules import Owner


async def owners(session: AsyncSession, caller: Caller, ids: Collection[UUID]) -> dict[UUID, Owner]:
    """The people with these ids."""
    return {row.id: _owner(row) for row in await _people(session, caller, person.c.id, ids)}


async def owners_by_code(session: AsyncSession, caller: Caller, codes: Collection[str]) -> dict[str, Owner]:
    """The people with these codes, by code."""
    return {row.code: _owner(row) for row in await _people(session, caller, person.c.code, codes)}


def members(unit_id: UUID, caller: Caller) -> Select[tuple[UUID]]:
    """Today's members of a unit and of all units below it, as a subquery."""
    today = caller.day()
    return (
        select(membership.c.person_id)
        .join(closure, closure.c.descendant_id == membership.c.unit_id)
        .where(
            closure.c.ancestor_id == unit_id,
            membership.c.valid_from <= today,
            membership.c.valid_to > today,
            closure.c.valid_from <= today,
            closure.c.valid_to > today,
        )
    )


async def _people(session: AsyncSession, caller: Caller, key: Any, wanted: Collection[Any]) -> list[Any]:
    if not wanted:
        return []
    visible = caller.visible
    assignable = literal(True) if visible is None else person.c.id.in_(visible)
    found = await session.execute(
        select(person.c.id, person.c.code, person.c.left_on, assignable.label("assignable")).where(
            key.in_(wanted)
        )
    )
    return list(found.all())


def _owner(row: Any) -> Owner:
    return Owner(row.id, row.left_on, row.assignable)
