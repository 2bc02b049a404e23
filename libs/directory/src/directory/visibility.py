"""Who may see whose records and whose figures. The token says the role, the organisation the scope.

The decision which scope a role has stands here; the scopes themselves are the SQL functions of `tables.sql`,
so that queries built in Python and queries written in SQL ask the same thing.
"""

from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import Date, Select, Uuid, func, literal, select

from contracts import Role
from contracts.roles import LEADERS, SEE_EVERYTHING
from directory.tables import SCHEMA
from runtime import Principal


class Sight(StrEnum):
    """How far somebody sees."""

    everything = "everything"
    led = "led"
    own = "own"
    nothing = "nothing"


def sight(principal: Principal) -> Sight:
    """How far the principal sees deals: leaders the units that they lead, representatives their own."""
    if principal.role in SEE_EVERYTHING:
        return Sight.everything
    if person_id(principal) is None or principal.role == Role.administrator:
        return Sight.nothing
    return Sight.led if principal.role in LEADERS else Sight.own


def person_id(principal: Principal) -> UUID | None:
    """The person behind the token; None where it names a program."""
    return _person(principal.id)


@lru_cache(maxsize=10_000)  # asked several times a request
def _person(id: str) -> UUID | None:
    try:
        return UUID(id)
    except ValueError:
        return None


def visible_people(principal: Principal, on: date) -> Select[tuple[UUID]] | None:
    """The people whose records the principal sees on a business day, as a subquery; None: everybody's."""
    return _scope("visible_person", principal, on)


def visible_members(principal: Principal, on: date) -> Select[tuple[UUID]] | None:
    """The people whose figures the principal sees: also the members of the own unit (S38, S53)."""
    return _scope("visible_member", principal, on)


def visible_units(principal: Principal, on: date) -> Select[tuple[UUID]] | None:
    """The units whose figures the principal sees, as a subquery; None: all."""
    return _scope("visible_unit", principal, on)


class Scope(TypedDict):
    """How far somebody sees on a business day, as parameters of SQL; who sees nothing is an `asker` of null."""

    everything: bool
    asker: UUID | None
    leads: bool
    today: date


VISIBLE_PEOPLE = f"select {SCHEMA}.visible_person(:asker::uuid, :leads::boolean, :today::date)"
"""The people whose records somebody sees who does not see everybody's (`:everything`)."""


def scope_of(principal: Principal, on: date) -> Scope:
    """The scope of `visible_people` for SQL that is written by hand."""
    how_far = sight(principal)
    asker = None if how_far is Sight.nothing else person_id(principal)
    return Scope(everything=how_far is Sight.everything, asker=asker, leads=how_far is Sight.led, today=on)


def _scope(function: str, principal: Principal, on: date) -> Select[tuple[UUID]] | None:
    how_far = sight(principal)
    if how_far is Sight.everything:
        return None
    if how_far is Sight.nothing:
        return select(literal(None, Uuid)).where(literal(False))
    scope: Any = getattr(getattr(func, SCHEMA), function)
    return select(
        scope(literal(person_id(principal), Uuid), how_far is Sight.led, literal(on, Date), type_=Uuid)
    )
