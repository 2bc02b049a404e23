"""The verbs on an opportunity over HTTP."""

from uuid import UUID

from opportunities.access import writers
from opportunities.pipeline import actions
from opportunities.pipeline.commands import ChangeOwner, ChangeStage, Lose, Reopen, Void, Win
from opportunities.pipeline.counter import AtCounter
from opportunities.pipeline.views import OpportunityView
from runtime import Router

router = Router(prefix="/v1/opportunities/{opportunity_id}", tags=["opportunities"], dependencies=[writers])


@router.post("/change-stage")
async def change_stage(opportunity_id: UUID, command: ChangeStage, counter: AtCounter) -> OpportunityView:
    """To the next stage. To skip or step back takes an authorised role and a reason."""
    await counter.take(actions.change_stage, opportunity_id, command)
    return await counter.answer(opportunity_id)


@router.post("/change-owner")
async def change_owner(opportunity_id: UUID, command: ChangeOwner, counter: AtCounter) -> OpportunityView:
    """To another person; what was before stays credited to the owner of that time."""
    await counter.take(actions.change_owner, opportunity_id, command)
    return await counter.answer(opportunity_id)


@router.post("/win")
async def win_opportunity(opportunity_id: UUID, command: Win, counter: AtCounter) -> OpportunityView:
    """The contract is signed."""
    await counter.take(actions.win, opportunity_id, command)
    return await counter.answer(opportunity_id)


@router.post("/lose")
async def lose_opportunity(opportunity_id: UUID, command: Lose, counter: AtCounter) -> OpportunityView:
    """It is lost, for a reason of the list."""
    await counter.take(actions.lose, opportunity_id, command)
    return await counter.answer(opportunity_id)


@router.post("/reopen")
async def reopen_opportunity(opportunity_id: UUID, command: Reopen, counter: AtCounter) -> OpportunityView:
    """A lost opportunity is taken up again, at the stage that it was lost from."""
    await counter.take(actions.reopen, opportunity_id, command)
    return await counter.answer(opportunity_id)


@router.post("/void")
async def void_opportunity(opportunity_id: UUID, command: Void, counter: AtCounter) -> OpportunityView:
    """Undoes a wrong win or loss, or the opportunity itself; for managers and above, and operations."""
    await counter.take(actions.void, opportunity_id, command)
    return await counter.answer(opportunity_id)
