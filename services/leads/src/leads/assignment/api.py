"""Rules of assignment and of the pool over HTTP."""

from functools import partial
from typing import Annotated

from fastapi import Path, Response

from contracts.fields import AddressCode
from directory import CurrentCaller
from leads.access import configurers, operations
from leads.assignment import actions, queries
from leads.assignment.commands import DefineAssignmentRule, DefinePoolRule
from leads.assignment.views import AssignmentRuleView, Moved, PoolRuleView
from messaging import history, stated
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
    stamp_token,
)

router = Router(prefix="/v1", tags=["assignment"])

type Address = Annotated[AddressCode, Path()]


@router.get("/assignment-rules")
async def list_assignment_rules(session: Reading, query: OrderedPageQuery) -> Page[AssignmentRuleView]:
    """The rules by which leads are given to people, by code."""
    return await queries.list_assignment_rules(session, query)


@router.put("/assignment-rules/{rule}", dependencies=[configurers])
async def define_assignment_rule(
    rule: Address,
    command: DefineAssignmentRule,
    session: Transaction,
    caller: CurrentCaller,
    if_match: OptionalIfMatch,
    response: Response,
) -> AssignmentRuleView:
    """A rule, or its next version: in turn (`round_robin`), or to whom has most room left (`capacity`).

    A capacity of 120 in 30 days is 4 a business day; a lead that finds nobody with room waits for the next day.
    """
    defined = await actions.define_assignment_rule(session, rule, command, if_match, by=caller.id)
    return stamp(response, queries.assignment_view(defined))


@router.get("/assignment-rules/{rule}")
async def read_assignment_rule(rule: str, session: Reading, response: Response) -> AssignmentRuleView:
    """A rule of assignment."""
    return stamp(response, await queries.find_assignment_rule(session, rule))


@router.get("/assignment-rules/{rule}/history")
async def read_assignment_rule_history(
    rule: str, session: Reading, query: OrderedPageQuery
) -> Page[HistoryItem]:
    """Every version of the rule, oldest first."""
    await queries.find_assignment_rule(session, rule)
    return await history_page(partial(history, session), f"assignment_rule:{rule}", query)


@router.post("/leads:assign-waiting", dependencies=[operations])
async def assign_waiting(session: Transaction, caller: CurrentCaller, response: Response) -> Moved:
    """Gives waiting leads away now, by the rules; the service does so by itself every minute."""
    leads = await actions.assign_waiting(session, caller.now, caller.zone, by=caller.id)
    return _moved(session, leads, response)


@router.get("/pool-rules")
async def list_pool_rules(session: Reading, query: OrderedPageQuery) -> Page[PoolRuleView]:
    """The rules by which leads fall back into the pool 公海, by code."""
    return await queries.list_pool_rules(session, query)


@router.put("/pool-rules/{rule}", dependencies=[configurers])
async def define_pool_rule(
    rule: Address,
    command: DefinePoolRule,
    session: Transaction,
    caller: CurrentCaller,
    if_match: OptionalIfMatch,
    response: Response,
) -> PoolRuleView:
    """A rule, or its next version. Of the rules that are about a lead, the one with the lowest priority decides."""
    defined = await actions.define_pool_rule(session, rule, command, if_match, by=caller.id)
    return stamp(response, queries.pool_view(defined))


@router.get("/pool-rules/{rule}")
async def read_pool_rule(rule: str, session: Reading, response: Response) -> PoolRuleView:
    """A rule of release."""
    return stamp(response, await queries.find_pool_rule(session, rule))


@router.get("/pool-rules/{rule}/history")
async def read_pool_rule_history(rule: str, session: Reading, query: OrderedPageQuery) -> Page[HistoryItem]:
    """Every version of the rule, oldest first."""
    await queries.find_pool_rule(session, rule)
    return await history_page(partial(history, session), f"pool_rule:{rule}", query)


@router.post("/leads:release-due", dependencies=[operations])
async def release_due(session: Transaction, caller: CurrentCaller, response: Response) -> Moved:
    """Releases to the pool now what nobody touched; the service does so by itself every minute."""
    leads = await actions.release_due(session, caller.now, caller.zone, by=caller.id)
    return _moved(session, leads, response)


def _moved(session: Transaction, leads: int, response: Response) -> Moved:
    moved = Moved(leads=leads, token=stated(session))
    stamp_token(response, moved.token)
    return moved
