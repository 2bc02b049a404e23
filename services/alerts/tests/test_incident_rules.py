"""What may be done with an incident, whom it goes to, and how it explains itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from alerts.incidents import rules
from alerts.incidents.refusals import (
    AssigneeUnchanged,
    IncidentAcknowledgedAlready,
    IncidentResolvedAlready,
    SnoozeNotAhead,
    StepCompletedAlready,
    StepNotNext,
    StepsOpen,
)
from alerts.incidents.rules import Standing, StepState
from alerts.incidents.words import resolves, why
from alerts.rulebook.seed import defaults
from contracts.alerts import Clock, EscalationStep, IncidentState, IncidentSubject, RuleDefined

NOW = datetime(2026, 7, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)
INCIDENT, OWNER, SUE, MAX, BOSS = (UUID(int=n) for n in range(1, 6))
ZONE = ZoneInfo("Asia/Shanghai")


def rule(code: str) -> RuleDefined:
    [defined] = [rule for known, rule in defaults() if known == code]
    return RuleDefined.model_validate({"rule": code, "rule_version": 1, **defined.model_dump()})


def incident(state: IncidentState = IncidentState.open, *done: bool) -> Standing:
    """An incident of SUE in a state, with a step for each of `done`."""
    raised = rules.raise_incident(
        INCIDENT,
        rule("core-metric-low"),
        subject_kind=IncidentSubject.unit,
        subject_id=UUID(int=9),
        key="sales_amount",
        owner_id=None,
        unit_id=UUID(int=9),
        assignee_id=SUE,
        since=NOW - 14 * DAY,
        due_at=NOW,
        evidence=[UUID(int=7)],
        figures=[Decimal("0.69")],
    )
    steps = [StepState(f"step_{n}", NOW if each else None) for n, each in enumerate(done, 1)]
    return Standing(raised.model_copy(update={"state": state}), steps)


RESOLVED = incident(IncidentState.resolved)


def test_somebody_takes_it_up_once() -> None:
    taken = rules.acknowledge(incident())
    assert (taken.state, taken.assignee_id) == (IncidentState.acknowledged, SUE)
    assert rules.acknowledge(incident(IncidentState.snoozed)).state is IncidentState.acknowledged
    with pytest.raises(IncidentAcknowledgedAlready):
        rules.acknowledge(incident(IncidentState.acknowledged))


def test_it_waits_for_a_time_to_come_and_no_longer_than_ninety_days() -> None:
    assert rules.snooze(incident(), NOW + DAY, NOW).until == NOW + DAY
    for until in (NOW, NOW - DAY, NOW + 91 * DAY):
        with pytest.raises(SnoozeNotAhead):
            rules.snooze(incident(), until, NOW)


def test_another_is_to_act_and_the_one_before_is_remembered() -> None:
    given = rules.assign(incident(IncidentState.acknowledged), MAX)
    assert (given.state, given.assignee_id, given.previous_assignee_id) == (IncidentState.open, MAX, SUE)
    with pytest.raises(AssigneeUnchanged):
        rules.assign(incident(), SUE)


@pytest.mark.capability("S119")
def test_the_steps_of_the_response_are_done_in_their_order_each_once() -> None:
    done = rules.complete_step(incident(IncidentState.open, True, False), "step_2", "backlog", SUE)
    assert (done.state, done.step, done.finding_code, done.completed_by_id) == (
        IncidentState.acknowledged, "step_2", "backlog", SUE,
    )  # fmt: skip
    with pytest.raises(StepNotNext, match="step_1"):
        rules.complete_step(incident(IncidentState.open, False, False), "step_2", "backlog", SUE)
    with pytest.raises(StepCompletedAlready):
        rules.complete_step(incident(IncidentState.open, True, False), "step_1", "policy", SUE)


@pytest.mark.capability("S119")
def test_a_person_resolves_it_once_its_steps_are_done_and_a_fact_at_any_time() -> None:
    with pytest.raises(StepsOpen, match="step_2"):
        rules.resolve(incident(IncidentState.open, True, False), "coaching")
    by_person = rules.resolve(incident(IncidentState.acknowledged, True, True), "coaching")
    assert (by_person.outcome_code, by_person.resolving_event_id) == ("coaching", None)
    by_fact = rules.resolve_itself(incident(IncidentState.open, False), rules.RECOVERED, UUID(int=8))
    assert (by_fact.outcome_code, by_fact.resolving_event_id) == ("recovered", UUID(int=8))


def test_nothing_is_done_with_a_resolved_incident() -> None:
    for verb in (
        lambda: rules.acknowledge(RESOLVED),
        lambda: rules.snooze(RESOLVED, NOW + DAY, NOW),
        lambda: rules.assign(RESOLVED, MAX),
        lambda: rules.complete_step(RESOLVED, "step_1", "policy", SUE),
        lambda: rules.resolve(RESOLVED, "coaching"),
    ):
        with pytest.raises(IncidentResolvedAlready):
            verb()


def test_it_goes_up_the_line_from_whoever_is_to_act() -> None:
    line = [SUE, MAX, BOSS]
    assert rules.next_in_charge(OWNER, line) == SUE
    assert rules.next_in_charge(SUE, line) == MAX
    assert rules.next_in_charge(BOSS, line) == BOSS
    assert rules.next_in_charge(None, line) == SUE
    assert rules.next_in_charge(None, []) is None
    escalated = rules.escalate(incident(IncidentState.snoozed), MAX)
    assert (escalated.state, escalated.level, escalated.previous_assignee_id) == (IncidentState.open, 1, SUE)


def test_the_steps_of_an_escalation_are_counted_from_the_raising() -> None:
    steps = [EscalationStep(after_days=days) for days in (3, 5, 7)]
    due = [rules.escalates_at(NOW, steps, level) for level in range(4)]
    assert due == [NOW + 3 * DAY, NOW + 5 * DAY, NOW + 7 * DAY, None]


def test_a_silence_is_explained_with_its_instants_in_the_business_zone() -> None:
    said = why(rule("opportunity-stalled"), NOW, NOW + 5 * DAY, [], ZONE)
    assert "2026-07-01 10:00:00; 5 days were over at 2026-07-06 10:00:00" in said.en
    assert "5 天已于 2026-07-06 10:00:00 届满" in said.zh
    working = rule("customer-silent")
    slow = working.definition.model_copy(update={"clock": Clock.working})
    said = why(working.model_copy(update={"definition": slow}), NOW, NOW, [], ZONE)
    assert "2 working days" in said.en
    assert "2 个工作天" in said.zh
    assert "opportunities.opportunity.won.v1" in resolves(working).en


def test_weak_weeks_are_explained_by_their_figures() -> None:
    said = why(rule("core-metric-low"), NOW, NOW, ["0.69", "0.6955"], ZONE)
    assert said.en.endswith("lay below 70 %: 69 %, 69.6 %.")
    assert "低于 70 %:69 %, 69.6 %" in said.zh
    dwell = why(rule("health-stage-dwell"), NOW, NOW, ["12.500000"], ZONE)
    assert dwell.en.endswith("lay above 12: 12.5.")
    assert "高于 12:12.5" in dwell.zh
    assert "reading" in resolves(rule("core-metric-low")).en
