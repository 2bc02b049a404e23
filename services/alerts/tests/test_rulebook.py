"""Rules as versioned data: defining them, what is wrong with one, and who may."""

from typing import Any

import pytest

from alerts.rulebook.commands import DefineRule
from alerts.rulebook.rules import definition_faults, flow_faults, next_version
from alerts.rulebook.seed import defaults
from contracts import Role, registry
from contracts.alerts import EscalationStep, ReadingRule, ResponseStep, RuleDefined, TimerRule

from .post import SUE, WANG, Post, refused, said

OPENED, WON = "opportunities.opportunity.opened.v1", "opportunities.opportunity.won.v1"
TIMER: dict[str, Any] = {
    "kind": "timer",
    "starts": [{"event_type": OPENED}],
    "ends": [{"event_type": WON}],
    "after_seconds": 600,
}
RULE: dict[str, Any] = {
    "name_en": "Silent for ten minutes",
    "name_zh": "十分钟无动静",
    "definition": TIMER,
    "recipient": "owner",
}


def faults(**definition: Any) -> list[tuple[str, str]]:
    """Places and codes of what is wrong with a timer rule."""
    rule = TimerRule.model_validate({**TIMER, **definition})
    return [("/".join(map(str, each.place)), each.code) for each in definition_faults(rule, registry())]


@pytest.mark.parametrize("code", [code for code, _ in defaults()])
def test_the_default_rules_are_sound(code: str) -> None:
    [rule] = [rule for known, rule in defaults() if known == code]
    assert definition_faults(rule.definition, registry()) == []
    assert flow_faults(rule.escalation, rule.steps) == []


def test_a_timer_is_about_events_that_there_are_of_one_kind_of_record() -> None:
    assert faults() == []
    assert faults(starts=[{"event_type": "opportunities.opportunity.forgotten.v1"}]) == [
        ("starts/0/event_type", "event_unusable")
    ]
    assert faults(resets=[{"event_type": "targets.person.hired.v1"}]) == [
        ("resets/0/event_type", "event_unusable")
    ]
    assert ("starts", "records_mixed") in faults(resets=[{"event_type": "leads.lead.captured.v1"}])


def test_conditions_and_keys_name_fields_that_the_events_have() -> None:
    unknown = [{"field": "mood", "operator": "eq", "value": "good"}]
    assert faults(conditions=unknown) == [("conditions/0/field", "field_unknown")]
    assert faults(starts=[{"event_type": OPENED, "conditions": unknown}]) == [
        ("starts/0/conditions/0/field", "field_unknown")
    ]
    assert faults(keyed_by="mood") == [("keyed_by", "field_unknown")]
    assert faults(keyed_by="amount") == [("keyed_by", "field_unfit")]
    unordered = [{"field": "stage", "operator": "gt", "value": "intent"}]
    assert faults(conditions=unordered) == [("conditions/0/operator", "operator_unfit")]


@pytest.mark.parametrize(
    ("direction", "healthy", "alert"), [("higher_is_better", "0.2", "0.25"), ("lower_is_better", "13", "12")]
)
def test_healthy_is_better_than_the_alert(direction: str, healthy: str, alert: str) -> None:
    values = {"kind": "reading", "compared": "value", "direction": direction, "alert": alert}
    crossed = ReadingRule.model_validate({**values, "healthy": healthy})
    assert [each.code for each in definition_faults(crossed, registry())] == ["bands_crossed"]
    assert definition_faults(ReadingRule.model_validate({**values, "healthy": alert}), registry()) == []


def test_an_escalation_goes_on_in_time_and_a_step_is_named_once() -> None:
    step = ResponseStep(code="look", name_en="Look", name_zh="查看", due_after_hours=24)
    found = flow_faults([EscalationStep(after_days=days) for days in (3, 3)], [step, step])
    assert [(each.place, each.code) for each in found] == [
        (("escalation", 1, "after_days"), "not_later"),
        (("steps", 1, "code"), "named_twice"),
    ]


