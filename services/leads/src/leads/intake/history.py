"""The import of leads: rows of another system become facts, and the same row again makes none."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.leads import LeadState, Outcome, ValidityDefined
from contracts.refusal import Refusal
from directory import Caller
from directory.owners import Owner, may_own, owners_by_code
from leads.intake import rules
from leads.intake.refusals import CapturedAtFixed, ClosedBeforeCaptured, LeadKnownAlready, OwnerNeeded
from leads.intake.rows import HistoryRow
from leads.intake.rules import Story, Told
from leads.leads.identity import Identity
from leads.leads.queries import leads_known_as
from leads.leads.rules import UNREACHABLE, Reached, reach
from leads.leads.tables import Contact, LeadRow
from leads.sources.queries import campaigns, known_channels
from leads.sources.rules import define_channel, known_campaign
from leads.sources.tables import Channel
from leads.validity.queries import versions
from leads.validity.rules import version_of
from messaging import record, rows_by_key, uuid7
from messaging.keyed import Key
from messaging.occurrence import occurrence
from runtime import Batch, BatchAnswer, Done, problem, run_batch
from runtime.requests import day_only
from runtime.saving import save_all, take_turns

RESOLVED = {"owner_code": "owner_id"}
PERSONAL = ("contact_name", "remark", "extra")


async def import_history(
    session: AsyncSession, caller: Caller, batch: Batch[HistoryRow], *, validate_only: bool = False
) -> BatchAnswer:
    """Imports the rows by a number of statements that does not depend on how many they are."""
    desk = await _ImportDesk.set_up(session, caller, batch.valid)
    answer = await run_batch(session, batch.items, desk.take, validate_only=validate_only)
    await save_all(session, LeadRow, list(desk.written.values()))
    session.add_all(desk.contacts)
    return answer


@dataclass(slots=True)
class _ImportDesk:
    session: AsyncSession
    caller: Caller
    owners: dict[str, Owner]
    channels: set[str]
    campaigns: dict[str, str]
    definitions: list[ValidityDefined]
    rows: dict[Key, LeadRow]
    known: dict[Identity, LeadRow]
    written: dict[UUID, LeadRow] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)

    @classmethod
    async def set_up(cls, session: AsyncSession, caller: Caller, rows: list[HistoryRow]) -> Self:
        """Looks up all that the rows name; requests that import from one source take turns."""
        reached = [_reached(row)[0] for row in rows]
        identities = [each for one in reached for each in one.identities]
        await take_turns(
            session, "lead", [*(f"source:{row.source}" for row in rows), *(each.name for each in identities)]
        )
        known = await rows_by_key(session, LeadRow, (row.key for row in rows), lock=True)
        return cls(
            session,
            caller,
            await owners_by_code(session, caller, {row.owner_code for row in rows if row.owner_code}),
            await known_channels(session),
            await campaigns(session),
            await versions(session),
            known,
            await leads_known_as(session, identities),
        )

    def take(self, row: HistoryRow) -> Done:
        """Captures the lead of a row, or records what the row says otherwise than the last one."""
        reached, warnings = _reached(row)
        lead = self.rows.get(row.key)
        said = row.model_dump(mode="json", exclude={"source", "external_id"})
        if lead is None:
            if duplicate := self._duplicate(reached):
                return duplicate
            return self._capture(row, said, reached, warnings)
        before = lead.source_row or {}
        changed = {RESOLVED.get(name, name) for name, value in said.items() if value != before.get(name)}
        if not changed:
            return _done(lead, 200, recorded=False, warnings=[])
        return self._change(lead, row, said, reached, changed, warnings)

    def _duplicate(self, reached: Reached) -> Done | None:
        for identity in reached.identities:
            known = self.known.get(identity)
            if known is not None and known.state != LeadState.discarded:
                warning = LeadKnownAlready(identity=identity.kind, captured_on=known.captured_on)
                return _done(known, 200, recorded=False, warnings=[warning])
        return None

    def _capture(
        self, row: HistoryRow, said: dict[str, Any], reached: Reached, warnings: list[Refusal]
    ) -> Done:
        told = self._told(row, reached)
        story = rules.capture_history(uuid7(), told, version_of(self.definitions, told.captured_on), uuid7)
        self._check_times(story, None, "/captured_at")
        if told.closed_at is not None and told.closed_at < told.captured_at:
            warnings.append(
                ClosedBeforeCaptured(
                    pointer="/closed_at", asked=row.closed_at, captured_at=told.captured_at.isoformat()
                )
            )
        lead = LeadRow.before_opening(
            story.standing.lead.lead_id, source=row.source, external_id=row.external_id, extra={}
        )
        return self._write(lead, row, said, reached, story, 201, warnings)

    def _change(
        self,
        lead: LeadRow,
        row: HistoryRow,
        said: dict[str, Any],
        reached: Reached,
        changed: set[str],
        warnings: list[Refusal],
    ) -> Done:
        if "captured_at" in changed:
            raise CapturedAtFixed(
                pointer="/captured_at", captured_at=lead.captured_at.isoformat(), asked=row.captured_at
            )
        told = self._told(row, reached)
        story = rules.change_history(
            lead.standing(),
            lead.latest,
            told,
            changed,
            version_of(self.definitions, lead.captured_on),
            uuid7,
            max(self.caller.now, lead.latest),
        )
        self._check_times(story, lead.last_occurred_at, "/closed_at")
        return self._write(lead, row, said, reached, story, 200, warnings)

    def _write(
        self,
        lead: LeadRow,
        row: HistoryRow,
        said: dict[str, Any],
        reached: Reached,
        story: Story,
        status: int,
        warnings: list[Refusal],
    ) -> Done:
        self._define(row.channel)
        for fact, at in story.facts:
            record(self.session, lead, fact, by=self.caller.id, at=at, may_backdate=True)
            lead.take(fact)
        for name in PERSONAL:
            setattr(lead, name, getattr(row, name))
        lead.phone, lead.email = reached.phone, reached.email
        lead.phone_text = row.phone if row.phone and reached.phone is None else None
        lead.source_row = said
        self.rows[row.key] = self.written[lead.id] = lead
        self.known |= dict.fromkeys(lead.identities, lead)
        self.contacts += [
            Contact(
                id=contact.contact_id,
                lead_id=lead.id,
                kind=contact.contact_kind,
                outcome=contact.outcome,
                occurred_at=at,
                logged_by_id=contact.logged_by_id,
            )
            for contact, at in story.contacts
        ]
        return _done(lead, status, recorded=bool(story.facts), warnings=warnings)

    def _define(self, code: str) -> None:
        """A channel that is named for the first time is defined on the way, under its code."""
        if code in self.channels:
            return
        fact = define_channel(code, name_en=code, name_zh=code, active=True)
        channel = Channel(code=code, name_en=code, name_zh=code, active=True)
        record(self.session, channel, fact, by=self.caller.id)
        self.session.add(channel)
        self.channels.add(code)

    def _told(self, row: HistoryRow, reached: Reached) -> Told:
        captured_at = self.caller.instant(row.captured_at)
        captured_on = self.caller.day(captured_at)
        if row.converted and row.owner_code is None:
            raise OwnerNeeded(pointer="/owner_code")
        return Told(
            owner_id=self._owner(row, captured_at),
            channel=row.channel,
            campaign=known_campaign(row.campaign, row.channel, self.campaigns),
            company=row.company,
            credit_code=reached.credit_code,
            product_line=row.product_line,
            level=row.level,
            intent=row.intent,
            reachable=reached.reachable,
            captured_at=captured_at,
            captured_on=captured_on,
            first_contact_at=self._later(row.first_contact_at, captured_at),
            first_visit_at=self._later(row.first_visit_at, captured_at),
            state=LeadState(row.state),
            discard_reason=row.discard_reason,
            outcome=Outcome(row.outcome) if row.outcome else None,
            closed_at=self._later(row.closed_at, captured_at),
            amount=row.amount,
            currency=row.currency or self.caller.currency,
            loss_reason=row.loss_reason,
        )

    def _owner(self, row: HistoryRow, captured_at: datetime) -> UUID | None:
        if row.owner_code is None:
            return None
        known = self.owners.get(row.owner_code)
        return may_own(known, row.owner_code, self.caller.day(captured_at), pointer="/owner_code")

    def _later(self, moment: Any, captured_at: datetime) -> datetime | None:
        """A day without a time is taken at its start, on the day of the capture with the capture."""
        if moment is None:
            return None
        at = self.caller.instant(moment)
        same_day = day_only(moment) and self.caller.day(captured_at) == moment
        return max(at, captured_at) if same_day else at

    def _check_times(self, story: Story, last: datetime | None, pointer: str) -> None:
        """Asks for all facts before the first is recorded, so that a refused row leaves none behind."""
        for _, at in story.facts:
            try:
                last = occurrence(at, now=self.caller.now, last=last, may_backdate=True)
            except Refusal as refusal:
                refusal.pointer = pointer
                raise


def _reached(row: HistoryRow) -> tuple[Reached, list[Refusal]]:
    """What of phone, e-mail and credit code can be normalised; the rest is a warning, and kept as it was typed."""
    found: dict[str, str | None] = {}
    warnings: list[Refusal] = []
    for name in ("phone", "email", "credit_code"):
        given: dict[str, str | None] = {
            "phone": None,
            "email": None,
            "credit_code": None,
            name: getattr(row, name),
        }
        try:
            found[name] = getattr(
                reach(given["phone"], given["email"], given["credit_code"], row.region), name
            )
        except UNREACHABLE as refusal:
            found[name] = None
            warnings.append(refusal)
    return Reached(found["phone"], found["email"], found["credit_code"]), warnings


def _done(lead: LeadRow, status: int, *, recorded: bool, warnings: list[Refusal]) -> Done:
    return Done(
        status=status,
        id=lead.id,
        version=lead.version,
        token=lead.token if recorded else None,
        warnings=[problem(each) for each in warnings],
    )
