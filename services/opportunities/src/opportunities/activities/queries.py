"""Reading interactions."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from directory import Caller
from opportunities.activities.filters import InteractionFilter
from opportunities.activities.tables import Interaction
from opportunities.activities.views import InteractionView
from runtime import Page, PageRequest, matches, page, sort_keys


async def list_interactions(
    session: AsyncSession,
    caller: Caller,
    opportunity_id: UUID,
    filters: InteractionFilter,
    query: PageRequest,
) -> Page[InteractionView]:
    """The interactions of an opportunity that the caller sees, the latest first."""
    return await page(
        session,
        select(Interaction).where(
            col(Interaction.opportunity_id) == opportunity_id, *_conditions(filters, caller)
        ),
        keys=sort_keys(
            query.sort,
            {"occurred_at": Interaction.occurred_at},
            default="-occurred_at",
            unique=Interaction.id,
        ),
        query=query,
        view=InteractionView.model_validate,
        filters={"opportunity_id": opportunity_id, **asdict(filters)},
    )


def _conditions(filters: InteractionFilter, caller: Caller) -> list[ColumnElement[bool]]:
    found = caller.within(col(Interaction.occurred_at), filters.occurred_from, filters.occurred_to)
    if filters.kind:
        found.append(col(Interaction.kind).in_(filters.kind))
    if filters.direction:
        found.append(col(Interaction.direction).in_(filters.direction))
    return [*found, matches(filters.text, Interaction.summary, Interaction.next_step)]
