"""What sources refuse."""

from contracts.refusal import Refusal


class UnknownChannel(Refusal):
    code = "unknown_channel"
    status = 422
    en = "There is no such channel"
    zh = "没有该渠道"
    en_detail = "There is no active channel {asked}; allowed: {allowed}."
    zh_detail = "没有启用的渠道 {asked};可选:{allowed}。"


class UnknownCampaign(Refusal):
    code = "unknown_campaign"
    status = 422
    en = "There is no such campaign of the channel"
    zh = "该渠道没有此营销活动"
    en_detail = "There is no campaign {asked} of channel {channel}; define it first."
    zh_detail = "渠道 {channel} 没有营销活动 {asked};请先定义。"


class CostVoidedAlready(Refusal):
    code = "cost_voided_already"
    en = "The cost was undone already"
    zh = "该成本已作废"
    en_detail = "It was undone at {voided_at}; record a new one."
    zh_detail = "该成本已于 {voided_at} 作废;请登记新的成本。"
