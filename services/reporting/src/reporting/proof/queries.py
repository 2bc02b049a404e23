"""Reading reports of contradictions."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.refusal import NotFound
from contracts.targets import SubjectKind
from reporting.proof.commands import ReportContradiction
from reporting.proof.tables import ContradictionRow
from reporting.proof.views import ContradictionView
from reporting.viewer import Viewer
from runtime import Page, PageRequest, page


async def list_reports(
    session: AsyncSession, viewer: Viewer, by: str, query: PageRequest
) -> Page[ContradictionView]:
    """What somebody has reported, the latest first; of whoever sees everything all reports."""
    return await page(
        session,
        select(ContradictionRow).where(*_within(viewer, by)),
        keys=[(ContradictionRow.reported_at, "desc"), (ContradictionRow.id, "desc")],
        query=query,
        view=shown,
        filters={"asker": by},
    )


async def find_report(
    session: AsyncSession, viewer: Viewer, by: str, id: UUID
) -> tuple[ContradictionView, ReportContradiction]:
    """A report, and what it named. Raises `NotFound` for one that is not there or not the asker's to see."""
    row = await session.scalar(
        select(ContradictionRow).where(col(ContradictionRow.id) == id, *_within(viewer, by))
    )
    if row is None:
        raise NotFound(what="contradiction", id=id)
    named = ReportContradiction(
        metric=row.metric,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        unit_id=row.subject_id if row.subject_kind == SubjectKind.unit else None,
        person_id=row.subject_id if row.subject_kind == SubjectKind.person else None,
        opportunity_id=row.opportunity_id,
    )
    return shown(row), named


def shown(row: ContradictionRow) -> ContradictionView:
    """A report as it is answered."""
    return ContradictionView(**row.model_dump(), token=row.token, agrees=not row.differing)


def _within(viewer: Viewer, by: str) -> Sequence[ColumnElement[bool]]:
    return [] if viewer.everything else [col(ContradictionRow.by) == by]
