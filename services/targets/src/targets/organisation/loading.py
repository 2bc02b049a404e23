"""What a change of the organisation has to know, loaded under one lock.

The tree and the codes are checked as a whole, which locks of single rows could not hold still; changes are
rare and come in batches, so waiting for each other costs little.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from targets.claims import hold
from targets.organisation.model import Changes, Organisation, Register
from targets.organisation.tables import MembershipChange, ParentChange, Person, Unit


async def load_tree(session: AsyncSession, people: Iterable[UUID | str | None] = ()) -> Organisation:
    """All units with all their parents, and the people who are named by id or code."""
    await hold(session, "organisation")
    units = await session.scalars(select(Unit))
    changes = await session.scalars(select(ParentChange))
    parents: dict[UUID, Changes] = defaultdict(dict)
    for change in changes:
        parents[change.unit_id][change.effective_on] = change.parent_id
    return Organisation(Register(units), Register(await _named(session, Person, people)), parents=parents)


async def load_people(
    session: AsyncSession, people: Iterable[UUID | str | None], units: Iterable[UUID | str | None]
) -> Organisation:
    """The people and units that are named by id or code, and all memberships of these people."""
    await hold(session, "organisation")
    found = await _named(session, Person, people)
    changes = await session.scalars(
        select(MembershipChange).where(col(MembershipChange.person_id).in_([person.id for person in found]))
    )
    memberships: dict[UUID, Changes] = defaultdict(dict)
    for change in changes:
        memberships[change.person_id][change.effective_on] = change.unit_id
    return Organisation(
        Register(await _named(session, Unit, units)), Register(found), memberships=memberships
    )


async def _named(session: AsyncSession, table: type[Any], keys: Iterable[UUID | str | None]) -> list[Any]:
    wanted = set(keys)
    ids = [key for key in wanted if isinstance(key, UUID)]
    codes = [key for key in wanted if isinstance(key, str)]
    if not ids and not codes:
        return []
    found = await session.scalars(
        select(table)
        .where(or_(table.id.in_(ids), table.code.in_(codes)))
        .order_by(table.id)
        .with_for_update()
    )
    return list(found)
