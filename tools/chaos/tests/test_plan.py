"""The plan of a run follows from its seed, and its points from the code."""

from itertools import combinations

import pytest

from chaos import points
from chaos.faults import KINDS
from chaos.plan import FULL_MINUTES, LEAST, make_plan

SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_full_run_has_a_hundred_faults_and_each_kind_three_times(seed: int) -> None:
    plan = make_plan(seed, FULL_MINUTES, KINDS)
    times = {name: sum(each.kind == name for each in plan) for name in KINDS}
    assert len(plan) >= LEAST
    assert min(times.values()) >= 3, times


def test_the_same_seed_makes_the_same_plan_and_another_seed_another() -> None:
    assert make_plan(1, 5, KINDS) == make_plan(1, 5, KINDS)
    assert make_plan(1, 5, KINDS) != make_plan(2, 5, KINDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_fault_breaks_what_another_needs_meanwhile(seed: int) -> None:
    plan = make_plan(seed, FULL_MINUTES, KINDS)
    for first, second in combinations(plan, 2):
        if KINDS[first.kind].disturbs(KINDS[second.kind]):
            assert second.at >= first.at + KINDS[first.kind].lasts


def test_every_point_names_a_function_that_the_code_has() -> None:
    points.check()
