"""What changes the plans: load, ask the rule, change the row, record the fact."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from messaging import Fact, record, uuid7
from runtime import Done, Principal
from targets.claims import hold
from targets.organisation.refusals import PersonUnknown
from targets.organisation.tables import Person
from targets.plans import queries, rules
from targets.plans.commands import NewTarget, Revision, TargetRow, Withdrawal
from targets.plans.ground import Ground
from targets.plans.loading import load_ground, load_periods
from targets.plans.refusals import RevisionNeedsReason, TargetPublishedAlready
from targets.plans.tables import Target, TargetRevision


@dataclass(slots=True)
class Planner:
    """Publishes and revises targets inside one transaction that holds the plans."""

    session: AsyncSession
    ground: Ground
    by: str
    today: date
    published: dict[Any, Target]
    agreed: dict[UUID, tuple[int, date | None]]
    """How many states of a target are agreed, and from when the last one counts."""
    _revisions: list[TargetRevision] = field(default_factory=list)

    def publish(self, asked: NewTarget) -> Target:
        """A new target. Raises `TargetPublishedAlready` while one holds for the same."""
        fact = rules.publish(uuid7(), asked, self.ground)
        if known := self.published.get(rules.key(fact)):
            raise TargetPublishedAlready(
                id=known.id,
                metric=fact.metric,
                period=fact.period,
                subject=self.ground.subject(asked).code,
            )
        target = Target(id=fact.target_id, **fact.model_dump(exclude={"target_id"}))
        self.session.add(target)
        self.published[rules.key(fact)] = target
        self._agree(target, record(self.session, target, fact, by=self.by), approver_id=self.by)
        return target

    def revise(self, target: Target, asked: Revision) -> bool:
        """Whether the revision made a fact."""
        fact = rules.revise(
            target,
            asked,
            self.ground.metric(target.metric),
            self.ground.period(target.period),
            last=self.agreed[target.id][1],
            approver=str(asked.approver_id or self.by),
            today=self.today,
        )
        if fact is None:
            return False
        target.base, target.challenge = fact.base, fact.challenge
        told = fact.model_dump(include={"reason_code", "approver_id", "effective_on"})
        self._agree(target, record(self.session, target, fact, by=self.by), note=asked.note, **told)
        return True

    def upsert(self, row: TargetRow) -> Done:
        """A row of a batch: a new target, a revision for a reason, or nothing new."""
        fact = rules.publish(uuid7(), row, self.ground)
        known = self.published.get(rules.key(fact))
        if known is None:
            target = self.publish(row)
            return Done(status=201, id=target.id, version=target.version, token=target.token)
        rules.check_terms(row, fact, known)
        changed = (known.base, known.challenge) != (row.base, rules.challenge_of(row, known))
        if changed and row.reason_code is None:
            raise RevisionNeedsReason(
                pointer="/reason_code", id=known.id, base=known.base, challenge=known.challenge or "–"
            )
        if changed:
            terms = {"base", "challenge", "reason_code", "note", "effective_on"}
            told = row.model_dump(include=terms, exclude_unset=True)
            self.revise(known, Revision(**told))
        return Done(id=known.id, version=known.version, token=known.token if changed else None)

    async def save(self) -> None:
        """Writes the targets, then their agreed states."""
        await self.session.flush()
        self.session.add_all(self._revisions)
        await self.session.flush()

    def _agree(self, target: Target, fact: Fact, **told: Any) -> None:
        revision = self.agreed.get(target.id, (0, None))[0] + 1
        self.agreed[target.id] = revision, told.get("effective_on")
        self._revisions.append(
            TargetRevision(
                target_id=target.id,
                revision=revision,
                event_id=fact.id,
                base=target.base,
                challenge=target.challenge,
                **told,
            )
        )


async def open_planner(
    session: AsyncSession, rows: Sequence[NewTarget], principal: Principal, today: date
) -> Planner:
    """A planner over what the rows name. Plans are held: two requests cannot publish the same target."""
    await hold(session, "plans")
    ground = await load_ground(session, rows, principal, today)
    known = await session.scalars(
        select(Target)
        .where(
            col(Target.state) == "published",
            col(Target.metric).in_({row.metric for row in rows}),
            col(Target.period).in_({row.period for row in rows}),
            col(Target.subject_id).in_({subject.id for subject in ground.subjects.values()}),
        )
        .order_by(col(Target.id))
        .with_for_update()
    )
    published = {rules.key(target): target for target in known}
    agreed = await _agreed(session, [target.id for target in published.values()])
    return Planner(session, ground, principal.id, today, published, agreed)


async def hold_target(session: AsyncSession, id: UUID, principal: Principal, today: date) -> Target:
    """A target that is locked together with the plans, so that no part joins it meanwhile. Raises `NotFound`."""
    await hold(session, "plans")
    return await queries.target(session, id, principal, today, lock=True)


async def revise_target(
    session: AsyncSession, target: Target, asked: Revision, principal: Principal, today: date
) -> None:
    """Other values for a target that is locked; what was agreed before stays on record."""
    if asked.approver_id and await session.get(Person, asked.approver_id) is None:
        raise PersonUnknown(pointer="/approver_id", asked=asked.approver_id)
    ground = await load_ground(session, [], principal, today)
    periods = await load_periods(session, [target.period])
    planner = Planner(
        session,
        Ground(metrics=ground.metrics, periods=periods),
        principal.id,
        today,
        {},
        await _agreed(session, [target.id]),
    )
    planner.revise(target, asked)
    await planner.save()


async def withdraw_target(session: AsyncSession, target: Target, asked: Withdrawal, by: str) -> None:
    """The end of a target, and of its parts where that is asked; the parts first."""
    parts = await queries.published_below(session, target)
    for each in (*reversed(parts), target) if asked.with_parts else (target,):
        if fact := rules.withdraw(each, asked.reason_code, parts=0 if asked.with_parts else len(parts)):
            each.state = "withdrawn"
            record(session, each, fact, by=by)
    await session.flush()


async def _agreed(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, tuple[int, date | None]]:
    if not ids:
        return {}
    rows = await session.execute(
        select(
            col(TargetRevision.target_id),
            func.max(col(TargetRevision.revision)),
            func.max(col(TargetRevision.effective_on)),
        )
        .where(col(TargetRevision.target_id).in_(ids))
        .group_by(col(TargetRevision.target_id))
    )
    return {target: (count, last) for target, count, last in rows}
