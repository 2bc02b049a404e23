"""What is refused about backtests."""

from contracts.refusal import Refusal


class BacktestSpanUnfit(Refusal):
    code = "backtest_span_unfit"
    status = 422
    en = "The time of the backtest does not fit"
    zh = "回测时间范围不合适"
    en_detail = "It is from {start} to {end}; it must begin before it ends, and last at most {most} days."
    zh_detail = "范围为 {start} 至 {end};开始必须早于结束,且最长 {most} 天。"


class ChangeUnfit(Refusal):
    code = "change_unfit"
    status = 422
    en = "The rule has no such setting"
    zh = "该规则没有此设置"
    en_detail = "{field} is no setting of a {kind} rule; allowed: {allowed}."
    zh_detail = "{field} 不是 {kind} 类规则的设置;可选:{allowed}。"
