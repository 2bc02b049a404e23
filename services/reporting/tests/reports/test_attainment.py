"""Attainment of people and units, from the events that happened."""

from datetime import date

import pytest

from testkit.history import History

JULY = {"starts_on": date(2026, 7, 1), "ends_on": date(2026, 8, 1)}


@pytest.mark.capability("S37", "S40")
async def test_24_000_won_of_a_target_of_30_000_is_80_percent(reports) -> None:
    history = History()
    history.sales_amount()
    history.period("2026-07", **JULY, kind="month")
    team = history.unit("east")
    wang = history.person("E1", unit=team)
    history.target("sales_amount", "2026-07", 30_000, challenge=36_000, person=wang)
    history.deal(wang, at=date(2026, 7, 3), amount=20_000).won()
    history.deal(wang, at=date(2026, 7, 6), amount=4_000).won()
    await reports.hear(history)
    answer = await reports.read("attainment", metric="sales_amount", period="2026-07", subject_kind="person")
    [row] = answer["items"]
    assert row["actual"] == {"amount": "24000.00", "currency": "CNY"}
    assert row["attainment"] == {"numerator": "24000.00", "denominator": "30000.00", "value": "0.800000"}
    answer = await reports.read("attainment", metric="sales_amount", period="2026-07")
    print(answer)
    answer = await reports.read(
        "attainment/explain", metric="sales_amount", period="2026-07", unit_code="east"
    )
    print(answer)
