"""Reading receipts."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from directory import Caller
from opportunities.payments.filters import ReceiptFilter
from opportunities.payments.tables import Receipt
from opportunities.payments.views import ReceiptView
from runtime import Page, PageRequest, page, sort_keys


async def list_receipts(
    session: AsyncSession, caller: Caller, opportunity_id: UUID, filters: ReceiptFilter, query: PageRequest
) -> Page[ReceiptView]:
    """The receipts of an opportunity that the caller sees, the latest first."""
    return await page(
        session,
        select(Receipt).where(
            col(Receipt.opportunity_id) == opportunity_id,
            *caller.within(col(Receipt.occurred_at), filters.occurred_from, filters.occurred_to),
        ),
        keys=sort_keys(
            query.sort, {"occurred_at": Receipt.occurred_at}, default="-occurred_at", unique=Receipt.id
        ),
        query=query,
        view=ReceiptView.model_validate,
        filters={"opportunity_id": opportunity_id, **asdict(filters)},
    )
