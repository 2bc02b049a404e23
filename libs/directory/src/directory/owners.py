"""Owners: which people the caller may give records to, as the directory knows them today."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.caller import Caller
from directory.refusals import OwnerHasLeft, UnknownOwner
from directory.tables import closure, membership, person

OWNED_IN = "owned by today's members of it and of the units below"
"""What a filter by unit means: the `members` of the unit."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A person as the directory knows them; `assignable` when the asker may give them records."""

    id: UUID
    left_on: date | None
    assignable: bool


def may_own(person: Owner | None, asked: object, on: date, *, pointer: str = "/owner_id") -> UUID:
    """The person's id; refuses somebody unknown, out of the asker's reach, or gone on that business day."""
    if person is None or not person.assignable:
        raise UnknownOwner(pointer=pointer, asked=asked)
    if person.left_on is not None and person.left_on <= on:
        raise OwnerHasLeft(pointer=pointer, asked=asked, left_on=person.left_on)
    return person.id


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
