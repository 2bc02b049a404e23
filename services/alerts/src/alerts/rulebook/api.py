"""Rules over HTTP."""

from functools import partial
from typing import Annotated, Literal

from fastapi import Path, Query, Response
from fastapi.exceptions import RequestValidationError

from alerts.access import configurers
from alerts.rulebook import actions, queries
from alerts.rulebook.commands import DefineRule
from alerts.rulebook.views import RuleView
from contracts.event_fields import Fault
from contracts.fields import AddressCode
from directory import CurrentCaller
from messaging import history
from runtime import (
    HistoryItem,
    OptionalIfMatch,
    OrderedPageQuery,
    Page,
    Reading,
    Router,
    Transaction,
    history_page,
    stamp,
)

router = Router(prefix="/v1", tags=["rules"])


@router.get("/rules")
async def list_rules(
    session: Reading,
    query: OrderedPageQuery,
    kind: Annotated[Literal["timer", "reading"] | None, Query()] = None,
    active: Annotated[bool | None, Query()] = None,
    text: Annotated[str | None, Query(max_length=200, description="part of the code")] = None,
) -> Page[RuleView]:
    """The rules, by code."""
    return await queries.list_rules(session, query, kind=kind, active=active, text=text)


@router.put("/rules/{rule}", dependencies=[configurers])
async def define_rule(
    rule: Annotated[AddressCode, Path()],
    command: DefineRule,
    session: Transaction,
    caller: CurrentCaller,
    if_match: OptionalIfMatch,
    response: Response,
) -> RuleView:
    """A rule, or its next version. It fires for what comes due from now on; incidents that are open stay."""
    try:
        await actions.define_rule(session, rule, command, if_match, by=caller.id)
    except actions.RuleFaulty as faulty:
        raise RequestValidationError([_error(fault) for fault in faulty.faults]) from faulty
    await session.flush()
    return stamp(response, await queries.find_rule(session, rule))


@router.get("/rules/{rule}")
async def read_rule(rule: str, session: Reading, response: Response) -> RuleView:
    """A rule as it is in force."""
    return stamp(response, await queries.find_rule(session, rule))


@router.get("/rules/{rule}/versions")
async def list_rule_versions(rule: str, session: Reading) -> Page[RuleView]:
    """Every version of the rule, the newest first."""
    return Page(items=await queries.list_versions(session, rule))


@router.get("/rules/{rule}/history")
async def read_rule_history(rule: str, session: Reading, query: OrderedPageQuery) -> Page[HistoryItem]:
    """Every fact of the rule, oldest first."""
    await queries.find_rule(session, rule)
    return await history_page(partial(history, session), f"rule:{rule}", query)


@router.post("/rules/{rule}/activate", dependencies=[configurers])
async def activate_rule(
    rule: str, session: Transaction, caller: CurrentCaller, if_match: OptionalIfMatch, response: Response
) -> RuleView:
    """Puts the rule in force, for what comes due from now on."""
    await actions.set_active(session, rule, True, if_match, by=caller.id)
    await session.flush()
    return stamp(response, await queries.find_rule(session, rule))


@router.post("/rules/{rule}/deactivate", dependencies=[configurers])
async def deactivate_rule(
    rule: str, session: Transaction, caller: CurrentCaller, if_match: OptionalIfMatch, response: Response
) -> RuleView:
    """Takes the rule out of force. Incidents that are open stay until somebody resolves them."""
    await actions.set_active(session, rule, False, if_match, by=caller.id)
    await session.flush()
    return stamp(response, await queries.find_rule(session, rule))


def _error(fault: Fault) -> dict[str, object]:
    expected = {"expected": fault.expected} if fault.expected else {}
    return {
        "type": fault.code,
        "loc": ("body", *fault.place),
        "msg": fault.en,
        "ctx": {"zh": fault.zh, **expected},
    }
