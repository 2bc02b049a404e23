"""To whom figures belong when people move, leave, and hand over."""

from datetime import date
from typing import Any

import pytest

from contracts import Role
from contracts.opportunities import InteractionLogged, OpportunityOpened
from contracts.targets import CountOrSum, UnitChanged, UnitClosed
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


async def test_a_leaver_stands_among_the_people_of_the_unit_whose_total_holds_the_leaver_s_facts(
    reports: Reports,
) -> None:
    history = History()
    history.sales_amount()
    north = history.unit("north")
    wang, _li = history.person("E1", unit=north), history.person("E2", unit=north)
    history.deal(wang, at=date(2026, 3, 1), amount=100).won(at=date(2026, 3, 9))
    history.deal(wang, at=date(2026, 3, 1), amount=5).won(at=date(2026, 7, 2))  # signed after the departure
    history.leave(wang, date(2026, 6, 1))
    await reports.hear(history)
    july: dict[str, Any] = {"metric": "sales_amount", "from_": "2026-07-01", "to": "2026-08-01"}
    august = july | {"from_": "2026-08-01", "to": "2026-09-01"}
    for attribution in ("as_was", "as_is"):
        of_north: dict[str, Any] = {
            "attribution": attribution,
            "subject_kind": "person",
            "unit_code": "north",
        }
        assert await amounts(reports, **of_north) == {"E1": "105.00", "E2": "0.00"}
        for days, sold in ((july, {"E1": "5.00", "E2": "0.00"}), (august, {"E2": "0.00"})):
            answer = await reports.read("attainment", **days, **of_north)
            assert {row["subject"]["code"]: row["actual"]["amount"] for row in answer["items"]} == sold


@pytest.mark.capability("F7")
async def test_a_leaver_s_history_stays_in_the_totals_when_the_unit_is_closed_after_the_departure(
    reports: Reports,
) -> None:
    history = History()
    history.sales_amount()
    history.pipeline()
    company = history.unit("company")
    north = history.unit("north", parent=company)
    wang = history.person("E1", unit=north)
    history.deal(wang, at=date(2026, 3, 1), amount=100).won(at=date(2026, 3, 9))
    history.deal(wang, at=date(2026, 3, 1), amount=7).won(at=date(2026, 8, 9))  # signed after the closing
    history.leave(wang, date(2026, 6, 1))
    history.say(UnitClosed(unit_id=north, closed_on=date(2026, 7, 1)))
    await reports.hear(history)
    for attribution, units in (
        ("as_was", {"company": "107.00", "north": "107.00"}),
        ("as_is", {"company": "107.00"}),
    ):
        asked: dict[str, Any] = {"attribution": attribution}
        assert await amounts(reports, **asked) == units
        assert await amounts(reports, **asked, unit_code="company") == {"company": "107.00"}
        cohort = await reports.read("funnels/cohort", **YEAR, **asked, unit_code="company")
        assert cohort["total"]["won"] == 2
        explained = await reports.read(
            "attainment/explain", metric="sales_amount", **YEAR, **asked, unit_code="company"
        )
        assert explained["actual"]["amount"] == "107.00"
        assert explained["near_misses"] == []


async def test_a_closed_unit_is_below_another_only_until_it_was_closed(reports: Reports) -> None:
    history = History()
    history.sales_amount()
    company = history.unit("company")
    north, _south = history.unit("north", parent=company), history.unit("south", parent=company)
    history.say(UnitClosed(unit_id=north, closed_on=date(2026, 7, 1)))
    await reports.hear(history)

    async def below(from_: str, to: str, include: str) -> set[str]:
        days = {"from_": from_, "to": to}
        answer = await reports.read(
            "attainment", metric="sales_amount", **days, unit_code="company", include=include
        )
        return {row["subject"]["code"] for row in answer["items"]}

    assert await below("2026-06-30", "2026-07-01", "children") == {"north", "south"}
    assert await below("2026-07-01", "2026-08-01", "children") == {"south"}
    assert await below("2026-07-01", "2026-08-01", "subtree") == {"company", "south"}


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


async def test_a_fact_that_is_credited_to_somebody_else_than_the_owner_does_not_go_to_the_owner_as_is(
    reports: Reports,
) -> None:
    history = History()
    history.metric(
        "held",
        CountOrSum(kind="count", event_type=InteractionLogged.type, credited_field="logged_by_id"),
    )
    north, south, west = (history.unit(code) for code in ("north", "south", "west"))
    wang, li = history.person("E1", unit=north), history.person("E2", unit=south)
    deal = history.deal(wang, at=date(2026, 3, 1)).interaction(at=date(2026, 3, 2))
    deal.owner(li, at=date(2026, 3, 3))
    history.move(wang, west, date(2026, 4, 1))
    await reports.hear(history)
    for kind, counted in (
        ("person", {"E1": "1", "E2": "0"}),
        ("unit", {"north": "0", "south": "0", "west": "1"}),
    ):
        asked: dict[str, Any] = {"metric": "held", **YEAR, "attribution": "as_is"}
        answer = await reports.read("attainment", **asked, subject_kind=kind)
        assert {row["subject"]["code"]: row["actual"] for row in answer["items"]} == counted
        for code, number in counted.items():
            explained = await reports.read("attainment/explain", **asked, **{f"{kind}_code": code})
            assert (explained["actual"], str(len(explained["items"]))) == (number, number)


async def test_a_fact_that_counts_on_another_day_belongs_to_the_unit_and_the_rate_of_the_day_it_occurred(
    reports: Reports,
) -> None:
    history = History()
    history.metric(
        "expected",
        CountOrSum(
            kind="sum",
            event_type=OpportunityOpened.type,
            value_field="amount",
            currency_field="currency",
            credited_field="owner_id",
            date_field="expected_close_on",
        ),
    )
    north, south = history.unit("north"), history.unit("south")
    wang = history.person("E1", unit=north)
    history.move(wang, south, date(2026, 7, 1))
    history.rate("USD", "7", date(2026, 1, 1))
    history.rate("USD", "8", date(2026, 7, 1))
    history.deal(wang, at=date(2026, 6, 1), amount=10, currency="USD", expected_close_on=date(2026, 8, 15))
    await reports.hear(history)
    august: dict[str, Any] = {"metric": "expected", "from_": "2026-08-01", "to": "2026-09-01"}
    for past in ({}, {"as_of": "2026-12-01T00:00:00Z"}):
        answer = await reports.read("attainment", **august, **past)
        actual = {row["subject"]["code"]: row["actual"]["amount"] for row in answer["items"]}
        assert actual == {"north": "70.00", "south": "0.00"}
    explained = await reports.read("attainment/explain", **august, unit_code="north")
    [fact] = explained["items"]
    assert (fact["day"], fact["rate"], explained["actual"]["amount"]) == ("2026-08-15", "7", "70.00")
