"""Every way of asking agrees where there is nothing to disagree about."""

from datetime import date
from itertools import product
from typing import Any

import pytest

from contracts import Role
from contracts.opportunities import OpportunityOpened
from contracts.targets import Ratio
from reporting.pipeline.queries import SORTS
from testkit.history import History

from .conftest import Reports

YEAR: dict[str, Any] = {"from_": "2026-01-01", "to": "2027-01-01"}
NOW, LATER = None, "2026-11-01T00:00:00Z"


def tell_two_teams(history: History) -> dict[str, Any]:
    """A company of two teams whose people stay where they are; 1,500 won in three deals, one lost."""
    history.pipeline()
    history.sales_amount("product_line")
    history.counting("opportunities_opened", OpportunityOpened)
    history.metric(
        "average_order", Ratio(kind="ratio", numerator="sales_amount", denominator="opportunities_opened")
    )
    boss = history.person("E0", role=Role.manager)
    company = history.unit("company", kind="company", manager=boss)
    teams = [history.unit(code, parent=company) for code in ("north", "south")]
    people = [history.person(code, unit=team) for code, team in (("E1", teams[0]), ("E2", teams[1]))]
    history.move(boss, company, date(2020, 1, 1))
    for owner, amount in ((people[0], 400), (people[1], 500), (people[1], 600)):
        deal = history.deal(owner, at=date(2026, 3, 2), amount=amount, product_line="cloud")
        deal.interaction().moved("intent").moved("proposal").moved("contract").won()
    history.deal(people[0], at=date(2026, 3, 2), amount=50, product_line="box").interaction().lost()
    return {"boss": boss, "people": people, "company": company}


@pytest.mark.parametrize("attribution", ["as_was", "as_is"])
async def test_where_nobody_moved_all_ways_of_asking_agree(reports: Reports, attribution: str) -> None:
    history = History()
    told = tell_two_teams(history)
    await reports.hear(history)
    for as_of, role in ((NOW, Role.director), (NOW, Role.manager), (LATER, Role.director)):
        asked: dict[str, Any] = {
            "role": role,
            "who": told["boss"],
            "attribution": attribution,
            "as_of": as_of,
            **YEAR,
        }
        await check_attainment(reports, asked)
        await check_funnels_and_cycle(reports, asked)


async def check_attainment(reports: Reports, asked: dict[str, Any]) -> None:
    async def actuals(**narrowed: Any) -> dict[str, Any]:
        answer = await reports.read("attainment", metric="sales_amount", **asked, **narrowed)
        return {row["subject"]["code"]: row["actual"]["amount"] for row in answer["items"]}

    units = {"company": "1500.00", "north": "400.00", "south": "1100.00"}
    assert await actuals() == units
    assert await actuals(unit_code="company") == {"company": "1500.00"}
    assert await actuals(unit_code="company", include="children") == {"north": "400.00", "south": "1100.00"}
    assert await actuals(unit_code="company", include="subtree") == units
    assert await actuals(product_line="box") == {"company": "0.00", "north": "0.00", "south": "0.00"}
    people = {"E0": "0.00", "E1": "400.00", "E2": "1100.00"}
    assert await actuals(subject_kind="person") == people
    assert await actuals(subject_kind="person", unit_code="company") == people
    assert await actuals(subject_kind="person", unit_code="company", include="self") == {"E0": "0.00"}
    assert await actuals(person_code="E2") == {"E2": "1100.00"}

    explained = await reports.read("attainment/explain", metric="sales_amount", unit_code="south", **asked)
    assert explained["actual"]["amount"] == "1100.00"
    explained = await reports.read("attainment/explain", metric="average_order", unit_code="company", **asked)
    assert explained["ratio"] == {"numerator": "1500.00", "denominator": "4", "value": "375.000000"}


async def check_funnels_and_cycle(reports: Reports, asked: dict[str, Any]) -> None:
    for unit_code in (None, "company"):
        cohort = await reports.read("funnels/cohort", unit_code=unit_code, **asked)
        assert {name: cohort["total"][name] for name in ("opened", "won", "lost")} == {
            "opened": 4,
            "won": 3,
            "lost": 1,
        }
        flow = await reports.read("funnels/flow", unit_code=unit_code, **asked)
        assert flow["items"][-1]["won"]["amount"]["converted"]["amount"] == "1500.00"
        for group_by, groups in (
            (None, []),
            ("unit", ["north", "south"]),
            ("product_line", ["box", "cloud"]),
        ):
            cycle = await reports.read(
                "cycle", outcome="closed", unit_code=unit_code, group_by=group_by, **asked
            )
            assert cycle["total"]["closed"] == 4
            assert [group["code"] for group in cycle["items"]] == groups
    snapshot = {name: value for name, value in asked.items() if name not in YEAR}
    for moment, standing in ((asked["as_of"], 0), ("2026-03-03T00:00:00Z", 4)):
        answer = await reports.read("funnels/snapshot", **snapshot | {"as_of": moment}, unit_code="company")
        assert answer["total"]["count"] == standing


async def test_a_list_of_opportunities_is_whole_page_by_page_in_any_order(reports: Reports) -> None:
    history = History()
    tell_two_teams(history)
    await reports.hear(history)
    for sort, direction, as_of in product(SORTS, ("", "-"), (NOW, LATER)):
        asked: dict[str, Any] = {"sort": direction + sort, "as_of": as_of, "unit_code": "company", "limit": 3}
        first = await reports.read("opportunities", **asked)
        second = await reports.read("opportunities", **asked, cursor=first["next"])
        assert second["next"] is None
        assert "total" not in first, "nobody asked for it"
        assert len({item["id"] for item in first["items"] + second["items"]}) == 4, asked


async def test_pages_go_on_behind_what_has_no_value_to_sort_by(reports: Reports) -> None:
    history = History()
    owner = history.person("E1")
    for number in range(2):
        history.deal(owner, at=date(2026, 3, 2))
        history.deal(owner, at=date(2026, 3, 2), amount=number, expected_close_on=date(2026, 5, 1)).won()
    await reports.hear(history)
    for sort, direction, as_of in product(SORTS, ("", "-"), (NOW, LATER)):
        asked: dict[str, Any] = {"sort": direction + sort, "as_of": as_of, "limit": 1}
        seen: list[str] = []
        cursor = None
        while len(seen) < 5:
            page = await reports.read("opportunities", **asked, cursor=cursor)
            seen += [item["id"] for item in page["items"]]
            if (cursor := page["next"]) is None:
                break
        assert len(seen) == len(set(seen)) == 4, asked


async def test_a_page_tells_how_many_rows_all_pages_have_where_that_is_asked_for(reports: Reports) -> None:
    history = History()
    told = tell_two_teams(history)
    await reports.hear(history)
    counted: dict[str, Any] = {"headers": {"Prefer": "return=total-count"}, "limit": 1}
    sales: dict[str, Any] = {"metric": "sales_amount", **YEAR}
    own: dict[str, Any] = {"role": Role.representative, "who": told["people"][0]}
    for path, asked, total in (
        ("opportunities", {"unit_code": "south"}, 2),
        ("opportunities", {"as_of": LATER, "state": "won"}, 3),
        ("opportunities", own, 2),
        ("attainment", sales, 3),
        ("attainment/explain", {**sales, "unit_code": "company"}, 3),
        ("attainment/explain", {**sales, "unit_code": "north", **own}, 1),
        ("attainment/explain", {**sales, "metric": "average_order", "unit_code": "company"}, 7),
    ):
        answer = await reports.read(path, **asked, **counted)
        assert (len(answer["items"]), answer["total"]) == (1, total), (path, asked)
