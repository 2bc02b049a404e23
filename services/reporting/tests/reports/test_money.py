"""Money in several currencies: a missing rate is named, and a late one heals the figure."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from testkit.history import History

from .conftest import Reports

YEAR: dict[str, Any] = {"from_": "2026-01-01", "to": "2027-01-01"}


@pytest.mark.capability("X5")
async def test_10_pounds_and_1000_dollars_do_not_meet_100_pounds_before_the_rate_is_known(
    reports: Reports,
) -> None:
    """X5, with the pound as a foreign currency of the reporting currency."""
    history = History()
    history.sales_amount()
    history.period("2026", date(2026, 1, 1), date(2027, 1, 1))
    wang = history.person("E1")
    history.rate("GBP", "9")
    history.target("sales_amount", "2026", 900, person=wang)
    history.deal(wang, at=date(2026, 7, 1), amount=10, currency="GBP").won(at=date(2026, 7, 2))
    history.deal(wang, at=date(2026, 7, 1), amount=1_000, currency="USD").won(at=date(2026, 7, 3))
    await reports.hear(history)

    asked: dict[str, Any] = {"metric": "sales_amount", "period": "2026", "subject_kind": "person"}
    missing = [{"code": "rate_missing", "currency": "USD", "days": ["2026-07-03"]}]
    answer = await reports.read("attainment", **asked)
    [row] = answer["items"]
    assert answer["errors"] == row["errors"] == missing
    for column in ("actual", "attainment", "gap", "pace"):
        assert row[column] is None, "neither £10 alone nor a silent zero"
    explained = await reports.read("attainment/explain", **asked, person_code="E1")
    assert explained["actual"] is None
    assert explained["errors"] == missing
    [near] = explained["near_misses"]
    assert (near["reason"], near["value"]) == ("rate_missing", {"amount": "1000.00", "currency": "USD"})

    history.rate("USD", "7.2", date(2026, 7, 1))  # comes late, holds from before the win
    await reports.hear(history)
    answer = await reports.read("attainment", **asked)
    [row] = answer["items"]
    assert row["actual"] == {"amount": "7290.00", "currency": "CNY"}
    assert row["attainment"]["value"] == "8.100000"
    assert answer["errors"] == row["errors"] == []


@pytest.mark.capability("S216")
async def test_a_fact_is_converted_at_the_rate_of_its_day_and_the_sum_is_rounded_once(
    reports: Reports,
) -> None:
    history = History()
    history.sales_amount()
    wang = history.person("E1")
    history.rate("USD", "7.123456", date(2026, 1, 1))
    history.rate("USD", "6.5", date(2026, 7, 2))
    for day in (date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 2)):
        history.deal(wang, at=date(2026, 6, 1), amount="0.01", currency="USD").won(at=day)
    history.deal(wang, at=date(2026, 6, 1), amount="33.33", currency="USD").won(at=date(2026, 7, 1))
    await reports.hear(history)
    asked: dict[str, Any] = {"metric": "sales_amount", "subject_kind": "person", **YEAR}
    [row] = (await reports.read("attainment", **asked))["items"]
    # 33.34 × 7.123456 + 0.02 × 6.5 = 237.62602304: the cents of single facts are not rounded away
    assert row["actual"]["amount"] == "237.63"
    explained = await reports.read("attainment/explain", **asked, person_code="E1")
    assert explained["parts"][0]["total"] == "237.62602304"
    assert [item["rate"] for item in explained["items"]] == ["7.123456", "7.123456", "6.5", "6.5"]
    assert explained["actual"] == row["actual"]


async def test_a_snapshot_shows_money_by_currency_and_converted_at_the_rate_of_its_day(
    reports: Reports,
) -> None:
    history = History()
    history.pipeline()
    wang = history.person("E1")
    history.rate("USD", "7", date(2026, 1, 1))
    history.rate("USD", "8", date(2026, 7, 1))
    history.deal(wang, at=date(2026, 3, 1), amount=100)
    history.deal(wang, at=date(2026, 3, 1), amount=10, currency="USD")
    history.deal(wang, at=date(2026, 3, 1), amount=1, currency="EUR").lost(at=date(2026, 3, 2))
    await reports.hear(history)
    for as_of, converted in (("2026-06-30T00:00:00Z", "170.00"), ("2026-07-02T00:00:00Z", "180.00")):
        answer = await reports.read("funnels/snapshot", as_of=as_of)
        amount = answer["total"]["amount"]
        assert [(each["currency"], each["amount"]) for each in amount["by_currency"]] == [
            ("CNY", "100.00"),
            ("USD", "10.00"),
        ]
        assert amount["converted"] == {"amount": converted, "currency": "CNY"}
        assert answer["total"]["count"] == 2
    before_the_loss = await reports.read("funnels/snapshot", as_of="2026-03-01T12:00:00Z")
    assert before_the_loss["total"]["amount"]["converted"] is None
    assert before_the_loss["errors"][0]["currency"] == "EUR"


async def test_a_csv_names_the_missing_rate_and_the_currency_of_what_it_shows(reports: Reports) -> None:
    history = History()
    history.pipeline()
    history.sales_amount()
    history.period("2026", date(2026, 1, 1), date(2027, 1, 1))
    wang = history.person("E1", unit=history.unit("north"))
    history.target("sales_amount", "2026", 900, person=wang)
    history.deal(wang, at=date(2026, 7, 1), amount=5, currency="EUR").won(at=date(2026, 7, 3))
    history.deal(wang, at=date(2026, 7, 1), amount=5, currency="USD")
    history.deal(wang, at=date(2026, 7, 1), amount=7).moved("intent", at=date(2026, 7, 2))
    await reports.hear(history)

    async def rows(path: str, **asked: Any) -> list[dict[str, str]]:
        answer = await reports.ask(path, format="csv", **asked)
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    [row] = await rows("attainment", metric="sales_amount", period="2026", subject_kind="person")
    assert (row["actual"], row["base"], row["currency"]) == ("", "900.00", "CNY")
    assert row["errors"] == "rate_missing:EUR"

    prospect, intent, *_ = await rows("funnels/snapshot", as_of="2026-08-01T00:00:00Z")
    assert (prospect["standing"], prospect["standing_amount"]) == ("1", "")
    assert (prospect["currency"], prospect["errors"]) == ("CNY", "rate_missing:USD")
    assert (intent["standing_amount"], intent["currency"], intent["errors"]) == ("7.00", "CNY", "")

    prospect, intent, *_ = await rows("funnels/flow", **YEAR)
    assert (prospect["into_amount"], prospect["errors"]) == ("", "rate_missing:EUR rate_missing:USD")
    assert (intent["into_amount"], intent["currency"], intent["errors"]) == ("7.00", "CNY", "")
