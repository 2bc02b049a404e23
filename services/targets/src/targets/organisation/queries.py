"""What is asked of the organisation."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.dates import RequestDay
from contracts.refusal import NotFound
from contracts.roles import Role
from directory import closure, membership
from runtime import Page, PageRequest, matches, page, sort_keys
from targets.organisation.tables import ParentChange, Person, Unit
from targets.organisation.views import MembershipView, PersonView, UnitView


class UnitFilter(BaseModel):
    """Which units."""

    text: str | None = None
    kind: str | None = None
    region: str | None = None
    parent: UUID | None = None
    below: UUID | None = None
    manager: UUID | None = None
    state: Literal["active", "ended"] | None = None


class PersonFilter(BaseModel):
    """Which people."""

    text: str | None = None
    role: Role | None = None
    unit: UUID | None = None
    subtree: bool = True
    state: Literal["active", "ended"] | None = None


class MembershipFilter(BaseModel):
    """Which memberships."""

    person: UUID | None = None
    unit: UUID | None = None
    on: RequestDay | None = None


async def unit(session: AsyncSession, id: UUID) -> Unit:
    """Raises `NotFound`."""
    found = await session.get(Unit, id)
    if found is None:
        raise NotFound(what="unit", id=id)
    return found


async def person(session: AsyncSession, id: UUID) -> Person:
    """Raises `NotFound`."""
    found = await session.get(Person, id)
    if found is None:
        raise NotFound(what="person", id=id)
    return found


async def person_view(session: AsyncSession, row: Person, today: date) -> PersonView:
    """A person with the unit of today."""
    current = select(membership.c.unit_id).where(membership.c.person_id == row.id, _during(membership, today))
    return _person(row, await session.scalar(current))


async def unit_view(session: AsyncSession, row: Unit, today: date) -> UnitView:
    """A unit with the parent of today."""
    return _unit(row, await session.scalar(select(parent_on(today)).where(col(Unit.id) == row.id)))


async def units(session: AsyncSession, asked: UnitFilter, query: PageRequest, today: date) -> Page[UnitView]:
    """Units by what people look for; `parent` is that of today, and `below` the whole subtree of today, the
    unit itself included.
    """
    parent: Any = parent_on(today)
    statement: Select[Any] = select(Unit, parent).where(
        matches(asked.text, Unit.code, Unit.name),
        _is(Unit.kind, asked.kind),
        _is(Unit.region, asked.region),
        _is(parent, asked.parent),
        _is(Unit.manager_id, asked.manager),
        _state(Unit.closed_on, asked.state, today),
    )
    if asked.below:
        statement = statement.where(col(Unit.id).in_(_subtree(asked.below, today)))
    keys = sort_keys(
        query.sort,
        {"code": Unit.code, "name": Unit.name, "opened_on": Unit.opened_on},
        default="code",
        unique=Unit.id,
    )
    return await page(
        session, statement, keys=keys, query=query, view=lambda row: _unit(*row[:2]), filters=asked
    )


async def people(
    session: AsyncSession, asked: PersonFilter, query: PageRequest, today: date
) -> Page[PersonView]:
    """People by what people look for; `unit` means today's members, of its subtree unless told otherwise."""
    current = (
        select(membership.c.person_id, membership.c.unit_id).where(_during(membership, today)).subquery()
    )
    statement: Select[Any] = (
        select(Person, current.c.unit_id)
        .outerjoin(current, current.c.person_id == Person.id)
        .where(
            matches(asked.text, Person.code, Person.display_name),
            _is(Person.role, asked.role),
            _state(Person.left_on, asked.state, today),
        )
    )
    if asked.unit:
        among = _subtree(asked.unit, today) if asked.subtree else [asked.unit]
        statement = statement.where(current.c.unit_id.in_(among))
    sorts = {"code": Person.code, "display_name": Person.display_name, "hired_on": Person.hired_on}
    keys = sort_keys(query.sort, sorts, default="code", unique=Person.id)
    return await page(
        session, statement, keys=keys, query=query, view=lambda row: _person(*row[:2]), filters=asked
    )


async def memberships(
    session: AsyncSession, asked: MembershipFilter, query: PageRequest
) -> Page[MembershipView]:
    """Who belonged where, and when; `on` keeps those that held on a business day."""
    statement = select(
        membership.c.person_id,
        membership.c.unit_id,
        membership.c.valid_from,
        membership.c.valid_to,
    ).where(_is(membership.c.person_id, asked.person), _is(membership.c.unit_id, asked.unit))
    if asked.on:
        statement = statement.where(_during(membership, asked.on))
    sorts = {"valid_from": membership.c.valid_from}
    keys = sort_keys(query.sort, sorts, default="valid_from", unique=membership.c.person_id)
    return await page(session, statement, keys=keys, query=query, view=_membership, filters=asked)


async def members_from(session: AsyncSession, unit_id: UUID, day: date) -> int:
    """How many people belong to the unit on the day or later."""
    return await _count(
        session,
        select(membership.c.person_id).where(membership.c.unit_id == unit_id, membership.c.valid_to > day),
    )


async def units_below_from(session: AsyncSession, unit_id: UUID, day: date) -> int:
    """How many other units stand below the unit on the day or later."""
    return await _count(
        session,
        select(closure.c.descendant_id).where(
            closure.c.ancestor_id == unit_id, closure.c.descendant_id != unit_id, closure.c.valid_to > day
        ),
    )


async def _count(session: AsyncSession, statement: Select[Any]) -> int:
    return await session.scalar(select(func.count()).select_from(statement.distinct().subquery())) or 0


def _unit(row: Unit, parent_id: UUID | None) -> UnitView:
    return UnitView.model_validate({**row.model_dump(), "token": row.token, "parent_id": parent_id})


def _person(row: Person, unit_id: UUID | None) -> PersonView:
    return PersonView.model_validate({**row.model_dump(), "token": row.token, "unit_id": unit_id})


def _membership(row: Any) -> MembershipView:
    # The driver reads PostgreSQL's infinity as the last date there is.
    until = None if row.valid_to == date.max else row.valid_to
    return MembershipView(
        person_id=row.person_id, unit_id=row.unit_id, valid_from=row.valid_from, valid_to=until
    )


def parent_on(day: date) -> ScalarSelect[UUID | None]:
    """The parent of a unit on a day; none at the top, before the unit opens and once it is closed."""
    return (
        select(col(ParentChange.parent_id))
        .where(
            col(ParentChange.unit_id) == col(Unit.id),
            col(ParentChange.effective_on) <= day,
            _state(Unit.closed_on, "active", day),
        )
        .order_by(col(ParentChange.effective_on).desc())
        .limit(1)
        .correlate(Unit)
        .scalar_subquery()
    )


def _subtree(unit_id: UUID, day: date) -> Select[tuple[UUID]]:
    return select(closure.c.descendant_id).where(closure.c.ancestor_id == unit_id, _during(closure, day))


def _during(interval: Any, day: date) -> ColumnElement[bool]:
    holds: ColumnElement[bool] = (interval.c.valid_from <= day) & (interval.c.valid_to > day)
    return holds


def _is(column: Any, value: Any) -> ColumnElement[bool]:
    return true() if value is None else column == value


def _state(ended_on: Any, state: str | None, day: date) -> ColumnElement[bool]:
    """`active`: not ended by the day; `ended`: the rest; neither: all."""
    active = or_(ended_on.is_(None), ended_on > day)
    return true() if state is None else active if state == "active" else ~active
