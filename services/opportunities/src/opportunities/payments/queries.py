"""Reading receipts."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from opportunities.payments.tables import Receipt
from opportunities.payments.views import ReceiptView
from runtime import Page, PageRequest, page, sort_keys


async def list_receipts(session: AsyncSession, opportunity_id: UUID, query: PageRequest) -> Page[ReceiptView]:
    """The receipts of an opportunity that the caller sees, the latest first."""
    return await page(
        session,
        select(Receipt).where(col(Receipt.opportunity_id) == opportunity_id),
        keys=sort_keys(
            query.sort, {"occurred_at": Receipt.occurred_at}, default="-occurred_at", unique=Receipt.id
        ),
        query=query,
        view=ReceiptView.model_validate,
        filters={"opportunity_id": opportunity_id},
    )
