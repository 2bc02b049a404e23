"""The formulas of attainment, by hand."""

from datetime import date
from decimal import Decimal

import pytest

from contracts.targets import Direction
from reporting.attainment.rules import (
    Goal,
    TargetValue,
    TargetView,
    WorkingDays,
    attainment,
    expectation,
    gap,
    goal,
    pace,
)
from reporting.figures import Ratio

HIGHER, LOWER = Direction.higher_is_better, Direction.lower_is_better
QUARTER = {"starts_on": date(2026, 7, 1), "ends_on": date(2026, 10, 1)}


@pytest.mark.capability("S40", "X4")
def test_24_000_of_30_000_is_80_percent() -> None:
    reached = attainment(Decimal(24_000), Decimal(30_000), HIGHER)
    assert reached == Ratio(numerator=Decimal(24_000), denominator=Decimal(30_000), value=Decimal("0.800000"))


def test_where_lower_is_better_attainment_is_target_over_actual() -> None:
    reached = attainment(Decimal(40), Decimal(30), LOWER)
    assert reached is not None
    assert reached.value == Decimal("0.750000")


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize(("actual", "target"), [("5", None), ("5", "0"), (None, "5")])
def test_attainment_is_undefined_rather_than_zero_or_infinite(
    actual: str | None, target: str | None, direction: Direction
) -> None:
    known = [None if number is None else Decimal(number) for number in (actual, target)]
    assert attainment(known[0], known[1], direction) is None


def test_nothing_done_is_zero_attainment_but_undefined_where_lower_is_better() -> None:
    reached = attainment(Decimal(0), Decimal(5), HIGHER)
    assert reached is not None
    assert reached.value == 0
    assert attainment(Decimal(0), Decimal(5), LOWER) is None


@pytest.mark.capability("S42")
def test_the_gap_is_negative_while_something_is_missing() -> None:
    assert gap(Decimal(24_000), Decimal(30_000)) == -6_000
    assert gap(Decimal(31_000), Decimal(30_000)) == 1_000
    assert gap(None, Decimal(1)) is None
    assert gap(Decimal(1), None) is None


def test_the_expectation_grows_with_the_completed_working_days() -> None:
    base = Decimal(66_000)
    assert expectation(base, WorkingDays(0, 66), prorate=True) == 0
    assert expectation(base, WorkingDays(22, 66), prorate=True) == 22_000
    assert expectation(base, WorkingDays(66, 66), prorate=True) == base
    assert expectation(None, WorkingDays(22, 66), prorate=True) is None
    assert expectation(base, WorkingDays(0, 0), prorate=True) is None


def test_a_ratio_is_expected_whole_from_the_first_day() -> None:
    assert expectation(Decimal("0.35"), WorkingDays(0, 66), prorate=False) == Decimal("0.35")


@pytest.mark.capability("S56")
def test_pace_compares_with_the_expectation_and_is_undefined_before_any() -> None:
    ahead = pace(Decimal(24_000), Decimal(22_000))
    assert ahead is not None
    assert ahead.value == Decimal("1.090909")
    assert pace(Decimal(1), Decimal(0)) is None
    assert pace(Decimal(1), None) is None


PUBLISHED = TargetValue(date(2026, 6, 20), Decimal(920), Decimal(1_000))
AUGUST = TargetValue(date(2026, 8, 1), Decimal(460), Decimal(500))


def test_current_takes_a_revision_from_its_effective_day_on() -> None:
    def current(on: date) -> Goal | None:
        return goal([PUBLISHED, AUGUST], TargetView.current, on=on, **QUARTER)

    assert current(date(2026, 7, 31)) == Goal(Decimal(920), Decimal(1_000))
    assert current(date(2026, 8, 1)) == Goal(Decimal(460), Decimal(500))


def test_original_never_moves() -> None:
    seen = goal([PUBLISHED, AUGUST], TargetView.original, on=date(2026, 9, 1), **QUARTER)
    assert seen == Goal(Decimal(920), Decimal(1_000))


def test_prorated_weighs_each_value_by_the_days_on_which_it_holds() -> None:
    seen = goal([PUBLISHED, AUGUST], TargetView.prorated, on=date(2026, 7, 2), **QUARTER)
    assert seen is not None
    assert seen.base == Decimal("615.000000")  # 920 × 31/92 + 460 × 61/92
    assert seen.challenge == Decimal("668.478261")


def test_a_revision_from_before_the_period_replaces_the_whole_prorated_target() -> None:
    early = TargetValue(date(2026, 6, 25), Decimal(500), None)
    seen = goal([PUBLISHED, early], TargetView.prorated, on=date(2026, 7, 2), **QUARTER)
    assert seen == Goal(Decimal(500), None)


def test_without_a_target_there_is_no_goal() -> None:
    assert goal([], TargetView.current, on=date(2026, 7, 2), **QUARTER) is None
