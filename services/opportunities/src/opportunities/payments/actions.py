"""Recording receipts."""

from messaging.identity import uuid7
from opportunities.payments import rules
from opportunities.payments.commands import RecordReceipt
from opportunities.payments.tables import Receipt
from opportunities.pipeline.desk import Desk
from opportunities.pipeline.tables import Opportunity


def record_receipt(desk: Desk, opportunity: Opportunity, command: RecordReceipt) -> Receipt:
    """Records money that came in; the opportunity's version stays."""
    fact = rules.record_receipt(
        opportunity.standing(), uuid7(), amount=command.amount, currency=command.currency
    )
    desk.mention(opportunity, fact, command.occurred_at)
    receipt = Receipt(
        id=fact.receipt_id,
        opportunity_id=opportunity.id,
        amount=fact.received_amount,
        currency=fact.received_currency,
        occurred_at=opportunity.latest,
    )
    desk.session.add(receipt)
    return receipt
