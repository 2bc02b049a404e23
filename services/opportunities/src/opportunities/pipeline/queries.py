"""Reading opportunities and pipelines."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.opportunities import PipelineDefined
from contracts.refusal import NotFound
from directory import Caller, person
from directory.owners import members
from opportunities.customers.tables import Customer
from opportunities.pipeline.filters import OpportunityFilter
from opportunities.pipeline.tables import Note, Opportunity, Pipeline, PipelineVersion
from opportunities.pipeline.views import OpportunityView, PipelineView
from runtime import Page, PageRequest, matches, page, sort_keys

SORTS: dict[str, Any] = {
    "opened_at": Opportunity.opened_at,
    "closed_at": Opportunity.closed_at,
    "stage_since": Opportunity.stage_since,
    "expected_close_on": Opportunity.expected_close_on,
    "amount": Opportunity.amount,
}


async def lock_opportunities(
    session: AsyncSession, caller: Caller, ids: Collection[UUID]
) -> dict[UUID, Opportunity]:
    """Locks those of the opportunities that the caller sees, always in the order of their ids."""
    if not ids:
        return {}
    found = await session.scalars(
        select(Opportunity)
        .where(col(Opportunity.id).in_(ids), *_within(caller))
        .order_by(col(Opportunity.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in found}


async def find_opportunity(
    session: AsyncSession, caller: Caller, opportunity_id: UUID, *, seen: bool = False
) -> OpportunityView:
    """An opportunity. Raises `NotFound` for one that is not there or not the caller's to see; `seen` says
    that this was asked before.
    """
    within = [] if seen else _within(caller)
    statement = _shown().where(col(Opportunity.id) == opportunity_id, *within)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound(what="opportunity", id=opportunity_id)
    return _view(row)


async def list_opportunities(
    session: AsyncSession, caller: Caller, filters: OpportunityFilter, query: PageRequest
) -> Page[OpportunityView]:
    """The opportunities that the caller sees, newest first unless sorted otherwise."""
    return await page(
        session,
        _shown().where(*_within(caller), *_conditions(filters, caller)),
        keys=sort_keys(query.sort, SORTS, default="-opened_at", unique=Opportunity.id),
        query=query,
        view=_view,
        filters=asdict(filters),
    )


async def see_opportunity(session: AsyncSession, caller: Caller, opportunity_id: UUID) -> None:
    """Raises `NotFound` unless the caller sees the opportunity."""
    statement = select(col(Opportunity.id)).where(col(Opportunity.id) == opportunity_id, *_within(caller))
    if await session.scalar(statement) is None:
        raise NotFound(what="opportunity", id=opportunity_id)


async def notes(session: AsyncSession, event_ids: Collection[UUID]) -> dict[UUID, str]:
    """What was written beside these facts."""
    found = await session.scalars(select(Note).where(col(Note.event_id).in_(event_ids)))
    return {note.event_id: note.text for note in found}


async def pipelines(session: AsyncSession, codes: Collection[str]) -> dict[tuple[str, int], PipelineDefined]:
    """Every version of the pipelines, by code and version."""
    if not codes:
        return {}
    found = await session.scalars(select(PipelineVersion).where(col(PipelineVersion.pipeline).in_(codes)))
    return {(row.pipeline, row.version): row.rules() for row in found}


async def list_pipelines(session: AsyncSession, code: str | None = None) -> list[PipelineView]:
    """The current versions of all pipelines, or all versions of one, the newest first."""
    statement = select(Pipeline, PipelineVersion).join(
        PipelineVersion, col(PipelineVersion.pipeline) == col(Pipeline.code)
    )
    if code is None:
        current = col(PipelineVersion.version) == col(Pipeline.current_version)
        statement = statement.where(current).order_by(col(Pipeline.code))
    else:
        newest_first = col(PipelineVersion.version).desc()
        statement = statement.where(col(Pipeline.code) == code).order_by(newest_first)
    return [_pipeline_view(*row) for row in await session.execute(statement)]


def _pipeline_view(pipeline: Pipeline, version: PipelineVersion) -> PipelineView:
    definition = version.rules().model_dump(exclude={"pipeline"})
    return PipelineView(
        **definition,
        code=pipeline.code,
        version=pipeline.version,
        token=pipeline.token,
        defined_at=version.defined_at,
    )


def _shown() -> Select[Any]:
    return (
        select(
            Opportunity,
            col(Customer.name).label("customer_name"),
            person.c.display_name.label("owner_name"),
        )
        .outerjoin(Customer, col(Customer.id) == col(Opportunity.customer_id))
        .outerjoin(person, person.c.id == col(Opportunity.owner_id))
    )


def _view(row: Any) -> OpportunityView:
    opportunity: Opportunity = row.Opportunity
    return OpportunityView(
        **opportunity.model_dump(),
        token=opportunity.token,
        customer_name=row.customer_name,
        owner_name=row.owner_name,
    )


def _within(caller: Caller) -> list[ColumnElement[bool]]:
    visible = caller.visible
    return [] if visible is None else [col(Opportunity.owner_id).in_(visible)]


def _conditions(filters: OpportunityFilter, caller: Caller) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        col(getattr(Opportunity, name)).in_(values)
        for name in (
            "owner_id",
            "customer_id",
            "stage",
            "state",
            "product_line",
            "channel",
            "lead_id",
            "external_id",
        )
        if (values := getattr(filters, name))
    ]
    found += [
        col(getattr(Opportunity, name)) == value
        for name in ("pipeline", "source")
        if (value := getattr(filters, name))
    ]
    if filters.unit_id:
        found.append(col(Opportunity.owner_id).in_(members(filters.unit_id, caller)))
    if filters.text:
        found.append(col(Opportunity.id).in_(_containing(filters.text)))
    return found + _in_periods(filters, caller)


def _in_periods(filters: OpportunityFilter, caller: Caller) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for instant, first, end in (
        (col(Opportunity.opened_at), filters.opened_from, filters.opened_to),
        (col(Opportunity.closed_at), filters.closed_from, filters.closed_to),
    ):
        found += caller.within(instant, first, end)
    if filters.expected_close_from:
        found.append(col(Opportunity.expected_close_on) >= filters.expected_close_from)
    if filters.expected_close_to:
        found.append(col(Opportunity.expected_close_on) < filters.expected_close_to)
    return found


def _containing(text: str) -> Any:
    """A union, not an OR over the join: so each side is found by its own trigram index."""
    of_customer = select(col(Customer.id)).where(matches(text, Customer.name))
    return union(
        select(col(Opportunity.id)).where(matches(text, Opportunity.title)),
        select(col(Opportunity.id)).where(col(Opportunity.customer_id).in_(of_customer)),
    )
