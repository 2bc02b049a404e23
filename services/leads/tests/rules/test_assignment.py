"""Who gets the next lead, and when one falls back into the pool."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest

from leads.assignment.rules import (
    Turns,
    define_assignment_rule,
    define_pool_rule,
    due_before,
    first_concerned,
)

A, B, C = (UUID(int=number) for number in (1, 2, 3))


@dataclass(frozen=True, slots=True)
class Given:
    """A lead as rules sort it."""

    channel: str = "zhihu"
    level: str | None = None


def rule(
    *members: tuple[UUID, int | None],
    code: str = "r",
    kind: str = "round_robin",
    priority: int = 1,
    **more: object,
) -> object:
    return define_assignment_rule(
        code,
        1,
        name_en=code,
        name_zh=code,
        kind=kind,
        priority=priority,
        members=[{"person_id": person, "capacity": capacity} for person, capacity in members],
        **{"channels": [], "levels": [], "window_days": 30, "active": True, **more},
    )


def turns(*rules: object, present: Sequence[UUID] = (A, B, C), taken: dict[UUID, int] | None = None) -> Turns:
    return Turns(rules, set(present), taken=taken or {})  # type: ignore[arg-type]


def given(state: Turns, count: int, lead: Given = Given()) -> list[UUID | None]:
    decided = [state.next(lead) for _ in range(count)]
    return [each[1] if each else None for each in decided]


@pytest.mark.capability("X3")
def test_a_capacity_of_120_in_30_days_is_4_a_day_and_6_of_10_wait() -> None:
    assert Counter(given(turns(rule((A, 120), kind="capacity")), 10)) == {A: 4, None: 6}


def test_what_was_taken_earlier_that_day_counts() -> None:
    assert given(turns(rule((A, 120), kind="capacity"), taken={A: 3}), 3) == [A, None, None]


def test_in_turn_everybody_gets_one_after_the_other_and_the_turn_is_kept() -> None:
    state = turns(rule((A, None), (B, None), (C, None)))
    assert given(state, 4) == [A, B, C, A]
    later = Turns(state.rules, state.present, dict(state.last))
    assert given(later, 2) == [B, C]


def test_who_is_not_here_or_has_no_room_is_passed_over() -> None:
    assert given(turns(rule((A, None), (B, None), (C, None)), present=(A, C)), 3) == [A, C, A]
    assert given(turns(rule((A, 30), (B, None))), 4) == [A, B, B, B]


def test_by_capacity_the_one_with_most_room_gets_it() -> None:
    assert given(turns(rule((A, 60), (B, 120), kind="capacity")), 6) == [B, B, A, B, A, B]


def test_the_first_rule_by_priority_that_has_room_decides() -> None:
    narrow = rule((A, 30), code="narrow", channels=["zhihu"])
    wide = rule((B, None), code="wide", priority=2)
    state = turns(wide, narrow)
    decided = [state.next(lead) for lead in (Given(), Given("baidu"), Given())]
    assert [each and (each[0].assignment_rule, each[1]) for each in decided] == [
        ("narrow", A),
        ("wide", B),
        ("wide", B),
    ]


def test_a_rule_that_is_not_active_or_not_about_the_lead_gives_nothing() -> None:
    assert given(turns(rule((A, None), active=False)), 1) == [None]
    assert given(turns(rule((A, None), levels=["a"])), 1) == [None]
    assert given(turns(rule((A, None), levels=["a"])), 1, Given(level="a")) == [A]


def test_a_rule_has_room_while_one_of_its_members_takes_more_today() -> None:
    full, free = rule((A, 30), (B, 30), code="full"), rule((C, None), code="free", channels=["baidu"])
    state = turns(full, free, rule((C, None), code="off", active=False))
    assert state.with_room() == [full, free]
    assert given(state, 3) == [A, B, None]
    assert state.with_room() == [free]


def pool(code: str, days: int, priority: int = 1, channels: Sequence[str] = ()) -> object:
    return define_pool_rule(
        code,
        1,
        name_en=code,
        name_zh=code,
        priority=priority,
        channels=list(channels),
        levels=[],
        after_days=days,
        active=True,
    )


@pytest.mark.capability("X6")
def test_ninety_days_after_june_30th_are_over_on_september_29th() -> None:
    rule = pool("r", 90)
    assert due_before(rule, date(2026, 9, 28)) == date(2026, 6, 30)  # type: ignore[arg-type]  # not before: waits
    assert due_before(rule, date(2026, 9, 29)) == date(2026, 7, 1)  # type: ignore[arg-type]  # released


def test_of_the_rules_about_a_lead_the_first_decides() -> None:
    rules = [pool("all", 30, 2), pool("zhihu", 10, 1, ["zhihu"])]
    assert first_concerned(rules, Given()).pool_rule == "zhihu"  # type: ignore[arg-type, union-attr]
    assert first_concerned(rules, Given("baidu")).pool_rule == "all"  # type: ignore[arg-type, union-attr]
