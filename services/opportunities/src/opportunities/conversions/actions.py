"""Opening the opportunity of a converted lead, once, with what the lead knew."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.companies import company_key
from contracts.leads import LeadConverted
from contracts.opportunities import CustomerOpened
from messaging import record, uuid7
from opportunities.conversions import rules
from opportunities.customers.tables import Customer
from opportunities.pipeline.commands import DEFAULT_PIPELINE
from opportunities.pipeline.queries import pipelines
from opportunities.pipeline.rules import current_version
from opportunities.pipeline.tables import Opportunity
from runtime.saving import take_turns


@dataclass(frozen=True, slots=True)
class Told:
    """By whom and when the lead was converted."""

    by: str
    at: datetime


async def open_converted(session: AsyncSession, lead: LeadConverted, told: Told) -> None:
    """Opens the opportunity under the id that the lead names; nothing where it is there already."""
    if await session.get(Opportunity, lead.opportunity_id) is not None:
        return
    pipeline = current_version(await pipelines(session, {DEFAULT_PIPELINE}), DEFAULT_PIPELINE)
    customer_id = await _customer_of(session, lead, told)
    facts = rules.convert(lead, pipeline, customer_id, told.at)
    opportunity = Opportunity.opened_by(facts[0][0], title=lead.company)
    for fact, at in facts:
        recorded = record(session, opportunity, fact, by=told.by, at=at, may_backdate=True)
        opportunity.take(fact, recorded.id)
    session.add(opportunity)


async def _customer_of(session: AsyncSession, lead: LeadConverted, told: Told) -> UUID | None:
    """The customer of the lead's company: the one that is known by its name, or a new one of the lead's owner."""
    key = company_key(lead.company or "")
    if lead.company is None or not key:
        return None
    await take_turns(session, "customer-name", [key])
    known = await session.scalar(
        select(col(Customer.id))
        .where(col(Customer.name_key) == key)
        .order_by(col(Customer.opened_at), col(Customer.id))
        .limit(1)
    )
    if known is not None:
        return known
    opened = CustomerOpened(
        customer_id=uuid7(),
        name=lead.company,
        sector=None,
        country=None,
        parent_id=None,
        owner_id=lead.owner_id,
    )
    customer = Customer.before_opening(opened.customer_id)
    record(session, customer, opened, by=told.by, at=told.at, may_backdate=True)
    customer.take(opened)
    session.add(customer)
    await session.flush()  # the opportunity refers to it
    return customer.id
