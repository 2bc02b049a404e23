"""People and their memberships over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from messaging import history, together
from runtime import (
    Batch,
    BatchAnswer,
    CurrentPrincipal,
    HistoryItem,
    IfMatch,
    OptionalIfMatch,
    OrderedPageQuery,
    Page,
    PageQuery,
    Reading,
    Router,
    Transaction,
    ValidateOnly,
    history_page,
    run_batch,
    stamp,
    stamp_batch,
)
from targets.access import CONFIGURES
from targets.deployment import Today
from targets.organisation import queries
from targets.organisation.actions import Editor
from targets.organisation.commands import Leaving, Move, PersonRow, RoleChange
from targets.organisation.loading import load_people
from targets.organisation.queries import MembershipFilter, PersonFilter
from targets.organisation.views import MembershipView, PersonView

router = Router(prefix="/v1", tags=["people"])


@router.get("/people")
async def list_people(
    session: Reading, asked: Annotated[PersonFilter, Query()], page: PageQuery, today: Today
) -> Page[PersonView]:
    """People by text (code or name), role, unit of today with or without its subtree, and state."""
    return await queries.people(session, asked, page, today)


@router.post("/people", status_code=201, dependencies=[CONFIGURES])
async def hire_person(
    row: PersonRow, session: Transaction, principal: CurrentPrincipal, today: Today, response: Response
) -> PersonView:
    """A new person, in a unit where one is named."""
    organisation = await load_people(session, [row.code], [row.unit_id, row.unit_code])
    editor = Editor(session, organisation, principal.id, today)
    person = editor.hire(row)
    await editor.save()
    response.headers["Location"] = f"/v1/people/{person.id}"
    stamp(response, person)
    return await queries.person_view(session, person, today)


@router.post("/people:batch", status_code=207, dependencies=[CONFIGURES])
async def upsert_people(
    batch: Batch[PersonRow],
    session: Transaction,
    principal: CurrentPrincipal,
    today: Today,
    response: Response,
    validate_only: ValidateOnly = False,
) -> BatchAnswer:
    """People by code: hired, given another role or moved. A row that says what is known makes no fact."""
    codes = [row.code for row in batch.valid]
    units = [key for row in batch.valid for key in (row.unit_id, row.unit_code)]
    editor = Editor(session, await load_people(session, codes, units), principal.id, today)
    answer = await run_batch(session, batch.items, editor.upsert_person, validate_only=validate_only)
    await editor.save()
    return stamp_batch(response, answer, together)


@router.get("/people/{id}")
async def read_person(id: UUID, session: Reading, today: Today, response: Response) -> PersonView:
    """A person with the unit of today."""
    person = await queries.person(session, id)
    stamp(response, person)
    return await queries.person_view(session, person, today)


@router.patch("/people/{id}", dependencies=[CONFIGURES])
async def change_role(
    id: UUID,
    change: RoleChange,
    session: Transaction,
    principal: CurrentPrincipal,
    today: Today,
    if_match: IfMatch,
    response: Response,
) -> PersonView:
    """Another role, from today on."""
    organisation = await load_people(session, [id], [])
    person = await queries.person(session, id)
    if_match.check(person.version)
    editor = Editor(session, organisation, principal.id, today)
    editor.change_role(person, change)
    await editor.save()
    stamp(response, person)
    return await queries.person_view(session, person, today)


@router.post("/people/{id}/move", dependencies=[CONFIGURES])
async def move_person(
    id: UUID,
    asked: Move,
    session: Transaction,
    principal: CurrentPrincipal,
    today: Today,
    if_match: OptionalIfMatch,
    response: Response,
) -> PersonView:
    """Another unit from a business day on; what happened before stays where it was."""
    organisation = await load_people(session, [id], [asked.unit_id, asked.unit_code])
    person = await queries.person(session, id)
    if_match.check(person.version)
    editor = Editor(session, organisation, principal.id, today)
    editor.move(person, asked)
    await editor.save()
    stamp(response, person)
    return await queries.person_view(session, person, today)


@router.post("/people/{id}/leave", dependencies=[CONFIGURES])
async def leave_company(
    id: UUID,
    asked: Leaving,
    session: Transaction,
    principal: CurrentPrincipal,
    today: Today,
    if_match: OptionalIfMatch,
    response: Response,
) -> PersonView:
    """The end of a person's time in the company, with a reason; their history stays where it was."""
    organisation = await load_people(session, [id], [])
    person = await queries.person(session, id)
    if_match.check(person.version)
    editor = Editor(session, organisation, principal.id, today)
    editor.leave(person, asked)
    await editor.save()
    stamp(response, person)
    return await queries.person_view(session, person, today)


@router.get("/people/{id}/history")
async def read_person_history(id: UUID, session: Reading, page: OrderedPageQuery) -> Page[HistoryItem]:
    """Every fact about a person, memberships included."""
    return await history_page(partial(history, session), (await queries.person(session, id)).root, page)


@router.get("/memberships")
async def list_memberships(
    session: Reading, asked: Annotated[MembershipFilter, Query()], page: PageQuery
) -> Page[MembershipView]:
    """Who belonged to which unit and when, by person, unit and day."""
    return await queries.memberships(session, asked, page)
