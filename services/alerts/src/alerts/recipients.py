"""Whom an incident goes to, as the organisation stood on a day: of many subjects by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from asyncpg import Connection

from contracts.alerts import Recipient


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who owns the record, the unit that it belongs to, and who leads that unit or the next one above that somebody
    else leads. None: nobody is known.
    """

    owner_id: UUID | None
    unit_id: UUID | None
    manager_id: UUID | None

    def recipient(self, recipient: Recipient) -> UUID | None:
        """Who is to act. Nobody owns a unit: what is to go to the owner goes to its manager then."""
        if recipient is Recipient.owner and self.owner_id is not None:
            return self.owner_id
        return self.manager_id


@dataclass(frozen=True, slots=True)
class Subject:
    """A record of an owner, or a unit, on a business day. The manager is never the owner, nor `passed_over`."""

    owner_id: UUID | None
    unit_id: UUID | None
    day: date
    passed_over: UUID | None = None


async def responsible(connection: Connection, subjects: Sequence[Subject]) -> list[Responsible]:
    """Who is responsible for each of the subjects, in their order."""
    if not subjects:
        return []
    columns = [list(column) for column in zip(*map(_row, subjects), strict=True)]
    return [Responsible(**row) for row in await connection.fetch(_RESPONSIBLE, *columns)]


def _row(subject: Subject) -> tuple[object, ...]:
    return subject.owner_id, subject.unit_id, subject.day, subject.passed_over


# The nearest of the units above is the one that itself stands below the most others.
_RESPONSIBLE = """
with asked as (
    select n, asked.owner_id, day, passed_over, coalesce(asked.unit_id, membership.unit_id) as unit_id
    from unnest($1::uuid[], $2::uuid[], $3::date[], $4::uuid[]) with ordinality
        as asked(owner_id, unit_id, day, passed_over, n)
    left join directory.membership
        on asked.unit_id is null and membership.person_id = asked.owner_id
       and membership.valid_from <= day and day < membership.valid_to
)
select owner_id, unit_id, (
    select unit.manager_id
    from directory.closure above
    join directory.unit on unit.id = above.ancestor_id
    join directory.person on person.id = unit.manager_id and (person.left_on is null or day < person.left_on)
    where above.descendant_id = asked.unit_id and above.valid_from <= day and day < above.valid_to
      and unit.manager_id is distinct from owner_id and unit.manager_id is distinct from passed_over
    order by (
        select count(*) from directory.closure higher
        where higher.descendant_id = above.ancestor_id and higher.valid_from <= day and day < higher.valid_to
    ) desc, unit.id
    limit 1
) as manager_id
from asked order by n
"""
