"""What a valid lead is, over HTTP."""

from functools import partial

from fastapi import Response

from directory import CurrentCaller
from leads.access import configurers
from leads.validity import actions, queries
from leads.validity.commands import DefineValidity
from leads.validity.views import ValidityView
from messaging import history
from runtime import (
    HistoryItem,
    IfMatch,
    OrderedPageQuery,
    Page,
    Reading,
    Router,
    Transaction,
    history_page,
    stamp,
)

router = Router(prefix="/v1", tags=["validity"])


@router.get("/validity")
async def read_validity(session: Reading, response: Response) -> ValidityView:
    """The newest version of what a valid lead (有效线索) is."""
    return stamp(response, (await queries.list_versions(session))[0])


@router.put("/validity", dependencies=[configurers])
async def define_validity(
    command: DefineValidity,
    session: Transaction,
    caller: CurrentCaller,
    if_match: IfMatch,
    response: Response,
) -> ValidityView:
    """The next version. It judges the leads captured from its day on; those before keep their judgement."""
    await actions.define_validity(session, command, if_match, earliest=caller.day(), by=caller.id)
    await session.flush()
    return stamp(response, (await queries.list_versions(session))[0])


@router.get("/validity/versions")
async def list_validity_versions(session: Reading) -> Page[ValidityView]:
    """Every version, the newest first."""
    return Page(items=await queries.list_versions(session))


@router.get("/validity/history")
async def read_validity_history(session: Reading, query: OrderedPageQuery) -> Page[HistoryItem]:
    """Every fact of the definition, oldest first."""
    return await history_page(partial(history, session), queries.ROOT, query)
