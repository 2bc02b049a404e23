"""One function a verb on an incident: ask the rule, record the fact, which changes the row."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from alerts.incidents import rules
from alerts.incidents.commands import Acknowledge, AssignIncident, CompleteStep, Resolve, Snooze
from alerts.incidents.tables import IncidentRow, Note, Step
from contracts.alerts import Incident
from contracts.refusal import NotFound
from directory import Caller
from directory.owners import may_own, owners
from messaging import record


@dataclass(frozen=True, slots=True)
class Desk:
    """An incident in hand, locked, with its steps."""

    session: AsyncSession
    caller: Caller
    incident: IncidentRow
    steps: list[Step]

    @property
    def standing(self) -> rules.Standing:
        """The incident as the rules see it."""
        return self.incident.standing(self.steps)

    def record(self, event: Incident, note: str | None = None) -> None:
        """Records a fact, and makes the row what it says."""
        fact = record(self.session, self.incident, event, by=self.caller.id)
        self.incident.take(event)
        if note:
            self.session.add(Note(event_id=fact.id, incident_id=self.incident.id, text=note))


async def acknowledge(desk: Desk, command: Acknowledge) -> None:
    """Takes it up."""
    del command
    desk.record(rules.acknowledge(desk.standing))


async def snooze(desk: Desk, command: Snooze) -> None:
    """Lets it wait."""
    desk.record(rules.snooze(desk.standing, command.until, desk.caller.now))


async def assign(desk: Desk, command: AssignIncident) -> None:
    """Gives it to a person whom the caller may give work to."""
    known = await owners(desk.session, desk.caller, [command.assignee_id])
    assignee_id = may_own(
        known.get(command.assignee_id), command.assignee_id, desk.caller.day(), pointer="/assignee_id"
    )
    desk.record(rules.assign(desk.standing, assignee_id))


async def complete_step(desk: Desk, code: str, command: CompleteStep) -> None:
    """The next step of the response flow is done."""
    step = next((each for each in desk.steps if each.code == code), None)
    if step is None:
        raise NotFound(what="step", id=code)
    fact = rules.complete_step(desk.standing, code, command.finding_code, desk.caller.person_id)
    desk.record(fact)
    step.completed_at, step.completed_by_id = desk.incident.latest, fact.completed_by_id
    step.finding_code, step.note = command.finding_code, command.note


async def resolve(desk: Desk, command: Resolve) -> None:
    """Says what came of it."""
    desk.record(rules.resolve(desk.standing, command.outcome_code), command.note)
