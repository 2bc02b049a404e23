"""Reading sources."""

from dataclasses import asdict

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.refusal import NotFound
from leads.sources.filters import CampaignFilter, ChannelFilter, CostFilter
from leads.sources.tables import Campaign, Channel, Cost
from leads.sources.views import CampaignView, ChannelView, CostView
from runtime import Page, PageRequest, matches, page, sort_keys


async def active_channels(session: AsyncSession) -> set[str]:
    """The codes of the channels that new leads may name."""
    return set(await session.scalars(select(col(Channel.code)).where(col(Channel.active))))


async def known_channels(session: AsyncSession) -> set[str]:
    """The codes of all channels, those out of use included."""
    return set(await session.scalars(select(col(Channel.code))))


async def campaigns(session: AsyncSession) -> dict[str, str]:
    """The channel of each campaign, by their codes."""
    found = await session.execute(select(col(Campaign.code), col(Campaign.channel)))
    return {row.code: row.channel for row in found}


async def find_channel(session: AsyncSession, code: str) -> ChannelView:
    """A channel. Raises `NotFound`."""
    channel = await session.get(Channel, code)
    if channel is None:
        raise NotFound(what="channel", id=code)
    return ChannelView.model_validate(channel)


async def find_campaign(session: AsyncSession, code: str) -> CampaignView:
    """A campaign. Raises `NotFound`."""
    campaign = await session.get(Campaign, code)
    if campaign is None:
        raise NotFound(what="campaign", id=code)
    return CampaignView.model_validate(campaign)


async def list_channels(
    session: AsyncSession, filters: ChannelFilter, query: PageRequest
) -> Page[ChannelView]:
    """The channels, by code."""
    conditions: list[ColumnElement[bool]] = [
        matches(filters.text, Channel.code, Channel.name_en, Channel.name_zh)
    ]
    if filters.active is not None:
        conditions.append(col(Channel.active) == filters.active)
    return await page(
        session,
        select(Channel).where(*conditions),
        keys=[(Channel.code, "asc")],
        query=query,
        view=ChannelView.model_validate,
        filters=asdict(filters),
    )


async def list_campaigns(
    session: AsyncSession, filters: CampaignFilter, query: PageRequest
) -> Page[CampaignView]:
    """The campaigns, the latest first."""
    conditions: list[ColumnElement[bool]] = [matches(filters.text, Campaign.code, Campaign.name)]
    if filters.channel:
        conditions.append(col(Campaign.channel).in_(filters.channel))
    return await page(
        session,
        select(Campaign).where(*conditions),
        keys=sort_keys(
            query.sort,
            {"starts_on": Campaign.starts_on, "code": Campaign.code},
            default="-starts_on",
            unique=Campaign.code,
        ),
        query=query,
        view=CampaignView.model_validate,
        filters=asdict(filters),
    )


async def list_costs(session: AsyncSession, filters: CostFilter, query: PageRequest) -> Page[CostView]:
    """The costs, the latest first."""
    conditions: list[ColumnElement[bool]] = [
        col(getattr(Cost, name)).in_(values)
        for name in ("channel", "campaign")
        if (values := getattr(filters, name))
    ]
    if filters.voided is not None:
        conditions.append(
            col(Cost.voided_at).is_not(None) if filters.voided else col(Cost.voided_at).is_(None)
        )
    if filters.from_:
        conditions.append(col(Cost.ends_on) > filters.from_)
    if filters.to:
        conditions.append(col(Cost.starts_on) < filters.to)
    return await page(
        session,
        select(Cost).where(*conditions),
        keys=sort_keys(
            query.sort,
            {"starts_on": Cost.starts_on, "amount": Cost.amount},
            default="-starts_on",
            unique=Cost.id,
        ),
        query=query,
        view=CostView.model_validate,
        filters=asdict(filters),
    )
