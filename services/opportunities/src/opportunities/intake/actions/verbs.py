"""A batch of verbs: one request, one transaction, each row with its own result."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from directory import Caller
from messaging import uuid7
from opportunities.activities.actions import log_interaction
from opportunities.intake.rows import (
    AnswerObjectionRow,
    ChangeOwnerRow,
    ChangeRow,
    ChangeStageRow,
    LogInteractionRow,
    LoseRow,
    OnOpportunity,
    OpenRow,
    RaiseObjectionRow,
    RecordReceiptRow,
    ReopenRow,
    VerbRow,
    VoidRow,
    WinRow,
)
from opportunities.objections.actions import answer_objection, raise_objection
from opportunities.payments.actions import record_receipt
from opportunities.pipeline import actions
from opportunities.pipeline.desk import Desk
from opportunities.pipeline.tables import Opportunity
from runtime import Batch, BatchAnswer, Done, Precondition, run_batch
from runtime.etags import etag
from runtime.saving import save_all

VERBS: dict[type[OnOpportunity], Callable[[Desk, Opportunity, Any], object]] = {
    ChangeRow: actions.change_opportunity,
    ChangeStageRow: actions.change_stage,
    ChangeOwnerRow: actions.change_owner,
    WinRow: actions.win,
    LoseRow: actions.lose,
    ReopenRow: actions.reopen,
    VoidRow: actions.void,
    LogInteractionRow: log_interaction,
    RaiseObjectionRow: raise_objection,
    AnswerObjectionRow: answer_objection,
    RecordReceiptRow: record_receipt,
}
CREATING = (OpenRow, LogInteractionRow, RaiseObjectionRow, RecordReceiptRow)


async def do_verbs(
    session: AsyncSession, caller: Caller, batch: Batch[VerbRow], *, validate_only: bool = False
) -> BatchAnswer:
    """Does the verbs in their order. What they name is locked and looked up before, for all of them at once."""
    ids = {row.opportunity_id for row in batch.valid if isinstance(row, OnOpportunity)}
    desk = await Desk.set_up(session, caller, batch.valid, ids)
    opened: list[Opportunity] = []

    def act(row: VerbRow) -> Done:
        if isinstance(row, OpenRow):
            opened.append(actions.open_opportunity(desk, uuid7(), row))
            return _done(row, opened[-1], 0)
        opportunity = desk.opportunity(row.opportunity_id)
        if row.version is not None:
            Precondition(etag(row.version)).check(opportunity.version)
        before = opportunity.sequence
        VERBS[type(row)](desk, opportunity, row)
        return _done(row, opportunity, before)

    answer = await run_batch(session, batch.items, act, validate_only=validate_only)
    await save_all(session, Opportunity, opened)
    return answer


def _done(row: VerbRow, opportunity: Opportunity, before: int) -> Done:
    return Done(
        status=201 if isinstance(row, CREATING) else 200,
        id=opportunity.id,
        version=opportunity.version,
        token=opportunity.token if opportunity.sequence > before else None,
    )
