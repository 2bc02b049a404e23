"""Customers by the batch, as another system has them: the same row again makes no fact."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.opportunities import CustomerAttributes, CustomerOwnerChanged
from contracts.refusal import Refusal
from directory import Caller
from directory.owners import Owner, may_own, owners_by_code
from messaging import rows_by_key, uuid7
from messaging.keyed import Key
from opportunities.customers import rules
from opportunities.customers.actions.verbs import tell
from opportunities.customers.commands import CustomerRow
from opportunities.customers.queries import parents_above
from opportunities.customers.refusals import UnknownCustomer
from opportunities.customers.tables import Customer
from runtime import Batch, BatchAnswer, Done, run_batch
from runtime.saving import save_all, take_turns


async def upsert_customers(
    session: AsyncSession, caller: Caller, batch: Batch[CustomerRow], *, validate_only: bool = False
) -> BatchAnswer:
    """Opens the customers that are new, and changes in the others what their source tells otherwise than before,
    by a fixed number of statements. What was opened here has no source: no row is about it.
    """
    rows = batch.valid
    await take_turns(session, "customer", ["parents", *(row.source for row in rows)])
    keys = [key for row in rows for key in (row.key, row.parent_key) if key]
    known = await rows_by_key(session, Customer, keys, lock=True)
    intake = _Intake(
        session,
        caller,
        await owners_by_code(session, caller, {row.owner_code for row in rows if row.owner_code}),
        known,
        await parents_above(session, [customer.id for customer in known.values()]),
    )
    for row in parents_first(rows):
        intake.settle(row)
    answer = await run_batch(session, batch.items, intake.outcome, validate_only=validate_only)
    await save_all(session, Customer, list(intake.written.values()))
    return answer


def parents_first(rows: Sequence[CustomerRow]) -> list[CustomerRow]:
    """The rows in an order in which every parent that is among them comes before its children; rows of one
    key keep their order.
    """
    by_key = {row.key: row for row in reversed(rows)}
    ordered: dict[int, CustomerRow] = {}
    for row in rows:
        chain: dict[int, CustomerRow] = {}
        above: CustomerRow | None = row
        while above is not None and id(above) not in chain and id(above) not in ordered:
            chain[id(above)] = above
            above = by_key.get(above.parent_key) if above.parent_key else None
        ordered.update(reversed(chain.items()))
    return list(ordered.values())


@dataclass(slots=True)
class _Intake:
    session: AsyncSession
    caller: Caller
    owners: dict[str, Owner]
    known: dict[Key, Customer]
    parents: dict[UUID, UUID | None]
    written: dict[UUID, Customer] = field(default_factory=dict)
    outcomes: dict[int, Done | Refusal] = field(default_factory=dict)

    def outcome(self, row: CustomerRow) -> Done:
        """What became of a row that was settled."""
        outcome = self.outcomes[id(row)]
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def settle(self, row: CustomerRow) -> None:
        """Opens or changes the row's customer, or keeps the refusal."""
        try:
            self.outcomes[id(row)] = self._upsert(row)
        except Refusal as refusal:
            self.outcomes[id(row)] = refusal

    def _upsert(self, row: CustomerRow) -> Done:
        said = row.model_dump(mode="json", exclude_unset=True, exclude={"source", "external_id"})
        customer = self.known.get(row.key)
        if customer is None:
            return self._open(row, said)
        before = customer.source_row or {}
        changed = {name for name, _ in said.items() - before.items()}
        if not changed:
            return Done(status=200, id=customer.id, version=customer.version)
        return self._change(row, customer, {**before, **said}, changed)

    def _open(self, row: CustomerRow, said: dict[str, Any]) -> Done:
        opened = rules.open_customer(uuid7(), self.parents, **self._wanted(row, said.keys(), None))
        customer = Customer.before_opening(opened.customer_id, source=row.source, external_id=row.external_id)
        at = self.caller.instant(row.opened_at) if row.opened_at else None
        try:
            return self._write(row, customer, said, [opened], at=at, status=201)
        except Refusal as refusal:
            refusal.pointer = "/opened_at"
            raise

    def _change(self, row: CustomerRow, customer: Customer, told: dict[str, Any], changed: set[str]) -> Done:
        if "opened_at" in changed and row.opened_at is not None:
            rules.refuse_another_opening(customer.opened_at, self.caller.instant(row.opened_at))
        before, wanted = customer.attributes(), self._wanted(row, changed, customer)
        handed_over = rules.change_owner(before, wanted.pop("owner_id")) if "owner_id" in wanted else []
        restated = rules.change_customer(before, wanted, self.parents)
        return self._write(row, customer, told, [*restated, *handed_over], at=None, status=200)

    def _write(
        self,
        row: CustomerRow,
        customer: Customer,
        told: dict[str, Any],
        facts: Sequence[CustomerAttributes | CustomerOwnerChanged],
        *,
        at: datetime | None,
        status: int,
    ) -> Done:
        """Records the facts, and keeps what was told also where it made none: the next row is compared with it."""
        for fact in facts:
            tell(self.session, self.caller, customer, fact, at)
        customer.source_row = told
        self.known[row.key] = self.written[customer.id] = customer
        self.parents[customer.id] = customer.parent_id
        token = customer.token if facts else None
        return Done(status=status, id=customer.id, version=customer.version, token=token)

    def _wanted(self, row: CustomerRow, given: Collection[str], customer: Customer | None) -> dict[str, Any]:
        """These fields of the row as attributes, what it names by code or key looked up."""
        wanted: dict[str, Any] = {
            name: getattr(row, name) for name in ("name", "sector", "country") if name in given
        }
        if "parent_external_id" in given:
            wanted["parent_id"] = self._parent(row)
        if "owner_code" in given:
            wanted["owner_id"] = self._owner(row, customer)
        return wanted

    def _parent(self, row: CustomerRow) -> UUID | None:
        if row.parent_key is None:
            return None
        parent = self.known.get(row.parent_key)
        if parent is None:
            raise UnknownCustomer(pointer="/parent_external_id", asked=row.parent_external_id)
        return parent.id

    def _owner(self, row: CustomerRow, customer: Customer | None) -> UUID | None:
        if row.owner_code is None:
            return None
        known = self.owners.get(row.owner_code)
        if known and customer and known.id == customer.owner_id:
            return known.id  # also after they have left: the row changes nothing
        return may_own(known, row.owner_code, self.caller.day(), pointer="/owner_code")
