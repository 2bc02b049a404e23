"""Whom an incident goes to, as the organisation stood on a day: of many subjects by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from asyncpg import Connection

from contracts.alerts import Recipient


@dataclass(frozen=True, slots=True)
class Subject:
    """A record of an owner, or a unit, on a business day."""

    owner_id: UUID | None
    unit_id: UUID | None
    day: date


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who owns the record, the unit that it belongs to, and the others who lead that unit and those above it, the
    nearest first, each once.
    """

    owner_id: UUID | None
    unit_id: UUID | None
    managers: Sequence[UUID]

    def line(self, recipient: Recipient) -> list[UUID]:
        """Who is to act, and who after them: an incident goes to the first, and each escalation to the next.

        Nobody owns a unit: what is to go to its owner goes to its manager.
        """
        owner = [self.owner_id] if recipient is Recipient.owner and self.owner_id is not None else []
        return [*owner, *self.managers]

    def recipient(self, recipient: Recipient) -> UUID | None:
        """Who is to act first; None: nobody is known."""
        return next(iter(self.line(recipient)), None)


async def responsible(connection: Connection, subjects: Sequence[Subject]) -> list[Responsible]:
    """Who is responsible for each of the subjects, in their order."""
    if not subjects:
        return []
    columns = zip(*((each.owner_id, each.unit_id, each.day) for each in subjects), strict=True)
    return [Responsible(**row) for row in await connection.fetch(_RESPONSIBLE, *map(list, columns))]


async def company(connection: Connection, day: date) -> UUID | None:
    """The unit that stands below no other on that day; of several the one with the most below it."""
    found: UUID | None = await connection.fetchval(_COMPANY, day)
    return found


_COMPANY = """
with related as (
    select ancestor_id, descendant_id from directory.closure
    where valid_from <= $1 and $1 < valid_to and ancestor_id <> descendant_id
)
select id from directory.unit
where not exists (select from related where descendant_id = unit.id)
order by (select count(*) from related where ancestor_id = unit.id) desc, id limit 1
"""

# The nearest of the units above is the one that itself stands below the most others.
_RESPONSIBLE = """
with asked as (
    select n, asked.owner_id, day, coalesce(asked.unit_id, membership.unit_id) as unit_id
    from unnest($1::uuid[], $2::uuid[], $3::date[]) with ordinality as asked(owner_id, unit_id, day, n)
    left join directory.membership
        on asked.unit_id is null and membership.person_id = asked.owner_id
       and membership.valid_from <= day and day < membership.valid_to
), in_charge as (
    select n, unit.manager_id, max((
        select count(*) from directory.closure higher
        where higher.descendant_id = above.ancestor_id and higher.valid_from <= day and day < higher.valid_to
    )) as depth
    from asked
    join directory.closure above
        on above.descendant_id = asked.unit_id and above.valid_from <= day and day < above.valid_to
    join directory.unit on unit.id = above.ancestor_id and unit.manager_id is distinct from owner_id
    join directory.person on person.id = unit.manager_id and (person.left_on is null or day < person.left_on)
    group by n, unit.manager_id
)
select owner_id, unit_id, array(
    select manager_id from in_charge where in_charge.n = asked.n order by depth desc, manager_id
) as managers
from asked order by n
"""
