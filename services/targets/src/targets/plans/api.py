"""Targets over HTTP."""

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
    stamp_token,
)
from targets.access import PLANS
from targets.deployment import Today
from targets.plans import actions, queries
from targets.plans.commands import Division, NewTarget, Revision, TargetRow, Withdrawal
from targets.plans.dividing import divide_target as divide
from targets.plans.queries import TargetFilter
from targets.plans.views import ChildrenView, DivisionView, RevisionView, TargetView

router = Router(prefix="/v1", tags=["targets"])


@router.get("/targets")
async def list_targets(
    session: Reading,
    asked: Annotated[TargetFilter, Query()],
    page: PageQuery,
    principal: CurrentPrincipal,
    today: Today,
) -> Page[TargetView]:
    """The targets that you see, by metric, unit, person, period, owner, parent, state and text (the subject's)."""
    return await queries.targets(session, asked, page, principal, today)


@router.post("/targets", status_code=201, dependencies=[PLANS])
async def publish_target(
    asked: NewTarget, session: Transaction, principal: CurrentPrincipal, today: Today, response: Response
) -> TargetView:
    """Publishes a target; one holds at a time for a metric, subject, period and dimensions."""
    planner = await actions.open_planner(session, [asked], principal, today)
    target = planner.publish(asked)
    await planner.save()
    response.headers["Location"] = f"/v1/targets/{target.id}"
    stamp(response, target)
    return await queries.target_view(session, target)


@router.post("/targets:batch", status_code=207, dependencies=[PLANS])
async def upsert_targets(
    batch: Batch[TargetRow],
    session: Transaction,
    principal: CurrentPrincipal,
    today: Today,
    response: Response,
    validate_only: ValidateOnly = False,
) -> BatchAnswer:
    """Publishes targets, or revises those that hold where a `reason_code` is given.

    The same row again makes no fact.
    """
    planner = await actions.open_planner(session, batch.valid, principal, today)
    answer = await run_batch(session, batch.items, planner.upsert, validate_only=validate_only)
    await planner.save()
    return stamp_batch(response, answer, together)


@router.get("/targets/{id}")
async def read_target(
    id: UUID, session: Reading, principal: CurrentPrincipal, today: Today, response: Response
) -> TargetView:
    """A target."""
    target = await queries.target(session, id, principal, today)
    stamp(response, target)
    return await queries.target_view(session, target)


@router.get("/targets/{id}/children")
async def read_target_children(
    id: UUID, session: Reading, principal: CurrentPrincipal, today: Today
) -> ChildrenView:
    """The published parts of a target, and their sums against it; a mismatch is shown, not hidden."""
    whole = await queries.target(session, id, principal, today)
    return await queries.children(session, whole, principal, today)


@router.get("/targets/{id}/revisions")
async def list_target_revisions(
    id: UUID, session: Reading, principal: CurrentPrincipal, today: Today
) -> Page[RevisionView]:
    """Every agreed state of a target, its publication first; nothing is overwritten."""
    target = await queries.target(session, id, principal, today)
    return Page(items=await queries.revisions(session, target))


@router.get("/targets/{id}/history")
async def read_target_history(
    id: UUID, session: Reading, page: OrderedPageQuery, principal: CurrentPrincipal, today: Today
) -> Page[HistoryItem]:
    """Every fact about a target."""
    return await history_page(
        partial(history, session), (await queries.target(session, id, principal, today)).root, page
    )


@router.post("/targets/{id}/revise", dependencies=[PLANS])
async def revise_target(
    id: UUID,
    asked: Revision,
    session: Transaction,
    principal: CurrentPrincipal,
    today: Today,
    if_match: OptionalIfMatch,
    response: Response,
) -> TargetView:
    """Other values from a day on, with reason and approver (S24)."""
    target = await queries.target(session, id, principal, today, lock=True)
    if_match.check(target.version)
    await actions.revise_target(session, target, asked, principal, today)
    stamp(response, target)
    return await queries.target_view(session, target)


@router.post("/targets/{id}/withdraw", dependencies=[PLANS])
async def withdraw_target(
    id: UUID,
    asked: Withdrawal,
    session: Transaction,
    principal: CurrentPrincipal,
    today: Today,
    if_match: OptionalIfMatch,
    response: Response,
) -> TargetView:
    """The end of a target; with `with_parts` also of all published parts below it."""
    target = await actions.hold_target(session, id, principal, today)
    if_match.check(target.version)
    await actions.withdraw_target(session, target, asked, principal.id)
    stamp(response, target)
    return await queries.target_view(session, target)


@router.post("/targets/{id}/decompose", status_code=201, dependencies=[PLANS])
async def decompose_target(
    id: UUID,
    asked: Division,
    session: Transaction,
    principal: CurrentPrincipal,
    today: Today,
    if_match: OptionalIfMatch,
    response: Response,
    validate_only: ValidateOnly = False,
) -> DivisionView:
    """Divides a target over units, people, periods or a dimension by weights and given shares, and publishes the
    parts. They sum exactly, unless all shares are given by hand; `validate_only` shows them first.
    """
    target = await actions.hold_target(session, id, principal, today)
    if_match.check(target.version)
    if validate_only:
        response.status_code = 200
    division = await divide(session, target, asked, principal, today, validate_only=validate_only)
    stamp_token(response, division.token)
    return division
