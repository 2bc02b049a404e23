"""The short way to the figure of one unit: the route's own answer, or none."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from httpx2 import Response

from contracts import Role
from contracts.targets import UnitChanged
from reporting.attainment.question import AttainmentQuestion
from testkit.history import History

from .conftest import Reports

JULY = "2026-07"
BY_THE_ROUTE = {"Prefer": "nothing-that-is-known"}
"""A header that no short way knows what to do with."""


class Company:
    """Two teams of a company, with a sale each; the supervisor leads the north."""

    def __init__(self) -> None:
        told = self.history = History()
        told.pipeline()
        told.sales_amount()
        told.working_time(2026)
        told.period(JULY, date(2026, 7, 1), date(2026, 8, 1), kind="month")
        self.supervisor = told.person("S1", role=Role.supervisor)
        self.top = told.unit("company", kind="company")
        self.north = told.unit("north", parent=self.top, manager=self.supervisor)
        for number, team in enumerate([self.north, told.unit("south", parent=self.top)]):
            seller = told.person(f"E{number}", unit=team)
            told.deal(seller, at=date(2026, 7, 3), amount=10**number, currency="USD").won()
        told.rate("USD", "7.1")
        target = told.target("sales_amount", JULY, 30, challenge=40, unit=self.top)
        told.revise(target, 50, on=date(2026, 7, 1))

    def change(self, unit: UUID, code: str, *, parent: UUID | None, name: str) -> None:
        """Says what a unit is from now on."""
        changed = UnitChanged(
            unit_id=unit,
            code=code,
            name=name,
            kind="team",
            parent_id=parent,
            manager_id=None,
            region=None,
            effective_on=date(2020, 1, 1),
        )
        self.history.say(changed)


def told(answer: Response) -> Any:
    """Everything that an answer says, but for when it was given."""
    return answer.status_code, answer.headers["content-type"], {**answer.json(), "as_of": None}


async def ask_both_ways(reports: Reports, **asked: Any) -> Any:
    """The short answer, which has to be that of the route."""
    quick, routed = [await reports.ask("attainment", headers=each, **asked) for each in ({}, BY_THE_ROUTE)]
    assert told(quick) == told(routed)
    assert list(quick.json()) == list(routed.json())
    return quick.json()


async def test_a_short_answer_is_that_of_the_route(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company()
    await reports.hear(company.history)
    asked: dict[str, Any] = {"metric": "sales_amount", "unit_code": "company"}
    for period in (
        {"period": JULY},
        {"from_": date(2026, 7, 1), "to": date(2026, 8, 1), "target": "original"},
    ):
        [row] = (await ask_both_ways(reports, **asked, **period))["items"]
        assert row["actual"] == {"amount": "78.10", "currency": "CNY"}
        assert row["base"]["amount"] == ("50.00" if "period" in period else "30.00")
    led: dict[str, Any] = {"who": company.supervisor, "role": Role.supervisor, "period": JULY}
    for unit in ({"unit_code": "north"}, {"unit_id": company.north}):
        await ask_both_ways(reports, metric="sales_amount", **unit, **led)

    async def not_asked(*_: Any) -> None:
        raise AssertionError("only the route looks names up by themselves, and what was never asked")

    monkeypatch.setattr(AttainmentQuestion, "settle", not_asked)
    assert (await reports.read("attainment", **asked, period=JULY))["items"][0]["subject"][
        "code"
    ] == "company"


async def test_what_a_name_stood_for_is_no_answer_once_it_stands_for_something_else(reports: Reports) -> None:
    company = Company()
    await reports.hear(company.history)
    asked: dict[str, Any] = {"metric": "sales_amount", "period": JULY}

    async def figures() -> list[tuple[str, str]]:
        rows = [
            (await ask_both_ways(reports, **asked, unit_code=code))["items"][0]
            for code in ("company", "north")
        ]
        return [(row["subject"]["name"], row["actual"]["amount"]) for row in rows]

    assert await figures() == [("company", "78.10"), ("north", "7.10")]
    holding = company.history.unit("holding", kind="company")
    company.change(company.top, "company", parent=holding, name="daughter")
    company.change(company.north, "north", parent=holding, name="sister")
    await reports.hear(company.history)
    assert await figures() == [("daughter", "71.00"), ("sister", "7.10")]
    company.history.period(JULY, date(2026, 7, 4), date(2026, 8, 1), kind="month")
    company.history.deal(company.supervisor, at=date(2026, 7, 3), amount=1).won()
    await reports.hear(company.history)
    await figures()


async def test_whatever_is_out_of_the_ordinary_is_for_the_route(reports: Reports) -> None:
    company = Company()
    await reports.hear(company.history)
    asked: dict[str, Any] = {"metric": "sales_amount", "unit_code": "company", "period": JULY}
    for out_of_the_ordinary, expected in (
        ({"unit_code": "nowhere"}, (404, "not_found")),
        ({"metric": "nothing"}, (404, "not_found")),
        ({"metric": None}, (422, "request_invalid")),
        ({"from_": date(2026, 7, 1)}, (422, "period_needed")),
        ({"after": "nothing"}, (422, "token_malformed")),
        ({"headers": {"Attain-After": "nothing"}}, (422, "token_malformed")),
        ({"unknown": "x"}, (422, "parameter_unknown")),
        ({"unit_code": "\0"}, (422, "request_invalid")),
        ({"role": Role.administrator}, (403, "forbidden")),
        ({"unit_code": "south", "who": company.supervisor, "role": Role.supervisor}, (404, "not_found")),
    ):
        for _ in range(2):
            answer = await reports.ask("attainment", **{**asked, **out_of_the_ordinary})
            assert (answer.status_code, answer.json()["code"]) == expected, out_of_the_ordinary
