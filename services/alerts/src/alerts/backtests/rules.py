"""What fires within a time, what became of the records, and the settings that may be tried out. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.backtests.refusals import BacktestSpanUnfit, ChangeUnfit
from alerts.timers.rules import Episode, Fact
from contracts.alerts import RuleDefined
from contracts.opportunities import (
    OpportunityLost,
    OpportunityReopened,
    OpportunityVoided,
    OpportunityWon,
    Undone,
)

LONGEST = timedelta(days=732)
"""Two years at a time."""

OPEN, WON, LOST, VOIDED = "open", "won", "lost", "voided"
RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant until before another, neither of them later than now."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, start: datetime, end: datetime, now: datetime) -> "Span":
        """Refuses one that is empty or too long."""
        if not start < end <= start + LONGEST:
            raise BacktestSpanUnfit(
                pointer="/to", start=start.isoformat(), end=end.isoformat(), most=LONGEST.days
            )
        return cls(min(start, now), min(end, now))

    def firings(self, episodes: Iterable[Episode]) -> list[Episode]:
        """The episodes that fire within it."""
        return [each for each in episodes if each.fires_at and self.start <= each.fires_at < self.end]

    def watches(self, episodes: Iterable[Episode]) -> bool:
        """Whether an episode that had not fired before lies in it, at least in part."""
        return any(
            each.began_at < self.end
            and (each.over_at is None or each.over_at > self.start)
            and (each.fires_at is None or each.fires_at >= self.start)
            for each in episodes
        )


def changed(rule: RuleDefined, settings: Mapping[str, Any]) -> RuleDefined:
    """The rule with other settings. Refuses those that a rule of its kind has not."""
    definition = rule.definition
    inner = {name: value for name, value in settings.items() if name != RECIPIENT}
    for name in inner:
        if name not in type(definition).model_fields:
            allowed = sorted({*TRIABLE.intersection(type(definition).model_fields), RECIPIENT})
            raise ChangeUnfit(
                pointer=f"/change/{name}", field=name, kind=definition.kind, allowed=", ".join(allowed)
            )
    outer = {name: value for name, value in settings.items() if name == RECIPIENT}
    return rule.model_copy(update={**outer, "definition": definition.model_copy(update=inner)})


TRIABLE = frozenset({"after_seconds", "clock", "conditions", "alert", "periods", "metrics"})
"""The settings of a definition that a backtest can change."""


def outcome(facts: Sequence[Fact]) -> str:
    """What became of a record: of an opportunity `won`, `lost`, `open` or `voided`; of a lead its state."""
    said = OPEN
    for fact in facts:
        match fact.type:
            case OpportunityWon.type:
                said = WON
            case OpportunityLost.type:
                said = LOST
            case OpportunityReopened.type:
                said = OPEN
            case OpportunityVoided.type:
                said = VOIDED if fact.data["undone"] == Undone.opportunity else OPEN
            case _:
                said = fact.data.get("state", said)
    return said


def shares(counts: Mapping[str, int]) -> dict[str, Decimal]:
    """Each count as a share of all of them, to six decimals; none of nothing."""
    whole = sum(counts.values())
    return {name: round(Decimal(count) / whole, 6) for name, count in sorted(counts.items())} if whole else {}
