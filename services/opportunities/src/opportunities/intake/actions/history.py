"""The import of history: rows of another system become facts, and the same row again makes none."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.opportunities import PipelineDefined
from contracts.refusal import Refusal
from directory import Caller
from directory.owners import Owner, may_own, owners_by_code
from messaging import record, rows_by_key, uuid7
from messaging.keyed import Key
from messaging.occurrence import occurrence
from opportunities.customers.refusals import UnknownCustomer
from opportunities.customers.tables import Customer
from opportunities.intake import rules
from opportunities.intake.rows import HistoryRow
from opportunities.intake.rules import Story, Told
from opportunities.pipeline.queries import pipelines
from opportunities.pipeline.rules import State, current_version
from opportunities.pipeline.tables import Opportunity
from runtime import Batch, BatchAnswer, Done, run_batch
from runtime.requests import day_only
from runtime.saving import save_all, take_turns

RESOLVED = {"owner_code": "owner_id", "customer_external_id": "customer_id"}
"""The fields of a row that name something by its code, and what they are called once it is looked up."""


async def import_history(
    session: AsyncSession, caller: Caller, batch: Batch[HistoryRow], *, validate_only: bool = False
) -> BatchAnswer:
    """Imports the rows by a number of statements that does not depend on how many they are."""
    desk = await _ImportDesk.set_up(session, caller, batch.valid)
    answer = await run_batch(session, batch.items, desk.take, validate_only=validate_only)
    await save_all(session, Opportunity, list(desk.written.values()))
    return answer


@dataclass(frozen=True, slots=True)
class _ImportDesk:
    session: AsyncSession
    caller: Caller
    owners: dict[str, Owner]
    customers: dict[Key, Customer]
    pipelines: dict[tuple[str, int], PipelineDefined]
    known: dict[Key, Opportunity]
    written: dict[UUID, Opportunity] = field(default_factory=dict)

    @classmethod
    async def set_up(cls, session: AsyncSession, caller: Caller, rows: list[HistoryRow]) -> Self:
        """Looks up all that the rows name; requests that import from one source take turns."""
        await take_turns(session, "opportunity", [row.source for row in rows])
        known = await rows_by_key(session, Opportunity, (row.key for row in rows), lock=True)
        codes = {row.pipeline for row in rows} | {row.pipeline for row in known.values()}
        return cls(
            session,
            caller,
            await owners_by_code(session, caller, {row.owner_code for row in rows}),
            await rows_by_key(session, Customer, (key for row in rows if (key := row.customer_key))),
            await pipelines(session, codes),
            known,
        )

    def take(self, row: HistoryRow) -> Done:
        """Opens the opportunity of a row, or records what the row says otherwise than the last one."""
        known = self.known.get(row.key)
        said = row.model_dump(mode="json", exclude={"source", "external_id"})
        if known is None:
            return self._open(row, said)
        before = known.source_row or {}
        changed = {RESOLVED.get(name, name) for name, value in said.items() if value != before.get(name)}
        return self._change(known, row, said, changed) if changed else _done(known, 200, recorded=False)

    def _open(self, row: HistoryRow, said: dict[str, Any]) -> Done:
        opened_at = self.caller.instant(row.opened_at)
        told = self._told(row, opened_at, last=opened_at)
        story = rules.open_history(uuid7(), current_version(self.pipelines, row.pipeline), told)
        self._check_times(story, None, "/opened_at")
        opened = story.facts[0][0]
        opportunity = Opportunity.opened_by(opened, source=row.source, external_id=row.external_id)
        return self._write(opportunity, row, said, story, 201)

    def _change(self, known: Opportunity, row: HistoryRow, said: dict[str, Any], changed: set[str]) -> Done:
        owned_at = self.caller.now if "owner_id" in changed else known.opened_at
        told = self._told(row, owned_at, last=known.latest)
        pipeline = self.pipelines[known.pipeline, known.pipeline_version]
        now = max(self.caller.now, known.latest)
        story = rules.change_history(known.standing(), pipeline, told, changed, now)
        self._check_times(story, known.last_occurred_at, "/closed_at")
        return self._write(known, row, said, story, 200)

    def _write(
        self, opportunity: Opportunity, row: HistoryRow, said: dict[str, Any], story: Story, status: int
    ) -> Done:
        for fact, at in story.facts:
            told = record(self.session, opportunity, fact, by=self.caller.id, at=at, may_backdate=True)
            opportunity.take(fact, told.id)
        opportunity.title, opportunity.source_row = row.title, said
        self.known[row.key] = self.written[opportunity.id] = opportunity
        return _done(opportunity, status, recorded=bool(story.facts))

    def _told(self, row: HistoryRow, owned_at: datetime, *, last: datetime) -> Told:
        day = self.caller.day(owned_at)
        return Told(
            owner_id=may_own(self.owners.get(row.owner_code), row.owner_code, day, pointer="/owner_code"),
            customer_id=self._customer(row),
            product_line=row.product_line,
            channel=row.channel,
            amount=row.amount,
            currency=row.currency or self.caller.currency,
            expected_close_on=row.expected_close_on,
            stage=row.stage,
            state=State(row.state),
            opened_at=self.caller.instant(row.opened_at),
            closed_at=self._closed_at(row, last),
            loss_reason=row.loss_reason,
        )

    def _closed_at(self, row: HistoryRow, last: datetime) -> datetime | None:
        """A day without a time is taken at its start, or with the last fact where that is later that day."""
        if row.closed_at is None:
            return None
        at = self.caller.instant(row.closed_at)
        return max(at, last) if day_only(row.closed_at) and self.caller.day(last) == row.closed_at else at

    def _customer(self, row: HistoryRow) -> UUID | None:
        if row.customer_key is None:
            return None
        customer = self.customers.get(row.customer_key)
        if customer is None:
            raise UnknownCustomer(pointer="/customer_external_id", asked=row.customer_external_id)
        return customer.id

    def _check_times(self, story: Story, last: datetime | None, pointer: str) -> None:
        """Asks for all facts before the first is recorded, so that a refused row leaves none behind."""
        for _, at in story.facts:
            try:
                last = occurrence(at, now=self.caller.now, last=last, may_backdate=True)
            except Refusal as refusal:
                refusal.pointer = pointer
                raise
            pointer = "/closed_at"


def _done(opportunity: Opportunity, status: int, *, recorded: bool) -> Done:
    return Done(
        status=status,
        id=opportunity.id,
        version=opportunity.version,
        token=opportunity.token if recorded else None,
    )
