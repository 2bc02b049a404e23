"""The health table over HTTP (F2): its bands come from the rules that alerts defines."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts import Role
from contracts.alerts import ReadingRule, Recipient, RuleDefined, TimerRule
from contracts.targets import Direction
from testkit.history import History

from .conftest import Reports

ZONE = ZoneInfo("Asia/Shanghai")
MARCH: dict[str, Any] = {"from_": "2026-03-01", "to": "2026-04-01", "as_of": "2026-04-01T00:00:00Z"}


def rule(measure: str, healthy: str, alert: str, *, version: int = 1, active: bool = True) -> RuleDefined:
    """A version of the rule that reads a dimension."""
    visits = measure == "first_visit_conversion"
    definition = ReadingRule(
        kind="reading",
        metrics=[measure],
        compared="value",
        direction=Direction.higher_is_better if visits else Direction.lower_is_better,
        healthy=Decimal(healthy),
        alert=Decimal(alert),
    )
    return defined(f"health-{measure.replace('_', '-')}", version, active, definition)


def defined(code: str, version: int, active: bool, definition: ReadingRule | TimerRule) -> RuleDefined:
    return RuleDefined(
        rule=code,
        rule_version=version,
        name_en=code,
        name_zh=code,
        active=active,
        definition=definition,
        recipient=Recipient.manager,
        escalation=[],
        steps=[],
    )


def company() -> History:
    """Two of five valid leads are visited; one stay of 9 days; one answer after 73 hours."""
    history = History()
    history.pipeline()
    team = history.unit("east-1")
    wang = history.person("E1", unit=team)
    start = datetime(2026, 3, 2, 9, tzinfo=ZONE)
    for number in range(5):
        lead = history.lead(wang, at=start)
        if number < 2:
            lead.contacted("visit")
    deal = history.deal(wang, at=start).interaction(start, "message", "inbound")
    deal.interaction(start + timedelta(hours=73), "message", "outbound").lost(at=start + timedelta(days=9))
    history.unit("west")
    return history


@pytest.mark.capability("S122")
async def test_each_dimension_has_its_value_thresholds_band_and_colour_in_both_languages(
    reports: Reports,
) -> None:
    history = company()
    history.say(rule("first_visit_conversion", "0.4", "0.25"))
    history.say(rule("stage_dwell", "7", "12"))
    history.say(rule("response_interval", "24", "72"))
    await reports.hear(history)
    answer = await reports.read("reports/health", unit_code="east-1", **MARCH)
    visits, dwell, response = answer["items"]
    assert visits["value"] == {"numerator": "2", "denominator": "5", "value": "0.400000"}
    assert (visits["band"], visits["colour"]) == ("healthy", "green")
    assert (visits["name_en"], visits["name_zh"]) == ("Lead to first visit", "线索初访转化率")
    assert (dwell["value"]["value"], dwell["band"], dwell["colour"]) == ("9.000000", "watch", "amber")
    assert (dwell["healthy"], dwell["alert"], dwell["unit"]) == ("7", "12", "days")
    prospect, *others = dwell["stages"]
    assert (prospect["stage"]["name_zh"], prospect["colour"]) == ("潜在客户", "amber")
    assert [stage["value"]["value"] for stage in others] == [None] * 3
    assert (response["value"]["value"], response["band"], response["colour"]) == ("73.000000", "alert", "red")
    of_all = await reports.read("reports/health", **MARCH)
    assert [row["value"] for row in of_all["items"]] == [row["value"] for row in answer["items"]]
    as_csv = await reports.ask("reports/health", format="csv", **MARCH)
    assert as_csv.text.splitlines()[1] == (
        "first_visit_conversion,Lead to first visit,线索初访转化率,,0.400000,2,5,ratio,0.4,0.25,healthy,green"
    )


async def test_the_bands_follow_the_rule_in_force_and_are_unknown_without_one(reports: Reports) -> None:
    history = company()
    await reports.hear(history)
    bands = {row["measure"]: row["band"] for row in (await reports.read("reports/health", **MARCH))["items"]}
    assert set(bands.values()) == {None}
    history.say(rule("stage_dwell", "7", "8"))
    history.say(rule("first_visit_conversion", "0.4", "0.25"))
    await reports.hear(history)
    bands = {row["measure"]: row["band"] for row in (await reports.read("reports/health", **MARCH))["items"]}
    assert bands == {"first_visit_conversion": "healthy", "stage_dwell": "alert", "response_interval": None}
    history.say(rule("stage_dwell", "9", "12", version=2))
    history.say(rule("first_visit_conversion", "0.4", "0.25", version=2, active=False))
    await reports.hear(history)
    bands = {row["measure"]: row["band"] for row in (await reports.read("reports/health", **MARCH))["items"]}
    assert bands == {"first_visit_conversion": None, "stage_dwell": "healthy", "response_interval": None}


async def test_who_sees_nothing_of_a_unit_is_told_that_there_is_none(reports: Reports) -> None:
    history = company()
    west = history.person("E9", unit=history.unit("south"), role=Role.supervisor)
    await reports.hear(history)
    answer = await reports.ask("reports/health", unit_code="east-1", role=Role.representative, who=west)
    assert answer.status_code == 404
    own = await reports.read("reports/health", role=Role.representative, who=west, **MARCH)
    assert [row["value"]["denominator"] for row in own["items"]] == ["0", "0", "0"]
    lately = await reports.read("reports/health")
    assert lately["period"]["period"] is None
