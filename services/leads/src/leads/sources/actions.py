"""Defining channels and campaigns, recording what they cost."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.refusal import NotFound
from directory import Caller
from leads.sources import queries, rules
from leads.sources.commands import DefineCampaign, DefineChannel, RecordCost, VoidCost
from leads.sources.tables import Campaign, Channel, Cost
from messaging import record, uuid7
from runtime import Precondition
from runtime.saving import take_turns


async def define_channel(
    session: AsyncSession, code: str, command: DefineChannel, precondition: Precondition, *, by: str
) -> Channel:
    """Defines a channel or renames it; nothing where it is called so already."""
    await take_turns(session, "channel", [code])
    channel = await session.get(Channel, code, with_for_update=True)
    fact = rules.define_channel(code, **command.model_dump())
    if channel is None:
        channel = Channel(code=code, **command.model_dump())
        session.add(channel)
    else:
        precondition.check(channel.version)
    if not channel.sequence or command.model_dump() != channel.model_dump(include=set(command.model_dump())):
        record(session, channel, fact, by=by)
        channel.take(fact)
    return channel


async def define_campaign(
    session: AsyncSession, code: str, command: DefineCampaign, precondition: Precondition, *, by: str
) -> Campaign:
    """Defines a campaign or changes it; nothing where it is so already."""
    rules.known_channel(command.channel, await queries.active_channels(session))
    await take_turns(session, "campaign", [code])
    campaign = await session.get(Campaign, code, with_for_update=True)
    fact = rules.define_campaign(code, **command.model_dump())
    if campaign is None:
        campaign = Campaign(code=code, **command.model_dump())
        session.add(campaign)
    else:
        precondition.check(campaign.version)
    if not campaign.sequence or command.model_dump() != campaign.model_dump(
        include=set(command.model_dump())
    ):
        record(session, campaign, fact, by=by)
        campaign.take(fact)
    return campaign


async def record_cost(
    session: AsyncSession, caller: Caller, code: str, command: RecordCost
) -> tuple[Cost, Channel]:
    """Records what a channel cost over some days."""
    channel = await _lock_channel(session, code)
    fact = rules.record_cost(
        uuid7(),
        code,
        campaign=rules.known_campaign(command.campaign, code, await queries.campaigns(session)),
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        amount=command.amount,
        currency=command.currency or caller.currency,
    )
    record(session, channel, fact, by=caller.id, changes_row=False)
    own = fact.model_dump(exclude={"cost_id"})
    cost = Cost(id=fact.cost_id, recorded_at=channel.latest, **own)
    session.add(cost)
    return cost, channel


async def void_cost(
    session: AsyncSession, caller: Caller, cost_id: UUID, command: VoidCost
) -> tuple[Cost, Channel]:
    """Undoes a wrong cost; reports leave it out of all their periods."""
    code = await session.scalar(select(col(Cost.channel)).where(col(Cost.id) == cost_id))
    if code is None:
        raise NotFound(what="cost", id=cost_id)
    channel = await _lock_channel(session, code)
    cost = await session.get_one(Cost, cost_id, populate_existing=True)
    fact = rules.void_cost(cost.attributes(), cost.voided_at, command.reason_code)
    record(session, channel, fact, by=caller.id, changes_row=False)
    cost.voided_at = channel.latest
    return cost, channel


async def _lock_channel(session: AsyncSession, code: str) -> Channel:
    channel = await session.get(Channel, code, with_for_update=True)
    if channel is None:
        raise NotFound(what="channel", id=code)
    return channel
