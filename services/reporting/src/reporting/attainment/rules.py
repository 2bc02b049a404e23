"""The formulas of attainment: pure, on exact decimals. `None` means undefined, never zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from contracts.targets import Direction
from reporting.figures import SIX_PLACES, Ratio, half_up, ratio


class TargetView(StrEnum):
    """Which of a target's values a report measures against."""

    current = "current"
    original = "original"
    prorated = "prorated"


@dataclass(frozen=True, slots=True)
class TargetValue:
    """A target's values from a business day on: as published, or as a revision set them."""

    effective_on: date
    base: Decimal
    challenge: Decimal | None


@dataclass(frozen=True, slots=True)
class Goal:
    """The values that a figure is measured against."""

    base: Decimal
    challenge: Decimal | None


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days of a period, and those of them that are over."""

    elapsed: int
    total: int


def attainment(actual: Decimal | None, target: Decimal | None, direction: Direction) -> Ratio | None:
    """Attainment 达成率 = actual ÷ target (S40, X4); where lower is better, target ÷ actual.

    Undefined for a missing or zero target, an unknown actual, and a zero actual where lower is better.
    """
    if actual is None or not target:
        return None
    if direction is Direction.lower_is_better:
        return ratio(target, actual) if actual else None
    return ratio(actual, target)


def gap(actual: Decimal | None, base: Decimal | None) -> Decimal | None:
    """What is still missing (negative) or over (positive): actual − base (S42)."""
    return None if actual is None or base is None else actual - base


def expectation(base: Decimal | None, days: WorkingDays, *, prorate: bool) -> Decimal | None:
    """What should have been reached by now: target × elapsed ÷ all working days of the period.

    Ratios and averages are not prorated: their whole target is expected from the first day on.
    Undefined for a period without a working day.
    """
    if base is None or not prorate:
        return base
    if not days.total:
        return None
    return base * days.elapsed / days.total


def pace(actual: Decimal | None, expected: Decimal | None) -> Ratio | None:
    """Actual ÷ expectation: above 1 is ahead of the plan. Undefined while nothing is expected yet."""
    return None if actual is None or not expected else ratio(actual, expected)


def goal(
    values: Sequence[TargetValue], view: TargetView, *, on: date, starts_on: date, ends_on: date
) -> Goal | None:
    """The values of a target under a view; `values` begin with those published, then by effective day.

    `current` is the last value in effect on the business day `on`. `prorated` weighs every value by the calendar
    days of the period [starts_on, ends_on) on which it holds.
    """
    if not values:
        return None
    published, *revisions = values
    match view:
        case TargetView.original:
            return Goal(published.base, published.challenge)
        case TargetView.current:
            in_effect = [published, *(revision for revision in revisions if revision.effective_on <= on)]
            return Goal(in_effect[-1].base, in_effect[-1].challenge)
        case TargetView.prorated:
            return _prorated(values, starts_on, ends_on)


def _prorated(values: Sequence[TargetValue], starts_on: date, ends_on: date) -> Goal:
    begins = [starts_on, *(min(max(value.effective_on, starts_on), ends_on) for value in values[1:])]
    spans = zip(values, begins, [*begins[1:], ends_on], strict=True)
    held = [(value, (end - begin).days) for value, begin, end in spans if end > begin]
    base = _weighted([(value.base, days) for value, days in held])
    challenges = [(value.challenge, days) for value, days in held if value.challenge is not None]
    return Goal(base, _weighted(challenges) if len(challenges) == len(held) else None)


def _weighted(parts: Sequence[tuple[Decimal, int]]) -> Decimal:
    total = sum((number * days for number, days in parts), Decimal(0))
    return half_up(total / sum(days for _, days in parts), SIX_PLACES)
