"""Units over HTTP."""

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
from targets.organisation.commands import UnitChange, UnitClosing, UnitRow
from targets.organisation.loading import load_tree
from targets.organisation.queries import UnitFilter
from targets.organisation.views import UnitView

router = Router(prefix="/v1", tags=["units"])


@router.get("/units")
async def list_units(
    session: Reading, asked: Annotated[UnitFilter, Query()], page: PageQuery, today: Today
) -> Page[UnitView]:
    """Units by text (code or name), kind, region, parent and whole subtree of today, manager and state."""
    return await queries.units(session, asked, page, today)


@router.post("/units", status_code=201, dependencies=[CONFIGURES])
async def create_unit(
    row: UnitRow, session: Transaction, principal: CurrentPrincipal, today: Today, response: Response
) -> UnitView:
    """A new unit below one that exists on its first day."""
    organisation = await load_tree(session, [row.manager_id, row.manager_code])
    editor = Editor(session, organisation, principal.id, today)
    unit = editor.create_unit(row)
    await editor.save()
    response.headers["Location"] = f"/v1/units/{unit.id}"
    stamp(response, unit)
    return await queries.unit_view(session, unit, today)


@router.post("/units:batch", status_code=207, dependencies=[CONFIGURES])
async def upsert_units(
    batch: Batch[UnitRow],
    session: Transaction,
    principal: CurrentPrincipal,
    today: Today,
    response: Response,
    validate_only: ValidateOnly = False,
) -> BatchAnswer:
    """Units by code, parents before their children. A row that says what is known makes no fact."""
    managers = [key for row in batch.valid for key in (row.manager_id, row.manager_code)]
    editor = Editor(session, await load_tree(session, managers), principal.id, today)
    answer = await run_batch(session, batch.items, editor.upsert_unit, validate_only=validate_only)
    await editor.save()
    return stamp_batch(response, answer, together)


@router.get("/units/{id}")
async def read_unit(id: UUID, session: Reading, today: Today, response: Response) -> UnitView:
    """A unit with the parent of today."""
    unit = await queries.unit(session, id)
    stamp(response, unit)
    return await queries.unit_view(session, unit, today)


@router.patch("/units/{id}", dependencies=[CONFIGURES])
async def change_unit(
    id: UUID,
    change: UnitChange,
    session: Transaction,
    principal: CurrentPrincipal,
    today: Today,
    if_match: IfMatch,
    response: Response,
) -> UnitView:
    """Another name, kind, parent, manager or region from a business day on; what is not named stays."""
    organisation = await load_tree(session, [change.manager_id, change.manager_code])
    unit = await queries.unit(session, id)
    if_match.check(unit.version)
    editor = Editor(session, organisation, principal.id, today)
    editor.change_unit(unit, change)
    await editor.save()
    stamp(response, unit)
    return await queries.unit_view(session, unit, today)


@router.post("/units/{id}/close", dependencies=[CONFIGURES])
async def close_unit(
    id: UUID,
    asked: UnitClosing,
    session: Transaction,
    principal: CurrentPrincipal,
    today: Today,
    if_match: OptionalIfMatch,
    response: Response,
) -> UnitView:
    """The end of a unit that holds no member and no unit from then on."""
    organisation = await load_tree(session)
    unit = await queries.unit(session, id)
    if_match.check(unit.version)
    editor = Editor(session, organisation, principal.id, today)
    await editor.close_unit(unit, asked.closed_on)
    await editor.save()
    stamp(response, unit)
    return await queries.unit_view(session, unit, today)


@router.get("/units/{id}/history")
async def read_unit_history(id: UUID, session: Reading, page: OrderedPageQuery) -> Page[HistoryItem]:
    """Every fact about a unit."""
    return await history_page(partial(history, session), (await queries.unit(session, id)).root, page)
