"""Incidents over HTTP."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from alerts.access import responders
from alerts.incidents import actions, queries
from alerts.incidents.actions import Desk
from alerts.incidents.commands import Acknowledge, AssignIncident, CompleteStep, Resolve, Snooze
from alerts.incidents.filters import IncidentFilter
from alerts.incidents.views import ExplainedIncident, IncidentView, StepView
from directory import CurrentCaller
from messaging import history
from runtime import (
    HistoryItem,
    OptionalIfMatch,
    OrderedPageQuery,
    Page,
    PageQuery,
    Reading,
    Router,
    Transaction,
    history_page,
    stamp,
)
from runtime.dependencies import at_once

router = Router(prefix="/v1", tags=["incidents"])


class Counter:
    """The counter at which one verb on one incident is taken: what all its routes ask for."""

    def __init__(
        self, session: Transaction, caller: CurrentCaller, if_match: OptionalIfMatch, response: Response
    ) -> None:
        self._session, self._caller, self._if_match, self._response = session, caller, if_match, response

    async def take(self, incident_id: UUID, verb: Callable[[Desk], Awaitable[None]]) -> IncidentView:
        """Does the verb on the locked incident; the incident as the verb left it."""
        incident, steps = await queries.lock_incident(self._session, self._caller, incident_id)
        self._if_match.check(incident.version)
        await verb(Desk(self._session, self._caller, incident, steps))
        await self._session.flush()
        # Who gave it away may see it no more, but what became of their own request they may.
        view = await queries.find_incident(self._session, self._caller, incident_id, seen=True)
        return stamp(self._response, view)


AtCounter = Annotated[Counter, Depends(at_once(Counter))]


@router.get("/incidents")
async def list_incidents(
    session: Reading,
    caller: CurrentCaller,
    filters: Annotated[IncidentFilter, Depends(at_once(IncidentFilter))],
    query: PageQuery,
) -> Page[IncidentView]:
    """The incidents that you see, the latest first; sort by `raised_at` or `due_at`."""
    return await queries.list_incidents(session, caller, filters, query)


@router.get("/incidents/{incident_id}")
async def read_incident(
    incident_id: UUID, session: Reading, caller: CurrentCaller, response: Response
) -> ExplainedIncident:
    """An incident: why it was raised, down to the facts, and the steps of the response."""
    return stamp(response, await queries.explain_incident(session, caller, incident_id))


@router.get("/incidents/{incident_id}/history")
async def read_incident_history(
    incident_id: UUID, session: Reading, caller: CurrentCaller, query: OrderedPageQuery
) -> Page[HistoryItem]:
    """Every fact of the incident, oldest first, with the notes that were written beside them."""
    await queries.find_incident(session, caller, incident_id)
    return await history_page(
        partial(history, session), str(incident_id), query, partial(queries.notes, session)
    )


@router.get("/incidents/{incident_id}/steps")
async def list_steps(incident_id: UUID, session: Reading, caller: CurrentCaller) -> Page[StepView]:
    """The steps of the response, in the order in which they are to be done."""
    incident = await queries.find_incident(session, caller, incident_id)
    return Page(items=await queries.step_views(session, incident))


@router.post("/incidents/{incident_id}/acknowledge", dependencies=[responders])
async def acknowledge_incident(incident_id: UUID, command: Acknowledge, counter: AtCounter) -> IncidentView:
    """Takes it up: it escalates no more."""
    return await counter.take(incident_id, lambda desk: actions.acknowledge(desk, command))


@router.post("/incidents/{incident_id}/snooze", dependencies=[responders])
async def snooze_incident(incident_id: UUID, command: Snooze, counter: AtCounter) -> IncidentView:
    """Lets it wait; afterwards it is open again, and goes on escalating."""
    return await counter.take(incident_id, lambda desk: actions.snooze(desk, command))


@router.post("/incidents/{incident_id}/assign", dependencies=[responders])
async def assign_incident(incident_id: UUID, command: AssignIncident, counter: AtCounter) -> IncidentView:
    """Gives it to a person whom you lead, or anybody where you see everybody."""
    return await counter.take(incident_id, lambda desk: actions.assign(desk, command))


@router.post("/incidents/{incident_id}/steps/{step}/complete", dependencies=[responders])
async def complete_step(
    incident_id: UUID, step: str, command: CompleteStep, counter: AtCounter
) -> IncidentView:
    """The next step of the response is done, with what was found."""
    return await counter.take(incident_id, lambda desk: actions.complete_step(desk, step, command))


@router.post("/incidents/{incident_id}/resolve", dependencies=[responders])
async def resolve_incident(incident_id: UUID, command: Resolve, counter: AtCounter) -> IncidentView:
    """Says what came of it, once its steps are done."""
    return await counter.take(incident_id, lambda desk: actions.resolve(desk, command))
