"""What may be done with a lead."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.leads import (
    ContactKind,
    ContactLogged,
    ContactOutcome,
    Intent,
    LeadConverted,
    LeadState,
    Requirement,
    ValidityDefined,
)
from leads.leads import rules
from leads.leads.refusals import (
    IntentUnchanged,
    LeadClosed,
    LeadQualifiedAlready,
    LeadWithoutOwner,
    OwnerUnchanged,
)
from leads.leads.rules import Standing
from leads.validity.refusals import ValidityOfThePast
from leads.validity.rules import Facts, define_validity, is_valid, version_of

LEAD = UUID("0199d1a2-0000-7000-8000-0000000000a1")
WANG = UUID("0199d1a2-0000-7000-8000-0000000000b1")
LI = UUID("0199d1a2-0000-7000-8000-0000000000b2")
THING = UUID("0199d1a2-0000-7000-8000-0000000000c1")
CAPTURED = datetime(2026, 7, 1, 2, tzinfo=UTC)
DEFINITION = define_validity(
    1,
    requirements=list(Requirement),
    invalid_reasons=["wrong_number"],
    effective_on=date(2000, 1, 1),
    earliest=date(2000, 1, 1),
)


def lead(**given: Any) -> Standing:
    """Wang's lead, just captured."""
    standard: dict[str, Any] = {"owner_id": WANG, "channel": "zhihu", "company": "长江", "reachable": True}
    captured = rules.capture(LEAD, DEFINITION, captured_on=date(2026, 7, 1), **{**standard, **given})
    return Standing(captured, CAPTURED, given.get("reachable", True))


def contact(standing: Standing, kind: str, at: datetime, outcome: str = "completed") -> ContactLogged:
    return rules.log_contact(
        standing, THING, kind=ContactKind(kind), outcome=ContactOutcome(outcome), at=at, logged_by_id=WANG
    )


@pytest.mark.parametrize(
    ("known", "valid"),
    [
        (Facts(reachable=True, company="长江"), True),
        (Facts(reachable=False, company="长江"), False),
        (Facts(reachable=True, company=None), False),
        (Facts(reachable=True, company="长江", duplicate=True), False),
        (Facts(reachable=True, company="长江", discard_reason="wrong_number"), False),
        (Facts(reachable=True, company="长江", discard_reason="no_need"), True),
    ],
)
@pytest.mark.capability("S61")
def test_a_valid_lead_meets_every_requirement_of_the_definition(known: Facts, valid: bool) -> None:
    assert is_valid(known, DEFINITION) is valid


@pytest.mark.capability("S61")
def test_a_lead_is_judged_by_the_definition_in_force_on_its_day() -> None:
    looser = DEFINITION.model_copy(
        update={
            "validity_version": 2,
            "effective_on": date(2026, 7, 1),
            "requirements": [Requirement.reachable],
        }
    )
    versions = [looser, DEFINITION]
    assert version_of(versions, date(2026, 6, 30)) == DEFINITION
    assert version_of(versions, date(2026, 7, 1)) == looser
    assert version_of(versions, date(1999, 1, 1)) == DEFINITION


def test_a_definition_does_not_judge_what_was_judged() -> None:
    with pytest.raises(ValidityOfThePast, match="2026-07-02"):
        define_validity(
            2, requirements=[], invalid_reasons=[], effective_on=date(2026, 7, 1), earliest=date(2026, 7, 2)
        )


def test_a_lead_is_qualified_once_and_not_when_it_is_closed() -> None:
    qualified = lead().after(rules.qualify(lead()))
    assert qualified.lead.state == LeadState.qualified
    with pytest.raises(LeadQualifiedAlready):
        rules.qualify(qualified)
    with pytest.raises(LeadClosed, match="discarded"):
        rules.qualify(lead().after(rules.discard(lead(), "no_need", DEFINITION)))


def test_a_discarded_lead_is_no_valid_one_only_for_some_reasons() -> None:
    assert rules.discard(lead(), "no_need", DEFINITION).valid is True
    assert rules.discard(lead(), "wrong_number", DEFINITION).valid is False


@pytest.mark.capability("S73")
def test_an_intent_is_judged_otherwise_and_names_the_former_one() -> None:
    changed = rules.change_intent(lead(), Intent.high)
    assert (changed.intent, changed.previous_intent) == (Intent.high, Intent.unknown)
    with pytest.raises(IntentUnchanged):
        rules.change_intent(lead(), Intent.unknown)


def test_an_assignment_says_which_rule_decided() -> None:
    assigned = rules.assign(lead(), LI, "east", 3)
    assert (assigned.previous_owner_id, assigned.owner_id, assigned.rule, assigned.rule_version) == (
        WANG, LI, "east", 3,
    )  # fmt: skip
    with pytest.raises(OwnerUnchanged):
        rules.assign(lead(), WANG, "manual")


def test_a_lead_that_nobody_owns_is_neither_released_nor_converted() -> None:
    pooled = lead(owner_id=None)
    with pytest.raises(LeadWithoutOwner):
        rules.release(pooled, "no_contact")
    with pytest.raises(LeadWithoutOwner):
        rules.convert(pooled, THING, amount=None, currency="CNY")


def test_a_conversion_keeps_what_the_lead_was() -> None:
    converted = rules.convert(lead(intent=Intent.high), THING, amount=None, currency="CNY")
    assert isinstance(converted, LeadConverted)
    assert (converted.state, converted.intent, converted.opportunity_id) == ("converted", "high", THING)
    with pytest.raises(LeadClosed):
        rules.convert(lead().after(converted), THING, amount=None, currency="CNY")


@pytest.mark.parametrize("outcome", ["completed", "no_answer", "cancelled"])
def test_the_first_contact_ends_the_first_response_whatever_came_of_it(outcome: str) -> None:
    first = contact(lead(), "call", CAPTURED + timedelta(hours=24), outcome)
    assert first.first_response_seconds == 24 * 3600
    second = contact(lead().after(first), "call", CAPTURED + timedelta(hours=30))
    assert second.first_response_seconds is None


@pytest.mark.parametrize(
    ("kind", "outcome", "first_visit"),
    [
        ("visit", "completed", True),
        ("demo", "completed", True),
        ("meeting", "completed", True),
        ("visit", "postponed", False),
        ("call", "completed", False),
    ],
)
@pytest.mark.capability("S62")
def test_the_first_completed_visit_meeting_or_demo_is_the_first_visit(
    kind: str, outcome: str, first_visit: bool
) -> None:
    logged = contact(lead(), kind, CAPTURED, outcome)
    assert logged.first_visit is first_visit
    assert contact(lead().after(logged), "visit", CAPTURED).first_visit is not first_visit


def test_a_change_judges_anew_and_what_is_the_same_makes_no_fact() -> None:
    assert rules.change(lead(), {"company": "长江"}, DEFINITION, reachable=True) == []
    [changed] = rules.change(lead(), {"company": None}, DEFINITION, reachable=True)
    assert (changed.company, changed.valid) == (None, False)
    [unreachable] = rules.change(lead(), {}, DEFINITION, reachable=False)
    assert unreachable.valid is False


def test_the_definition_speaks_of_one_thing() -> None:
    assert ValidityDefined.root_field == "validity"
