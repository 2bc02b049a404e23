"""The three funnels, from the moves that happened."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts import Role
from testkit.history import History

from .conftest import Reports

Q1: dict[str, Any] = {"from_": "2026-01-01", "to": "2026-04-01"}


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


@pytest.mark.capability("F1", "S84", "S99", "S101", "S135", "S137")
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
    assert rows[0]["loss_reasons"] == [{"reason": "late_follow_up", "count": 48}]


async def test_a_cohort_is_followed_to_the_instant_asked_for(reports: Reports) -> None:
    history = History()
    history.pipeline()
    tell_f1(history, history.person("E1"))
    await reports.hear(history)
    answer = await reports.read("funnels/cohort", **Q1, as_of="2026-01-13T00:00:00Z")
    first, second, *rest = answer["items"]
    assert (first["advanced"], first["lost"], first["open"]) == (36, 48, 36)
    assert (second["entered"], second["open"]) == (36, 36)
    assert second["average_cycle_days"]["value"] is None
    assert [row["entered"] for row in rest] == [0, 0]
    # 84 stayed for 7 days, 36 for 8⅓ until the instant, which is 8:00 in the business zone
    assert first["average_dwell_days"] == {"numerator": "888", "denominator": "120", "value": "7.400000"}


async def test_a_step_back_returns_and_every_re_entry_is_a_visit_of_its_own(reports: Reports) -> None:
    history = History()
    history.pipeline(allows_step_back=True)
    wang = history.person("E1")
    back = (
        history.deal(wang, at=date(2026, 1, 5))
        .moved("intent")
        .moved("prospect", step_back=True)
        .moved("intent")
    )
    again = (
        history.deal(wang, at=date(2026, 1, 5)).lost(reason="strong_competitor").reopened().moved("intent")
    )
    await reports.hear(history)
    answer = await reports.read("funnels/cohort", **Q1)
    prospect, intent = answer["items"][:2]
    for row in (prospect, intent):
        assert row["entered"] == row["advanced"] + row["lost"] + row["returned"] + row["open"]
    assert {
        name: prospect[name] for name in ("entered", "opportunities", "re_entries", "advanced", "lost")
    } == {
        "entered": 4,
        "opportunities": 2,
        "re_entries": 2,
        "advanced": 3,
        "lost": 1,
    }
    assert (intent["returned"], intent["open"], intent["re_entries"]) == (1, 2, 1)
    assert prospect["loss_reasons"] == [], "it was taken up again"
    assert (answer["total"]["lost"], answer["total"]["open"]) == (0, 2)
    assert back.id != again.id


@pytest.mark.capability("S137")
async def test_the_flow_counts_the_moves_of_the_period_whenever_the_deal_was_opened(reports: Reports) -> None:
    history = History()
    history.pipeline()
    wang = history.person("E1")
    old = history.deal(wang, at=date(2025, 11, 3), amount=100).moved("intent", at=date(2026, 1, 5))
    old.amount(130, at=date(2026, 1, 6)).moved("proposal", at=date(2026, 1, 7)).won(150, at=date(2026, 4, 1))
    history.deal(wang, at=date(2026, 2, 2), amount=10).lost(at=date(2026, 2, 3))
    await reports.hear(history)

    async def flow(**days: str) -> dict[str, Any]:
        answer = await reports.read("funnels/flow", **days)
        return {
            row["stage"]["code"]: {
                way: (tally["count"], tally["amount"]["converted"]["amount"])
                for way, tally in row.items()
                if way not in ("stage", "errors") and tally["count"]
            }
            for row in answer["items"]
        }

    assert await flow(**Q1) == {
        "prospect": {
            "into": (1, "10.00"),
            "out_of": (2, "110.00"),
            "moved_on": (1, "100.00"),
            "lost": (1, "10.00"),
        },
        "intent": {"into": (1, "100.00"), "out_of": (1, "130.00"), "moved_on": (1, "130.00")},
        "proposal": {"into": (1, "130.00")},
        "contract": {},
    }
    spring = await flow(from_="2026-04-01", to="2026-07-01")
    assert spring["proposal"] == {"out_of": (1, "150.00"), "won": (1, "150.00")}


async def test_a_funnel_belongs_to_the_owner_of_its_moment_or_of_today(reports: Reports) -> None:
    history = History()
    history.pipeline()
    north, south = history.unit("north"), history.unit("south")
    wang, li = history.person("E1", unit=north), history.person("E2", unit=south)
    history.deal(wang, at=date(2026, 1, 5), amount=10).owner(li, at=date(2026, 2, 2)).lost(
        at=date(2026, 3, 2)
    )
    await reports.hear(history)

    async def counts(unit: str, attribution: str) -> tuple[int, int, int]:
        asked: dict[str, Any] = {"unit_code": unit, "attribution": attribution}
        cohort = await reports.read("funnels/cohort", **Q1, **asked)
        flow = await reports.read("funnels/flow", **Q1, **asked)
        standing = await reports.read("funnels/snapshot", **asked, as_of="2026-01-10T00:00:00Z")
        lost = sum(row["lost"]["count"] for row in flow["items"])
        return cohort["total"]["opened"], lost, standing["total"]["count"]

    assert await counts("north", "as_was") == (1, 0, 1)
    assert await counts("south", "as_was") == (0, 1, 0)
    assert await counts("north", "as_is") == (0, 0, 0)
    assert await counts("south", "as_is") == (1, 1, 1)
    for asker, opened in ((wang, 1), (li, 0)):
        cohort = await reports.read("funnels/cohort", **Q1, role=Role.representative, who=asker)
        assert cohort["total"]["opened"] == opened
    hidden = await reports.ask("funnels/cohort", **Q1, unit_code="south", role=Role.representative, who=wang)
    assert hidden.status_code == 404


async def test_funnels_as_csv(reports: Reports) -> None:
    history = History()
    history.pipeline()
    history.deal(history.person("E1"), at=date(2026, 1, 5), amount=10, product_line="cloud")
    await reports.hear(history)
    for path, asked, line in (
        ("cohort", Q1, "prospect,Prospect,潜在客户,1,1,0,0,0,0,1,0.000000,0.000000,"),
        ("flow", Q1, "prospect,Prospect,潜在客户,1,10.00,0,0.00"),
        ("snapshot", {"product_line": "cloud"}, "prospect,Prospect,潜在客户,1,10.00"),
        ("snapshot", {"channel": "referral"}, "prospect,Prospect,潜在客户,0,0.00"),
    ):
        answer = await reports.ask(f"funnels/{path}", format="csv", **asked)
        assert answer.content.decode("utf-8-sig").splitlines()[1].startswith(line)


async def test_a_pipeline_that_is_not_there_is_not_found_rather_than_empty(reports: Reports) -> None:
    history = History()
    history.pipeline()
    await reports.hear(history)
    for path, asked in (("cohort", Q1), ("flow", Q1), ("snapshot", {})):
        answer = await reports.ask(f"funnels/{path}", **asked, pipeline="defualt")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
        assert "defualt" in answer.json()["detail"]
        assert (await reports.ask(f"funnels/{path}", **asked, pipeline="default")).status_code == 200
