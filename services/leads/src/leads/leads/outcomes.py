"""What leads learn of their opportunities."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.leads import Outcome
from contracts.opportunities import Deal
from leads.leads import rules
from leads.leads.tables import LeadRow
from messaging import record


async def learn_outcome(
    session: AsyncSession, deal: Deal, outcome: Outcome, *, by: str, at: datetime
) -> None:
    """The lead of an opportunity learns what became of it; nothing where it was none of ours, or knows already."""
    lead = await _lock(session, deal.lead_id)
    if lead is None or lead.opportunity_id != deal.opportunity_id:
        return
    amount = deal.amount if outcome is Outcome.won else None
    if (lead.outcome, lead.outcome_amount) == (outcome, amount):
        return
    fact = rules.learn_outcome(
        lead.standing(),
        deal.opportunity_id,
        outcome,
        amount=amount,
        currency=deal.currency,
        imported=deal.imported,
    )
    # A lead's facts never go back in time: one that was told late is kept at the instant of the last.
    record(session, lead, fact, by=by, at=max(at, lead.latest), may_backdate=True)
    lead.take(fact)


async def _lock(session: AsyncSession, lead_id: UUID | None) -> LeadRow | None:
    return None if lead_id is None else await session.get(LeadRow, lead_id, with_for_update=True)
