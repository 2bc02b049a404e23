"""Winning, losing, reopening, and undoing what was wrong (S79, S80)."""

from decimal import Decimal

from contracts.opportunities import (
    LossReason,
    OpportunityLost,
    OpportunityReopened,
    OpportunityVoided,
    OpportunityWon,
    PipelineDefined,
    Undone,
)
from opportunities.pipeline.rules.refusals import (
    AmountMissing,
    NothingToVoid,
    NotLost,
    ReasonOnlyForImports,
    WonBeforeLastStage,
)
from opportunities.pipeline.rules.stages import next_stage
from opportunities.pipeline.rules.standing import Standing, State


def win(
    opportunity: Standing,
    pipeline: PipelineDefined,
    *,
    amount: Decimal | None = None,
    currency: str | None = None,
    imported: bool = False,
) -> OpportunityWon:
    """The contract is signed, for the amount given or else the expected one.

    To win is the step after the last stage, so from an earlier one it would be a skip. History from an
    import may close from any stage.
    """
    opportunity.require_open()
    deal = opportunity.deal
    following = next_stage(pipeline, deal.stage)
    if following and not (imported or pipeline.allows_skip):
        raise WonBeforeLastStage(current=deal.stage, allowed=following, last=pipeline.stages[-1].code)
    signed = deal.amount if amount is None else amount
    if signed is None:
        raise AmountMissing(pointer="/amount")
    return opportunity.fact(
        OpportunityWon, amount=signed, currency=currency or deal.currency, imported=imported
    )


def lose(opportunity: Standing, reason: LossReason, *, imported: bool = False) -> OpportunityLost:
    """Loses an open opportunity, from any stage. That no reason is recorded is an answer for imports alone."""
    opportunity.require_open()
    if reason is LossReason.not_recorded and not imported:
        allowed = ", ".join(each for each in LossReason if each is not LossReason.not_recorded)
        raise ReasonOnlyForImports(pointer="/reason_code", asked=reason, allowed=allowed)
    return opportunity.fact(OpportunityLost, reason_code=reason, imported=imported)


def reopen(opportunity: Standing, reason: str) -> OpportunityReopened:
    """Takes a lost opportunity up again, at the stage that it was lost from."""
    if opportunity.state is not State.lost:
        raise NotLost(state=opportunity.state)
    return opportunity.fact(OpportunityReopened, reason_code=reason)


def void(opportunity: Standing, undone: Undone, reason: str) -> OpportunityVoided:
    """Undoes a wrong win or loss, which leaves it open at its stage, or a wrong opportunity, for ever."""
    opportunity.require_counting()
    expected = {Undone.win: State.won, Undone.loss: State.lost}.get(undone)
    voided = opportunity.opened_event_id if expected is None else opportunity.closed_event_id
    if voided is None or expected not in (None, opportunity.state):
        raise NothingToVoid(pointer="/undone", undone=undone, state=opportunity.state)
    return opportunity.fact(OpportunityVoided, undone=undone, voided_event_id=voided, reason_code=reason)
