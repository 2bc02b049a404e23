"""Reading leads and contacts."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.leads import LeadState
from contracts.refusal import NotFound
from directory import Caller, person
from directory.owners import members
from leads.access import IMPERSONAL, SELLERS
from leads.leads.filters import ContactFilter, LeadFilter
from leads.leads.identity import Identity
from leads.leads.rules import OPEN
from leads.leads.tables import Contact, LeadRow, Note
from leads.leads.views import PERSONAL, CapturedLead, ContactView, LeadView
from runtime import Page, PageRequest, matches, page, sort_keys

SORTS: dict[str, Any] = {
    "captured_at": LeadRow.captured_at,
    "last_contact_at": LeadRow.last_contact_at,
}

POOLED = and_(col(LeadRow.owner_id).is_(None), col(LeadRow.state).in_([state.value for state in OPEN]))
"""In the pool: owned by nobody and worked on."""


async def lock_leads(session: AsyncSession, caller: Caller, ids: Collection[UUID]) -> dict[UUID, LeadRow]:
    """Locks those of the leads that the caller sees, always in the order of their ids."""
    return await _lock(session, ids, *_within(caller)) if ids else {}


async def lock_claimable(session: AsyncSession, caller: Caller, lead_id: UUID) -> LeadRow:
    """Locks a lead that lies in the pool, or lay there: who comes late to a claim shall hear that it is gone, not
    that there is no such lead. Raises `NotFound` for any other that the caller does not see.
    """
    lay_there = and_(col(LeadRow.pooled_at).is_not(None), *_looking(caller))
    locked = await _lock(session, [lead_id], or_(and_(true(), *_within(caller)), lay_there))
    if not locked:
        raise NotFound(what="lead", id=lead_id)
    return locked[lead_id]


async def _lock(
    session: AsyncSession, ids: Collection[UUID], *conditions: ColumnElement[bool]
) -> dict[UUID, LeadRow]:
    found = await session.scalars(
        select(LeadRow)
        .where(col(LeadRow.id).in_(ids), *conditions)
        .order_by(col(LeadRow.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in found}


async def leads_known_as(session: AsyncSession, known: Iterable[Identity]) -> dict[Identity, LeadRow]:
    """The leads with these identities that are not discarded."""
    wanted: dict[str, set[str]] = {}
    for identity in known:
        wanted.setdefault(identity.kind, set()).add(identity.value)
    if not wanted:
        return {}
    found = await session.scalars(
        select(LeadRow).where(
            or_(*(col(getattr(LeadRow, kind)).in_(values) for kind, values in wanted.items())),
            col(LeadRow.state) != LeadState.discarded.value,
        )
    )
    return {identity: row for row in found for identity in row.identities}


async def seen_among(session: AsyncSession, caller: Caller, ids: Collection[UUID]) -> set[UUID]:
    """Those of the leads that the caller sees."""
    if not ids:
        return set()
    statement = select(col(LeadRow.id)).where(col(LeadRow.id).in_(ids), *_within(caller))
    return set(await session.scalars(statement))


async def find_lead(session: AsyncSession, caller: Caller, lead_id: UUID, *, seen: bool = False) -> LeadView:
    """A lead. Raises `NotFound` for one that is not there or not the caller's to see; `seen` says that this was
    asked before.
    """
    within = [] if seen else _within(caller)
    row = (await session.execute(_shown().where(col(LeadRow.id) == lead_id, *within))).one_or_none()
    if row is None:
        raise NotFound(what="lead", id=lead_id)
    return _viewer(caller)(row)


async def find_captured(
    session: AsyncSession, caller: Caller, lead_id: UUID, matched: str | None
) -> CapturedLead:
    """The lead that a capture made or found."""
    view = await find_lead(session, caller, lead_id, seen=True)
    return CapturedLead(**view.model_dump(), matched=matched)


async def list_leads(
    session: AsyncSession, caller: Caller, filters: LeadFilter, query: PageRequest
) -> Page[LeadView]:
    """The leads that the caller sees, newest first unless sorted otherwise."""
    return await page(
        session,
        _shown().where(*_within(caller), *_conditions(filters, caller)),
        keys=sort_keys(query.sort, SORTS, default="-captured_at", unique=LeadRow.id),
        query=query,
        view=_viewer(caller),
        filters=asdict(filters),
    )


async def see_lead(session: AsyncSession, caller: Caller, lead_id: UUID) -> LeadView:
    """The lead, as the caller sees it. Raises `NotFound` unless they do."""
    return await find_lead(session, caller, lead_id)


async def notes(session: AsyncSession, event_ids: Collection[UUID]) -> dict[UUID, str]:
    """What was written beside these facts."""
    found = await session.scalars(select(Note).where(col(Note.event_id).in_(event_ids)))
    return {note.event_id: note.text for note in found}


async def list_contacts(
    session: AsyncSession, caller: Caller, lead_id: UUID, filters: ContactFilter, query: PageRequest
) -> Page[ContactView]:
    """The contacts with a lead, the latest first."""
    lead = await see_lead(session, caller, lead_id)
    conditions = caller.within(col(Contact.occurred_at), filters.occurred_from, filters.occurred_to)
    if filters.kind:
        conditions.append(col(Contact.kind).in_(filters.kind))
    if filters.outcome:
        conditions.append(col(Contact.outcome).in_(filters.outcome))

    def view(row: Contact) -> ContactView:
        shown = ContactView.model_validate(row)
        return shown.model_copy(update={"summary": None}) if lead.personal_hidden else shown

    return await page(
        session,
        select(Contact).where(col(Contact.lead_id) == lead_id, *conditions),
        keys=sort_keys(
            query.sort, {"occurred_at": Contact.occurred_at}, default="-occurred_at", unique=Contact.id
        ),
        query=query,
        view=view,
        filters={"lead_id": lead_id, **asdict(filters)},
    )


def _shown() -> Select[Any]:
    return select(LeadRow, person.c.display_name.label("owner_name")).outerjoin(
        person, person.c.id == col(LeadRow.owner_id)
    )


def _viewer(caller: Caller) -> Callable[[Any], LeadView]:
    programs, everything = caller.principal.role in IMPERSONAL, caller.visible is None

    def view(row: Any) -> LeadView:
        lead: LeadRow = row.LeadRow
        hidden = programs or (lead.owner_id is None and not everything)
        values = lead.model_dump()
        if hidden:
            values |= dict.fromkeys(PERSONAL)
            values["extra"] = {}
        responded = lead.first_contact_at
        seconds = int((responded - lead.captured_at).total_seconds()) if responded else None
        return LeadView(
            **values,
            token=lead.token,
            owner_name=row.owner_name,
            personal_hidden=hidden,
            first_response_seconds=seconds if seconds is None else max(0, seconds),
        )

    return view


def _within(caller: Caller) -> list[ColumnElement[bool]]:
    """What the caller sees: the leads of the people whose records they see, and what lies in the pool."""
    visible = caller.visible
    if visible is None:
        return []
    return [or_(col(LeadRow.owner_id).in_(visible), and_(POOLED, *_looking(caller)))]


def _looking(caller: Caller) -> list[ColumnElement[bool]]:
    """Whether the caller may look into the pool: whoever sells and works here."""
    if caller.visible is None:
        return []
    if caller.principal.role not in SELLERS or caller.person_id is None or caller.sees_nothing:
        return [false()]
    here = or_(person.c.left_on.is_(None), person.c.left_on > caller.day())
    return [select(person.c.id).where(person.c.id == caller.person_id, here).exists()]


def _conditions(filters: LeadFilter, caller: Caller) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        col(getattr(LeadRow, name)).in_(values)
        for name in (
            "owner_id", "state", "intent", "outcome", "channel", "campaign", "level", "product_line", "external_id",
        )
        if (values := getattr(filters, name))
    ]  # fmt: skip
    if filters.source:
        found.append(col(LeadRow.source) == filters.source)
    if filters.valid is not None:
        found.append(col(LeadRow.valid) == filters.valid)
    if filters.pooled is not None:
        found.append(POOLED if filters.pooled else ~POOLED)
    if filters.contacted is not None:
        found.append(col(LeadRow.first_contact_at).is_not(None) == filters.contacted)
    if filters.unit_id:
        found.append(col(LeadRow.owner_id).in_(members(filters.unit_id, caller)))
    found += caller.within(col(LeadRow.captured_at), filters.captured_from, filters.captured_to)
    if filters.text:
        found.append(_containing(filters.text, caller))
    return found


def _containing(text: str, caller: Caller) -> ColumnElement[bool]:
    """In the company's name, and in the contact's where the caller may learn it: a search must not tell what the
    answer hides.
    """
    company = matches(text, LeadRow.company)
    if caller.principal.role in IMPERSONAL:
        return company
    named = matches(text, LeadRow.contact_name)
    return or_(company, named if caller.visible is None else and_(named, col(LeadRow.owner_id).is_not(None)))
