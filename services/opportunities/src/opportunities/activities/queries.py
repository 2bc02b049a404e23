"""Reading interactions."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from opportunities.activities.tables import Interaction
from opportunities.activities.views import InteractionView
from runtime import Page, PageRequest, page, sort_keys


async def list_interactions(
    session: AsyncSession, opportunity_id: UUID, query: PageRequest
) -> Page[InteractionView]:
    """The interactions of an opportunity that the caller sees, the latest first."""
    return await page(
        session,
        select(Interaction).where(col(Interaction.opportunity_id) == opportunity_id),
        keys=sort_keys(
            query.sort,
            {"occurred_at": Interaction.occurred_at},
            default="-occurred_at",
            unique=Interaction.id,
        ),
        query=query,
        view=InteractionView.model_validate,
        filters={"opportunity_id": opportunity_id},
    )
