"""Leads and contacts over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from directory import CurrentCaller
from leads.access import sellers
from leads.leads import actions, queries
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
from leads.leads.counter import AtCounter
from leads.leads.desk import Desk
from leads.leads.filters import ContactFilter, LeadFilter
from leads.leads.views import CapturedLead, ContactAnswer, ContactView, LeadView
from messaging import history
from runtime import (
    HistoryItem,
    IfMatch,
    OrderedPageQuery,
    Page,
    PageQuery,
    Reading,
    Router,
    history_page,
    stamp,
)
from runtime.dependencies import at_once

router = Router(prefix="/v1", tags=["leads"])


@router.get("/leads")
async def list_leads(
    session: Reading,
    caller: CurrentCaller,
    filters: Annotated[LeadFilter, Depends(at_once(LeadFilter))],
    query: PageQuery,
) -> Page[LeadView]:
    """The leads that you see, and the pool 公海 (`pooled=true`), newest first.

    Sort by `captured_at` or `last_contact_at`.
    """
    return await queries.list_leads(session, caller, filters, query)


@router.post("/leads", status_code=201, dependencies=[sellers], responses={200: {"model": CapturedLead}})
async def capture_lead(command: CaptureLead, counter: AtCounter) -> CapturedLead:
    """A new lead. One with the same phone, e-mail or credit code is answered instead, with 200 and `matched`.

    Without an owner the rules of assignment decide at once; where nobody has room it waits in the pool.
    """
    desk = await Desk.set_up(counter.session, counter.caller, [command])
    captured = actions.capture(desk, command)
    await desk.close()
    await counter.session.flush()
    lead_id = captured.lead.id
    view = await queries.find_captured(counter.session, counter.caller, lead_id, captured.matched)
    counter.response.headers["Location"] = f"/v1/leads/{lead_id}"
    if captured.matched:
        counter.response.status_code = 200
    return stamp(counter.response, view)


@router.get("/leads/{lead_id}")
async def read_lead(lead_id: UUID, session: Reading, caller: CurrentCaller, response: Response) -> LeadView:
    """A lead."""
    return stamp(response, await queries.find_lead(session, caller, lead_id))


@router.patch("/leads/{lead_id}", dependencies=[sellers])
async def change_lead(lead_id: UUID, command: ChangeLead, counter: AtCounter, if_match: IfMatch) -> LeadView:
    """Another company, contact, channel, campaign, product line, level or remark."""
    await counter.take(actions.change_lead, lead_id, command, if_match)
    return await counter.answer(lead_id)


@router.get("/leads/{lead_id}/history")
async def read_lead_history(
    lead_id: UUID, session: Reading, caller: CurrentCaller, query: OrderedPageQuery
) -> Page[HistoryItem]:
    """Every fact of the lead, oldest first, with the notes that were written beside them."""
    lead = await queries.see_lead(session, caller, lead_id)
    beside = None if lead.personal_hidden else partial(queries.notes, session)
    return await history_page(partial(history, session), str(lead_id), query, beside)


@router.get("/leads/{lead_id}/contacts")
async def list_contacts(
    lead_id: UUID,
    session: Reading,
    caller: CurrentCaller,
    filters: Annotated[ContactFilter, Depends(at_once(ContactFilter))],
    query: PageQuery,
) -> Page[ContactView]:
    """The contacts with the lead, the latest first; sort by `occurred_at`."""
    return await queries.list_contacts(session, caller, lead_id, filters, query)


@router.post("/leads/{lead_id}/contacts", status_code=201, dependencies=[sellers])
async def log_contact(lead_id: UUID, command: LogContact, counter: AtCounter) -> ContactAnswer:
    """A call, message or visit, or the attempt; the lead keeps its version."""
    contact = await counter.take(actions.log_contact, lead_id, command)
    return ContactAnswer(**contact.model_dump(), token=(await counter.answer(lead_id)).token)


@router.post("/leads/{lead_id}/qualify", dependencies=[sellers])
async def qualify_lead(lead_id: UUID, command: Qualify, counter: AtCounter) -> LeadView:
    """It is worth working on."""
    await counter.take(actions.qualify, lead_id, command)
    return await counter.answer(lead_id)


@router.post("/leads/{lead_id}/discard", dependencies=[sellers])
async def discard_lead(lead_id: UUID, command: Discard, counter: AtCounter) -> LeadView:
    """It comes to nothing; some reasons say that it was no valid lead."""
    await counter.take(actions.discard, lead_id, command)
    return await counter.answer(lead_id)


@router.post("/leads/{lead_id}/change-intent", dependencies=[sellers])
async def change_intent(lead_id: UUID, command: ChangeIntent, counter: AtCounter) -> LeadView:
    """Judges how likely the contact means to buy; the history keeps the former judgements."""
    await counter.take(actions.change_intent, lead_id, command)
    return await counter.answer(lead_id)


@router.post("/leads/{lead_id}/assign", dependencies=[sellers])
async def assign_lead(lead_id: UUID, command: AssignLead, counter: AtCounter) -> LeadView:
    """To a person, or without one to whom the rules say; the fact names the rule."""
    await counter.take(actions.assign, lead_id, command, pooled=True)
    return await counter.answer(lead_id)


@router.post("/leads/{lead_id}/claim", dependencies=[sellers])
async def claim_lead(lead_id: UUID, command: ClaimLead, counter: AtCounter) -> LeadView:
    """Takes it out of the pool for you. Of many at once the first one gets it."""
    await counter.take(actions.claim, lead_id, command, claimable=True)
    return await counter.answer(lead_id)


@router.post("/leads/{lead_id}/release", dependencies=[sellers])
async def release_lead(lead_id: UUID, command: ReleaseLead, counter: AtCounter) -> LeadView:
    """Back to the pool 公海."""
    await counter.take(actions.release, lead_id, command)
    return await counter.answer(lead_id)


@router.post("/leads/{lead_id}/convert", dependencies=[sellers])
async def convert_lead(lead_id: UUID, command: ConvertLead, counter: AtCounter) -> LeadView:
    """It becomes an opportunity, `opportunity_id`, which the opportunities service opens in a moment."""
    await counter.take(actions.convert, lead_id, command)
    return await counter.answer(lead_id)
