"""Who is to act on an incident, when it goes to the next one in charge, and what may be done with it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from alerts.incidents.refusals import (
    AssigneeUnchanged,
    IncidentAcknowledgedAlready,
    IncidentResolvedAlready,
    SnoozeNotAhead,
    StepCompletedAlready,
    StepNotNext,
    StepsOpen,
)
from contracts.alerts import (
    EscalationStep,
    Incident,
    IncidentAcknowledged,
    IncidentAssigned,
    IncidentEscalated,
    IncidentRaised,
    IncidentResolved,
    IncidentSnoozed,
    IncidentState,
    IncidentStepCompleted,
    IncidentSubject,
    RuleDefined,
)

SIGN_OF_LIFE, CLOSED, RECOVERED, RULE_CHANGED = "sign_of_life", "closed", "recovered", "rule_changed"
"""The outcomes of what resolves itself."""

LONGEST_SNOOZE = timedelta(days=90)


def next_in_charge(assignee_id: UUID | None, above: Sequence[UUID]) -> UUID | None:
    """Whom an escalation goes to: the first leader above who acts so far; at the top it stays."""
    higher = above[above.index(assignee_id) + 1 :] if assignee_id in above else above
    return next((leader for leader in higher if leader != assignee_id), assignee_id)


def escalates_at(raised_at: datetime, escalation: Sequence[EscalationStep], level: int) -> datetime | None:
    """When the next escalation is due: its days after the incident was raised; null when there is none left."""
    if level >= len(escalation):
        return None
    return raised_at + timedelta(days=escalation[level].after_days)


@dataclass(frozen=True, slots=True)
class StepState:
    """A step of the response flow, and when it was done."""

    code: str
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident as its rules see it."""

    incident: Incident
    steps: Sequence[StepState] = ()

    def fact[I: Incident](self, kind: type[I], **changes: Any) -> I:
        """The incident as it stands, with what the fact changes."""
        attributes = {name: getattr(self.incident, name) for name in Incident.model_fields}
        return kind(**{**attributes, **changes})

    def after(self, event: Incident) -> "Standing":
        """How it stands once the fact is recorded."""
        return replace(self, incident=event)

    def require_unresolved(self) -> None:
        """Refuses what cannot be done with a resolved incident."""
        if self.incident.state is IncidentState.resolved:
            raise IncidentResolvedAlready()


def raise_incident(
    incident_id: UUID,
    rule: RuleDefined,
    *,
    subject_kind: IncidentSubject,
    subject_id: UUID,
    key: str | None,
    owner_id: UUID | None,
    unit_id: UUID | None,
    assignee_id: UUID | None,
    since: datetime,
    due_at: datetime,
    evidence: Sequence[UUID],
    figures: Sequence[Decimal],
) -> IncidentRaised:
    """What a rule has fired for."""
    return IncidentRaised(
        incident_id=incident_id,
        rule=rule.rule,
        rule_version=rule.rule_version,
        subject_kind=subject_kind,
        subject_id=subject_id,
        key=key,
        owner_id=owner_id,
        unit_id=unit_id,
        assignee_id=assignee_id,
        state=IncidentState.open,
        level=0,
        since=since,
        due_at=due_at,
        evidence=list(evidence),
        figures=list(figures),
    )


def acknowledge(incident: Standing) -> IncidentAcknowledged:
    """Somebody takes it up: it escalates no more."""
    incident.require_unresolved()
    if incident.incident.state is IncidentState.acknowledged:
        raise IncidentAcknowledgedAlready()
    return incident.fact(IncidentAcknowledged, state=IncidentState.acknowledged)


def snooze(incident: Standing, until: datetime, now: datetime) -> IncidentSnoozed:
    """It waits; afterwards it is open again, and goes on escalating."""
    incident.require_unresolved()
    if not now < until <= now + LONGEST_SNOOZE:
        raise SnoozeNotAhead(
            pointer="/until", asked=until.isoformat(), latest=(now + LONGEST_SNOOZE).isoformat()
        )
    return incident.fact(IncidentSnoozed, state=IncidentState.snoozed, until=until)


def assign(incident: Standing, assignee_id: UUID) -> IncidentAssigned:
    """Somebody else is to act."""
    incident.require_unresolved()
    if assignee_id == incident.incident.assignee_id:
        raise AssigneeUnchanged(pointer="/assignee_id", assignee=assignee_id)
    return incident.fact(
        IncidentAssigned,
        state=IncidentState.open,
        assignee_id=assignee_id,
        previous_assignee_id=incident.incident.assignee_id,
    )


def escalate(incident: Standing, assignee_id: UUID | None) -> IncidentEscalated:
    """Nobody took it up: it goes to the next one in charge."""
    return incident.fact(
        IncidentEscalated,
        state=IncidentState.open,
        level=incident.incident.level + 1,
        assignee_id=assignee_id,
        previous_assignee_id=incident.incident.assignee_id,
    )


def complete_step(
    incident: Standing, step: str, finding_code: str, completed_by_id: UUID | None
) -> IncidentStepCompleted:
    """The next step of the response flow is done: external causes first, then the team's rhythm (S119)."""
    incident.require_unresolved()
    state = next(each for each in incident.steps if each.code == step)
    if state.completed_at is not None:
        raise StepCompletedAlready(step=step, completed_at=state.completed_at.isoformat())
    following = next(each for each in incident.steps if each.completed_at is None)
    if following.code != step:
        raise StepNotNext(step=step, next=following.code)
    return incident.fact(
        IncidentStepCompleted,
        state=IncidentState.acknowledged,
        step=step,
        finding_code=finding_code,
        completed_by_id=completed_by_id,
    )


def resolve(incident: Standing, outcome_code: str) -> IncidentResolved:
    """A person says what came of it, once the response flow is done."""
    incident.require_unresolved()
    if left := [each.code for each in incident.steps if each.completed_at is None]:
        raise StepsOpen(steps=", ".join(left))
    return incident.fact(
        IncidentResolved,
        state=IncidentState.resolved,
        outcome_code=outcome_code,
        resolving_event_id=None,
    )


def resolve_itself(incident: Standing, outcome_code: str, event_id: UUID | None) -> IncidentResolved:
    """A fact resolves it, whatever steps are open: the customer spoke, the record closed, the figure recovered."""
    return incident.fact(
        IncidentResolved,
        state=IncidentState.resolved,
        outcome_code=outcome_code,
        resolving_event_id=event_id,
    )
