"""What may be aimed at. Each rule returns the fact, or refuses; none where all is as asked."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.targets import (
    Direction,
    MetricDefined,
    Ratio,
    TargetPublished,
    TargetRevised,
    TargetWithdrawn,
)
from targets.calendar.rules import Span
from targets.metrics.rules import dimensions, quantum
from targets.plans.commands import NewTarget, Part, Revision, TargetRow
from targets.plans.division import Share
from targets.plans.ground import Ground, Subject, Target
from targets.plans.refusals import (
    ChallengeNotBeyondBase,
    DimensionUnknown,
    PartsOverlap,
    PartsStillPublished,
    PartUnknown,
    RatioDoesNotDivide,
    RevisionOutOfOrder,
    SubjectNotThere,
    TargetNotPublished,
    TermsAreFixed,
    ValueTooFine,
)


def publish(id: UUID, asked: NewTarget, ground: Ground) -> TargetPublished:
    """A target for somebody who is there in its period, on values that the metric can have."""
    metric, period, subject = ground.metric(asked.metric), ground.period(asked.period), ground.subject(asked)
    _check_there(subject, asked, period)
    _check_dimensions(asked, ground)
    check_values(metric, asked.base, asked.challenge)
    if asked.parent_id is not None:
        still_published(ground.parent(asked.parent_id))
    return TargetPublished(
        target_id=id,
        metric=asked.metric,
        subject_kind=asked.subject_kind,
        subject_id=subject.id,
        period=asked.period,
        dimensions=dict(sorted(asked.dimensions.items())),
        base=asked.base,
        challenge=asked.challenge,
        weight=asked.weight,
        parent_id=asked.parent_id,
        owner_id=ground.owner(asked, subject),
    )


def revise(
    target: Target,
    asked: Revision,
    metric: MetricDefined,
    period: Span,
    *,
    last: date | None,
    approver: str,
    today: date,
) -> TargetRevised | None:
    """Other values from a day on, not before the last revision's and within the period."""
    still_published(target)
    challenge = challenge_of(asked, target)
    if (asked.base, challenge) == (target.base, target.challenge):
        return None
    check_values(metric, asked.base, challenge)
    effective_on = asked.effective_on or today
    if (last and effective_on < last) or effective_on >= period.ends_on:
        raise RevisionOutOfOrder(
            pointer="/effective_on", asked=effective_on, earliest=last or "…", latest=period.ends_on
        )
    return TargetRevised(
        target_id=target.id,
        base=asked.base,
        challenge=challenge,
        reason_code=asked.reason_code,
        approver_id=approver,
        effective_on=effective_on,
    )


def challenge_of(asked: Revision | TargetRow, target: Target) -> Decimal | None:
    """The challenge that is meant: what is not named stays, null takes it away."""
    return asked.challenge if "challenge" in asked.model_fields_set else target.challenge


def check_terms(asked: TargetRow, fact: TargetPublished, target: Target) -> None:
    """Weight, owner and parent are agreed with the publication; a row that names others is refused."""
    for names, said, agreed in (
        ({"weight"}, fact.weight, target.weight),
        ({"owner_id", "owner_code"}, fact.owner_id, target.owner_id),
        ({"parent_id"}, fact.parent_id, target.parent_id),
    ):
        if (named := names & asked.model_fields_set) and said != agreed:
            raise TermsAreFixed(
                pointer=f"/{min(named)}", id=target.id, agreed=agreed or "–", asked=said or "–"
            )


def withdraw(target: Target, reason_code: str, *, parts: int) -> TargetWithdrawn | None:
    """The end of a target that has no published parts."""
    if target.state == "withdrawn":
        return None
    if parts:
        raise PartsStillPublished(id=target.id, count=parts)
    return TargetWithdrawn(target_id=target.id, reason_code=reason_code)


def shares(asked: Sequence[Part] | None, allowed: Sequence[str]) -> list[Share]:
    """Who takes part in a division: those named, else all that could, alike."""
    if asked is None:
        return [Share(code) for code in allowed]
    codes = [part.code for part in asked]
    for n, code in enumerate(codes):
        if code not in allowed:
            raise PartUnknown(pointer=f"/parts/{n}/code", asked=code, allowed=", ".join(allowed))
        if code in codes[:n]:
            raise PartsOverlap(pointer=f"/parts/{n}/code", parts=code)
    return [Share(part.code, part.weight, part.base, part.challenge) for part in asked]


def check_divisible(target: Target, metric: MetricDefined) -> None:
    """Only sums and counts have parts, and only what holds is divided."""
    still_published(target)
    if isinstance(metric.definition, Ratio):
        raise RatioDoesNotDivide(metric=metric.metric)


def check_values(metric: MetricDefined, base: Decimal, challenge: Decimal | None) -> None:
    """Values that the metric can have, and a challenge that is harder to reach than the base (S18)."""
    unit = quantum(metric.definition)
    for name, value in (("base", base), ("challenge", challenge)):
        if value is not None and value % unit:
            raise ValueTooFine(
                pointer=f"/{name}", value=value, quantum=format(unit, "f"), metric=metric.metric
            )
    if challenge is None:
        return
    higher = metric.direction is Direction.higher_is_better
    if challenge < base if higher else challenge > base:
        raise ChallengeNotBeyondBase(
            pointer="/challenge", base=base, challenge=challenge, direction=metric.direction
        )


def still_published(target: Target) -> None:
    """Raises `TargetNotPublished`."""
    if target.state != "published":
        raise TargetNotPublished(id=target.id, state=target.state)


def day_within(period: Span, today: date) -> date:
    """The day on which the organisation is looked at for a period: today, or the period's end next to it."""
    if today < period.starts_on:
        return period.starts_on
    return min(today, date.fromordinal(period.ends_on.toordinal() - 1))


def key(target: TargetPublished | Target) -> tuple[str, UUID, str, frozenset[tuple[str, str]]]:
    """What only one published target may have."""
    return target.metric, target.subject_id, target.period, frozenset(target.dimensions.items())


def _check_there(subject: Subject, asked: NewTarget, period: Span) -> None:
    if subject.since >= period.ends_on or (subject.until and subject.until <= period.starts_on):
        pointer = "/subject_id" if asked.subject_id else "/subject_code"
        raise SubjectNotThere(pointer=pointer, subject=subject.code, period=asked.period)


def _check_dimensions(asked: NewTarget, ground: Ground) -> None:
    allowed = dimensions(ground.metric(asked.metric).definition, ground.definitions)
    for name in asked.dimensions:
        if name not in allowed:
            raise DimensionUnknown(
                pointer=f"/dimensions/{name}",
                metric=asked.metric,
                asked=name,
                allowed=", ".join(sorted(allowed)) or "–",
            )
