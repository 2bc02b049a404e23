"""What the clock does: raise what has come due, resolve what is over, escalate what nobody took up.

Each action takes the instant as an argument, locks its rows with `skip locked`, and does one page; several processes
may do it at the same time. That an episode raises one incident is certain by the unique key of its row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from alerts import recipients
from alerts.incidents import rules
from alerts.incidents.tables import IncidentRow, Step
from alerts.recipients import Responsible, responsible
from alerts.rulebook.tables import RuleVersion
from alerts.settings import AlertsSettings
from alerts.timers.projections import FACTS_OF, Rulebook, by_root, load_rulebook
from alerts.timers.projector import SCHEMA
from contracts.alerts import IncidentState, IncidentSubject, RuleDefined
from contracts.targets import SubjectKind
from messaging import heard_until, record, uuid7
from runtime import Database, Rounds

PAGE = 500
"""Incidents of one transaction."""

BY = "attain-watch"
"""What facts name as `authid` where the clock decided."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an episode is about."""

    kind: IncidentSubject
    id: UUID
    owner_id: UUID | None
    unit_id: UUID | None


async def raise_due(session: AsyncSession, now: datetime, zone: ZoneInfo) -> int:
    """Raises an incident for each episode whose time has passed before `now` and after its rule's activation, the
    earliest first; how many.
    """
    due = (await session.execute(_DUE, {"now": now, "page": PAGE})).all()
    if not due:
        return 0
    await session.execute(
        _RAISED,
        {
            "rules": [row.rule for row in due],
            "roots": [row.root for row in due],
            "keys": [row.key for row in due],
        },
    )
    day = now.astimezone(zone).date()
    plain = await _plain(session)
    company = await recipients.company(plain, day) if any("drift_id" in row.record for row in due) else None
    subjects = [_subject(row, company) for row in due]
    asked = [recipients.Subject(each.owner_id, each.unit_id, day) for each in subjects]
    found = await responsible(plain, asked)
    defined = {row.rule: RuleDefined.model_validate(row.definition, extra="ignore") for row in due}
    for row, subject, in_charge in zip(due, subjects, found, strict=True):
        _raise(session, row, subject, defined[row.rule], in_charge)
    return len(due)


def _raise(
    session: AsyncSession, row: Row[Any], subject: Subject, rule: RuleDefined, in_charge: Responsible
) -> None:
    fact = rules.raise_incident(
        uuid7(),
        rule,
        subject_kind=subject.kind,
        subject_id=subject.id,
        key=row.key or None,
        owner_id=subject.owner_id,
        unit_id=in_charge.unit_id,
        assignee_id=in_charge.recipient(rule.recipient),
        since=row.began_at,
        due_at=row.due_at,
        evidence=row.evidence,
        figures=[Decimal(each) for each in row.figures],
    )
    incident = IncidentRow.before_raising(
        fact.incident_id, watched_root=row.root, began_event=row.began_event
    )
    record(session, incident, fact, by=BY)
    incident.take(fact)
    incident.escalates_at = rules.escalates_at(incident.raised_at, rule.escalation, 0)
    session.add(incident)
    session.add_all(
        Step(
            incident_id=incident.id,
            position=position,
            code=step.code,
            name_en=step.name_en,
            name_zh=step.name_zh,
            due_at=incident.raised_at + timedelta(hours=step.due_after_hours),
        )
        for position, step in enumerate(rule.steps, 1)
    )


