"""The bands of health: pure, exact to the second (F2)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from contracts.reporting import HealthMeasure
from contracts.targets import Direction

SECONDS_A_DAY, SECONDS_AN_HOUR = 86_400, 3_600

SECONDS = {
    HealthMeasure.first_visit_conversion: 1,
    HealthMeasure.stage_dwell: SECONDS_A_DAY,
    HealthMeasure.response_interval: SECONDS_AN_HOUR,
}
"""What one of a dimension's unit is worth: a lead that was visited counts 1, a day and an hour are seconds."""


class Band(StrEnum):
    healthy = "healthy"
    watch = "watch"
    alert = "alert"


class Colour(StrEnum):
    green = "green"
    amber = "amber"
    red = "red"


COLOURS = {Band.healthy: Colour.green, Band.watch: Colour.amber, Band.alert: Colour.red}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Green at `healthy` or better, red strictly beyond `alert`, amber between; without `healthy` there is no amber."""

    direction: Direction
    healthy: Decimal | None
    alert: Decimal


def mean(measure: HealthMeasure, total: Decimal | int, count: int) -> Fraction | None:
    """The dimension's value, exactly: `total` (visited leads, or seconds) by `count`, in its unit. None: of nothing."""
    return Fraction(total) / count / SECONDS[measure] if count else None


def band(value: Fraction | None, thresholds: Thresholds | None) -> Band | None:
    """Where a value lies; None where there is nothing to measure, or no rule that says where the bands are."""
    if value is None or thresholds is None:
        return None
    if _better(thresholds.alert, value, thresholds.direction):
        return Band.alert
    if thresholds.healthy is None or not _better(thresholds.healthy, value, thresholds.direction):
        return Band.healthy
    return Band.watch


def _better(threshold: Decimal, value: Fraction, direction: Direction) -> bool:
    """Whether the threshold is strictly better than the value."""
    limit = Fraction(threshold)
    return limit > value if direction is Direction.higher_is_better else limit < value
