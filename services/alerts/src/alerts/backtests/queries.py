"""Reading what was heard, a few records at a time, and whose records the asker sees."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Connection, Record

from alerts.timers.projections import by_root
from alerts.timers.projector import SCHEMA
from contracts.alerts import IncidentSubject
from directory import Caller, Sight, sight

ROWS = 2_000
"""Facts that are in memory at a time, beside those of one record."""

type History = tuple[str, list[Record]]
"""A root, and all of its facts in their order."""


async def histories(connection: Connection, types: Collection[str]) -> AsyncIterator[list[History]]:
    """The roots of which there is a fact of these types, some at a time. Inside a transaction."""
    rows = await connection.cursor(_HISTORIES, sorted(types))
    begun: list[Record] = []
    while page := await rows.fetch(ROWS):
        *whole, (_, begun) = by_root([*begun, *page])
        if whole:
            yield whole
    if begun:
        yield [(begun[0]["root"], begun)]


@dataclass(frozen=True, slots=True)
class Seen:
    """Whose records, and which units', somebody sees today."""

    people: frozenset[UUID]
    members: frozenset[UUID]
    units: frozenset[UUID]

    def subject(self, kind: IncidentSubject, subject_id: UUID, owner_id: UUID | None) -> bool:
        """Whether they see a subject: a record by its owner, a person's or a unit's figures by themselves."""
        match kind:
            case IncidentSubject.unit:
                return subject_id in self.units
            case IncidentSubject.person:
                return subject_id in self.members
            case _:
                return owner_id in self.people


async def seen_by(connection: Connection, caller: Caller) -> Seen | None:
    """What the caller sees; None: everything."""
    how_far = sight(caller.principal)
    if how_far is Sight.everything:
        return None
    asked = caller.person_id, how_far is Sight.led, caller.day()
    row = await connection.fetchrow(_SEEN, *asked)
    assert row is not None
    return Seen(*(frozenset(each) for each in row))


async def names(connection: Connection, ids: Collection[UUID]) -> dict[UUID, str]:
    """What these people are called."""
    return {row["id"]: row["display_name"] for row in await connection.fetch(_NAMES, list(ids))}


_HISTORIES = f"""
select root, id, type, occurred_at, data::text as data from {SCHEMA}.event
where root in (select root from {SCHEMA}.event where type = any($1::text[])) order by root, sequence
"""

_SEEN = """
select array(select directory.visible_person($1, $2, $3)), array(select directory.visible_member($1, $2, $3)),
       array(select directory.visible_unit($1, $2, $3))
"""

_NAMES = "select id, display_name from directory.person where id = any($1::uuid[])"
