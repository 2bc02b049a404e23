"""The formulas of a funnel's stage: pure, on counts (S99, S101, F1)."""

from dataclasses import dataclass
from decimal import Decimal

from reporting.figures import Ratio, ratio


@dataclass(frozen=True, slots=True)
class StageVisits:
    """The visits that a cohort paid to one stage, by how they ended; a re-entry is a visit of its own."""

    advanced: int
    lost: int
    returned: int
    open: int
    days_of_left: Decimal
    days_of_all: Decimal

    @property
    def left(self) -> int:
        return self.advanced + self.lost + self.returned

    @property
    def entered(self) -> int:
        return self.left + self.open


def conversion(visits: StageVisits) -> Ratio:
    """Advanced ÷ entered; winning is advancing. Together with the loss rate it stays below 1 while some are open."""
    return ratio(visits.advanced, visits.entered)


def loss_rate(visits: StageVisits) -> Ratio:
    """Lost ÷ entered."""
    return ratio(visits.lost, visits.entered)


def average_cycle_days(visits: StageVisits) -> Ratio:
    """Mean elapsed days in the stage of those that left it."""
    return ratio(visits.days_of_left, visits.left)


def average_dwell_days(visits: StageVisits) -> Ratio:
    """Mean elapsed days in the stage of all, the running visits up to now: a stuck one must not look healthy (S84)."""
    return ratio(visits.days_of_all, visits.entered)
