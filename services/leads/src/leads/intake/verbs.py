"""A batch of verbs: one request, one transaction, each row with its own result."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from directory import Caller
from leads.intake.rows import (
    AssignRow,
    CaptureRow,
    ChangeIntentRow,
    ChangeRow,
    ClaimRow,
    ConvertRow,
    DiscardRow,
    LogContactRow,
    OnLead,
    QualifyRow,
    ReleaseRow,
    VerbRow,
)
from leads.leads import actions
from leads.leads.desk import Desk
from leads.leads.tables import LeadRow
from runtime import Batch, BatchAnswer, Done, Precondition, run_batch
from runtime.etags import etag

VERBS: dict[type[OnLead], Callable[[Desk, LeadRow, Any], object]] = {
    ChangeRow: actions.change_lead,
    QualifyRow: actions.qualify,
    DiscardRow: actions.discard,
    ChangeIntentRow: actions.change_intent,
    AssignRow: actions.assign,
    ClaimRow: actions.claim,
    ReleaseRow: actions.release,
    ConvertRow: actions.convert,
    LogContactRow: actions.log_contact,
}
OF_THE_POOL = (AssignRow, ClaimRow)


async def do_verbs(
    session: AsyncSession, caller: Caller, batch: Batch[VerbRow], *, validate_only: bool = False
) -> BatchAnswer:
    """Does the verbs in their order. What they name is locked and looked up before, for all of them at once."""
    ids = {row.lead_id for row in batch.valid if isinstance(row, OnLead)}
    desk = await Desk.set_up(session, caller, batch.valid, ids)

    def act(row: VerbRow) -> Done:
        if isinstance(row, CaptureRow):
            captured = actions.capture(desk, row)
            before = captured.lead.sequence if captured.matched else 0
            return _done(captured.lead, before, 200 if captured.matched else 201)
        lead = desk.lead(row.lead_id, pooled=isinstance(row, OF_THE_POOL))
        if row.version is not None:
            Precondition(etag(row.version)).check(lead.version)
        before = lead.sequence
        VERBS[type(row)](desk, lead, row)
        return _done(lead, before, 201 if isinstance(row, LogContactRow) else 200)

    answer = await run_batch(session, batch.items, act, validate_only=validate_only)
    await desk.close()
    return answer


def _done(lead: LeadRow, before: int, status: int) -> Done:
    token = lead.token if lead.sequence > before else None
    return Done(status=status, id=lead.id, version=lead.version, token=token)
