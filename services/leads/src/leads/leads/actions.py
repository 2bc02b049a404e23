"""One function a verb: ask the rule, record the fact, which changes the row."""

from dataclasses import dataclass
from typing import Any

from contracts.leads import LeadState
from leads.leads import rules
from leads.leads.commands import (
    AssignLead,
    CaptureLead,
    ChangeIntent,
    ChangeLead,
    ClaimLead,
    ConvertLead,
    Discard,
    LogContact,
    Qualify,
    ReleaseLead,
)
from leads.leads.desk import Desk
from leads.leads.refusals import ClaimerIsNobody, LeadAlreadyClaimed, LeadHeldByAnother, NobodyHasRoom
from leads.leads.rules import CLAIM, MANUAL, Reached
from leads.leads.tables import Contact, LeadRow
from leads.sources.rules import known_campaign, known_channel
from messaging import uuid7

PERSONAL = ("contact_name", "remark")
"""What a command gives of the contact that is kept as it was typed."""


@dataclass(frozen=True, slots=True)
class Captured:
    """The lead of a capture: a new one, or the one that was there, and by what it was recognised."""

    lead: LeadRow
    matched: str | None = None


def capture(desk: Desk, command: CaptureLead) -> Captured:
    """Captures a lead, unless it is known: then that one is answered, if the caller sees it."""
    reached = rules.reach(command.phone, command.email, command.credit_code, command.region)
    if known := _duplicate(desk, reached):
        if known.lead.id not in desk.seen:
            raise LeadHeldByAnother(
                pointer=f"/{known.matched}", identity=known.matched, captured_on=known.lead.captured_on
            )
        return known
    at = command.occurred_at or desk.caller.now
    captured_on = desk.caller.day(at)
    fact = rules.capture(
        uuid7(),
        desk.definition(captured_on),
        captured_on=captured_on,
        reachable=reached.reachable,
        channel=known_channel(command.channel, desk.channels),
        campaign=known_campaign(command.campaign, command.channel, desk.campaigns),
        owner_id=desk.owner(command.owner_id, command.occurred_at) if command.owner_id else None,
        company=command.company,
        credit_code=reached.credit_code,
        product_line=command.product_line,
        level=command.level,
        intent=command.intent,
    )
    lead = LeadRow.before_opening(
        fact.lead_id,
        phone=reached.phone,
        email=reached.email,
        extra={},
        **{name: getattr(command, name) for name in PERSONAL},
    )
    desk.record(lead, fact, command.occurred_at)
    desk.keep(lead)
    if lead.owner_id is None:
        assign_by_rule(desk, lead)
    return Captured(lead)


def change_lead(desk: Desk, lead: LeadRow, command: ChangeLead) -> None:
    """Changes what the command gives; what the facts do not say changes the row alone, with a fact of the change."""
    given = command.model_dump(exclude_unset=True, exclude={"occurred_at", "region"})
    reached = rules.reach(
        given.get("phone", lead.phone),
        given.get("email", lead.email),
        given.get("credit_code"),
        command.region,
    )
    if (known := _duplicate(desk, reached)) and known.lead is not lead:
        raise LeadHeldByAnother(
            pointer=f"/{known.matched}", identity=known.matched, captured_on=known.lead.captured_on
        )
    wanted = {name: given[name] for name in rules.CHANGEABLE & given.keys()}
    if "credit_code" in wanted:
        wanted["credit_code"] = reached.credit_code
    channel = known_channel(wanted["channel"], desk.channels) if "channel" in wanted else lead.channel
    if "campaign" in wanted:
        known_campaign(wanted["campaign"], channel, desk.campaigns)
    elif "channel" in wanted:
        wanted["campaign"] = None if desk.campaigns.get(lead.campaign or "") != channel else lead.campaign
    personal = _personal(lead, given, reached)
    standing = lead.standing()
    if personal:
        standing.require_open()
    facts = rules.change(standing, wanted, desk.definition(lead.captured_on), reachable=reached.reachable)
    if personal and not facts:
        facts = [rules.mention_change(standing)]
    for name, value in personal.items():
        setattr(lead, name, value)
    for fact in facts:
        desk.record(lead, fact, command.occurred_at)


