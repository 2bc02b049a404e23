"""The rows of receipts."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from opportunities.rows import Row
from runtime.columns import INSTANT, MONEY, TEXT


class Receipt(Row, table=True):
    """Money that came in for an opportunity (回款)."""

    __table_args__ = (Index("receipt_opportunity_id", "opportunity_id", "occurred_at", "id"),)

    id: UUID = Field(primary_key=True)
    opportunity_id: UUID = Field(foreign_key="opportunity.id")
    amount: Decimal = Field(sa_type=MONEY)
    currency: str = Field(sa_type=TEXT)
    occurred_at: datetime = Field(sa_type=INSTANT)
