"""What a change of the plans has to know, loaded with one query for each kind of thing."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.targets import SubjectKind
from directory import membership, visible_people, visible_units
from runtime import Principal
from targets.calendar.rules import belongs_to
from targets.calendar.tables import Period
from targets.metrics.queries import definitions
from targets.organisation.queries import parent_on
from targets.organisation.tables import Person, Unit
from targets.plans.commands import NewTarget
from targets.plans.ground import Ground, Subject
from targets.plans.queries import visible
from targets.plans.tables import Target

type Key = UUID | str | None


async def load_ground(
    session: AsyncSession, rows: Sequence[NewTarget], principal: Principal, today: date
) -> Ground:
    """What the rows name, as far as the asker sees it."""
    units = _subjects(rows, SubjectKind.unit)
    people = _subjects(rows, SubjectKind.person)
    owners = [key for row in rows for key in (row.owner_id, row.owner_code)]
    led = await _named(session, Unit, units, visible_units(principal, today))
    seen = await _named(session, Person, people, visible_people(principal, today))
    parents = [row.parent_id for row in rows if row.parent_id]
    return Ground(
        metrics=await definitions(session),
        periods=await load_periods(session, {row.period for row in rows}),
        subjects={
            (subject.kind, key): subject
            for subject in (*map(_unit, led), *map(_person, seen))
            for key in (subject.id, subject.code)
        },
        owners={key: person.id for person in await _named(session, Person, owners) for key in _keys(person)},
        parents={target.id: target for target in await _targets(session, parents, principal, today)},
    )


async def load_periods(session: AsyncSession, codes: Iterable[str]) -> dict[str, Period]:
    """The periods by code."""
    rows = await session.scalars(select(Period).where(col(Period.code).in_(list(codes))))
    return {row.code: row for row in rows}


async def units_below(session: AsyncSession, unit_id: UUID, day: date) -> list[Unit]:
    """The units right below in the tree of the day that exist on it."""
    rows = await session.scalars(select(Unit).where(parent_on(day) == unit_id).order_by(col(Unit.code)))
    return list(rows)


async def members(session: AsyncSession, unit_id: UUID, day: date) -> list[Person]:
    """The people who belong to the unit itself on the day."""
    rows = await session.scalars(
        select(Person)
        .join(membership, membership.c.person_id == Person.id)
        .where(membership.c.unit_id == unit_id, membership.c.valid_from <= day, membership.c.valid_to > day)
        .order_by(col(Person.code))
    )
    return list(rows)


async def periods_within(session: AsyncSession, whole: Period) -> list[Period]:
    """The other periods that belong to a period, the earliest first."""
    rows = await session.scalars(
        select(Period)
        .where(
            col(Period.code) != whole.code,
            col(Period.starts_on) < whole.ends_on,
            col(Period.ends_on) > whole.starts_on,
        )
        .order_by(col(Period.starts_on), col(Period.code))
    )
    return [row for row in rows if belongs_to(row, whole)]


async def _targets(
    session: AsyncSession, ids: Sequence[UUID], principal: Principal, today: date
) -> list[Target]:
    if not ids:
        return []
    rows = await session.scalars(select(Target).where(col(Target.id).in_(ids), visible(principal, today)))
    return list(rows)


async def _named(
    session: AsyncSession, table: type[Any], keys: Iterable[Key], scope: Any = None
) -> list[Any]:
    wanted = set(keys) - {None}
    if not wanted:
        return []
    ids = [key for key in wanted if isinstance(key, UUID)]
    codes = [key for key in wanted if isinstance(key, str)]
    statement = select(table).where(or_(table.id.in_(ids), table.code.in_(codes)))
    if scope is not None:
        statement = statement.where(table.id.in_(scope))
    return list(await session.scalars(statement))


def _subjects(rows: Sequence[NewTarget], kind: SubjectKind) -> list[Key]:
    return [key for row in rows if row.subject_kind is kind for key in (row.subject_id, row.subject_code)]


def _keys(person: Person) -> tuple[UUID, str]:
    return person.id, person.code


def _unit(row: Unit) -> Subject:
    return Subject(SubjectKind.unit, row.id, row.code, row.opened_on, row.closed_on, row.manager_id)


def _person(row: Person) -> Subject:
    return Subject(SubjectKind.person, row.id, row.code, row.hired_on, row.left_on, row.id)
