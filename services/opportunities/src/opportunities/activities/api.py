"""Interactions over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from directory import CurrentCaller
from opportunities.access import writers
from opportunities.activities import actions, queries
from opportunities.activities.commands import LogInteraction
from opportunities.activities.filters import InteractionFilter
from opportunities.activities.views import InteractionAnswer, InteractionView
from opportunities.pipeline.counter import AtCounter
from opportunities.pipeline.queries import see_opportunity
from runtime import Page, PageQuery, Reading, Router
from runtime.dependencies import at_once

router = Router(prefix="/v1/opportunities/{opportunity_id}", tags=["interactions"])


@router.get("/interactions")
async def list_interactions(
    opportunity_id: UUID,
    session: Reading,
    caller: CurrentCaller,
    filters: Annotated[InteractionFilter, Depends(at_once(InteractionFilter))],
    query: PageQuery,
) -> Page[InteractionView]:
    """The interactions of the opportunity, the latest first; sort by `occurred_at`."""
    await see_opportunity(session, caller, opportunity_id)
    return await queries.list_interactions(session, caller, opportunity_id, filters, query)


@router.post("/interactions", status_code=201, dependencies=[writers])
async def log_interaction(
    opportunity_id: UUID, command: LogInteraction, counter: AtCounter
) -> InteractionAnswer:
    """A call, visit or message, with its summary and the next step; the opportunity keeps its version."""
    interaction = await counter.take(actions.log_interaction, opportunity_id, command)
    return InteractionAnswer(**interaction.model_dump(), token=(await counter.answer(opportunity_id)).token)