def _subject(row: Row[Any], company: UUID | None) -> Subject:
    """Whose incident it is: the record's, with its owner; of a reading the unit's or person's; of drift the company's,
    whose figures differ. Before a unit is known it is named by the drift itself."""
    said: dict[str, Any] = row.record
    if "drift_id" in said:
        return Subject(IncidentSubject.unit, company or UUID(row.root), None, company)
    if "series" in said:
        subject_id = UUID(said["subject_id"])
        if said["subject_kind"] == SubjectKind.person:
            return Subject(IncidentSubject.person, subject_id, subject_id, None)
        return Subject(IncidentSubject.unit, subject_id, None, subject_id)
    owner = said.get("owner_id")
    kind = (
        IncidentSubject.opportunity
        if "opportunity_id" in said and "pipeline" in said
        else IncidentSubject.lead
    )
    return Subject(kind, UUID(row.root), UUID(owner) if owner else None, None)


async def resolve_over(session: AsyncSession, zone: ZoneInfo) -> int:
    """Resolves the incidents whose episode is over, by the fact that ended it; how many."""
    over = list(
        await session.scalars(
            select(IncidentRow)
            .from_statement(_OVER.bindparams(page=PAGE))
            .execution_options(populate_existing=True)
        )
    )
    if not over:
        return 0
    ended = await _endings(await _plain(session), over, zone)
    steps = await steps_of(session, [incident.id for incident in over])
    for incident in over:
        outcome, event_id = ended.get(incident.id, (rules.RULE_CHANGED, None))
        fact = rules.resolve_itself(incident.standing(steps[incident.id]), outcome, event_id)
        record(session, incident, fact, by=BY)
        incident.take(fact)
    return len(over)


async def _endings(
    connection: asyncpg.Connection, incidents: Sequence[IncidentRow], zone: ZoneInfo
) -> dict[UUID, tuple[str, UUID | None]]:
    """What ended each episode, told by the rule from the record's facts."""
    rulebook: Rulebook = await load_rulebook(connection, zone, schema=SCHEMA)
    roots = sorted({incident.watched_root for incident in incidents})
    rows = await connection.fetch(FACTS_OF.replace("from event", f"from {SCHEMA}.event"), roots)
    facts = dict(by_root(rows))
    found: dict[UUID, tuple[str, UUID | None]] = {}
    for incident in incidents:
        if incident.rule not in rulebook.rules or incident.watched_root not in facts:
            continue
        for episode in rulebook.episodes(incident.rule, facts[incident.watched_root]):
            if (episode.key or "", episode.began_event) == (
                incident.key,
                incident.began_event,
            ) and episode.over is not None:
                found[incident.id] = (episode.over.value, episode.over_event)
    return found


async def escalate_due(session: AsyncSession, now: datetime, zone: ZoneInfo) -> int:
    """Passes on what nobody took up in time, step after step, to the next one in charge; how many incidents."""
    due = list(
        await session.scalars(
            select(IncidentRow)
            .where(_ESCALATES.bindparams(now=now))
            .order_by(col(IncidentRow.escalates_at), col(IncidentRow.id))
            .limit(PAGE)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
    )
    if not due:
        return 0
    day = now.astimezone(zone).date()
    asked = [recipients.Subject(each.owner_id, each.unit_id, day) for each in due]
    found = await responsible(await _plain(session), asked)
    versions = await _versions(session, {(incident.rule, incident.rule_version) for incident in due})
    steps = await steps_of(session, [incident.id for incident in due])
    for incident, in_charge in zip(due, found, strict=True):
        escalation = versions[incident.rule, incident.rule_version].escalation
        while incident.escalates_at is not None and incident.escalates_at <= now:
            higher = rules.next_in_charge(incident.assignee_id, in_charge.managers)
            fact = rules.escalate(incident.standing(steps[incident.id]), higher)
            record(session, incident, fact, by=BY)
            incident.take(fact)
            incident.escalates_at = rules.escalates_at(incident.raised_at, escalation, incident.level)
    return len(due)


async def steps_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[Step]]:
    """The steps of each of these incidents, in order."""
    found: dict[UUID, list[Step]] = {each: [] for each in ids}
    rows = await session.scalars(
        select(Step).where(col(Step.incident_id).in_(ids)).order_by(col(Step.incident_id), col(Step.position))
    )
    for step in rows:
        found[step.incident_id].append(step)
    return found


