"""Reading rules of assignment and of the pool."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.refusal import NotFound
from directory import person
from leads.assignment.tables import AssignmentRule, PoolRule
from leads.assignment.views import AssignmentRuleView, PoolRuleView
from runtime import Page, PageRequest, page


async def present_people(session: AsyncSession, ids: Collection[UUID], day: date | None = None) -> set[UUID]:
    """Those of the people who are known and have not left: at all, or by a business day."""
    if not ids:
        return set()
    here: ColumnElement[bool] = person.c.left_on.is_(None)
    if day is not None:
        here |= person.c.left_on > day
    return set(await session.scalars(select(person.c.id).where(person.c.id.in_(ids), here)))


async def list_assignment_rules(session: AsyncSession, query: PageRequest) -> Page[AssignmentRuleView]:
    """The rules of assignment, by code."""
    return await page(
        session,
        select(AssignmentRule),
        keys=[(AssignmentRule.code, "asc")],
        query=query,
        view=assignment_view,
    )


async def list_pool_rules(session: AsyncSession, query: PageRequest) -> Page[PoolRuleView]:
    """The rules of release, by code."""
    return await page(session, select(PoolRule), keys=[(PoolRule.code, "asc")], query=query, view=pool_view)


async def find_assignment_rule(session: AsyncSession, code: str) -> AssignmentRuleView:
    """A rule of assignment. Raises `NotFound`."""
    row = await session.scalar(select(AssignmentRule).where(col(AssignmentRule.code) == code))
    if row is None:
        raise NotFound(what="assignment rule", id=code)
    return assignment_view(row)


async def find_pool_rule(session: AsyncSession, code: str) -> PoolRuleView:
    """A rule of release. Raises `NotFound`."""
    row = await session.scalar(select(PoolRule).where(col(PoolRule.code) == code))
    if row is None:
        raise NotFound(what="pool rule", id=code)
    return pool_view(row)


def assignment_view(row: AssignmentRule) -> AssignmentRuleView:
    """A rule as it is answered."""
    said = row.defined().model_dump(exclude={"assignment_rule"})
    return AssignmentRuleView(
        **said, code=row.code, defined_at=row.defined_at, version=row.version, token=row.token
    )


def pool_view(row: PoolRule) -> PoolRuleView:
    """A rule as it is answered."""
    said = row.defined().model_dump(exclude={"pool_rule"})
    return PoolRuleView(
        **said, code=row.code, defined_at=row.defined_at, version=row.version, token=row.token
    )
