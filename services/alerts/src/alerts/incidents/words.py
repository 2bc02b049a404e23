"""Why an incident was raised, in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from contracts.alerts import Clock, Compared, ReadingRule, RuleDefined, TimerRule
from contracts.reporting import ProjectionDrifted
from contracts.targets import Direction

HOUR, DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in both languages."""

    en: str
    zh: str


def why(
    rule: RuleDefined, since: datetime, due_at: datetime, figures: Sequence[str], zone: ZoneInfo
) -> Words:
    """What happened, with instants in the business zone."""
    definition = rule.definition
    began, due = (at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") for at in (since, due_at))
    if isinstance(definition, ReadingRule):
        return _of_weeks(definition, began, figures)
    if _of_drift(definition):
        return Words(
            f"The continuous proof found at {began} that figures differ from the facts that they follow from. "
            "`attain rebuild reporting` makes them anew from the facts.",
            f"持续核对于 {began} 发现报表数据与其所依据的事实不一致。可用 `attain rebuild reporting` 据事实重建。",
        )
    patience = duration(definition)
    return Words(
        f"Nothing that the rule waits for has happened since {began}; {patience.en} were over at {due}.",
        f"自 {began} 起没有发生规则所等待的事;{patience.zh}已于 {due} 届满。",
    )


def resolves(rule: RuleDefined) -> Words:
    """What would resolve it by itself."""
    if isinstance(rule.definition, ReadingRule):
        return Words("The next reading that is not beyond the threshold.", "下一次未越过阈值的读数。")
    facts = sorted(
        {
            trigger.event_type
            for part in (rule.definition.starts, rule.definition.resets, rule.definition.ends)
            for trigger in part
        }
    )
    listed = ", ".join(facts)
    return Words(f"Any of these facts of the record: {listed}.", f"该记录的以下任一事实:{listed}。")


def _of_drift(rule: TimerRule) -> bool:
    return any(trigger.event_type == ProjectionDrifted.type for trigger in rule.starts)


def duration(rule: TimerRule) -> Words:
    """The rule's patience."""
    seconds = rule.after_seconds
    amount, en, zh = next(
        (seconds // unit, en, zh)
        for unit, en, zh in ((DAY, "days", "天"), (HOUR, "hours", "小时"), (1, "seconds", "秒"))
        if seconds % unit == 0 and (unit == 1 or seconds // unit > 1)
    )
    if rule.clock is Clock.working:
        return Words(f"{amount} working {en}", f"{amount} 个工作{zh}")
    return Words(f"{amount} {en}", f"{amount} {zh}")


def _of_weeks(rule: ReadingRule, began: str, figures: Sequence[str]) -> Words:
    below = rule.direction is Direction.higher_is_better
    percent = rule.compared is Compared.attainment
    shown = ", ".join(_figure(each, percent) for each in figures)
    threshold = _figure(format(rule.alert, "f"), percent)
    weeks = len(figures)
    return Words(
        f"{weeks} finished week(s) in a row, from {began[:10]} on, lay {'below' if below else 'above'} {threshold}: "
        f"{shown}.",
        f"自 {began[:10]} 起连续 {weeks} 个已结束的周{'低于' if below else '高于'} {threshold}:{shown}。",
    )


def _figure(text: str, percent: bool) -> str:
    """A share as percent, half up to one decimal; other figures as they are, without zeros at the end."""
    number = Decimal(text)
    if percent:
        return f"{(number * 100).quantize(Decimal('0.1'), ROUND_HALF_UP).normalize():f} %"
    return f"{number.normalize():f}"
