"""What a converted lead is as an opportunity."""

from datetime import datetime
from uuid import UUID

from contracts.leads import LeadConverted, Outcome
from contracts.opportunities import Deal, PipelineDefined
from opportunities.intake.rules import Told, open_history
from opportunities.pipeline.rules import State, open_opportunity

type Facts = list[tuple[Deal, datetime]]
"""The facts in their order, each with its instant."""


def convert(lead: LeadConverted, pipeline: PipelineDefined, customer_id: UUID | None, at: datetime) -> Facts:
    """Opened when the lead was converted; one that came with its ending from an import is closed as well."""
    if lead.owner_id is None:
        raise ValueError(f"lead {lead.lead_id} was converted without an owner")
    if lead.closed is None and not lead.imported:
        opened = open_opportunity(
            lead.opportunity_id,
            pipeline,
            owner_id=lead.owner_id,
            customer_id=customer_id,
            product_line=lead.product_line,
            channel=lead.channel,
            amount=lead.amount,
            currency=lead.currency,
            expected_close_on=lead.expected_close_on,
            lead_id=lead.lead_id,
        )
        return [(opened, at)]
    return open_history(lead.opportunity_id, pipeline, _history(lead, lead.owner_id, customer_id, at)).facts


def _history(lead: LeadConverted, owner_id: UUID, customer_id: UUID | None, at: datetime) -> Told:
    closed = lead.closed
    won = closed is not None and closed.outcome == Outcome.won
    return Told(
        owner_id=owner_id,
        customer_id=customer_id,
        product_line=lead.product_line,
        channel=lead.channel,
        amount=lead.amount,
        currency=lead.currency,
        expected_close_on=lead.expected_close_on,
        stage=None,
        state=State.open if closed is None else State.won if won else State.lost,
        opened_at=at,
        closed_at=max(closed.closed_at, at) if closed else None,
        loss_reason=closed.reason_code if closed else None,
        lead_id=lead.lead_id,
    )
