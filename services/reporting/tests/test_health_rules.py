"""The bands of health, at their bounds and a second beyond them (F2)."""

from decimal import Decimal
from fractions import Fraction

import pytest

from contracts.reporting import HealthMeasure
from contracts.targets import Direction
from reporting.health.rules import COLOURS, Band, Colour, Thresholds, band, mean

VISITS = Thresholds(Direction.higher_is_better, Decimal("0.40"), Decimal("0.25"))
DWELL = Thresholds(Direction.lower_is_better, Decimal(7), Decimal(12))
RESPONSE = Thresholds(Direction.lower_is_better, Decimal(24), Decimal(72))
DAY, HOUR = 86_400, 3_600


@pytest.mark.capability("S122")
@pytest.mark.parametrize(
    ("measure", "thresholds", "total", "count", "colour"),
    [
        (HealthMeasure.first_visit_conversion, VISITS, 4000, 10_000, Colour.green),
        (HealthMeasure.first_visit_conversion, VISITS, 3999, 10_000, Colour.amber),
        (HealthMeasure.first_visit_conversion, VISITS, 2500, 10_000, Colour.amber),
        (HealthMeasure.first_visit_conversion, VISITS, 2499, 10_000, Colour.red),
        (HealthMeasure.stage_dwell, DWELL, 7 * DAY - 1, 1, Colour.green),
        (HealthMeasure.stage_dwell, DWELL, 7 * DAY, 1, Colour.green),
        (HealthMeasure.stage_dwell, DWELL, 7 * DAY + 1, 1, Colour.amber),
        (HealthMeasure.stage_dwell, DWELL, 12 * DAY - 1, 1, Colour.amber),
        (HealthMeasure.stage_dwell, DWELL, 12 * DAY, 1, Colour.amber),
        (HealthMeasure.stage_dwell, DWELL, 12 * DAY + 1, 1, Colour.red),
        (HealthMeasure.response_interval, RESPONSE, 24 * HOUR - 1, 1, Colour.green),
        (HealthMeasure.response_interval, RESPONSE, 24 * HOUR, 1, Colour.green),
        (HealthMeasure.response_interval, RESPONSE, 24 * HOUR + 1, 1, Colour.amber),
        (HealthMeasure.response_interval, RESPONSE, 72 * HOUR - 1, 1, Colour.amber),
        (HealthMeasure.response_interval, RESPONSE, 72 * HOUR, 1, Colour.amber),
        (HealthMeasure.response_interval, RESPONSE, 72 * HOUR + 1, 1, Colour.red),
    ],
)
def test_green_at_or_better_than_healthy_red_strictly_beyond_alert_amber_between(
    measure: HealthMeasure, thresholds: Thresholds, total: int, count: int, colour: Colour
) -> None:
    found = band(mean(measure, Decimal(total), count), thresholds)
    assert found is not None
    assert COLOURS[found] is colour


def test_a_mean_that_no_decimal_writes_down_is_compared_exactly() -> None:
    assert mean(HealthMeasure.stage_dwell, Decimal(DAY), 3) == Fraction(1, 3)
    bound = Thresholds(Direction.lower_is_better, Decimal("0.333333"), Decimal(1))
    assert band(Fraction(1, 3), bound) is Band.watch


def test_without_a_healthy_threshold_there_is_no_amber() -> None:
    alone = Thresholds(Direction.higher_is_better, None, Decimal("0.7"))
    assert [band(Fraction(value, 100), alone) for value in (70, 69)] == [Band.healthy, Band.alert]


def test_of_nothing_and_without_a_rule_there_is_no_band() -> None:
    assert mean(HealthMeasure.response_interval, Decimal(0), 0) is None
    assert band(None, VISITS) is None
    assert band(Fraction(1), None) is None
