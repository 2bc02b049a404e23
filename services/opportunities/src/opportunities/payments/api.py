"""Receipts over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from directory import CurrentCaller
from opportunities.access import writers
from opportunities.payments import actions, queries
from opportunities.payments.commands import RecordReceipt
from opportunities.payments.filters import ReceiptFilter
from opportunities.payments.views import ReceiptAnswer, ReceiptView
from opportunities.pipeline.counter import AtCounter
from opportunities.pipeline.queries import see_opportunity
from runtime import Page, PageQuery, Reading, Router
from runtime.dependencies import at_once

router = Router(prefix="/v1/opportunities/{opportunity_id}", tags=["receipts"])


@router.get("/receipts")
async def list_receipts(
    opportunity_id: UUID,
    session: Reading,
    caller: CurrentCaller,
    filters: Annotated[ReceiptFilter, Depends(at_once(ReceiptFilter))],
    query: PageQuery,
) -> Page[ReceiptView]:
    """The receipts of the opportunity, the latest first; sort by `occurred_at`."""
    await see_opportunity(session, caller, opportunity_id)
    return await queries.list_receipts(session, caller, opportunity_id, filters, query)


@router.post("/receipts", status_code=201, dependencies=[writers])
async def record_receipt(opportunity_id: UUID, command: RecordReceipt, counter: AtCounter) -> ReceiptAnswer:
    """Money that came in (回款), before or after the win; the opportunity keeps its version."""
    receipt = await counter.take(actions.record_receipt, opportunity_id, command)
    return ReceiptAnswer(**receipt.model_dump(), token=(await counter.answer(opportunity_id)).token)
