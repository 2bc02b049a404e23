"""What may be said of channels, campaigns and costs."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from contracts.leads import CampaignDefined, ChannelDefined, CostAttributes, CostRecorded, CostVoided
from leads.sources.refusals import CostVoidedAlready, UnknownCampaign, UnknownChannel


def known_channel(asked: str, active: Collection[str]) -> str:
    """The channel's code; refuses one that is not defined or no longer in use."""
    if asked not in active:
        raise UnknownChannel(pointer="/channel", asked=asked, allowed=", ".join(sorted(active)) or "–")
    return asked


def known_campaign(asked: str | None, channel: str, campaigns: Mapping[str, str]) -> str | None:
    """The campaign's code; refuses one that is not defined, or is another channel's. `campaigns`: to channels."""
    if asked is not None and campaigns.get(asked) != channel:
        raise UnknownCampaign(pointer="/campaign", asked=asked, channel=channel)
    return asked


def define_channel(code: str, *, name_en: str, name_zh: str, active: bool) -> ChannelDefined:
    """A channel as it is called from now on."""
    return ChannelDefined(channel=code, name_en=name_en, name_zh=name_zh, active=active)


def define_campaign(
    code: str, *, channel: str, name: str, starts_on: date, ends_on: date | None
) -> CampaignDefined:
    """A campaign as it is from now on."""
    return CampaignDefined(campaign=code, channel=channel, name=name, starts_on=starts_on, ends_on=ends_on)


def record_cost(
    cost_id: UUID,
    channel: str,
    *,
    campaign: str | None,
    starts_on: date,
    ends_on: date,
    amount: Decimal,
    currency: str,
) -> CostRecorded:
    """Money spent on the channel."""
    return CostRecorded(
        cost_id=cost_id,
        channel=channel,
        campaign=campaign,
        starts_on=starts_on,
        ends_on=ends_on,
        amount=amount,
        currency=currency,
    )


def void_cost(cost: CostAttributes, voided_at: datetime | None, reason_code: str) -> CostVoided:
    """Undoes it, once."""
    if voided_at is not None:
        raise CostVoidedAlready(voided_at=voided_at.isoformat())
    return CostVoided(
        **{name: getattr(cost, name) for name in CostAttributes.model_fields}, reason_code=reason_code
    )