def test_a_version_follows_the_one_before_and_the_same_again_is_none() -> None:
    first = RuleDefined.model_validate(
        {"rule": "silent", "rule_version": 1, **DefineRule.model_validate(RULE).model_dump()}
    )
    assert next_version(first, None) == first
    assert next_version(first, first.model_copy(update={"rule_version": 4})) is None
    other = next_version(first.model_copy(update={"active": False}), first)
    assert other is not None
    assert (other.rule_version, other.active) == (2, False)


@pytest.mark.capability("S131")
async def test_a_rule_is_data_that_is_read_changed_and_put_out_of_force(shared: Post) -> None:
    path, operations = "/v1/rules/silent-ten-minutes", shared.operations
    made = await operations.put(path, json=RULE)
    assert (said(made)["rule_version"], made.headers["ETag"]) == (1, '"1"')
    refused(await operations.put(path, json=RULE), 409, "rule_unchanged")
    longer = {**RULE, "definition": {**TIMER, "after_seconds": 1_200}}
    refused(await operations.put(path, json=longer, headers={"If-Match": '"9"'}), 412, "stale_version")
    changed = said(await operations.put(path, json=longer, headers={"If-Match": '"1"'}))
    assert (changed["rule_version"], changed["definition"]["after_seconds"]) == (2, 1_200)
    assert said(await operations.post(f"{path}/deactivate"))["active"] is False
    refused(await operations.post(f"{path}/deactivate"), 409, "rule_unchanged")
    assert said(await operations.post(f"{path}/activate"))["rule_version"] == 4
    versions = said(await shared.of(WANG).get(f"{path}/versions"))["items"]
    assert [(each["rule_version"], each["active"]) for each in versions] == [
        (4, True), (3, False), (2, True), (1, True),
    ]  # fmt: skip
    history = said(await shared.of(WANG).get(f"{path}/history"))["items"]
    assert [each["data"]["rule_version"] for each in history] == [1, 2, 3, 4]


@pytest.mark.capability("S131")
async def test_every_fault_of_a_rule_is_told_at_its_place_in_both_languages(shared: Post) -> None:
    unknown = [{"field": "mood", "operator": "eq", "value": "good"}]
    faulty = {
        **RULE,
        "definition": {**TIMER, "conditions": unknown},
        "escalation": [{"after_days": 5}, {"after_days": 3}],
    }
    answer = await shared.operations.put("/v1/rules/faulty", json=faulty)
    problem = refused(answer, 422, "request_invalid")
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [
        ("/definition/conditions/0/field", "field_unknown"),
        ("/escalation/1/after_days", "not_later"),
    ]
    chinese = await shared.operations.put(
        "/v1/rules/faulty", json=faulty, headers={"Accept-Language": "zh-CN"}
    )
    assert "递增" in str(chinese.json()["errors"])
    refused(await shared.operations.get("/v1/rules/faulty"), 404, "not_found")
    refused(await shared.operations.post("/v1/rules/faulty/activate"), 404, "not_found")


async def test_rules_are_listed_by_kind_state_and_text_and_changed_by_those_who_configure(
    shared: Post,
) -> None:
    async def listed(**asked: str) -> set[str]:
        items = said(await shared.of(SUE).get("/v1/rules", params=asked))["items"]
        return {each["code"] for each in items}

    assert await listed(kind="reading") >= {"core-metric-low", "health-stage-dwell"}
    assert await listed(text="health-") == {code for code, _ in defaults() if code.startswith("health-")}
    assert "opportunity-stalled" not in await listed(active="false")
    for role, status in ((Role.administrator, 200), (Role.operations, 409), (Role.manager, 403)):
        answer = await shared.api.client(role).put("/v1/rules/of-whom", json=RULE)
        assert answer.status_code == status, (role, answer.text)
