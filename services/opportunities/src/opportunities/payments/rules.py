"""What may be recorded."""

from decimal import Decimal
from uuid import UUID

from contracts.opportunities import ReceiptRecorded
from opportunities.pipeline.rules import Standing


def record_receipt(
    opportunity: Standing, receipt_id: UUID, *, amount: Decimal, currency: str | None
) -> ReceiptRecorded:
    """Money received, before or after the win; in the opportunity's currency unless said otherwise."""
    opportunity.require_counting()
    return opportunity.fact(
        ReceiptRecorded,
        receipt_id=receipt_id,
        received_amount=amount,
        received_currency=currency or opportunity.deal.currency,
    )
