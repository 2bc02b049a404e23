"""The plan of a run follows from its seed, and its points from the code."""

import os
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chaos import points
from chaos.faults import KINDS
from chaos.plan import FULL_MINUTES, LEAST, make_plan
from runtime import shortcuts

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


@pytest.mark.parametrize(
    ("shares", "answers", "dies"), [(False, True, True), (True, True, False), (False, False, False)]
)
async def test_a_shortcut_that_commits_at_once_comes_to_the_point_after_the_commit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shares: bool, answers: bool, dies: bool
) -> None:
    async def act(shortcut: Any, asked: Any) -> object | None:
        return object() if answers else None

    killed: list[int] = []
    monkeypatch.setattr("runtime.shortcuts._act", act)
    monkeypatch.setattr(os, "kill", lambda pid, _: killed.append(pid))
    orders = points.Orders(tmp_path / "api.json")
    orders.give("api after its commit")
    points.wrap_committing_at_once(orders)
    await shortcuts._act(None, SimpleNamespace(session=object() if shares else None))  # type: ignore[arg-type]
    assert (killed == [os.getpid()]) is dies
