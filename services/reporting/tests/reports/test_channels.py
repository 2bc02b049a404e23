"""What the channels are worth, and how far their leads got."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts import Role
from contracts.opportunities import OpportunityWon
from testkit.history import History

from .conftest import Reports

ZONE = ZoneInfo("Asia/Shanghai")
YEAR: dict[str, Any] = {"from_": "2026-01-01", "to": "2027-01-01"}
JULY: dict[str, Any] = {"from_": "2026-07-01", "to": "2026-08-01"}


def day(number: int) -> datetime:
    """A morning in July."""
    return datetime(2026, 7, number, 9, tzinfo=ZONE)


@pytest.mark.capability("F8", "S65")
async def test_900_of_5000_leads_are_18_percent_and_279_wins_are_31_percent(reports: Reports) -> None:
    history = History()
    wang = history.person("E1")
    history.channel("zhihu", "Zhihu", "知乎")
    for number in range(5_000):
        lead = history.lead(
            wang, at=day(1 + number % 28), channel="zhihu" if number < 900 else "other", imported=True
        )
        if number < 279:
            lead.converted(outcome="won", closed_at=day(30))
            history.deal(wang, at=lead.at, amount=1000, imported=True, lead=lead).won(at=day(30))
    history.cost("zhihu", 27_900, date(2026, 7, 1), date(2026, 8, 1))
    await reports.hear(history)
    answer = await reports.read("reports/channels", **JULY)
    other, zhihu = answer["items"]
    assert (zhihu["channel"], zhihu["name_zh"], other["name_zh"]) == ("zhihu", "知乎", "other")
    assert zhihu["share"] == {"numerator": "900", "denominator": "5000", "value": "0.180000"}
    assert zhihu["win_rate"] == {"numerator": "279", "denominator": "900", "value": "0.310000"}
    assert zhihu["cost_per_lead"] == {"amount": "31.00", "currency": "CNY"}
    assert zhihu["cost_per_win"] == {"amount": "100.00", "currency": "CNY"}
    assert zhihu["value"] == {"amount": "279000.00", "currency": "CNY"}
    assert (other["leads"], other["won"], other["cost_per_lead"], other["cost_per_win"]) == (
        4100,
        0,
        None,
        None,
    )
    assert (answer["total"]["leads"], answer["total"]["won"]) == (5000, 279)
    [alone] = (await reports.read("reports/channels", channel="zhihu", **JULY))["items"]
    assert alone == zhihu


@pytest.mark.capability("S62", "S63")
async def test_leads_are_followed_from_their_capture_to_the_end_of_their_opportunity(
    reports: Reports,
) -> None:
    history = History()
    history.pipeline()
    wang = history.person("E1", unit=history.unit("east"))
    history.lead(wang, at=day(1)).contacted("call", outcome="no_answer").discarded("wrong_number")
    history.lead(wang, at=day(2)).contacted().contacted("visit").qualified()
    history.lead(None, at=day(3), valid=False).assigned(wang).released()
    lost = history.lead(wang, at=day(4)).converted(at=day(6))
    history.deal(wang, at=day(6), lead=lost, amount=10).interaction(day(7), "meeting", "mutual").lost(
        at=day(8)
    )
    won = history.lead(wang, at=day(5), campaign="autumn").converted(at=day(7))
    history.deal(wang, at=day(7), lead=won, amount=10).won(30, at=day(9))
    history.lead(None, at=day(6))
    history.lead(wang, at=day(1) - timedelta(days=1))
    await reports.hear(history)
    answer = await reports.read("funnels/leads", **JULY)
    assert {row["step"]: row["leads"] for row in answer["items"]} == {
        "captured": 6, "valid": 5, "assigned": 5, "contacted": 2, "qualified": 3, "visited": 2, "converted": 2,
        "won": 1, "lost": 1, "discarded": 1, "open": 3,
    }  # fmt: skip
    assert answer["first_visit_conversion"]["value"] == "0.400000"
    assert answer["items"][0]["name_zh"] == "获取线索"
    before = await reports.read("funnels/leads", as_of="2026-07-08T00:30:00Z", **JULY)
    found = {row["step"]: row["leads"] for row in before["items"]}
    assert (found["won"], found["lost"], found["visited"]) == (0, 0, 2)
    east = await reports.read("funnels/leads", unit_code="east", **JULY)
    assert east["items"][0]["leads"] == 5
    autumn = await reports.ask("funnels/leads", campaign="autumn", format="csv", **JULY)
    assert autumn.text.splitlines()[1] == "captured,Captured,获取线索,1,1.000000"


async def test_a_cost_is_spread_over_its_days_and_a_voided_one_is_none(reports: Reports) -> None:
    history = History()
    wang = history.person("E1")
    history.rate("USD", 7, on=date(2026, 1, 1))
    history.rate("USD", 8, on=date(2026, 7, 11))
    history.lead(wang, at=day(1), channel="fair")
    history.lead(wang, at=day(1), channel="fair")
    history.cost("fair", 100, date(2026, 6, 21), date(2026, 7, 11))  # half of its days are in July
    history.cost("fair", 20, date(2026, 7, 1), date(2026, 7, 21), currency="USD")  # 10 days at 7, 10 at 8
    history.cost_voided(history.cost("fair", 5_000, date(2026, 7, 1), date(2026, 8, 1)))
    history.cost("idle", 40, date(2026, 7, 1), date(2026, 8, 1))
    await reports.hear(history)
    answer = await reports.read("reports/channels", **JULY)
    fair, idle = answer["items"]
    assert fair["cost"]["amount"] == "200.00"
    assert fair["cost_per_lead"]["amount"] == "100.00"
    assert (idle["leads"], idle["cost"]["amount"], idle["cost_per_lead"]) == (0, "40.00", None)
    assert answer["total"]["cost"]["amount"] == "240.00"
    as_csv = await reports.ask("reports/channels", format="csv", **JULY)
    assert as_csv.text.splitlines()[1] == (
        "fair,fair,fair,2,1.000000,2,0,0.000000,0,0,0.000000,0.00,200.00,100.00,,CNY,"
    )


async def test_a_missing_rate_is_named_and_makes_no_zero(reports: Reports) -> None:
    history = History()
    wang = history.person("E1")
    lead = history.lead(wang, at=day(1)).converted(at=day(2))
    history.deal(wang, at=day(2), lead=lead, amount=10, currency="GBP").won(at=day(3))
    history.cost("zhihu", 20, date(2026, 7, 31), date(2026, 8, 2), currency="EUR")
    await reports.hear(history)
    answer = await reports.read("reports/channels", **JULY)
    for figures in (*answer["items"], answer["total"]):
        assert (figures["won"], figures["value"], figures["cost"], figures["cost_per_win"]) == (
            1,
            None,
            None,
            None,
        )
        assert figures["errors"] == [
            {"code": "rate_missing", "currency": "EUR", "days": ["2026-07-31"]},
            {"code": "rate_missing", "currency": "GBP", "days": ["2026-07-03"]},
        ]


async def test_a_part_of_the_leads_has_no_part_of_the_cost(reports: Reports) -> None:
    history = History()
    wang = history.person("E1", unit=history.unit("east"))
    history.lead(wang, at=day(1))
    history.lead(history.person("E2"), at=day(1))
    history.cost("zhihu", 100, date(2026, 7, 1), date(2026, 8, 1))
    await reports.hear(history)
    [mine] = (await reports.read("reports/channels", role=Role.representative, who=wang, **JULY))["items"]
    [east] = (await reports.read("reports/channels", unit_code="east", **JULY))["items"]
    for row in (mine, east):
        assert (row["leads"], row["cost"], row["cost_per_lead"]) == (1, None, None)


async def test_a_win_that_was_undone_is_worth_nothing(reports: Reports) -> None:
    history = History()
    wang = history.person("E1")
    lead = history.lead(wang, at=day(1)).converted(at=day(2))
    deal = history.deal(wang, at=day(2), lead=lead, amount=10).won(at=day(3))
    assert deal.last.type == OpportunityWon.type
    deal.voided("win", at=day(4))
    await reports.hear(history)
    total = (await reports.read("reports/channels", **YEAR))["total"]
    assert (total["won"], total["value"]["amount"]) == (0, "0.00")
