"""Noting what a look has found: a drift begins with a fact, lasts without one more, and ends with one."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.reporting import ContradictionReported, ProjectionAgreed, ProjectionDrifted, ProofCheck
from messaging import Difference, record, uuid7
from reporting.proof.evidence import findings
from reporting.proof.figure import Figure
from reporting.proof.queries import shown
from reporting.proof.rules import FIRST, OF_ROWS, Change, Finding, Kind, changes
from reporting.proof.tables import ContradictionRow, DriftedRoot, DriftRow
from reporting.proof.views import ContradictionView

BY = "attain-proof"
"""What facts name as `authid` where the clock looked."""

KNOWN_MOST = 1_000
"""Roots of one drift that are kept and looked at again: more would tell nobody more."""


async def note(
    session: AsyncSession,
    checks: Collection[ProofCheck],
    looked_at: Collection[str],
    found: Sequence[Finding],
    now: datetime,
    *,
    by: str = BY,
) -> dict[Kind, UUID]:
    """Writes down what looks of these checks at these roots have found; the drifts that the findings are of.

    A drift is over when none of its known roots is found any more.
    """
    await session.execute(_TURN)
    lasting = await _lasting(session, checks)
    known = await _known(session, lasting, looked_at)
    for kind, change in changes(known, found, looked_at).items():
        drift = lasting.get(kind)
        if drift is None:
            drift = lasting[kind] = await _begin(session, kind, change.found, now, by=by)
        await _keep(session, drift, change, now)
        if change.healed and not change.found:
            await _end(session, drift, now, by=by)
    return {each.kind: lasting[each.kind].id for each in found}


async def report(
    session: AsyncSession,
    figure: Figure,
    said: str | None,
    roots: Collection[str],
    records: int,
    differences: Collection[Difference],
    now: datetime,
    *,
    by: str,
) -> ContradictionView:
    """Writes down that a figure was doubted and what came of telling so many of its records anew."""
    await note(session, OF_ROWS, roots, findings(differences), now, by=by)
    settled = figure.settled
    differing = dict(Counter(table for table, _ in {(each.table, each.root) for each in differences}))
    row = ContradictionRow(
        id=uuid7(),
        by=by,
        reported_at=now,
        metric=settled.metric.code if settled else None,
        subject_kind=settled.kind.value if settled else None,
        subject_id=settled.one_subject.id if settled else None,
        starts_on=settled.span.starts_on if settled else None,
        ends_on=settled.span.ends_on if settled else None,
        opportunity_id=figure.opportunity_id,
        said=said,
        records=records,
        checked=len(roots),
        differing=differing,
    )
    fact = ContradictionReported(
        contradiction_id=row.id,
        metric=row.metric,
        subject_kind=settled.kind if settled else None,
        subject_id=row.subject_id,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        opportunity_id=row.opportunity_id,
        records=row.records,
        checked=row.checked,
        agrees=not differing,
    )
    record(session, row, fact, by=by)
    session.add(row)
    await session.flush()
    return shown(row)


async def known_roots(session: AsyncSession, checks: Collection[ProofCheck], most: int) -> list[DriftedRoot]:
    """Roots that are known to drift, those first that were not looked at for longest."""
    found = await session.scalars(
        select(DriftedRoot)
        .join(DriftRow, col(DriftRow.id) == col(DriftedRoot.drift_id))
        .where(col(DriftRow.check).in_([check.value for check in checks]))
        .order_by(col(DriftedRoot.looked_at), col(DriftedRoot.root))
        .limit(most)
    )
    return list(found)


async def drifting(session: AsyncSession) -> dict[str, int]:
    """By table: how many roots are known to drift."""
    rows = await session.execute(
        select(col(DriftRow.table), func.count().label("roots"))
        .join(DriftedRoot, col(DriftRow.id) == col(DriftedRoot.drift_id))
        .group_by(col(DriftRow.table))
    )
    return {row.table: row.roots for row in rows}


async def _lasting(session: AsyncSession, checks: Collection[ProofCheck]) -> dict[Kind, DriftRow]:
    rows = await session.scalars(
        select(DriftRow)
        .where(col(DriftRow.agreed_at).is_(None), col(DriftRow.check).in_([each.value for each in checks]))
        .with_for_update()
    )
    return {(ProofCheck(row.check), row.table): row for row in rows}


async def _known(
    session: AsyncSession, lasting: dict[Kind, DriftRow], roots: Collection[str]
) -> dict[Kind, set[str]]:
    kinds = {drift.id: kind for kind, drift in lasting.items()}
    rows = await session.execute(
        select(col(DriftedRoot.drift_id), col(DriftedRoot.root)).where(
            col(DriftedRoot.drift_id).in_(kinds), col(DriftedRoot.root).in_(roots)
        )
    )
    known: dict[Kind, set[str]] = {}
    for drift_id, root in rows:
        known.setdefault(kinds[drift_id], set()).add(root)
    return known


async def _begin(
    session: AsyncSession, kind: Kind, found: Sequence[Finding], now: datetime, *, by: str
) -> DriftRow:
    check, table = kind
    drift = DriftRow(id=uuid7(), check=check.value, table=table, drifted_at=now)
    roots = sorted({each.root for each in found})[:FIRST]
    record(session, drift, ProjectionDrifted(drift_id=drift.id, check=check, table=table, roots=roots), by=by)
    session.add(drift)
    await session.flush()
    return drift


async def _keep(session: AsyncSession, drift: DriftRow, change: Change, now: datetime) -> None:
    if change.healed:
        await session.execute(
            delete(DriftedRoot).where(
                col(DriftedRoot.drift_id) == drift.id, col(DriftedRoot.root).in_(change.healed)
            )
        )
    found = {each.root: each for each in change.found}
    if not found:
        return
    await session.execute(
        update(DriftedRoot)
        .where(col(DriftedRoot.drift_id) == drift.id, col(DriftedRoot.root).in_(found))
        .values(looked_at=now)
    )
    if await _count(session, drift) < KNOWN_MOST:
        rows = [
            {"drift_id": drift.id, "root": root, "detail": each.detail, "place": each.place, "looked_at": now}
            for root, each in found.items()
        ]
        await session.execute(insert(DriftedRoot).values(rows).on_conflict_do_nothing())


async def _count(session: AsyncSession, drift: DriftRow) -> int:
    counting = select(func.count()).select_from(DriftedRoot).where(col(DriftedRoot.drift_id) == drift.id)
    return await session.scalar(counting) or 0


async def _end(session: AsyncSession, drift: DriftRow, now: datetime, *, by: str) -> None:
    if not await _count(session, drift):
        check, table = ProofCheck(drift.check), drift.table
        record(session, drift, ProjectionAgreed(drift_id=drift.id, check=check, table=table), by=by)
        drift.agreed_at = now


_TURN = text("select pg_advisory_xact_lock(hashtext('reporting.drift'))")
