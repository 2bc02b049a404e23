"""Contradictions over HTTP: a figure that somebody doubts is told anew from its events, at once."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Response

from messaging import ProjectionOutdated, ProjectionSwapped
from reporting.freshness import waits
from reporting.moments import current_moment
from reporting.proof import actions, queries
from reporting.proof.commands import ReportContradiction
from reporting.proof.evidence import prover
from reporting.proof.figure import Asker, Figure, settle
from reporting.proof.refusals import TablesReplaced
from reporting.proof.views import ContradictionAnswer, ContradictionView
from reporting.settings import ReportingSettings
from reporting.viewer import CurrentViewer, deals_only
from reporting.worker import projector
from runtime import (
    CurrentDatabase,
    CurrentPrincipal,
    OrderedPageQuery,
    Page,
    Reading,
    Router,
    Snapshot,
    Transaction,
    stamp,
)

router = Router(prefix="/v1/contradictions", tags=["contradictions"], dependencies=[deals_only, waits])


async def current_asker(database: CurrentDatabase, viewer: CurrentViewer, snapshot: Snapshot) -> Asker:
    """The asker of the request, now."""
    moment = await current_moment(database)
    return Asker(viewer, moment, snapshot, database.settings.reporting_currency)


CurrentAsker = Annotated[Asker, Depends(current_asker)]


@router.post("", status_code=201)
async def report_contradiction(
    command: ReportContradiction,
    asker: CurrentAsker,
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    session: Transaction,
    response: Response,
) -> ContradictionAnswer:
    """A figure that contradicts what you know. It is told anew from its events at once: whether it agrees with them,
    and the events behind it, are the answer. Where it does not agree, an incident is opened."""
    figure = await settle(command, asker)
    settings = cast(ReportingSettings, database.settings)
    roots, records = await figure.roots(asker, settings.contradiction_roots)
    try:
        differences = await prover(projector(settings)).prove(roots)
    except (ProjectionOutdated, ProjectionSwapped) as replaced:
        raise TablesReplaced from replaced
    report = await actions.report(
        session, figure, command.said, roots, records, differences, asker.moment.now, by=principal.id
    )
    return stamp(response, await _answer(report, figure, asker))


@router.get("")
async def list_contradictions(
    session: Reading, viewer: CurrentViewer, principal: CurrentPrincipal, query: OrderedPageQuery
) -> Page[ContradictionView]:
    """What you have reported, the latest first; whoever sees everything sees all reports."""
    return await queries.list_reports(session, viewer, principal.id, query)


@router.get("/{contradiction_id}")
async def read_contradiction(
    contradiction_id: UUID,
    asker: CurrentAsker,
    session: Reading,
    principal: CurrentPrincipal,
    response: Response,
) -> ContradictionAnswer:
    """A report, with what came of it then and the events behind the figure as they are known now."""
    report, named = await queries.find_report(session, asker.viewer, principal.id, contradiction_id)
    return stamp(response, await _answer(report, await settle(named, asker), asker))


async def _answer(report: ContradictionView, figure: Figure, asker: Asker) -> ContradictionAnswer:
    return ContradictionAnswer(
        **report.model_dump(),
        explanation=await figure.explanation(asker),
        history=await figure.history(asker),
    )
