"""The rules of assignment as they stand today, locked: who gets the next lead is decided by one at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from leads.assignment.queries import present_people
from leads.assignment.rules import Sorted, Turns, taken_since
from leads.assignment.tables import AssignmentRule, Taken

_COUNT = text(
    "insert into assignment_taken (person_id, day, count) "
    "select person_id, :day, count from unnest(cast(:people as uuid[]), cast(:counts as int[])) as t(person_id, count) "
    "on conflict (person_id, day) do update set count = assignment_taken.count + excluded.count"
)


@dataclass(slots=True)
class AssignmentDesk:
    """Asks the rules lead by lead in memory; `close` writes the turns by two statements, however many leads."""

    session: AsyncSession
    day: date
    rows: Sequence[AssignmentRule]
    turns: Turns
    before: dict[UUID, int]

    @classmethod
    async def open(cls, session: AsyncSession, day: date) -> Self:
        """Locks the rules that are in force, and looks up who is here and what they took today."""
        found = await session.scalars(
            select(AssignmentRule).order_by(col(AssignmentRule.code)).with_for_update()
        )
        rows = list(found)
        rules = [rule for row in rows if (rule := row.defined()).active]
        people = {member.person_id for rule in rules for member in rule.members}
        taken = await _taken(session, people, day)
        last = {row.code: row.last_person_id for row in rows}
        turns = Turns(rules, await present_people(session, people, day), last, dict(taken))
        return cls(session, day, rows, turns, taken)

    def next(self, lead: Sorted) -> tuple[str, int, UUID] | None:
        """The rule that decides, its version, and who gets the lead; None: it waits."""
        decided = self.turns.next(lead)
        return (decided[0].assignment_rule, decided[0].rule_version, decided[1]) if decided else None

    async def close(self) -> None:
        """Keeps whose turn it was and what was taken."""
        for row in self.rows:
            row.last_person_id = self.turns.last.get(row.code)
        more = taken_since(self.before, self.turns.taken)
        if more:
            await self.session.execute(
                _COUNT, {"day": self.day, "people": list(more), "counts": list(more.values())}
            )


async def _taken(session: AsyncSession, people: set[UUID], day: date) -> dict[UUID, int]:
    if not people:
        return {}
    found = await session.scalars(
        select(Taken).where(col(Taken.person_id).in_(people), col(Taken.day) == day)
    )
    return {row.person_id: row.count for row in found}
