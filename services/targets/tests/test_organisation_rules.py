"""What may happen to units and people."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest

from contracts.roles import Role
from contracts.targets import MembershipChanged, PersonHired, PersonRoleChanged
from targets.organisation import rules
from targets.organisation.commands import Move, PersonRow, UnitChange, UnitRow
from targets.organisation.model import Organisation, Register, standing
from targets.organisation.refusals import (
    HireIsFixed,
    LeftAlready,
    MovesAfterLeaving,
    NotEmployedThen,
    PersonUnknown,
    RoleNotForPeople,
    UnitAboveItself,
    UnitInUse,
    UnitNotThere,
    UnitUnknown,
)

TODAY = date(2026, 7, 1)
FOUNDED = date(2020, 1, 1)


@dataclass
class Unit:
    id: UUID
    code: str
    name: str = "A unit"
    kind: str = "team"
    manager_id: UUID | None = None
    region: str | None = None
    opened_on: date = FOUNDED
    closed_on: date | None = None


@dataclass
class Person:
    id: UUID
    code: str
    display_name: str = "王芳"
    role: str = "representative"
    hired_on: date = FOUNDED
    left_on: date | None = None


TOP, MIDDLE, BOTTOM, APART = (Unit(UUID(int=n), code) for n, code in enumerate("tmba", start=1))
FANG = Person(UUID(int=9), "E9")


def organisation() -> Organisation:
    """top ← middle ← bottom, and a unit apart."""
    return Organisation(
        units=Register([TOP, MIDDLE, BOTTOM, APART]),
        people=Register([FANG]),
        parents={
            TOP.id: {FOUNDED: None},
            MIDDLE.id: {FOUNDED: TOP.id},
            BOTTOM.id: {FOUNDED: MIDDLE.id},
            APART.id: {FOUNDED: None},
        },
        memberships={FANG.id: {FOUNDED: BOTTOM.id}},
    )


def row(**more: object) -> PersonRow:
    return PersonRow.model_validate(
        {
            "code": "E9",
            "display_name": "王芳",
            "role": Role.representative,
            "hired_on": FOUNDED,
            **more,
        }
    )


def test_what_holds_on_a_day_is_the_last_change_up_to_it() -> None:
    changes = {date(2026, 1, 1): TOP.id, date(2026, 3, 1): None, date(2026, 2, 1): MIDDLE.id}
    assert standing(changes, date(2025, 12, 31)) is None
    assert standing(changes, date(2026, 1, 31)) == TOP.id
    assert standing(changes, date(2026, 2, 1)) == MIDDLE.id
    assert standing(changes, date(2026, 3, 1)) is None


def test_a_unit_cannot_move_below_itself() -> None:
    for parent in ("b", "m", "t"):
        with pytest.raises(UnitAboveItself):
            rules.change_unit(TOP, UnitChange(parent_code=parent), organisation(), TODAY)


def test_a_unit_cannot_come_to_stand_above_itself_by_a_move_that_is_planned() -> None:
    known = organisation()
    known.parents[TOP.id][date(2026, 12, 1)] = APART.id
    with pytest.raises(UnitAboveItself, match="2026-12-01"):
        rules.change_unit(APART, UnitChange(parent_code="b"), known, TODAY)


def test_a_unit_may_stand_for_a_time_where_it_could_not_stay() -> None:
    known = organisation()
    known.parents[TOP.id][date(2026, 12, 1)] = APART.id
    known.parents[APART.id][date(2026, 11, 1)] = None
    fact = rules.change_unit(APART, UnitChange(parent_code="b"), known, TODAY)
    assert fact is not None
    assert fact.parent_id == BOTTOM.id


def test_a_new_name_leaves_the_planned_move_alone() -> None:
    known = organisation()
    known.parents[BOTTOM.id][date(2026, 12, 1)] = APART.id
    fact = rules.change_unit(BOTTOM, UnitChange(name="B"), known, TODAY)
    assert fact is not None
    assert (fact.name, fact.parent_id, fact.effective_on) == ("B", MIDDLE.id, TODAY)


def test_a_change_that_says_what_is_known_makes_no_fact() -> None:
    same = UnitRow(code="b", name="A unit", kind="team", parent_code="m", effective_on=FOUNDED)
    assert rules.change_unit(BOTTOM, same, organisation(), TODAY) is None


def test_what_is_named_as_none_is_taken_away_and_what_is_not_named_stays() -> None:
    led = Unit(UUID(int=5), "led", manager_id=FANG.id, region="east")
    fact = rules.change_unit(led, UnitChange(region=None), Organisation(), TODAY)
    assert fact is not None
    assert (fact.region, fact.manager_id) == (None, FANG.id)


@pytest.mark.parametrize(
    ("named", "refusal"),
    [
        ({"parent_code": "t", "effective_on": date(2019, 1, 1)}, UnitNotThere),
        ({"parent_code": "nowhere"}, UnitUnknown),
        ({"manager_code": "nobody"}, PersonUnknown),
    ],
)
def test_a_unit_is_created_below_one_that_exists_by_then(
    named: dict[str, object], refusal: type[Exception]
) -> None:
    asked = UnitRow.model_validate({"code": "n", "name": "N", "kind": "team", **named})
    with pytest.raises(refusal):
        rules.create_unit(UUID(int=7), asked, organisation(), TODAY)


def test_who_has_left_leads_no_unit() -> None:
    gone = Person(UUID(int=9), "E9", left_on=TODAY)
    known = Organisation(units=Register([APART]), people=Register([gone]))
    with pytest.raises(NotEmployedThen):
        rules.change_unit(APART, UnitChange(manager_code="E9"), known, TODAY)
    earlier = UnitChange(manager_code="E9", effective_on=date(2026, 6, 30))
    assert rules.change_unit(APART, earlier, known, TODAY)


def test_a_unit_that_holds_somebody_is_not_closed() -> None:
    with pytest.raises(UnitInUse):
        rules.close_unit(BOTTOM, TODAY, members=1, units=0)
    with pytest.raises(UnitInUse):
        rules.close_unit(BOTTOM, TODAY, members=0, units=1)
    assert rules.close_unit(BOTTOM, TODAY, members=0, units=0)


def test_a_closed_unit_takes_no_members() -> None:
    closed = Unit(UUID(int=6), "closed", closed_on=date(2026, 1, 1))
    known = Organisation(units=Register([closed]))
    with pytest.raises(UnitNotThere):
        rules.move(FANG, Move(unit_code="closed"), TODAY, known)


def test_a_unit_takes_nothing_that_would_outlast_it() -> None:
    closing, before = Unit(UUID(int=6), "closing", closed_on=date(2026, 12, 1)), date(2026, 8, 1)
    known = organisation()
    known.units.add(closing)
    for refused in (
        lambda: rules.move(FANG, Move(unit_code="closing"), before, known),
        lambda: rules.hire(UUID(int=8), row(code="E8", unit_code="closing"), known),
        lambda: rules.change_unit(APART, UnitChange(parent_code="closing"), known, before),
        lambda: rules.create_unit(
            UUID(int=7), UnitRow(code="n", name="n", kind="team", parent_code="closing"), known, before
        ),
    ):
        with pytest.raises(UnitNotThere, match="2026-12-01 lies outside"):
            refused()
    known.memberships[FANG.id][date(2026, 12, 1)] = TOP.id
    known.parents[APART.id][date(2026, 12, 1)] = None
    assert rules.move(FANG, Move(unit_code="closing"), before, known)
    assert rules.change_unit(APART, UnitChange(parent_code="closing"), known, before)
    gone = Person(UUID(int=10), "E10", left_on=date(2026, 11, 30))
    assert rules.move(gone, Move(unit_code="closing"), before, known)


def test_a_hire_with_a_unit_is_two_facts() -> None:
    hired, joined = rules.hire(UUID(int=8), row(code="E8", unit_code="b"), organisation())
    assert isinstance(hired, PersonHired)
    assert isinstance(joined, MembershipChanged)
    assert (joined.unit_id, joined.effective_on) == (BOTTOM.id, FOUNDED)


def test_nobody_belongs_to_a_unit_before_the_hire_date() -> None:
    early = row(code="E8", unit_code="b", member_from=date(2019, 12, 31))
    with pytest.raises(NotEmployedThen):
        rules.hire(UUID(int=8), early, organisation())


def test_a_program_is_no_person() -> None:
    with pytest.raises(RoleNotForPeople):
        rules.hire(UUID(int=8), row(role=Role.integrator), organisation())


def test_a_row_about_a_known_person_makes_the_new_facts_only() -> None:
    known = organisation()
    assert rules.restate(FANG, row(unit_code="b", member_from=FOUNDED), known, TODAY) == []
    assert rules.restate(FANG, row(), known, TODAY) == []
    promoted, moved = rules.restate(FANG, row(role=Role.supervisor, unit_code="m"), known, TODAY)
    assert isinstance(promoted, PersonRoleChanged)
    assert isinstance(moved, MembershipChanged)
    assert moved.effective_on == TODAY


def test_a_row_with_another_name_or_hire_date_is_refused() -> None:
    with pytest.raises(HireIsFixed):
        rules.restate(FANG, row(display_name="李娜"), organisation(), TODAY)


def test_who_leaves_goes_once_and_after_all_moves() -> None:
    assert rules.leave(FANG, TODAY, {FOUNDED: BOTTOM.id})
    with pytest.raises(MovesAfterLeaving):
        rules.leave(FANG, TODAY, {date(2026, 8, 1): MIDDLE.id})
    with pytest.raises(NotEmployedThen):
        rules.leave(FANG, FOUNDED, {})
    gone = Person(UUID(int=9), "E9", left_on=TODAY)
    assert rules.leave(gone, TODAY, {}) is None
    with pytest.raises(LeftAlready):
        rules.leave(gone, date(2026, 8, 1), {})
    with pytest.raises(NotEmployedThen):
        rules.move(gone, Move(unit_code="m"), TODAY, organisation())
