"""The formulas of a funnel's stage, on the rows of F1."""

from decimal import Decimal

import pytest

from reporting.figures import Ratio, half_up
from reporting.funnels.rules import StageVisits, average_cycle_days, average_dwell_days, conversion, loss_rate

PROPOSAL = StageVisits(
    advanced=10, lost=4, returned=0, open=4, days_of_left=Decimal(14 * 14), days_of_all=Decimal(14 * 14 + 44)
)
NOBODY = StageVisits(0, 0, 0, 0, Decimal(0), Decimal(0))


@pytest.mark.capability("S99")
def test_10_of_18_convert_to_six_places_half_up() -> None:
    ten_of_eighteen = Ratio(numerator=Decimal(10), denominator=Decimal(18), value=Decimal("0.555556"))
    assert conversion(PROPOSAL) == ten_of_eighteen


@pytest.mark.capability("S101")
def test_4_of_18_are_lost_and_4_are_still_there() -> None:
    assert loss_rate(PROPOSAL).value == Decimal("0.222222")


def test_a_return_counts_as_leaving_but_neither_as_advance_nor_as_loss() -> None:
    visits = StageVisits(
        advanced=1, lost=1, returned=1, open=1, days_of_left=Decimal(9), days_of_all=Decimal(10)
    )
    assert (visits.entered, visits.left) == (4, 3)
    assert conversion(visits).value == loss_rate(visits).value == Decimal("0.250000")
    assert average_cycle_days(visits).value == 3


@pytest.mark.capability("S84")
def test_the_cycle_leaves_running_visits_out_and_the_dwell_takes_them_in() -> None:
    assert average_cycle_days(PROPOSAL).value == 14
    assert average_dwell_days(PROPOSAL).value == half_up(Decimal(240) / 18, Decimal("0.000001"))


def test_a_stage_that_nobody_entered_has_no_rates() -> None:
    for rate in (conversion, loss_rate, average_cycle_days, average_dwell_days):
        assert rate(NOBODY).value is None
