"""The counter at which one verb on one lead is taken: what all its routes ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from directory import CurrentCaller
from leads.leads.desk import Desk
from leads.leads.queries import find_lead, lock_claimable
from leads.leads.tables import LeadRow
from leads.leads.views import LeadView
from runtime import OptionalIfMatch, Precondition, Transaction, stamp
from runtime.dependencies import at_once


@dataclass(slots=True)
class Counter:
    """Session, caller, precondition and answer of the request."""

    session: Transaction
    caller: CurrentCaller
    if_match: OptionalIfMatch
    response: Response

    async def take[C, R](
        self,
        verb: Callable[[Desk, LeadRow, C], R],
        lead_id: UUID,
        command: C,
        precondition: Precondition | None = None,
        *,
        claimable: bool = False,
        pooled: bool = False,
    ) -> R:
        """Does the verb on the locked lead, if it stands at a version that the caller accepts."""
        desk = await Desk.set_up(self.session, self.caller, [command], [] if claimable else [lead_id])
        if claimable:
            desk.leads[lead_id] = await lock_claimable(self.session, self.caller, lead_id)
        lead = desk.lead(lead_id, pooled=pooled or claimable)
        (precondition or self.if_match).check(lead.version)
        done = verb(desk, lead, command)
        await desk.close()
        return done

    async def answer(self, lead_id: UUID) -> LeadView:
        """The lead as the verb left it."""
        # Who gave it away may see it no more, but what became of their own request they may.
        await self.session.flush()
        return stamp(self.response, await find_lead(self.session, self.caller, lead_id, seen=True))


AtCounter = Annotated[Counter, Depends(at_once(Counter))]
