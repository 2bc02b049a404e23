"""What may be aimed at."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.refusal import NotFound
from contracts.targets import PeriodSet, SubjectKind
from targets.calendar.rules import fiscal_year
from targets.metrics.seed import built_in
from targets.organisation.refusals import PersonUnknown
from targets.plans import rules
from targets.plans.commands import NewTarget, Part, Revision
from targets.plans.ground import Ground, Subject
from targets.plans.refusals import (
    ChallengeNotBeyondBase,
    DimensionUnknown,
    MetricUnknown,
    PartsOverlap,
    PartsStillPublished,
    PartUnknown,
    PeriodUnknown,
    RatioDoesNotDivide,
    RevisionOutOfOrder,
    SubjectNotThere,
    TargetNotPublished,
    ValueTooFine,
)

TODAY = date(2026, 8, 1)
PERIODS: dict[str, PeriodSet] = {each.period: each for each in fiscal_year(2026, 1)}
METRICS = {metric.code: metric.fact(1) for metric in built_in()}
EAST, MANAGER, WHOLE = UUID(int=1), UUID(int=2), UUID(int=3)


@dataclass
class Target:
    id: UUID = WHOLE
    metric: str = "sales_amount"
    subject_kind: str = "unit"
    subject_id: UUID = EAST
    period: str = "2026-Q3"
    dimensions: dict[str, str] = field(default_factory=dict)
    base: Decimal = Decimal(100)
    challenge: Decimal | None = None
    weight: Decimal = Decimal(1)
    owner_id: UUID | None = None
    parent_id: UUID | None = None
    state: str = "published"


def ground(*, until: date | None = None, parent: Target | None = None) -> Ground:
    east = Subject(SubjectKind.unit, EAST, "east", date(2020, 1, 1), until, MANAGER)
    return Ground(
        metrics=METRICS,
        periods=PERIODS,
        subjects={("unit", "east"): east, ("unit", EAST): east},
        owners={"mia": MANAGER},
        parents={parent.id: parent} if parent else {},
    )


def asked(**more: Any) -> NewTarget:
    return NewTarget.model_validate(
        {
            "metric": "sales_amount",
            "subject_kind": "unit",
            "subject_code": "east",
            "period": "2026-Q3",
            "base": "100",
            **more,
        }
    )


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"metric": "happiness"}, MetricUnknown),
        ({"period": "2026-Q5"}, PeriodUnknown),
        ({"subject_code": "west"}, NotFound),
        ({"owner_code": "nobody"}, PersonUnknown),
        ({"parent_id": str(UUID(int=9))}, NotFound),
        ({"dimensions": {"colour": "red"}}, DimensionUnknown),
        ({"base": "100.005"}, ValueTooFine),
        ({"metric": "visits", "base": "1.5"}, ValueTooFine),
        ({"challenge": "99"}, ChallengeNotBeyondBase),
        ({"metric": "opportunities_lost", "challenge": "101"}, ChallengeNotBeyondBase),
    ],
)
def test_a_target_that_cannot_be_is_refused(wrong: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.publish(UUID(int=4), asked(**wrong), ground())


def test_a_challenge_lies_beyond_the_base_in_the_metrics_direction() -> None:
    better_high = asked(challenge="120")
    better_low = asked(metric="opportunities_lost", challenge="80")
    assert rules.publish(UUID(int=4), better_high, ground()).challenge == 120
    assert rules.publish(UUID(int=4), better_low, ground()).challenge == 80


@pytest.mark.capability("S7")
def test_the_leader_of_the_subject_answers_for_the_target_unless_another_is_named() -> None:
    assert rules.publish(UUID(int=4), asked(), ground()).owner_id == MANAGER


def test_a_subject_that_ended_before_the_period_gets_no_target() -> None:
    with pytest.raises(SubjectNotThere):
        rules.publish(UUID(int=4), asked(), ground(until=date(2026, 7, 1)))
    one_day = rules.publish(UUID(int=4), asked(), ground(until=date(2026, 7, 2)))
    assert one_day.subject_id == EAST


def test_a_part_belongs_to_a_target_that_holds() -> None:
    withdrawn = Target(state="withdrawn")
    with pytest.raises(TargetNotPublished):
        rules.publish(UUID(int=4), asked(parent_id=str(withdrawn.id)), ground(parent=withdrawn))


@pytest.mark.capability("F3")
def test_a_part_may_have_a_metric_a_period_and_a_weight_of_its_own() -> None:
    whole = Target(period="2026")
    part = asked(metric="visits", period="2026-07", base="20", weight="0.2", parent_id=str(whole.id))
    fact = rules.publish(UUID(int=4), part, ground(parent=whole))
    assert (fact.metric, fact.period, fact.weight, fact.parent_id) == (
        "visits",
        "2026-07",
        Decimal("0.2"),
        whole.id,
    )


def revise(target: Target, last: date | None = None, **more: Any) -> Any:
    wanted = Revision.model_validate({"base": "90", "reason_code": "market_change", **more})
    metric, period = METRICS[target.metric], PERIODS[target.period]
    return rules.revise(target, wanted, metric, period, last=last, approver="boss", today=TODAY)


def test_a_revision_takes_effect_within_the_period_and_after_the_last_one() -> None:
    assert revise(Target()).effective_on == TODAY
    with pytest.raises(RevisionOutOfOrder):
        revise(Target(), effective_on="2026-10-01")
    with pytest.raises(RevisionOutOfOrder):
        revise(Target(), last=date(2026, 8, 2))


def test_a_revision_that_changes_nothing_makes_no_fact() -> None:
    assert revise(Target(), base="100.00") is None


def test_a_challenge_stays_unless_it_is_named() -> None:
    stretched = Target(challenge=Decimal(120))
    assert revise(stretched).challenge == 120
    assert revise(stretched, challenge=None).challenge is None
    with pytest.raises(ChallengeNotBeyondBase):
        revise(stretched, base="130")


def test_only_what_holds_is_revised() -> None:
    with pytest.raises(TargetNotPublished):
        revise(Target(state="withdrawn"))


def test_a_target_with_published_parts_is_not_withdrawn_alone() -> None:
    with pytest.raises(PartsStillPublished):
        rules.withdraw(Target(), "x", parts=2)
    assert rules.withdraw(Target(), "x", parts=0)
    assert rules.withdraw(Target(state="withdrawn"), "x", parts=2) is None


def test_a_ratio_is_not_divided() -> None:
    with pytest.raises(RatioDoesNotDivide):
        rules.check_divisible(Target(metric="win_rate"), METRICS["win_rate"])


def test_only_what_lies_below_takes_part_and_once() -> None:
    assert [share.code for share in rules.shares(None, ["a", "b"])] == ["a", "b"]
    with pytest.raises(PartUnknown, match="a, b"):
        rules.shares([Part(code="c")], ["a", "b"])
    with pytest.raises(PartsOverlap):
        rules.shares([Part(code="a"), Part(code="a")], ["a", "b"])


def test_the_organisation_is_looked_at_on_a_day_of_the_period() -> None:
    quarter = PERIODS["2026-Q3"]
    assert rules.day_within(quarter, date(2026, 1, 1)) == date(2026, 7, 1)
    assert rules.day_within(quarter, TODAY) == TODAY
    assert rules.day_within(quarter, date(2027, 1, 1)) == date(2026, 9, 30)
