"""What may happen to units and people. Each rule returns the facts, or refuses; none where all is as asked."""

from datetime import date
from uuid import UUID

from contracts import Event
from contracts.roles import PEOPLE
from contracts.targets import (
    MembershipChanged,
    PersonHired,
    PersonLeft,
    PersonRoleChanged,
    UnitChanged,
    UnitClosed,
    UnitCreated,
)
from targets.organisation.commands import Move, PersonRow, UnitChange, UnitRow
from targets.organisation.model import Changes, Organisation, Person, Unit, standing
from targets.organisation.refusals import (
    HireIsFixed,
    LeftAlready,
    MovesAfterLeaving,
    NotEmployedThen,
    RoleNotForPeople,
    UnitAboveItself,
    UnitInUse,
    UnitNotThere,
)


def create_unit(id: UUID, row: UnitRow, organisation: Organisation, today: date) -> UnitCreated:
    """A new unit below one that exists by then."""
    opens = row.effective_on or today
    parent = organisation.unit(row.parent_id, row.parent_code, pointer="/parent")
    manager = organisation.person(row.manager_id, row.manager_code, pointer="/manager")
    if parent:
        _holds(parent, opens, date.max, pointer="/effective_on")
    if manager:
        _not_gone(manager, opens, pointer=_pointer(row, "manager"))
    return UnitCreated(
        unit_id=id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        parent_id=parent and parent.id,
        manager_id=manager and manager.id,
        region=row.region,
        effective_on=opens,
    )


def change_unit(
    unit: Unit, change: UnitChange, organisation: Organisation, today: date
) -> UnitChanged | None:
    """What is named in the change, from its day on. No unit may come to stand above itself, on no day."""
    day, named = change.effective_on or today, change.model_fields_set
    parent_id, manager_id = organisation.parent_on(unit.id, day), unit.manager_id
    if named & {"parent_id", "parent_code"}:
        parent = organisation.unit(change.parent_id, change.parent_code, pointer="/parent")
        if (parent and parent.id) != parent_id:
            _check_parent(unit, parent, day, organisation, pointer=_pointer(change, "parent"))
        parent_id = parent.id if parent else None
    if named & {"manager_id", "manager_code"}:
        manager = organisation.person(change.manager_id, change.manager_code, pointer="/manager")
        if manager and manager.id != manager_id:
            _not_gone(manager, day, pointer=_pointer(change, "manager"))
        manager_id = manager.id if manager else None
    name, kind = change.name or unit.name, change.kind or unit.kind
    region = change.region if "region" in named else unit.region
    before = (unit.name, unit.kind, organisation.parent_on(unit.id, day), unit.manager_id, unit.region)
    if (name, kind, parent_id, manager_id, region) == before:
        return None
    _exists(unit, day, pointer="/effective_on")
    return UnitChanged(
        unit_id=unit.id,
        code=unit.code,
        name=name,
        kind=kind,
        parent_id=parent_id,
        manager_id=manager_id,
        region=region,
        effective_on=day,
    )


def close_unit(unit: Unit, closed_on: date, *, members: int, units: int) -> UnitClosed | None:
    """The end of a unit that holds nobody from then on: no member and no unit below."""
    if unit.closed_on == closed_on:
        return None
    if unit.closed_on or closed_on <= unit.opened_on:
        raise UnitNotThere(pointer="/closed_on", unit=unit.code, span=_unit_span(unit), day=closed_on)
    if members or units:
        raise UnitInUse(unit=unit.code, closed_on=closed_on, members=members, units=units)
    return UnitClosed(unit_id=unit.id, closed_on=closed_on)


def hire(id: UUID, row: PersonRow, organisation: Organisation) -> list[Event]:
    """A new person, in a unit where one is named."""
    if row.role not in PEOPLE:
        raise RoleNotForPeople(pointer="/role", role=row.role, allowed=", ".join(sorted(PEOPLE)))
    facts: list[Event] = [
        PersonHired(
            person_id=id, code=row.code, display_name=row.display_name, role=row.role, hired_on=row.hired_on
        )
    ]
    unit = organisation.unit(row.unit_id, row.unit_code, pointer="/unit")
    if unit:
        day = row.member_from or row.hired_on
        if day < row.hired_on:
            raise NotEmployedThen(
                pointer="/member_from", person=row.code, span=_span(row.hired_on, None), day=day
            )
        _holds(unit, day, date.max, pointer="/member_from")
        facts.append(MembershipChanged(person_id=id, unit_id=unit.id, effective_on=day))
    return facts


