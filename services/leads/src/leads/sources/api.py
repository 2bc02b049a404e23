"""Channels, campaigns and costs over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Response

from contracts.fields import AddressCode
from directory import CurrentCaller
from leads.access import configurers
from leads.sources import actions, queries
from leads.sources.commands import DefineCampaign, DefineChannel, RecordCost, VoidCost
from leads.sources.filters import CampaignFilter, ChannelFilter, CostFilter
from leads.sources.views import CampaignView, ChannelView, CostAnswer, CostView
from messaging import history
from runtime import (
    HistoryItem,
    OptionalIfMatch,
    OrderedPageQuery,
    Page,
    PageQuery,
    Reading,
    Router,
    Transaction,
    history_page,
    stamp,
    stamp_token,
)
from runtime.dependencies import at_once

router = Router(prefix="/v1", tags=["sources"])

type Address = Annotated[AddressCode, Path()]


@router.get("/channels")
async def list_channels(
    session: Reading,
    filters: Annotated[ChannelFilter, Depends(at_once(ChannelFilter))],
    query: OrderedPageQuery,
) -> Page[ChannelView]:
    """The channels, by code."""
    return await queries.list_channels(session, filters, query)


@router.put("/channels/{channel}", dependencies=[configurers])
async def define_channel(
    channel: Address,
    command: DefineChannel,
    session: Transaction,
    caller: CurrentCaller,
    if_match: OptionalIfMatch,
    response: Response,
) -> ChannelView:
    """A channel, new or renamed. One that is no longer active is kept for its leads; new ones may not name it."""
    defined = await actions.define_channel(session, channel, command, if_match, by=caller.id)
    return stamp(response, ChannelView.model_validate(defined))


@router.get("/channels/{channel}")
async def read_channel(channel: str, session: Reading, response: Response) -> ChannelView:
    """A channel."""
    return stamp(response, await queries.find_channel(session, channel))


@router.get("/channels/{channel}/history")
async def read_channel_history(channel: str, session: Reading, query: OrderedPageQuery) -> Page[HistoryItem]:
    """Every fact of the channel and of its cost, oldest first."""
    await queries.find_channel(session, channel)
    return await history_page(partial(history, session), f"channel:{channel}", query)


@router.post("/channels/{channel}/costs", status_code=201, dependencies=[configurers])
async def record_cost(
    channel: str, command: RecordCost, session: Transaction, caller: CurrentCaller, response: Response
) -> CostAnswer:
    """Money spent on the channel; reports spread it evenly over its days."""
    cost, owner = await actions.record_cost(session, caller, channel, command)
    stamp_token(response, owner.token)
    return CostAnswer(**cost.model_dump(), token=owner.token)


@router.get("/costs")
async def list_costs(
    session: Reading, filters: Annotated[CostFilter, Depends(at_once(CostFilter))], query: PageQuery
) -> Page[CostView]:
    """The costs, the latest first; sort by `starts_on` or `amount`."""
    return await queries.list_costs(session, filters, query)


@router.post("/costs/{cost_id}/void", dependencies=[configurers])
async def void_cost(
    cost_id: UUID, command: VoidCost, session: Transaction, caller: CurrentCaller, response: Response
) -> CostAnswer:
    """Undoes a wrong cost: it counts in no period any more."""
    cost, channel = await actions.void_cost(session, caller, cost_id, command)
    stamp_token(response, channel.token)
    return CostAnswer(**cost.model_dump(), token=channel.token)


@router.get("/campaigns")
async def list_campaigns(
    session: Reading, filters: Annotated[CampaignFilter, Depends(at_once(CampaignFilter))], query: PageQuery
) -> Page[CampaignView]:
    """The campaigns, the latest first; sort by `starts_on` or `code`."""
    return await queries.list_campaigns(session, filters, query)


@router.put("/campaigns/{campaign}", dependencies=[configurers])
async def define_campaign(
    campaign: Address,
    command: DefineCampaign,
    session: Transaction,
    caller: CurrentCaller,
    if_match: OptionalIfMatch,
    response: Response,
) -> CampaignView:
    """A campaign of a channel, new or changed."""
    defined = await actions.define_campaign(session, campaign, command, if_match, by=caller.id)
    return stamp(response, CampaignView.model_validate(defined))


@router.get("/campaigns/{campaign}")
async def read_campaign(campaign: str, session: Reading, response: Response) -> CampaignView:
    """A campaign."""
    return stamp(response, await queries.find_campaign(session, campaign))


@router.get("/campaigns/{campaign}/history")
async def read_campaign_history(
    campaign: str, session: Reading, query: OrderedPageQuery
) -> Page[HistoryItem]:
    """Every fact of the campaign, oldest first."""
    await queries.find_campaign(session, campaign)
    return await history_page(partial(history, session), f"campaign:{campaign}", query)
