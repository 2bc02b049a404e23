"""The desk that the verbs of a request work at: whatever they name, locked and loaded beforehand."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.opportunities import Deal, PipelineDefined
from contracts.refusal import Forbidden, NotFound
from directory import Caller
from directory.owners import Owner, may_own, owners
from messaging import Fact, record
from opportunities.access import AUTHORISED, is_authorised
from opportunities.customers.queries import visible_customers_of
from opportunities.customers.refusals import UnknownCustomer
from opportunities.objections.queries import objections_of
from opportunities.objections.tables import Objection
from opportunities.pipeline.queries import lock_opportunities, pipelines
from opportunities.pipeline.tables import Note, Opportunity


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything is here before the first verb begins, by a number of queries that does not depend on how
    many verbs there are. So a verb is a plain function: it asks its rule, records, and changes the row.
    """

    session: AsyncSession
    caller: Caller
    opportunities: dict[UUID, Opportunity]
    pipelines: dict[tuple[str, int], PipelineDefined]
    owners: dict[UUID, Owner]
    customers: Collection[UUID]
    objections: dict[UUID, Objection]

    @classmethod
    async def set_up(
        cls,
        session: AsyncSession,
        caller: Caller,
        commands: Iterable[object],
        opportunity_ids: Collection[UUID] = (),
    ) -> Self:
        """Locks the opportunities that the caller sees, and looks up what the commands name."""
        commands = list(commands)
        locked = await lock_opportunities(session, caller, opportunity_ids)
        codes = {row.pipeline for row in locked.values()} | _named(commands, "pipeline", str)
        people = _named(commands, "owner_id", UUID)
        if caller.person_id is not None:
            people.add(caller.person_id)
        customers = await visible_customers_of(session, caller, _named(commands, "customer_id", UUID))
        return cls(
            session,
            caller,
            locked,
            await pipelines(session, codes),
            await owners(session, caller, people),
            customers,
            await objections_of(session, locked, _named(commands, "objection_id", UUID)),
        )

    def opportunity(self, opportunity_id: UUID) -> Opportunity:
        """A locked opportunity. Raises `NotFound` for one that is not there or not the caller's to see."""
        try:
            return self.opportunities[opportunity_id]
        except KeyError:
            raise NotFound(what="opportunity", id=opportunity_id) from None

    def pipeline_of(self, opportunity: Opportunity) -> PipelineDefined:
        """The version that the opportunity was opened under."""
        return self.pipelines[opportunity.pipeline, opportunity.pipeline_version]

    def owner(self, owner_id: UUID | None, at: datetime | None) -> UUID:
        """The owner asked for, or the caller; refuses whom the caller may not give records to."""
        asked = owner_id or self.caller.person_id
        known = self.owners.get(asked) if asked else None
        return may_own(known, asked or self.caller.id, self.caller.day(at))

    def customer(self, customer_id: UUID | None) -> UUID | None:
        """The customer asked for; refuses one that the caller does not see."""
        if customer_id is not None and customer_id not in self.customers:
            raise UnknownCustomer(pointer="/customer_id", asked=customer_id)
        return customer_id

    def objection(self, opportunity_id: UUID, objection_id: UUID) -> Objection:
        """An objection to a locked opportunity. Raises `NotFound` for one to another."""
        found = self.objections.get(objection_id)
        if found is None or found.opportunity_id != opportunity_id:
            raise NotFound(what="objection", id=objection_id)
        return found

    def require_authorised(self) -> None:
        """Refuses whoever may not undo what is recorded."""
        if not is_authorised(self.caller):
            role = self.caller.principal.role.value
            raise Forbidden(role=role, allowed=", ".join(sorted(AUTHORISED)))

    def record(
        self, opportunity: Opportunity, event: Deal, at: datetime | None, note: str | None = None
    ) -> None:
        """Records a fact that changes the opportunity, and makes its row what the fact says."""
        fact = self.mention(opportunity, event, at, changes_row=True)
        opportunity.take(event, fact.id)
        if note:
            self.session.add(Note(event_id=fact.id, opportunity_id=opportunity.id, text=note))

    def mention(
        self, opportunity: Opportunity, event: Deal, at: datetime | None, *, changes_row: bool = False
    ) -> Fact:
        """Records a fact of the opportunity that leaves its row and its version as they are."""
        return record(
            self.session,
            opportunity,
            event,
            by=self.caller.id,
            at=at,
            changes_row=changes_row,
            may_backdate=self.caller.may_backdate,
        )


def _named[T](commands: Iterable[object], field: str, kind: type[T]) -> set[T]:
    # To ask a model for an attribute that it has not takes pydantic as long as to make one.
    found = (vars(command).get(field) for command in commands)
    return {value for value in found if isinstance(value, kind)}
