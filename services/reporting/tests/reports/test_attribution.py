"""To whom figures belong when people move, leave, and hand over."""

from datetime import date
from typing import Any

import pytest

from contracts import Role
from contracts.targets import UnitChanged
from testkit.history import History

from .conftest import Reports

YEAR: dict[str, Any] = {"from_": "2026-01-01", "to": "2027-01-01"}


async def amounts(reports: Reports, **asked: Any) -> dict[str, str]:
    answer = await reports.read("attainment", metric="sales_amount", **YEAR, **asked)
    return {row["subject"]["code"]: row["actual"]["amount"] for row in answer["items"]}


async def test_a_mover_s_wins_stay_with_the_unit_of_their_day_and_go_along_as_is(reports: Reports) -> None:
    history = History()
    history.sales_amount()
    company = history.unit("company")
    north, south = history.unit("north", parent=company), history.unit("south", parent=company)
    wang = history.person("E1", unit=north)
    history.move(wang, south, date(2026, 7, 1))
    history.deal(wang, at=date(2026, 6, 1), amount=100).won(at=date(2026, 6, 30))
    history.deal(wang, at=date(2026, 6, 1), amount=20).won(at=date(2026, 7, 1))
    await reports.hear(history)
    assert await amounts(reports) == {"company": "120.00", "north": "100.00", "south": "20.00"}
    assert await amounts(reports, attribution="as_is") == {
        "company": "120.00",
        "north": "0.00",
        "south": "120.00",
    }
    assert await amounts(reports, subject_kind="person") == {"E1": "120.00"}

    asked: dict[str, Any] = {"metric": "sales_amount", **YEAR}
    south_was = await reports.read("attainment/explain", **asked, unit_code="south")
    [near] = south_was["near_misses"]
    assert (near["reason"], near["value"]["amount"]) == ("other_unit", "100.00")
    north_was = await reports.read("attainment/explain", **asked, unit_code="north")
    [near] = north_was["near_misses"]
    assert (near["reason"], near["value"]["amount"]) == ("other_unit", "20.00")
    north_is = await reports.read("attainment/explain", **asked, unit_code="north", attribution="as_is")
    assert north_is["items"] == []
    assert [miss["reason"] for miss in north_is["near_misses"]] == ["other_unit"]


@pytest.mark.capability("S47")
async def test_a_win_stays_with_the_owner_of_its_day_and_goes_to_today_s_owner_as_is(
    reports: Reports,
) -> None:
    history = History()
    history.sales_amount()
    north, south = history.unit("north"), history.unit("south")
    wang, li = history.person("E1", unit=north), history.person("E2", unit=south)
    deal = history.deal(wang, at=date(2026, 3, 1), amount=100)
    deal.won(at=date(2026, 3, 9)).owner(li, at=date(2026, 3, 10))
    await reports.hear(history)
    assert await amounts(reports) == {"north": "100.00", "south": "0.00"}
    assert await amounts(reports, attribution="as_is") == {"north": "0.00", "south": "100.00"}
    assert await amounts(reports, subject_kind="person") == {"E1": "100.00", "E2": "0.00"}
    assert await amounts(reports, subject_kind="person", attribution="as_is") == {
        "E1": "0.00",
        "E2": "100.00",
    }
    explained = await reports.read(
        "attainment/explain", metric="sales_amount", **YEAR, subject_kind="person", person_code="E2"
    )
    assert [miss["reason"] for miss in explained["near_misses"]] == ["other_owner"]


@pytest.mark.capability("F7")
async def test_a_leaver_s_history_neither_moves_nor_vanishes(reports: Reports) -> None:
    history = History()
    history.sales_amount()
    history.pipeline()
    boss = history.person("E0", role=Role.manager)
    company = history.unit("company", manager=boss)
    north = history.unit("north", parent=company)
    wang = history.person("E1", unit=north)
    history.deal(wang, at=date(2026, 3, 1), amount=100).won(at=date(2026, 3, 9))
    history.deal(wang, at=date(2026, 3, 1), amount=5).won(at=date(2026, 6, 2))  # signed after the departure
    history.leave(wang, date(2026, 6, 1))
    await reports.hear(history)
    for attribution in ("as_was", "as_is"):
        for role, who in ((Role.director, None), (Role.manager, boss)):
            asked: dict[str, Any] = {"attribution": attribution, "role": role, "who": who}
            assert await amounts(reports, **asked) == {"company": "105.00", "north": "105.00"}
            cohort = await reports.read("funnels/cohort", **YEAR, **asked)
            assert cohort["total"]["won"] == 2
    assert (await amounts(reports, subject_kind="person"))["E1"] == "105.00"


async def test_a_unit_that_moves_takes_its_later_facts_along_not_its_earlier_ones(reports: Reports) -> None:
    history = History()
    history.sales_amount()
    east, west = history.unit("east", kind="region"), history.unit("west", kind="region")
    team = history.unit("team", parent=east)
    wang = history.person("E1", unit=team)
    moved = {
        "unit_id": team,
        "code": "team",
        "name": "team",
        "kind": "team",
        "manager_id": None,
        "region": None,
    }
    history.say(UnitChanged(**moved, parent_id=west, effective_on=date(2026, 7, 1)))
    history.deal(wang, at=date(2026, 6, 1), amount=100).won(at=date(2026, 6, 30))
    history.deal(wang, at=date(2026, 6, 1), amount=20).won(at=date(2026, 7, 1))
    await reports.hear(history)
    assert await amounts(reports) == {"east": "100.00", "team": "120.00", "west": "20.00"}
    assert await amounts(reports, attribution="as_is") == {"east": "0.00", "team": "120.00", "west": "120.00"}
    children = await amounts(reports, unit_code="east", include="children")
    assert children == {"team": "120.00"}, "it was below for half of the year"
    assert await amounts(reports, unit_code="east", include="children", attribution="as_is") == {}
