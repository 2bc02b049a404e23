"""Defining rules, giving waiting leads away, and releasing to the pool what nobody touches."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.leads import AssignmentRuleDefined, PoolRuleDefined
from leads.assignment import rules
from leads.assignment.commands import DefineAssignmentRule, DefinePoolRule
from leads.assignment.desk import AssignmentDesk
from leads.assignment.queries import present_people
from leads.assignment.refusals import UnknownMember
from leads.assignment.tables import AssignmentRule, PoolRule
from leads.leads.queries import POOLED
from leads.leads.rules import OPEN, assign, release
from leads.leads.tables import LeadRow
from messaging import record
from runtime import Precondition
from runtime.saving import take_turns

ROUND = 500
"""Leads of one transaction of a timed action."""

BY = "attain-assignment"
"""What facts name as `authid` where the clock decided."""

NO_CONTACT = "no_contact"


async def define_assignment_rule(
    session: AsyncSession, code: str, command: DefineAssignmentRule, precondition: Precondition, *, by: str
) -> AssignmentRule:
    """Defines a rule's next version, or its first."""
    members = [member.person_id for member in command.members]
    unknown = set(members) - await present_people(session, members)
    if unknown:
        raise UnknownMember(pointer="/members", asked=", ".join(sorted(map(str, unknown))))
    await take_turns(session, "assignment_rule", [code])
    rule = await session.get(AssignmentRule, code, with_for_update=True)
    if rule is None:
        rule = AssignmentRule(code=code)
        session.add(rule)
    else:
        precondition.check(rule.version)
    defined = rules.define_assignment_rule(code, rule.current_version + 1, **command.model_dump())
    _define(session, rule, defined, by)
    return rule


async def define_pool_rule(
    session: AsyncSession, code: str, command: DefinePoolRule, precondition: Precondition, *, by: str
) -> PoolRule:
    """Defines a rule's next version, or its first."""
    await take_turns(session, "pool_rule", [code])
    rule = await session.get(PoolRule, code, with_for_update=True)
    if rule is None:
        rule = PoolRule(code=code)
        session.add(rule)
    else:
        precondition.check(rule.version)
    defined = rules.define_pool_rule(code, rule.current_version + 1, **command.model_dump())
    _define(session, rule, defined, by)
    return rule


def _define(
    session: AsyncSession,
    rule: AssignmentRule | PoolRule,
    defined: AssignmentRuleDefined | PoolRuleDefined,
    by: str,
) -> None:
    record(session, rule, defined, by=by)
    rule.current_version, rule.defined_at = defined.rule_version, rule.latest
    rule.definition = defined.model_dump(mode="json")


async def assign_waiting(session: AsyncSession, now: datetime, zone: ZoneInfo, *, by: str = BY) -> int:
    """Gives leads that wait to those who have room today, the oldest first; how many.

    Waiting are leads that nobody ever had: what was released is for whoever claims it. Leads that another process
    has in hand are passed over. Of those that nobody has room for none is read, or they would keep a round from
    leads that came later and could go to others: while there is anything to give away, a round gives some.
    """
    desk = await AssignmentDesk.open(session, now.astimezone(zone).date())
    able = desk.turns.with_room()
    if not able:
        return 0
    waiting = await session.scalars(
        select(LeadRow)
        .where(
            POOLED,
            col(LeadRow.released_at).is_(None),
            col(LeadRow.imported).is_(False),
            _concern(able),
        )
        .order_by(col(LeadRow.captured_at), col(LeadRow.id))
        .limit(ROUND)
        .with_for_update(skip_locked=True)
    )
    assigned = 0
    for lead in waiting:
        decided = desk.next(lead)
        if decided is not None:
            rule, version, person_id = decided
            fact = assign(lead.standing(), person_id, rule, version)
            record(session, lead, fact, by=by)
            lead.take(fact)
            assigned += 1
    await desk.close()
    return assigned


async def release_due(session: AsyncSession, now: datetime, zone: ZoneInfo, *, by: str = BY) -> int:
    """Releases to the pool what nobody touched for as long as the rule of the lead allows; how many."""
    pool = [rule for row in await session.scalars(select(PoolRule)) if (rule := row.defined()).active]
    if not pool:
        return 0
    today = now.astimezone(zone).date()
    earliest = max(rules.due_before(rule, today) for rule in pool)
    due = await session.scalars(
        select(LeadRow)
        .where(
            col(LeadRow.owner_id).is_not(None),
            col(LeadRow.state).in_([state.value for state in OPEN]),
            col(LeadRow.touched_at) < datetime.combine(earliest, time(), zone),
            or_(
                *(
                    _due(rule, pool, datetime.combine(rules.due_before(rule, today), time(), zone))
                    for rule in pool
                )
            ),
        )
        .order_by(col(LeadRow.touched_at), col(LeadRow.id))
        .limit(ROUND)
        .with_for_update(skip_locked=True)
    )
    released = 0
    for lead in due:
        decides = rules.first_concerned(pool, lead)
        if decides is not None:
            fact = release(lead.standing(), NO_CONTACT, decides.pool_rule, decides.rule_version)
            record(session, lead, fact, by=by)
            lead.take(fact)
            released += 1
    return released


def _due(rule: PoolRuleDefined, pool: Sequence[PoolRuleDefined], before: datetime) -> ColumnElement[bool]:
    """Leads that the rule decides about and that were touched last before an instant."""
    earlier = [each for each in pool if (each.priority, each.pool_rule) < (rule.priority, rule.pool_rule)]
    condition = _concerned(rule) & (col(LeadRow.touched_at) < before)
    return condition & ~_concern(earlier) if earlier else condition


def _concern(about: Sequence[Any]) -> ColumnElement[bool]:
    return or_(*map(_concerned, about))


def _concerned(rule: Any) -> ColumnElement[bool]:
    """`rules.concerns` as SQL, so that the leads that no rule is about are not read."""
    found: ColumnElement[bool] = col(LeadRow.id).is_not(None)
    if rule.channels:
        found &= col(LeadRow.channel).in_(rule.channels)
    if rule.levels:
        found &= func.coalesce(col(LeadRow.level).in_(rule.levels), False)
    return found
