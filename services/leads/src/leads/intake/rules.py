"""How a row of an import becomes facts."""

from collections.abc import Callable, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from contracts.leads import (
    ContactKind,
    ContactLogged,
    ContactOutcome,
    Intent,
    KnownClose,
    Lead,
    LeadState,
    Outcome,
    ValidityDefined,
)
from contracts.opportunities import LossReason
from leads.leads import rules
from leads.leads.rules import IMPORT, OPEN, Standing

NOT_RECORDED = "not_recorded"


@dataclass(frozen=True, slots=True)
class Told:
    """What a row tells of a lead, with its references looked up and its days made instants."""

    owner_id: UUID | None
    channel: str
    campaign: str | None
    company: str | None
    credit_code: str | None
    product_line: str | None
    level: str | None
    intent: Intent
    reachable: bool
    captured_at: datetime
    captured_on: date
    first_contact_at: datetime | None
    first_visit_at: datetime | None
    state: LeadState
    discard_reason: str | None
    outcome: Outcome | None
    closed_at: datetime | None
    amount: Decimal | None
    currency: str
    loss_reason: LossReason | None


@dataclass(slots=True)
class Story:
    """The facts of a row in order, each with its instant, and how the lead stands after them."""

    standing: Standing
    last: datetime
    definition: ValidityDefined
    new_id: Callable[[], UUID]
    facts: list[tuple[Lead, datetime]] = field(default_factory=list)

    def tell(self, fact: Lead, at: datetime) -> None:
        """One more fact; never before the last."""
        self.last = max(self.last, at)
        self.facts.append((fact, self.last))
        self.standing = self.standing.after(fact)

    @property
    def contacts(self) -> list[tuple[ContactLogged, datetime]]:
        """The contacts among the facts."""
        return [(fact, at) for fact, at in self.facts if isinstance(fact, ContactLogged)]


def capture_history(
    lead_id: UUID, told: Told, definition: ValidityDefined, new_id: Callable[[], UUID]
) -> Story:
    """Captured, contacted, visited, and come to whatever it came to."""
    captured = rules.capture(
        lead_id,
        definition,
        captured_on=told.captured_on,
        reachable=told.reachable,
        channel=told.channel,
        owner_id=told.owner_id,
        campaign=told.campaign,
        company=told.company,
        credit_code=told.credit_code,
        product_line=told.product_line,
        level=told.level,
        intent=told.intent,
        imported=True,
    )
    standing = Standing(captured, told.captured_at, told.reachable)
    story = Story(standing, told.captured_at, definition, new_id, [(captured, told.captured_at)])
    _contact(story, told)
    _end(story, told, story.last)
    return story


def change_history(
    before: Standing,
    last: datetime,
    told: Told,
    changed: Set[str],
    definition: ValidityDefined,
    new_id: Callable[[], UUID],
    now: datetime,
) -> Story:
    """The facts of what another row says than the last one of the same key; `changed` names its fields."""
    story = Story(before, last, definition, new_id)
    wanted = {name: getattr(told, name) for name in rules.CHANGEABLE & changed}
    if before.lead.state in OPEN:
        for fact in rules.change(before, wanted, definition, reachable=told.reachable, imported=True):
            story.tell(fact, now)
        if "intent" in changed and told.intent != story.standing.lead.intent:
            story.tell(rules.change_intent(story.standing, told.intent, imported=True), now)
        if "owner_id" in changed and told.owner_id not in (None, story.standing.lead.owner_id):
            assert told.owner_id is not None
            story.tell(rules.assign(story.standing, told.owner_id, IMPORT, imported=True), now)
    _contact(story, told)
    if before.lead.state in OPEN:
        _end(story, told, now)
    return story


def _contact(story: Story, told: Told) -> None:
    """The first contact and the first visit that the row knows, in their order, unless they are known here."""
    known = [
        (ContactKind.call, told.first_contact_at, story.standing.contacted),
        (ContactKind.visit, told.first_visit_at, story.standing.visited),
    ]
    wanted = [(at, kind) for kind, at, there in known if at is not None and not there]
    for at, kind in sorted(wanted, key=lambda each: each[0]):
        when = max(at, story.last)
        contact = rules.log_contact(
            story.standing,
            story.new_id(),
            kind=kind,
            outcome=ContactOutcome.completed,
            at=when,
            logged_by_id=story.standing.lead.owner_id,
            imported=True,
        )
        story.tell(contact, when)


def _end(story: Story, told: Told, at: datetime) -> None:
    """What it came to. When it was converted is not known: with the last that is, before its end."""
    if told.outcome is not None or told.state is LeadState.converted:
        when = min(at, told.closed_at) if told.closed_at else at
        story.tell(
            rules.convert(
                story.standing,
                story.new_id(),
                amount=told.amount,
                currency=told.currency,
                closed=_closed(told, max(when, story.last)),
                imported=True,
            ),
            when,
        )
    elif told.state is LeadState.discarded:
        reason = told.discard_reason or NOT_RECORDED
        story.tell(rules.discard(story.standing, reason, story.definition, imported=True), at)
    elif told.state is LeadState.qualified and story.standing.lead.state is not LeadState.qualified:
        story.tell(rules.qualify(story.standing, imported=True), at)


def _closed(told: Told, earliest: datetime) -> KnownClose | None:
    if told.outcome is None or told.closed_at is None:
        return None
    lost = told.outcome is Outcome.lost
    return KnownClose(
        outcome="lost" if lost else "won",
        closed_at=max(told.closed_at, earliest),
        reason_code=(told.loss_reason or LossReason.not_recorded) if lost else None,
    )
