"""Who leads whom today, for all that a round of the watch is about, by two statements."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from alerts.incidents.rules import Unit, leaders
from directory import membership, person, unit


@dataclass(frozen=True, slots=True)
class Leadership:
    """The units with those who lead them and have not left, and the unit of each person asked for."""

    units: dict[UUID, Unit]
    unit_of: dict[UUID, UUID]

    @classmethod
    async def on(cls, session: AsyncSession, people: Collection[UUID], day: date) -> Self:
        """As of a business day."""
        here = or_(person.c.left_on.is_(None), person.c.left_on > day)
        units = await session.execute(
            select(unit.c.id, unit.c.parent_id, person.c.id.label("manager_id"))
            .outerjoin(person, (person.c.id == unit.c.manager_id) & here)
            .where(or_(unit.c.closed_on.is_(None), unit.c.closed_on > day))
        )
        members = await session.execute(
            select(membership.c.person_id, membership.c.unit_id).where(
                membership.c.person_id.in_(people),
                membership.c.valid_from <= day,
                membership.c.valid_to > day,
            )
        )
        return cls(
            {row.id: Unit(row.id, row.parent_id, row.manager_id) for row in units},
            {row.person_id: row.unit_id for row in members},
        )

    def above(self, unit_id: UUID | None) -> list[UUID]:
        """Who leads the unit and those above it, from below."""
        return leaders(unit_id, self.units)
