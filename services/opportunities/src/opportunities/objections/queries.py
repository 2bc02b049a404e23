"""Reading objections."""

from collections.abc import Collection
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from directory import Caller
from opportunities.objections.filters import ObjectionFilter
from opportunities.objections.tables import Objection
from opportunities.objections.views import ObjectionView
from runtime import Page, PageRequest, page, sort_keys


async def objections_of(
    session: AsyncSession, opportunity_ids: Collection[UUID], ids: Collection[UUID]
) -> dict[UUID, Objection]:
    """Those of the objections that were raised to one of the opportunities."""
    if not ids:
        return {}
    found = await session.scalars(
        select(Objection).where(
            col(Objection.id).in_(ids), col(Objection.opportunity_id).in_(opportunity_ids)
        )
    )
    return {row.id: row for row in found}


async def list_objections(
    session: AsyncSession,
    caller: Caller,
    opportunity_id: UUID,
    filters: ObjectionFilter,
    query: PageRequest,
) -> Page[ObjectionView]:
    """The objections to an opportunity that the caller sees, the latest first."""
    return await page(
        session,
        select(Objection).where(
            col(Objection.opportunity_id) == opportunity_id, *_conditions(filters, caller)
        ),
        keys=sort_keys(
            query.sort, {"raised_at": Objection.raised_at}, default="-raised_at", unique=Objection.id
        ),
        query=query,
        view=ObjectionView.model_validate,
        filters={"opportunity_id": opportunity_id, **asdict(filters)},
    )


def _conditions(filters: ObjectionFilter, caller: Caller) -> list[ColumnElement[bool]]:
    found = caller.within(col(Objection.raised_at), filters.raised_from, filters.raised_to)
    if filters.code:
        found.append(col(Objection.code).in_(filters.code))
    if filters.answered is not None:
        found.append(col(Objection.answered_at).is_not(None) == filters.answered)
    return found
