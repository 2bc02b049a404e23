"""The desk that the verbs of a request work at: whatever they name, locked and loaded beforehand."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.leads import Lead, ValidityDefined
from contracts.refusal import NotFound
from directory import Caller
from directory.owners import Owner, may_own, owners
from leads.assignment.desk import AssignmentDesk
from leads.leads import rules
from leads.leads.commands import AssignLead, CaptureLead, ChangeLead
from leads.leads.identity import Identity
from leads.leads.queries import leads_known_as, lock_leads, seen_among
from leads.leads.refusals import LeadWithoutOwner
from leads.leads.tables import LeadRow, Note
from leads.sources.queries import active_channels, campaigns
from leads.validity.queries import versions
from leads.validity.rules import version_of
from messaging import Fact, record
from runtime.saving import take_turns


@dataclass(slots=True)
class Desk:
    """Everything is here before the first verb begins, by a number of queries that does not depend on how
    many verbs there are. So a verb is a plain function: it asks its rule, records, and changes the row.
    """

    session: AsyncSession
    caller: Caller
    leads: dict[UUID, LeadRow]
    owners: dict[UUID, Owner]
    channels: Collection[str]
    campaigns: dict[str, str]
    definitions: list[ValidityDefined]
    known: dict[Identity, LeadRow]
    seen: set[UUID]
    """Those of the known ones that the caller sees."""
    assignment: AssignmentDesk | None = None

    @classmethod
    async def set_up(
        cls,
        session: AsyncSession,
        caller: Caller,
        commands: Iterable[object],
        lead_ids: Collection[UUID] = (),
    ) -> Self:
        """Locks the leads that the caller sees, and looks up what the commands name."""
        commands = list(commands)
        identities = [each for command in commands for each in _identities(command)]
        await take_turns(session, "lead", [each.name for each in identities])
        locked = await lock_leads(session, caller, lead_ids)
        # To ask a model for an attribute that it has not takes pydantic as long as to make one.
        people = {asked for command in commands if isinstance(asked := vars(command).get("owner_id"), UUID)}
        if caller.person_id is not None:
            people.add(caller.person_id)
        known = await leads_known_as(session, identities)
        sourced = any(isinstance(command, CaptureLead | ChangeLead) for command in commands)
        return cls(
            session,
            caller,
            locked,
            await owners(session, caller, people),
            await active_channels(session) if sourced else (),
            await campaigns(session) if sourced else {},
            await versions(session),
            known,
            await seen_among(session, caller, [each.id for each in known.values()]),
            await AssignmentDesk.open(session, caller.day()) if any(map(_by_rule, commands)) else None,
        )

    async def close(self) -> None:
        """Writes what the verbs left for the end."""
        if self.assignment is not None:
            await self.assignment.close()

    def lead(self, lead_id: UUID, *, pooled: bool = False) -> LeadRow:
        """A locked lead. Raises `NotFound` for one that is not there or not the caller's to see; unless the verb is
        for leads of the pool (`pooled`), one that nobody owns is refused to those who could claim it.
        """
        lead = self.leads.get(lead_id)
        if lead is None:
            raise NotFound(what="lead", id=lead_id)
        if lead.owner_id is None and not pooled and self.caller.visible is not None:
            raise LeadWithoutOwner()
        return lead

    def owner(self, owner_id: UUID, at: datetime | None) -> UUID:
        """The owner asked for; refuses whom the caller may not give records to."""
        return may_own(self.owners.get(owner_id), owner_id, self.caller.day(at))

    def definition(self, captured_on: date) -> ValidityDefined:
        """The definition of a valid lead that judges leads of that day."""
        return version_of(self.definitions, captured_on)

    def keep(self, lead: LeadRow) -> None:
        """Adds a new lead: a later verb of the request may be about it, or about a duplicate of it."""
        self.session.add(lead)
        self.leads[lead.id] = lead
        self.seen.add(lead.id)
        self.known |= dict.fromkeys(lead.identities, lead)

    def record(self, lead: LeadRow, event: Lead, at: datetime | None, note: str | None = None) -> None:
        """Records a fact that changes the lead, and makes its row what the fact says."""
        fact = self.mention(lead, event, at, changes_row=True)
        if note:
            self.session.add(Note(event_id=fact.id, lead_id=lead.id, text=note))

    def mention(self, lead: LeadRow, event: Lead, at: datetime | None, *, changes_row: bool = False) -> Fact:
        """Records a fact of the lead; unless it changes the row, the version stays."""
        fact = record(
            self.session,
            lead,
            event,
            by=self.caller.id,
            at=at,
            changes_row=changes_row,
            may_backdate=self.caller.may_backdate,
        )
        lead.take(event)
        return fact


def _identities(command: object) -> list[Identity]:
    """What a command would make a lead known as; what cannot be normalised is refused later, by the verb."""
    if not isinstance(command, CaptureLead | ChangeLead):
        return []
    try:
        return rules.reach(command.phone, command.email, command.credit_code, command.region).identities
    except rules.UNREACHABLE:
        return []


def _by_rule(command: object) -> bool:
    return isinstance(command, CaptureLead | AssignLead) and command.owner_id is None