async def _versions(
    session: AsyncSession, wanted: set[tuple[str, int]]
) -> dict[tuple[str, int], RuleDefined]:
    codes = {code for code, _ in wanted}
    found = await session.scalars(select(RuleVersion).where(col(RuleVersion.rule).in_(codes)))
    return {(row.rule, row.version): row.defined() for row in found}


async def _plain(session: AsyncSession) -> asyncpg.Connection:
    """The session's connection as the driver has it, in the same transaction."""
    raw = await (await session.connection()).get_raw_connection()
    return cast(asyncpg.Connection, raw.driver_connection)


def watch(settings: AlertsSettings, database: Database) -> Rounds:
    """The worker; any number of processes may run it.

    It fires only for what came due before the instant until which all that lay on Kafka was heard: after a pause a
    sign of life that waits there is heard first, and prevents the alarm.
    """
    zone = ZoneInfo(settings.business_time_zone)

    async def round_of(now: datetime) -> bool:
        async with database.at_once() as connection:
            heard = await heard_until(connection, SCHEMA)
            if heard is None:
                return False
            due, over, escalates = (await connection.fetch(_LOOK, min(now, heard), now))[0]
        raised = resolved = escalated = 0
        if due:
            async with database.transaction() as session:
                raised = await raise_due(session, min(now, heard), zone)
        if due or over:
            async with database.transaction() as session:
                resolved = await resolve_over(session, zone)
        if due or escalates:
            async with database.transaction() as session:
                escalated = await escalate_due(session, now, zone)
        return PAGE in (raised, resolved, escalated)

    return Rounds("watch", round_of, every=settings.watch_every, patience=settings.stalled_after)


def _due(now: str) -> str:
    return f"""
from {SCHEMA}.episode join {SCHEMA}.rule on rule.code = episode.rule
where rule.active and not episode.raised and episode.fires_at < {now} and episode.fires_at > rule.activated_at
  and not exists (
      select from incident
      where (incident.rule, incident.watched_root, incident.key, incident.began_event)
            = (episode.rule, episode.root, episode.key, episode.began_event)
  )
"""


def _escalates(now: str) -> str:
    return f"""escalates_at <= {now} and (
    state = '{IncidentState.open}' or state = '{IncidentState.snoozed}' and snoozed_until <= {now}
)"""


_DUE = text(f"""
select episode.rule, episode.root, episode.key, episode.began_event, episode.began_at, episode.due_at,
       episode.record, episode.evidence, episode.figures, rule.definition
{_due(":now")}
order by episode.fires_at, episode.rule, episode.root, episode.key
limit :page
for update of episode skip locked
""")

_RAISED = text(f"""
update {SCHEMA}.episode set raised = true
from unnest(cast(:rules as text[]), cast(:roots as text[]), cast(:keys as text[])) as done(rule, root, key)
where (episode.rule, episode.root, episode.key) = (done.rule, done.root, done.key)
""")

_ESCALATES = text(_escalates(":now"))

_IS_OVER = f"""
from incident
join {SCHEMA}.rule on rule.code = incident.rule and rule.active
where incident.state <> '{IncidentState.resolved}'
  and exists (select from {SCHEMA}.event where event.id = incident.began_event)
  and not exists (
      select from {SCHEMA}.episode
      where (episode.rule, episode.root, episode.key, episode.began_event)
            = (incident.rule, incident.watched_root, incident.key, incident.began_event)
  )
"""

_OVER = text(f"""
select incident.* {_IS_OVER}
order by incident.raised_at, incident.id
limit :page
for update of incident skip locked
""")

_LOOK = f"""
select exists(select {_due("$1")}), exists(select {_IS_OVER}), exists(select from incident where {_escalates("$2")})
"""
"""Whether there is anything to raise, to resolve, to escalate: nearly always no, which one statement says."""
