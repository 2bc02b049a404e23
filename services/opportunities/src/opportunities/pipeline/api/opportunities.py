"""Opportunities over HTTP: lists, records, histories."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from directory import CurrentCaller
from messaging import history, uuid7
from opportunities.access import writers
from opportunities.pipeline import actions, queries
from opportunities.pipeline.commands import ChangeOpportunity, OpenOpportunity
from opportunities.pipeline.counter import AtCounter
from opportunities.pipeline.desk import Desk
from opportunities.pipeline.filters import OpportunityFilter
from opportunities.pipeline.views import OpportunityView
from runtime import (
    HistoryItem,
    IfMatch,
    OrderedPageQuery,
    Page,
    PageQuery,
    Reading,
    Router,
    history_page,
    stamp,
)
from runtime.dependencies import at_once

router = Router(prefix="/v1", tags=["opportunities"])


@router.get("/opportunities")
async def list_opportunities(
    session: Reading,
    caller: CurrentCaller,
    filters: Annotated[OpportunityFilter, Depends(at_once(OpportunityFilter))],
    query: PageQuery,
) -> Page[OpportunityView]:
    """The opportunities that you see, newest first.

    Sort by `opened_at`, `closed_at`, `stage_since`, `expected_close_on` or `amount`.
    """
    return await queries.list_opportunities(session, caller, filters, query)


@router.post("/opportunities", status_code=201, dependencies=[writers])
async def open_opportunity(command: OpenOpportunity, counter: AtCounter) -> OpportunityView:
    """A new opportunity, in the first stage of the pipeline's current version."""
    desk = await Desk.set_up(counter.session, counter.caller, [command])
    opportunity = actions.open_opportunity(desk, uuid7(), command)
    counter.session.add(opportunity)
    counter.response.headers["Location"] = f"/v1/opportunities/{opportunity.id}"
    return await counter.answer(opportunity.id)


@router.get("/opportunities/{opportunity_id}")
async def read_opportunity(
    opportunity_id: UUID, session: Reading, caller: CurrentCaller, response: Response
) -> OpportunityView:
    """An opportunity."""
    return stamp(response, await queries.find_opportunity(session, caller, opportunity_id))


@router.patch("/opportunities/{opportunity_id}", dependencies=[writers])
async def change_opportunity(
    opportunity_id: UUID, command: ChangeOpportunity, counter: AtCounter, if_match: IfMatch
) -> OpportunityView:
    """Another title, customer, product line, channel, amount, currency or expected close date."""
    await counter.take(actions.change_opportunity, opportunity_id, command, if_match)
    return await counter.answer(opportunity_id)


@router.get("/opportunities/{opportunity_id}/history")
async def read_opportunity_history(
    opportunity_id: UUID, session: Reading, caller: CurrentCaller, query: OrderedPageQuery
) -> Page[HistoryItem]:
    """Every fact of the opportunity, oldest first, with the notes that were written beside them."""
    await queries.see_opportunity(session, caller, opportunity_id)
    return await history_page(
        partial(history, session), str(opportunity_id), query, partial(queries.notes, session)
    )
