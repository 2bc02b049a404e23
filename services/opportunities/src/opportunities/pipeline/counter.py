"""The counter at which one verb on one opportunity is taken: what all its routes ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from directory import CurrentCaller
from opportunities.pipeline.desk import Desk
from opportunities.pipeline.queries import find_opportunity
from opportunities.pipeline.tables import Opportunity
from opportunities.pipeline.views import OpportunityView
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
        verb: Callable[[Desk, Opportunity, C], R],
        opportunity_id: UUID,
        command: C,
        precondition: Precondition | None = None,
    ) -> R:
        """Does the verb on the locked opportunity, if it stands at a version that the caller accepts."""
        desk = await Desk.set_up(self.session, self.caller, [command], [opportunity_id])
        opportunity = desk.opportunity(opportunity_id)
        (precondition or self.if_match).check(opportunity.version)
        return verb(desk, opportunity, command)

    async def answer(self, opportunity_id: UUID) -> OpportunityView:
        """The opportunity as the verb left it."""
        # Who gave it away may see it no more, but what became of their own request they may.
        view = await find_opportunity(self.session, self.caller, opportunity_id, seen=True)
        return stamp(self.response, view)


AtCounter = Annotated[Counter, Depends(at_once(Counter))]
