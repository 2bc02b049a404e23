"""The organisation as the rules see it: units, people, and what holds from which day on. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from uuid import UUID

from targets.organisation.refusals import PersonUnknown, UnitUnknown

type Changes = dict[date, UUID | None]
"""Which unit holds from each day on; None: none."""


class Coded(Protocol):
    id: UUID
    code: str


class Unit(Coded, Protocol):
    name: str
    kind: str
    manager_id: UUID | None
    region: str | None
    opened_on: date
    closed_on: date | None


class Person(Coded, Protocol):
    display_name: str
    role: str
    hired_on: date
    left_on: date | None


class Register[T: Coded]:
    """Things that are found by id or by code."""

    def __init__(self, things: Iterable[T] = ()) -> None:
        self._by_key: dict[UUID | str, T] = {}
        for thing in things:
            self.add(thing)

    def add(self, thing: T) -> None:
        self._by_key[thing.id] = self._by_key[thing.code] = thing

    def find(self, key: UUID | str | None) -> T | None:
        """The thing of this id or code."""
        return self._by_key.get(key) if key is not None else None


def standing(changes: Changes, day: date) -> UUID | None:
    """What holds on a day: the last change up to then."""
    since = max((since for since in changes if since <= day), default=None)
    return changes[since] if since else None


@dataclass(slots=True)
class Organisation:
    """The part of the organisation that a decision needs."""

    units: Register[Unit] = field(default_factory=Register)
    people: Register[Person] = field(default_factory=Register)
    parents: dict[UUID, Changes] = field(default_factory=dict)
    memberships: dict[UUID, Changes] = field(default_factory=dict)

    def unit(self, id: UUID | None, code: str | None, *, pointer: str) -> Unit | None:
        """The unit named by id or by code; None where neither is given. Raises `UnitUnknown`."""
        found = self.units.find(id or code)
        if found is None and (id or code):
            raise UnitUnknown(pointer=f"{pointer}_{'id' if id else 'code'}", asked=id or code)
        return found

    def person(self, id: UUID | None, code: str | None, *, pointer: str) -> Person | None:
        """The person named by id or by code; None where neither is given. Raises `PersonUnknown`."""
        found = self.people.find(id or code)
        if found is None and (id or code):
            raise PersonUnknown(pointer=f"{pointer}_{'id' if id else 'code'}", asked=id or code)
        return found

    def parent_on(self, unit_id: UUID, day: date) -> UUID | None:
        """The unit above on a day."""
        return standing(self.parents.get(unit_id, {}), day)

    def above(self, unit_id: UUID, day: date) -> Iterator[UUID]:
        """The units above on a day, nearest first."""
        parent = self.parent_on(unit_id, day)
        while parent is not None:
            yield parent
            parent = self.parent_on(parent, day)

    def reordered_from(self, day: date) -> list[date]:
        """The days from this one on at which any unit gets another parent, this one first."""
        return sorted(
            {day, *(since for changes in self.parents.values() for since in changes if since > day)}
        )
