"""The three funnels, from the moves that happened."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from testkit.history import History

from .conftest import Reports

Q1 = {"from_": "2026-01-01", "to": "2026-04-01"}


def tell_f1(history: History, owner: UUID) -> None:
    """F1: 120 → 36 → 18 → 10 won; lost 48, 9, 4; the rest stands still. Days in the stages: 7, 10, 14, 21."""
    opened = date(2026, 1, 5)
    ways = 36 * ["open"] + 48 * ["lost"] + 9 * ["intent open"] + 9 * ["intent lost"]
    ways += 4 * ["proposal open"] + 4 * ["proposal lost"] + 10 * ["contract won"]
    days = {"intent": 7, "proposal": 10, "contract": 14}
    stay = {"prospect": 7, "intent": 10, "proposal": 14, "contract": 21}
    for way in ways:
        reached, _, end = f"prospect {way}".rpartition(" ")
        last = reached.split()[-1]
        deal = history.deal(owner, at=opened, amount=100)
        day, stage = opened, "prospect"
        for following, after in days.items():
            if stage == last:
                break
            day, stage = day + timedelta(after), following
            deal.moved(stage, day)
        if end == "lost":
            deal.lost(at=day + timedelta(stay[stage]))
        elif end == "won":
            deal.won(at=day + timedelta(stay[stage]))


@pytest.mark.capability("S74", "S84", "S99", "S101", "S135", "S137")
async def test_the_cohort_of_f1(reports: Reports) -> None:
    history = History()
    history.pipeline()
    tell_f1(history, history.person("E1", unit=history.unit("east")))
    await reports.hear(history)
    answer = await reports.read("funnels/cohort", **Q1)
    rows = answer["items"]
    assert [row["stage"]["code"] for row in rows] == ["prospect", "intent", "proposal", "contract"]
    assert [row["stage"]["name_zh"] for row in rows] == ["潜在客户", "初步意向", "报价/方案", "合同签署"]
    counts = [(row["entered"], row["advanced"], row["lost"], row["open"]) for row in rows]
    assert counts == [(120, 36, 48, 36), (36, 18, 9, 9), (18, 10, 4, 4), (10, 10, 0, 0)]
    assert [row["conversion"]["value"] for row in rows] == ["0.300000", "0.500000", "0.555556", "1.000000"]
    assert [row["loss_rate"]["value"] for row in rows] == ["0.400000", "0.250000", "0.222222", "0.000000"]
    cycles = [row["average_cycle_days"]["value"] for row in rows]
    assert cycles == ["7.000000", "10.000000", "14.000000", "21.000000"]
    total = answer["total"]
    assert (total["opened"], total["won"], total["lost"], total["open"]) == (120, 10, 61, 49)
    assert total["end_to_end"] == {"numerator": "10", "denominator": "120", "value": "0.083333"}