def _personal(lead: LeadRow, given: dict[str, Any], reached: Reached) -> dict[str, Any]:
    """What differs of what is in no fact."""
    wanted: dict[str, Any] = {name: given[name] for name in PERSONAL if name in given}
    wanted |= {name: getattr(reached, name) for name in ("phone", "email") if name in given}
    return {name: value for name, value in wanted.items() if value != getattr(lead, name)}


def change_intent(desk: Desk, lead: LeadRow, command: ChangeIntent) -> None:
    """Judges it otherwise."""
    desk.record(lead, rules.change_intent(lead.standing(), command.intent), command.occurred_at, command.note)


def qualify(desk: Desk, lead: LeadRow, command: Qualify) -> None:
    """Qualifies it."""
    desk.record(lead, rules.qualify(lead.standing()), command.occurred_at)


def discard(desk: Desk, lead: LeadRow, command: Discard) -> None:
    """Discards it."""
    fact = rules.discard(lead.standing(), command.reason_code, desk.definition(lead.captured_on))
    desk.record(lead, fact, command.occurred_at, command.note)


def assign(desk: Desk, lead: LeadRow, command: AssignLead) -> None:
    """Gives it to the person asked for, or to whom the rules say."""
    if command.owner_id is None:
        lead.standing().require_open()
        if not assign_by_rule(desk, lead):
            raise NobodyHasRoom()
        return
    owner_id = desk.owner(command.owner_id, command.occurred_at)
    desk.record(lead, rules.assign(lead.standing(), owner_id, MANUAL), command.occurred_at)


def assign_by_rule(desk: Desk, lead: LeadRow) -> bool:
    """Gives it to whom the rules say, if anybody has room today."""
    decided = desk.assignment.next(lead) if desk.assignment else None
    if decided is None:
        return False
    rule, version, owner_id = decided
    if owner_id != lead.owner_id:
        desk.record(lead, rules.assign(lead.standing(), owner_id, rule, version), None)
    return True


def claim(desk: Desk, lead: LeadRow, command: ClaimLead) -> None:
    """Takes it out of the pool for the caller; of many at once the first one gets it."""
    del command
    person_id = desk.caller.person_id
    if lead.owner_id is not None and lead.owner_id != person_id:
        raise LeadAlreadyClaimed(since=(lead.assigned_at or lead.captured_at).isoformat())
    if person_id is None:
        raise ClaimerIsNobody()
    desk.record(lead, rules.assign(lead.standing(), desk.owner(person_id, None), CLAIM), None)


def release(desk: Desk, lead: LeadRow, command: ReleaseLead) -> None:
    """Gives it back to the pool."""
    desk.record(lead, rules.release(lead.standing(), command.reason_code), command.occurred_at)


def convert(desk: Desk, lead: LeadRow, command: ConvertLead) -> None:
    """Makes an opportunity of it."""
    fact = rules.convert(
        lead.standing(),
        uuid7(),
        amount=command.amount,
        currency=command.currency or desk.caller.currency,
        expected_close_on=command.expected_close_on,
    )
    desk.record(lead, fact, command.occurred_at)


def log_contact(desk: Desk, lead: LeadRow, command: LogContact) -> Contact:
    """Logs a contact, or the attempt. The lead's version stays, so that a logged call refuses nobody's edit."""
    at = command.occurred_at or desk.caller.now
    fact = rules.log_contact(
        lead.standing(),
        uuid7(),
        kind=command.kind,
        outcome=command.outcome,
        at=at,
        logged_by_id=desk.caller.person_id,
    )
    desk.mention(lead, fact, command.occurred_at)
    contact = Contact(
        id=fact.contact_id,
        lead_id=lead.id,
        kind=command.kind,
        outcome=command.outcome,
        occurred_at=lead.latest,
        logged_by_id=fact.logged_by_id,
        summary=command.summary,
    )
    desk.session.add(contact)
    return contact


def _duplicate(desk: Desk, reached: Reached) -> Captured | None:
    """The lead that is known by one of these identities and is not discarded."""
    for identity in reached.identities:
        known = desk.known.get(identity)
        if known is not None and known.state != LeadState.discarded:
            return Captured(known, identity.kind)
    return None
