"""Any figure, down to the facts that make it."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts import Role
from contracts.opportunities import OpportunityWon
from contracts.targets import Condition, CountOrSum
from testkit.history import History

from .conftest import Reports

JULY: dict[str, Any] = {"from_": "2026-07-01", "to": "2026-08-01"}


@pytest.mark.capability("S54", "S141")
async def test_the_facts_sum_to_the_figure_exactly_page_by_page_and_hidden_ones_as_one_sum(
    reports: Reports,
) -> None:
    history = History()
    history.sales_amount()
    team = history.unit("team")
    wang, li = history.person("E1", unit=team), history.person("E2", unit=team)
    history.rate("USD", "7.1")
    for number in range(1, 6):
        currency = "USD" if number % 2 else "CNY"
        history.deal(wang, at=date(2026, 7, 1), amount=f"{number}.11", currency=currency).won()
    history.deal(li, at=date(2026, 7, 1), amount=1_000).won()
    history.deal(li, at=date(2026, 7, 1), amount=500).won()
    await reports.hear(history)
    asked: dict[str, Any] = {"metric": "sales_amount", **JULY, "unit_code": "team"}

    async def explain(**who: Any) -> tuple[list[Any], Any]:
        items: list[Any] = []
        cursor = page = None
        while page is None or cursor:
            page = await reports.read("attainment/explain", **asked, **who, limit=2, cursor=cursor)
            items, cursor = items + page["items"], page["next"]
        return items, page

    [row] = (await reports.read("attainment", **asked))["items"]
    items, page = await explain(role=Role.director)
    assert len({item["event_id"] for item in items}) == 7
    assert sum(Decimal(item["converted"]) for item in items) == Decimal(page["parts"][0]["total"])
    assert page["actual"] == row["actual"] == {"amount": "1572.46", "currency": "CNY"}

    in_another_order = await reports.ask("attainment/explain", **asked, sort="value")
    assert in_another_order.json()["code"] == "parameter_unknown"

    mine, page = await explain(role=Role.representative, who=wang)
    assert {item["person"]["code"] for item in mine} == {"E1"}
    [part] = page["parts"]
    assert (part["facts"], part["hidden_facts"], part["hidden_total"]) == (7, 2, "1500.00")
    seen = sum(Decimal(item["converted"]) for item in mine)
    assert seen + Decimal(part["hidden_total"]) == Decimal(part["total"])
    assert page["actual"] == row["actual"], "the figure is the same for whoever may see it"

    answer = await reports.ask(
        "attainment/explain", **asked, role=Role.representative, who=wang, format="csv"
    )
    *facts, hidden = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert [fact["event_id"] for fact in facts] == [item["event_id"] for item in mine]
    assert (hidden["facts"], hidden["converted"], hidden["event_id"]) == ("2", "1500.00", "")
    assert sum(Decimal(row["converted"]) for row in [*facts, hidden]) == Decimal(part["total"])


@pytest.mark.capability("S144")
async def test_near_misses_say_why_they_do_not_count(reports: Reports) -> None:
    history = History()
    history.metric(
        "big_sales",
        CountOrSum(
            kind="sum",
            event_type=OpportunityWon.type,
            conditions=[Condition(field="product_line", operator="eq", value="cloud")],
            value_field="amount",
            currency_field="currency",
            credited_field="owner_id",
        ),
    )
    wang = history.person("E1", unit=history.unit("team"))

    def win(day: date, line: str = "cloud", amount: int | None = 10) -> Any:
        return history.deal(wang, at=date(2026, 6, 1), amount=amount, product_line=line).won(at=day)

    win(date(2026, 7, 1))
    win(date(2026, 7, 31))
    outside = [win(day).id for day in (date(2026, 6, 24), date(2026, 8, 7))]
    for day in (date(2026, 6, 23), date(2026, 8, 8)):
        win(day)  # more than seven days beside it
    voided = win(date(2026, 7, 2)).voided("win").id
    other_line = win(date(2026, 7, 3), line="box").id
    no_amount = win(date(2026, 7, 4), amount=None).id
    await reports.hear(history)
    for kind in ({"unit_code": "team"}, {"subject_kind": "person", "person_code": "E1"}):
        for attribution in ("as_was", "as_is"):
            asked: dict[str, Any] = {"metric": "big_sales", **JULY, **kind, "attribution": attribution}
            answer = await reports.read("attainment/explain", **asked)
            assert answer["actual"]["amount"] == "20.00"
            assert {(miss["root"], miss["reason"]) for miss in answer["near_misses"]} == {
                *((str(id), "outside_period") for id in outside),
                (str(voided), "voided"),
                (str(other_line), "condition_not_met"),
                (str(no_amount), "value_missing"),
            }
    chinese = await reports.read(
        "attainment/explain",
        metric="big_sales",
        **JULY,
        unit_code="team",
        headers={"Accept-Language": "zh-CN"},
    )
    assert "该事实后来被作废。" in {miss["detail"] for miss in chinese["near_misses"]}
    stranger = await reports.ask(
        "attainment/explain", metric="big_sales", **JULY, unit_code="team", role=Role.representative
    )
    assert stranger.status_code == 404


async def test_an_explanation_is_of_one_subject(reports: Reports) -> None:
    history = History()
    history.sales_amount()
    await reports.hear(history)
    answer = await reports.ask("attainment/explain", metric="sales_amount", **JULY)
    assert (answer.status_code, answer.json()["code"]) == (422, "subject_needed")