def restate(person: Person, row: PersonRow, organisation: Organisation, today: date) -> list[Event]:
    """The facts by which a known person comes to stand as the row says; none when they do."""
    for name in ("display_name", "hired_on"):
        if getattr(person, name) != getattr(row, name):
            raise HireIsFixed(
                pointer=f"/{name}", person=person.code, name=person.display_name, hired_on=person.hired_on
            )
    facts: list[Event | None] = [change_role(person, row.role, today)]
    if row.unit_id or row.unit_code:
        day = row.member_from or max(today, person.hired_on)
        asked = Move(unit_id=row.unit_id, unit_code=row.unit_code)
        facts.append(move(person, asked, day, organisation, pointer="/member_from"))
    return [fact for fact in facts if fact]


def change_role(person: Person, role: str, today: date) -> PersonRoleChanged | None:
    """Another role, from today on."""
    if role not in PEOPLE:
        raise RoleNotForPeople(pointer="/role", role=role, allowed=", ".join(sorted(PEOPLE)))
    if role == person.role:
        return None
    _still_here(person)
    return PersonRoleChanged(person_id=person.id, role=role, effective_on=max(today, person.hired_on))


def move(
    person: Person, asked: Move, day: date, organisation: Organisation, *, pointer: str = "/effective_on"
) -> MembershipChanged | None:
    """Another unit from a day on, until the next change that is known already."""
    unit = organisation.unit(asked.unit_id, asked.unit_code, pointer="/unit")
    if standing(organisation.memberships.get(person.id, {}), day) == (unit and unit.id):
        return None
    if day < person.hired_on or (person.left_on and day >= person.left_on):
        span = _span(person.hired_on, person.left_on)
        raise NotEmployedThen(pointer=pointer, person=person.code, span=span, day=day)
    if unit:
        until = min(
            _next_change(organisation.memberships.get(person.id, {}), day), person.left_on or date.max
        )
        _holds(unit, day, until, pointer=pointer)
    return MembershipChanged(person_id=person.id, unit_id=unit and unit.id, effective_on=day)


def leave(person: Person, left_on: date, memberships: Changes) -> PersonLeft | None:
    """The end of a person's time in the company; their membership ends with it."""
    if person.left_on == left_on:
        return None
    _still_here(person)
    if left_on <= person.hired_on:
        span = _span(person.hired_on, None)
        raise NotEmployedThen(pointer="/left_on", person=person.code, span=span, day=left_on)
    if (last := max(memberships, default=left_on)) > left_on:
        raise MovesAfterLeaving(pointer="/left_on", person=person.code, day=last)
    return PersonLeft(person_id=person.id, left_on=left_on)


def _check_parent(
    unit: Unit, parent: Unit | None, day: date, organisation: Organisation, *, pointer: str
) -> None:
    if parent is None:
        return
    until = min(_next_change(organisation.parents.get(unit.id, {}), day), unit.closed_on or date.max)
    _holds(parent, day, until, pointer="/effective_on")
    for moment in organisation.reordered_from(day):
        if moment < until and (parent.id == unit.id or unit.id in organisation.above(parent.id, moment)):
            raise UnitAboveItself(pointer=pointer, unit=unit.code, parent=parent.code, day=moment)


def _holds(unit: Unit, day: date, until: date, *, pointer: str) -> None:
    """Refuses what would outlast the unit that takes it: a closed unit holds nobody."""
    _exists(unit, day, pointer=pointer)
    if unit.closed_on and unit.closed_on < until:
        raise UnitNotThere(pointer=pointer, unit=unit.code, span=_unit_span(unit), day=unit.closed_on)


def _next_change(changes: Changes, day: date) -> date:
    return min((since for since in changes if since > day), default=date.max)


def _exists(unit: Unit, day: date, *, pointer: str) -> None:
    if day < unit.opened_on or (unit.closed_on and day >= unit.closed_on):
        raise UnitNotThere(pointer=pointer, unit=unit.code, span=_unit_span(unit), day=day)


def _still_here(person: Person) -> None:
    if person.left_on:
        raise LeftAlready(person=person.code, left_on=person.left_on)


def _pointer(change: UnitChange, role: str) -> str:
    """To the field by which the change names its parent or manager: the id goes before the code."""
    return f"/{role}_id" if getattr(change, f"{role}_id") else f"/{role}_code"


def _not_gone(manager: Person, day: date, *, pointer: str) -> None:
    if manager.left_on and manager.left_on <= day:
        span = _span(manager.hired_on, manager.left_on)
        raise NotEmployedThen(pointer=pointer, person=manager.code, span=span, day=day)


def _unit_span(unit: Unit) -> str:
    return _span(unit.opened_on, unit.closed_on)


def _span(since: date, until: date | None) -> str:
    """Half-open, as intervals are throughout."""
    return f"[{since}, {until or '∞'})"
