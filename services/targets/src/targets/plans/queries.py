"""What is asked of the plans. A target is seen by who sees its subject's figures."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.refusal import NotFound
from directory import visible_people, visible_units
from runtime import Page, PageRequest, Principal, matches, page, sort_keys
from targets.organisation.tables import Person, Unit
from targets.plans.tables import Target, TargetRevision
from targets.plans.views import ChildrenView, RevisionView, SplitSum, TargetView, summed

SUBJECT_CODE: Any = func.coalesce(Unit.code, Person.code)


class TargetFilter(BaseModel):
    """Which targets."""

    text: str | None = None
    metric: str | None = None
    unit: UUID | None = None
    person: UUID | None = None
    period: str | None = None
    owner: UUID | None = None
    parent: UUID | None = None
    state: Literal["published", "withdrawn"] | None = None


def visible(principal: Principal, today: date) -> ColumnElement[bool]:
    """The targets of the units and people that the principal sees: the own unit's and the own ones at least."""
    units, people = visible_units(principal, today), visible_people(principal, today)
    if units is None or people is None:
        return true()
    return or_(col(Target.subject_id).in_(units), col(Target.subject_id).in_(people))


async def target(
    session: AsyncSession, id: UUID, principal: Principal, today: date, *, lock: bool = False
) -> Target:
    """Raises `NotFound`, also for a target that the principal does not see."""
    statement = select(Target).where(col(Target.id) == id, visible(principal, today))
    found = await session.scalar(statement.with_for_update(of=Target) if lock else statement)
    if found is None:
        raise NotFound(what="target", id=id)
    return found


async def target_view(session: AsyncSession, row: Target) -> TargetView:
    """A target with the name of its subject."""
    await session.flush()
    return _view((await session.execute(_named().where(col(Target.id) == row.id))).one())


async def targets(
    session: AsyncSession, asked: TargetFilter, query: PageRequest, principal: Principal, today: date
) -> Page[TargetView]:
    """The targets that the principal sees, by what people look for."""
    statement = _named().where(
        visible(principal, today),
        matches(asked.text, Unit.code, Unit.name, Person.code, Person.display_name),
        *(
            column == value
            for column, value in (
                (col(Target.metric), asked.metric),
                (col(Target.subject_id), asked.unit),
                (col(Target.subject_id), asked.person),
                (col(Target.period), asked.period),
                (col(Target.owner_id), asked.owner),
                (col(Target.parent_id), asked.parent),
                (col(Target.state), asked.state),
            )
            if value is not None
        ),
    )
    sorts = {name: getattr(Target, name) for name in ("id", "metric", "period", "base")}
    keys = sort_keys(query.sort, sorts, default="id", unique=Target.id)
    return await page(session, statement, keys=keys, query=query, view=_view, filters=asked)


async def revisions(session: AsyncSession, row: Target) -> list[RevisionView]:
    """Every agreed state of a target, its publication first."""
    rows = await session.scalars(
        select(TargetRevision)
        .where(col(TargetRevision.target_id) == row.id)
        .order_by(col(TargetRevision.revision))
    )
    return [RevisionView.model_validate(each) for each in rows]


async def children(session: AsyncSession, whole: Target, principal: Principal, today: date) -> ChildrenView:
    """The published parts that the principal sees, and the sums of all of them against the whole."""
    of_whole = (col(Target.parent_id) == whole.id, col(Target.state) == "published")
    in_order = (col(Target.period), SUBJECT_CODE, col(Target.id))
    rows = (await session.execute(_named().where(*of_whole).order_by(*in_order))).all()
    seen = set(await session.scalars(select(col(Target.id)).where(*of_whole, visible(principal, today))))
    ways: dict[str, list[tuple[Decimal, Decimal | None]]] = {}
    for part in (row[0] for row in rows):
        if over := _way(whole, part):
            ways.setdefault(over, []).append((part.base, part.challenge))
    return ChildrenView(
        items=[_view(row) for row in rows if row[0].id in seen],
        hidden=len(rows) - len(seen),
        sums=[
            SplitSum.model_validate({"over": over, **summed(whole.base, whole.challenge, parts)})
            for over, parts in sorted(ways.items())
        ],
    )


async def published_below(session: AsyncSession, whole: Target) -> list[Target]:
    """The published parts of a target and their parts, to any depth, locked in the order of their ids."""
    below = select(col(Target.id)).where(col(Target.parent_id) == whole.id).cte(recursive=True)
    below = below.union_all(select(col(Target.id)).where(col(Target.parent_id) == below.c.id))
    rows = await session.scalars(
        select(Target)
        .where(col(Target.id).in_(select(below.c.id)), col(Target.state) == "published")
        .order_by(col(Target.id))
        .with_for_update()
    )
    return list(rows)


def _way(whole: Target, part: Target) -> str | None:
    """In which one respect a part differs from the whole; None where it is no share of it (F3)."""
    differs = [
        over
        for over, same in (
            ("subjects", part.subject_id == whole.subject_id),
            ("periods", part.period == whole.period),
            ("dimensions", part.dimensions == whole.dimensions),
        )
        if not same
    ]
    return differs[0] if len(differs) == 1 and part.metric == whole.metric else None


def _named() -> Select[Any]:
    statement: Any = (
        select(
            Target,
            SUBJECT_CODE,
            func.coalesce(Unit.name, Person.display_name),
        )
        .outerjoin(Unit, col(Unit.id) == col(Target.subject_id))
        .outerjoin(Person, col(Person.id) == col(Target.subject_id))
    )
    named: Select[Any] = statement
    return named


def _view(row: Any) -> TargetView:
    target, code, name = row[:3]
    return TargetView.model_validate(
        {**target.model_dump(), "token": target.token, "subject_code": code, "subject_name": name}
    )
