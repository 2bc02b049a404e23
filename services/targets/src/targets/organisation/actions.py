"""What changes the organisation: lock, load, ask the rule, change the row, record the fact."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts import Event
from contracts.targets import (
    MembershipChanged,
    PersonLeft,
    PersonRoleChanged,
    UnitChanged,
    UnitCreated,
)
from messaging import record, uuid7
from runtime import Done
from targets.organisation import queries, rules
from targets.organisation.commands import Leaving, Move, PersonRow, RoleChange, UnitChange, UnitRow
from targets.organisation.model import Organisation, standing
from targets.organisation.refusals import CodeTaken
from targets.organisation.tables import MembershipChange, ParentChange, Person, Unit


@dataclass(slots=True)
class Editor:
    """Changes the organisation inside one transaction, for one author on one business day.

    It is opened with what the changes need to know; `save` writes what is not a root's row, in one statement
    for each table.
    """

    session: AsyncSession
    organisation: Organisation
    by: str
    today: date
    _parents: dict[tuple[UUID, date], dict[str, Any]] = field(default_factory=dict)
    _memberships: dict[tuple[UUID, date], dict[str, Any]] = field(default_factory=dict)

    def create_unit(self, row: UnitRow) -> Unit:
        """A new unit. Raises `CodeTaken` for a code that is known."""
        if known := self.organisation.units.find(row.code):
            raise CodeTaken(pointer="/code", asked=row.code, id=known.id)
        fact = rules.create_unit(uuid7(), row, self.organisation, self.today)
        unit = Unit(
            id=fact.unit_id, code=fact.code, name=fact.name, kind=fact.kind, opened_on=fact.effective_on
        )
        self.session.add(unit)
        self.organisation.units.add(unit)
        self._state(unit, fact)
        return unit

    def change_unit(self, unit: Unit, change: UnitChange) -> bool:
        """Whether the change made a fact."""
        fact = rules.change_unit(unit, change, self.organisation, self.today)
        if fact is None:
            return False
        self._state(unit, fact)
        return True

    async def close_unit(self, unit: Unit, closed_on: date) -> None:
        """The end of a unit that holds nobody."""
        members = await queries.members_from(self.session, unit.id, closed_on)
        units = await queries.units_below_from(self.session, unit.id, closed_on)
        if fact := rules.close_unit(unit, closed_on, members=members, units=units):
            unit.closed_on = fact.closed_on
            record(self.session, unit, fact, by=self.by)

    def upsert_unit(self, row: UnitRow) -> Done:
        """A row of a batch: a new unit, a change, or nothing new."""
        known: Any = self.organisation.units.find(row.code)
        if known is None:
            return _done(self.create_unit(row), 201)
        return _done(known, 200, changed=self.change_unit(known, row))

    def hire(self, row: PersonRow) -> Person:
        """A new person. Raises `CodeTaken` for a code that is known."""
        if known := self.organisation.people.find(row.code):
            raise CodeTaken(pointer="/code", asked=row.code, id=known.id)
        id = uuid7()
        facts = rules.hire(id, row, self.organisation)
        person = Person(
            id=id, code=row.code, display_name=row.display_name, role=row.role, hired_on=row.hired_on
        )
        self.session.add(person)
        self.organisation.people.add(person)
        self._apply(person, facts)
        return person

    def upsert_person(self, row: PersonRow) -> Done:
        """A row of a batch: a new person, what changed of a known one, or nothing new."""
        known: Any = self.organisation.people.find(row.code)
        if known is None:
            return _done(self.hire(row), 201)
        facts = rules.restate(known, row, self.organisation, self.today)
        self._apply(known, facts)
        return _done(known, 200, changed=bool(facts))

    def change_role(self, person: Person, change: RoleChange) -> None:
        """Another role, from today on."""
        if fact := rules.change_role(person, change.role, self.today):
            self._apply(person, [fact])

    def move(self, person: Person, asked: Move) -> None:
        """Another unit, from a business day on."""
        if fact := rules.move(person, asked, asked.effective_on or self.today, self.organisation):
            self._apply(person, [fact])

    def leave(self, person: Person, asked: Leaving) -> None:
        """The end of a person's time in the company, by an administrator's word."""
        memberships = self.organisation.memberships.get(person.id, {})
        if fact := rules.leave(person, asked.left_on, memberships):
            person.leave_reason = asked.reason_code
            self._apply(person, [fact])

    async def save(self) -> None:
        """Writes the rows of the roots, then what refers to them."""
        await self.session.flush()
        for table, rows, value in (
            (ParentChange, self._parents, "parent_id"),
            (MembershipChange, self._memberships, "unit_id"),
        ):
            if rows:
                statement = insert(table).values(list(rows.values()))
                changed = {value: statement.excluded[value]}
                await self.session.execute(
                    statement.on_conflict_do_update(constraint=f"{table.__tablename__}_pkey", set_=changed)
                )

    def _apply(self, person: Person, facts: Iterable[Event]) -> None:
        for fact in facts:
            match fact:
                case PersonRoleChanged():
                    person.role = fact.role
                case PersonLeft():
                    person.left_on = fact.left_on
                case MembershipChanged():
                    self.organisation.memberships.setdefault(person.id, {})[fact.effective_on] = fact.unit_id
                    self._memberships[person.id, fact.effective_on] = fact.model_dump()
            record(self.session, person, fact, by=self.by)

    def _state(self, unit: Unit, fact: UnitCreated | UnitChanged) -> None:
        unit.name, unit.kind = fact.name, fact.kind
        unit.manager_id, unit.region = fact.manager_id, fact.region
        changes = self.organisation.parents.setdefault(unit.id, {})
        changes[fact.effective_on] = fact.parent_id
        unit.parent_id = standing(changes, date.max)
        change = fact.model_dump(include={"unit_id", "effective_on", "parent_id"})
        self._parents[unit.id, fact.effective_on] = change
        record(self.session, unit, fact, by=self.by)


def _done(row: Unit | Person, status: int, *, changed: bool = True) -> Done:
    return Done(status=status, id=row.id, version=row.version, token=row.token if changed else None)
