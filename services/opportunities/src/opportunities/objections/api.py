"""Objections over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from directory import CurrentCaller
from opportunities.access import writers
from opportunities.objections import actions, queries
from opportunities.objections.commands import AnswerObjection, AnswerObjectionOf, RaiseObjection
from opportunities.objections.filters import ObjectionFilter
from opportunities.objections.views import ObjectionAnswer, ObjectionView
from opportunities.pipeline.counter import AtCounter
from opportunities.pipeline.queries import see_opportunity
from runtime import Page, PageQuery, Reading, Router
from runtime.dependencies import at_once

router = Router(prefix="/v1/opportunities/{opportunity_id}", tags=["objections"])


@router.get("/objections")
async def list_objections(
    opportunity_id: UUID,
    session: Reading,
    caller: CurrentCaller,
    filters: Annotated[ObjectionFilter, Depends(at_once(ObjectionFilter))],
    query: PageQuery,
) -> Page[ObjectionView]:
    """The objections to the opportunity, the latest first; sort by `raised_at`."""
    await see_opportunity(session, caller, opportunity_id)
    return await queries.list_objections(session, caller, opportunity_id, filters, query)


@router.post("/objections", status_code=201, dependencies=[writers])
async def raise_objection(
    opportunity_id: UUID, command: RaiseObjection, counter: AtCounter
) -> ObjectionAnswer:
    """The customer holds something against the offer; it should be answered within 24 h."""
    objection = await counter.take(actions.raise_objection, opportunity_id, command)
    return ObjectionAnswer(**objection.model_dump(), token=(await counter.answer(opportunity_id)).token)


@router.post("/objections/{objection_id}/answer", dependencies=[writers])
async def answer_objection(
    opportunity_id: UUID, objection_id: UUID, command: AnswerObjection, counter: AtCounter
) -> ObjectionAnswer:
    """Our answer to an objection, once."""
    named = AnswerObjectionOf(objection_id=objection_id, **command.model_dump())
    objection = await counter.take(actions.answer_objection, opportunity_id, named)
    return ObjectionAnswer(**objection.model_dump(), token=(await counter.answer(opportunity_id)).token)
