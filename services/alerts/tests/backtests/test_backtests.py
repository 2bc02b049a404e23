"""What a rule would have done in June, over HTTP."""

from typing import Any

import pytest

from alerts.backtests import queries
from contracts import Role

from .company import (
    DORA,
    EAST,
    ELEVEN_DAYS_THEN_LOST,
    IMPORTED,
    LI,
    SIX_DAYS_THEN_WON,
    STILL_SILENT,
    SUE,
    WANG,
    WEST,
    Judging,
)  # fmt: skip

WEEK = 604_800


def told(run: Any) -> dict[str, int]:
    return {each["name"]: each["fired"] for each in run["recipients"]}


@pytest.mark.capability("S133")
async def test_it_says_when_and_for_whom_a_rule_would_have_fired(judging: Judging) -> None:
    answer = await judging.run("opportunity-stalled")
    [run] = answer["runs"]
    assert (answer["rule_version"], run["variant"], run["total"]) == (1, "as_it_stands", 3)
    assert (answer["from"], answer["to"]) == ("2026-05-31T16:00:00Z", "2026-06-30T16:00:00Z")
    first = run["items"][0]
    assert (first["fires_at"], first["since"]) == ("2026-06-05T16:00:00Z", "2026-05-31T16:00:00Z")
    assert (first["owner_id"], first["unit_id"], first["recipient_id"]) == (str(WANG), str(EAST), str(SUE))
    found = {each["subject_id"]: each for each in run["items"]}
    assert found[str(SIX_DAYS_THEN_WON)]["resolved_by"] == "sign_of_life"
    assert found[str(ELEVEN_DAYS_THEN_LOST)]["resolved_at"] == "2026-06-11T16:00:00Z"
    assert found[str(ELEVEN_DAYS_THEN_LOST)]["resolved_by"] == "closed"
    assert found[str(STILL_SILENT)]["resolved_at"] is None
    assert told(run) == {"S1": 2, "D1": 1}


@pytest.mark.capability("S133")
async def test_seven_days_instead_of_five_are_compared_by_what_became_of_the_records(
    judging: Judging,
) -> None:
    answer = await judging.run("opportunity-stalled", change={"after_seconds": WEEK}, compare=True)
    five, seven = answer["runs"]
    assert [run["variant"] for run in answer["runs"]] == ["as_it_stands", "changed"]
    assert (five["definition"]["after_seconds"], seven["definition"]["after_seconds"]) == (432_000, WEEK)
    assert (five["total"], seven["total"]) == (3, 2)
    assert five["fired"] == {
        "records": 3,
        "counts": {"lost": 1, "open": 1, "won": 1},
        "shares": {"lost": "0.333333", "open": "0.333333", "won": "0.333333"},
    }
    assert five["quiet"] == {"records": 1, "counts": {"won": 1}, "shares": {"won": "1.000000"}}
    assert seven["fired"]["counts"] == {"lost": 1, "open": 1}
    assert seven["quiet"]["counts"] == {"won": 2}
    assert str(SIX_DAYS_THEN_WON) not in {each["subject_id"] for each in seven["items"]}


@pytest.mark.capability("S133")
async def test_sixty_five_percent_instead_of_seventy_are_compared(judging: Judging) -> None:
    answer = await judging.run("core-metric-low", change={"alert": "0.65"}, compare=True)
    seventy, sixty_five = answer["runs"]
    assert (seventy["total"], sixty_five["total"]) == (2, 1)
    assert told(seventy) == {"S1": 1, "D1": 1}
    east, west = sorted(seventy["items"], key=lambda each: each["subject_id"] == str(WEST))
    assert (east["subject_id"], east["resolved_by"]) == (str(EAST), "recovered")
    assert east["figures"] == ["0.68", "0.66"]
    assert (west["subject_id"], west["key"], west["resolved_at"]) == (str(WEST), "sales_amount", None)
    assert [each["subject_id"] for each in sixty_five["items"]] == [str(WEST)]
    assert (seventy["fired"], seventy["quiet"]) == (None, None)
    [three] = (await judging.run("core-metric-low", change={"periods": 3}))["runs"]
    assert (three["variant"], [each["subject_id"] for each in three["items"]]) == ("changed", [str(WEST)])


async def test_a_change_of_clock_condition_or_recipient_is_tried_as_well(judging: Judging) -> None:
    only = [{"field": "owner_id", "operator": "eq", "value": str(WANG)}]
    change = {"conditions": only, "clock": "working", "recipient": "owner"}
    [run] = (await judging.run("opportunity-stalled", change=change))["runs"]
    assert told(run) == {"E1": 1}
    assert run["items"][0]["fires_at"] == "2026-06-07T16:00:00Z"


async def test_the_same_question_has_the_same_answer_however_little_is_read_at_a_time(
    judging: Judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    question: dict[str, Any] = {"change": {"after_seconds": 3 * 86_400}, "compare": True}
    whole = await judging.run("opportunity-stalled", **question)
    monkeypatch.setattr(queries, "ROWS", 1)
    assert await judging.run("opportunity-stalled", **question) == whole


async def test_all_firings_are_counted_and_the_first_ones_listed(judging: Judging) -> None:
    [whole] = (await judging.run("opportunity-stalled"))["runs"]
    [run] = (await judging.run("opportunity-stalled", limit=1))["runs"]
    assert (run["total"], run["items"], run["recipients"]) == (3, whole["items"][:1], whole["recipients"])


async def test_history_from_an_import_fires_where_it_is_asked_to(judging: Judging) -> None:
    [run] = (await judging.run("opportunity-stalled", imported=True))["runs"]
    assert run["total"] == 4
    assert str(IMPORTED) in {each["subject_id"] for each in run["items"]}


async def test_a_leader_judges_by_the_records_of_those_who_are_led(judging: Judging) -> None:
    [east] = (await judging.run("opportunity-stalled", Role.supervisor, SUE))["runs"]
    assert (east["total"], east["quiet"]["counts"]) == (0, {"won": 1})
    [readings] = (await judging.run("core-metric-low", Role.supervisor, SUE))["runs"]
    assert [each["subject_id"] for each in readings["items"]] == [str(EAST)]


async def test_who_sees_no_records_of_others_judges_no_rule(judging: Judging) -> None:
    for role, who in ((Role.representative, LI), (Role.administrator, DORA)):
        answer = await judging.ask("opportunity-stalled", role, who)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_what_cannot_be_run_is_refused(judging: Judging) -> None:
    async def refused(rule: str = "opportunity-stalled", **body: Any) -> Any:
        answer = await judging.ask(rule, **body)
        problem = answer.json()
        return answer.status_code, problem["code"], *(each["pointer"] for each in problem.get("errors", []))

    assert await refused("no-such-rule") == (404, "not_found")
    assert (await refused(to="2026-06-01"))[:2] == (422, "backtest_span_unfit")
    assert (await refused(**{"from": "2020-01-01"}))[:2] == (422, "backtest_span_unfit")
    assert await refused(change={"alert": "0.65"}) == (422, "change_unfit", "/change/alert")
    assert (await refused(compare=True))[:2] == (422, "request_invalid")
    unknown = [{"field": "mood", "operator": "eq", "value": "good"}]
    answer = await refused(change={"conditions": unknown})
    assert answer == (422, "request_invalid", "/change/conditions/0/field")


async def test_a_lead_rule_says_what_became_of_the_leads(judging: Judging) -> None:
    [run] = (await judging.run("lead-uncontacted"))["runs"]
    assert (run["total"], run["fired"]) == (0, {"records": 0, "counts": {}, "shares": {}})
