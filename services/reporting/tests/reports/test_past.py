"""Any past moment, and what a void does to it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.targets import TargetRevised
from testkit.history import History

from .conftest import Reports

YEAR: dict[str, Any] = {"from_": "2026-01-01", "to": "2027-01-01"}
BETWEEN = "2026-05-01T00:00:00Z"
FRESH = {"as_of", "freshness", "next"}


async def figures(reports: Reports, **asked: Any) -> dict[str, Any]:
    """What every report shows of the year."""
    paths: dict[str, dict[str, Any]] = {
        "attainment": {"metric": "sales_amount", **YEAR},
        "funnels/cohort": YEAR,
        "funnels/flow": YEAR,
        "funnels/snapshot": {},
        "cycle": {**YEAR, "outcome": "closed"},
        "opportunities": {"sort": "amount"},
    }
    seen = {}
    for path, parameters in paths.items():
        answer = await reports.read(path, **parameters, **asked)
        seen[path] = {name: value for name, value in answer.items() if name not in FRESH}
    for stage in seen["funnels/cohort"]["items"]:
        del stage["average_dwell_days"]  # a running visit goes on
    return seen


async def test_a_past_instant_shows_what_was_shown_then(reports: Reports) -> None:
    history = History()
    history.pipeline(allows_step_back=True)
    history.sales_amount()
    history.rate("USD", 7)
    north, south = history.unit("north"), history.unit("south")
    wang, li = history.person("E1", unit=north), history.person("E2", unit=south)
    won = (
        history.deal(wang, at=date(2026, 3, 2), amount=100)
        .interaction()
        .moved("intent")
        .won(at=date(2026, 4, 1))
    )
    going = history.deal(li, at=date(2026, 3, 2), amount=30).moved("intent").moved("proposal")
    lost = history.deal(li, at=date(2026, 3, 9), amount=7, currency="USD").lost(at=date(2026, 4, 9))
    await reports.hear(history)
    shown_then = await figures(reports)
    assert shown_then["cycle"]["total"]["closed"] == 2

    won.owner(li, at=date(2026, 5, 10))
    going.moved("intent", at=date(2026, 5, 11), step_back=True).amount(500).won()
    lost.reopened(at=date(2026, 5, 12)).moved("intent")
    history.deal(wang, at=date(2026, 5, 13), amount=1)
    await reports.hear(history)
    assert await figures(reports) != shown_then
    assert await figures(reports, as_of=BETWEEN) == shown_then


@pytest.mark.capability("S162")
async def test_a_void_restates_the_figures_of_all_periods_and_instants(reports: Reports) -> None:
    history = History()
    history.pipeline()
    history.sales_amount()
    wang = history.person("E1", unit=history.unit("north"))
    right = history.deal(wang, at=date(2026, 3, 2), amount=100).moved("intent").won(at=date(2026, 4, 1))
    await reports.hear(history)
    without = await figures(reports, as_of=BETWEEN)

    never = history.deal(wang, at=date(2026, 3, 2), amount=5).moved("intent").won(at=date(2026, 4, 2))
    await reports.hear(history)
    assert await figures(reports, as_of=BETWEEN) != without
    never.voided("opportunity", at=date(2026, 6, 1))
    await reports.hear(history)
    assert await figures(reports, as_of=BETWEEN) == without

    right.voided("win", at=date(2026, 6, 2))
    await reports.hear(history)
    for as_of in (None, BETWEEN):
        asked: dict[str, Any] = {"as_of": as_of, **YEAR}
        [row] = (await reports.read("attainment", metric="sales_amount", **asked))["items"]
        assert row["actual"]["amount"] == "0.00"
        cohort = await reports.read("funnels/cohort", **asked)
        assert (cohort["total"]["won"], cohort["total"]["open"]) == (0, 1)
        assert (await reports.read("cycle", **asked))["total"]["closed"] == 0
    events = (await reports.read(f"opportunities/{right.id}/history"))["items"]
    assert [(event["type"].split(".")[2], event["voided"]) for event in events] == [
        ("opened", False),
        ("stage_changed", False),
        ("won", True),
        ("voided", False),
    ]


async def test_a_cohort_of_the_past_has_the_attributes_of_then(reports: Reports) -> None:
    history = History()
    history.pipeline()
    wang = history.person("E1", unit=history.unit("north"))
    deal = history.deal(wang, at=date(2026, 3, 2), product_line="cloud", channel="fair").moved("intent")
    deal.details(at=date(2026, 5, 10), product_line="box", channel="referral")
    await reports.hear(history)
    for as_of, line, channel in ((BETWEEN, "cloud", "fair"), (None, "box", "referral")):
        for attribution in ("as_was", "as_is"):
            asked: dict[str, Any] = {**YEAR, "as_of": as_of, "attribution": attribution}
            for narrowed in ({"product_line": line}, {"channel": channel}):
                cohort = await reports.read("funnels/cohort", **asked, **narrowed)
                assert cohort["total"]["opened"] == 1, (as_of, narrowed)
        other = "box" if line == "cloud" else "cloud"
        cohort = await reports.read("funnels/cohort", **YEAR, as_of=as_of, product_line=other)
        assert cohort["total"]["opened"] == 0


async def test_history_and_visits_of_a_past_instant_end_there(reports: Reports) -> None:
    history = History()
    deal = history.deal(history.person("E1"), at=date(2026, 3, 2)).moved("intent", at=date(2026, 4, 1))
    deal.moved("proposal", at=date(2026, 5, 10)).won(at=date(2026, 5, 20))
    await reports.hear(history)
    then = await reports.read(f"opportunities/{deal.id}/history", as_of=BETWEEN)
    assert [event["sequence"] for event in then["items"]] == [1, 2]
    assert [(each["stage"], each["valid_to"]) for each in then["intervals"]] == [
        ("prospect", "2026-03-31T16:00:00Z"),
        ("intent", None),
    ]
    visits = (await reports.read(f"opportunities/{deal.id}/visits", as_of=BETWEEN))["items"]
    assert [(each["stage"], each["exit"], each["next_stage"], each["left_at"]) for each in visits] == [
        ("prospect", "advanced", "intent", "2026-03-31T16:00:00Z"),
        ("intent", None, None, None),
    ]
    assert visits[-1]["dwell_days"] == "30.333333"  # until the instant, which is 8:00 in the business zone
    now = await reports.read(f"opportunities/{deal.id}/history")
    assert (len(now["items"]), len(now["intervals"])) == (4, 4)


async def test_of_two_revisions_from_the_same_day_the_past_shows_the_one_that_held(reports: Reports) -> None:
    history = History()
    history.sales_amount()
    history.period("2026", date(2026, 1, 1), date(2027, 1, 1))
    target = history.target("sales_amount", "2026", 1_000, person=history.person("E1"))
    for revised_on, base in ((date(2026, 4, 10), 800), (date(2026, 6, 10), 900)):
        revision = {"base": Decimal(base), "challenge": None, "effective_on": date(2026, 4, 1)}
        who_and_why = {"reason_code": "market_change", "approver_id": "operations"}
        history.say(TargetRevised(target_id=target, **revision, **who_and_why), revised_on)
    await reports.hear(history)
    for as_of, base in (("2026-04-05T00:00:00Z", 1_000), (BETWEEN, 800), (None, 900)):
        for view in ("current", "prorated"):
            asked: dict[str, Any] = {
                "period": "2026",
                "subject_kind": "person",
                "as_of": as_of,
                "target": view,
            }
            [row] = (await reports.read("attainment", metric="sales_amount", **asked))["items"]
            held = base if view == "current" else (90 * 1_000 + 275 * base) / 365
            assert row["base"]["amount"] == f"{held:.2f}", (as_of, view)
