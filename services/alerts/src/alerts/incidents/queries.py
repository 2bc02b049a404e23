"""Reading incidents."""

from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from alerts.incidents import words
from alerts.incidents.filters import IncidentFilter
from alerts.incidents.tables import IncidentRow, Note, Step
from alerts.incidents.views import (
    EvidenceView,
    ExplainedIncident,
    ExplanationView,
    IncidentView,
    StepView,
)
from alerts.rulebook.tables import RuleVersion
from alerts.timers.projector import SCHEMA
from contracts.alerts import IncidentState
from contracts.refusal import NotFound
from directory import Caller, person, visible_units
from directory.visibility import Sight, sight
from runtime import Page, PageRequest, page, sort_keys

SORTS: dict[str, Any] = {"raised_at": IncidentRow.raised_at, "due_at": IncidentRow.due_at}


async def lock_incident(
    session: AsyncSession, caller: Caller, incident_id: UUID
) -> tuple[IncidentRow, list[Step]]:
    """Locks an incident that the caller sees, with its steps. Raises `NotFound`."""
    incident = await session.scalar(
        select(IncidentRow)
        .where(col(IncidentRow.id) == incident_id, *_within(caller))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if incident is None:
        raise NotFound(what="incident", id=incident_id)
    return incident, await list_steps(session, incident_id)


async def list_steps(session: AsyncSession, incident_id: UUID) -> list[Step]:
    """The response flow of an incident, in order."""
    found = await session.scalars(
        select(Step).where(col(Step.incident_id) == incident_id).order_by(col(Step.position))
    )
    return list(found)


async def find_incident(
    session: AsyncSession, caller: Caller, incident_id: UUID, *, seen: bool = False
) -> IncidentView:
    """An incident. Raises `NotFound` for one that is not there or not the caller's to see."""
    within = [] if seen else _within(caller)
    row = (await session.execute(_shown().where(col(IncidentRow.id) == incident_id, *within))).one_or_none()
    if row is None:
        raise NotFound(what="incident", id=incident_id)
    return _viewer(caller.now)(row)


async def explain_incident(session: AsyncSession, caller: Caller, incident_id: UUID) -> ExplainedIncident:
    """An incident with why it was raised, down to the facts, and its response flow."""
    view = await find_incident(session, caller, incident_id)
    incident = await session.get_one(IncidentRow, incident_id)
    version = await session.get_one(RuleVersion, (incident.rule, incident.rule_version))
    rule = version.defined()
    because = words.why(rule, incident.since, incident.due_at, incident.figures, caller.zone)
    resolves = words.resolves(rule)
    evidence = await session.execute(_EVIDENCE, {"ids": incident.evidence})
    return ExplainedIncident(
        **view.model_dump(),
        explanation=ExplanationView(
            en=because.en,
            zh=because.zh,
            rule_name_en=rule.name_en,
            rule_name_zh=rule.name_zh,
            evidence=[
                EvidenceView(event_id=row.id, type=row.type, occurred_at=row.occurred_at, data=row.data)
                for row in evidence
            ],
            resolves_en=resolves.en,
            resolves_zh=resolves.zh,
        ),
        steps=await step_views(session, view),
    )


async def step_views(session: AsyncSession, incident: IncidentView) -> list[StepView]:
    """The response flow as it is answered."""
    return [
        StepView(**step.model_dump(), owner_id=incident.assignee_id)
        for step in await list_steps(session, incident.id)
    ]


async def list_incidents(
    session: AsyncSession, caller: Caller, filters: IncidentFilter, query: PageRequest
) -> Page[IncidentView]:
    """The incidents that the caller sees, the latest first."""
    return await page(
        session,
        _shown().where(*_within(caller), *_conditions(filters, caller)),
        keys=sort_keys(query.sort, SORTS, default="-raised_at", unique=IncidentRow.id),
        query=query,
        view=_viewer(caller.now),
        filters=asdict(filters),
    )


async def notes(session: AsyncSession, event_ids: Collection[UUID]) -> dict[UUID, str]:
    """What was written beside these facts."""
    found = await session.scalars(select(Note).where(col(Note.event_id).in_(event_ids)))
    return {note.event_id: note.text for note in found}


def _shown() -> Any:
    return select(IncidentRow, person.c.display_name.label("assignee_name")).outerjoin(
        person, person.c.id == col(IncidentRow.assignee_id)
    )


def _viewer(now: datetime) -> Callable[[Any], IncidentView]:
    def view(row: Any) -> IncidentView:
        incident: IncidentRow = row.IncidentRow
        values = incident.model_dump()
        if (
            incident.state == IncidentState.snoozed
            and incident.snoozed_until
            and incident.snoozed_until <= now
        ):
            values["state"] = IncidentState.open  # its time has passed, and nothing else has happened since
        values["key"] = incident.key or None
        return IncidentView(**values, token=incident.token, assignee_name=row.assignee_name)

    return view


def _within(caller: Caller) -> list[ColumnElement[bool]]:
    """Who acts on it, whose record it is, and who leads either of them or the unit."""
    visible = caller.visible
    if visible is None:
        return []
    seen: list[ColumnElement[bool]] = [
        col(IncidentRow.assignee_id).in_(visible),
        col(IncidentRow.owner_id).in_(visible),
    ]
    if sight(caller.principal) is Sight.led:
        units = visible_units(caller.principal, caller.day())
        if units is not None:
            seen.append(col(IncidentRow.unit_id).in_(units))
    return [or_(*seen)]


def _conditions(filters: IncidentFilter, caller: Caller) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        col(getattr(IncidentRow, name)).in_(values)
        for name in ("rule", "assignee_id", "owner_id", "unit_id", "subject_kind", "subject_id")
        if (values := getattr(filters, name))
    ]
    if filters.state:
        found.append(_in_state(filters.state, caller.now))
    return found + caller.within(col(IncidentRow.raised_at), filters.raised_from, filters.raised_to)


def _in_state(states: Collection[IncidentState], now: datetime) -> ColumnElement[bool]:
    """A snooze whose time has passed is open again."""
    past = (col(IncidentRow.state) == IncidentState.snoozed.value) & (col(IncidentRow.snoozed_until) <= now)
    wanted = col(IncidentRow.state).in_([state.value for state in states])
    if IncidentState.snoozed in states and IncidentState.open not in states:
        return wanted & ~past
    return or_(wanted, past) if IncidentState.open in states else wanted


_EVIDENCE = text(f"""
select event.id, event.type, event.occurred_at, event.data
from unnest(cast(:ids as uuid[])) with ordinality as asked(id, place) join {SCHEMA}.event using (id)
order by asked.place
""")
