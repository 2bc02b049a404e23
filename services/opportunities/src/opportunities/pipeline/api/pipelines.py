"""Pipelines and their versions over HTTP."""

from functools import partial
from urllib.parse import quote

from fastapi import Response

from contracts.refusal import NotFound
from directory import CurrentCaller
from messaging import history
from opportunities.access import definers
from opportunities.pipeline import actions, queries
from opportunities.pipeline.commands import DefinePipeline
from opportunities.pipeline.views import PipelineView
from runtime import HistoryItem, OrderedPageQuery, Page, Reading, Router, Transaction, history_page, stamp

router = Router(prefix="/v1", tags=["pipelines"])


@router.get("/pipelines")
async def list_pipelines(session: Reading) -> Page[PipelineView]:
    """The current version of every pipeline."""
    return Page(items=await queries.list_pipelines(session))


@router.post("/pipelines", status_code=201, dependencies=[definers])
async def define_pipeline(
    command: DefinePipeline, session: Transaction, caller: CurrentCaller, response: Response
) -> PipelineView:
    """A new pipeline, or the next version of one. Opportunities keep the version that they were opened under."""
    pipeline = await actions.define_pipeline(session, command, by=caller.id)
    response.headers["Location"] = f"/v1/pipelines/{quote(pipeline.code, safe='')}"
    return stamp(response, (await queries.list_pipelines(session, pipeline.code))[0])


@router.get("/pipelines/{code}")
async def read_pipeline(code: str, session: Reading, response: Response) -> PipelineView:
    """The current version of a pipeline."""
    versions = await queries.list_pipelines(session, code)
    if not versions:
        raise NotFound(what="pipeline", id=code)
    return stamp(response, versions[0])


@router.get("/pipelines/{code}/versions")
async def list_pipeline_versions(code: str, session: Reading) -> Page[PipelineView]:
    """Every version of a pipeline, the newest first."""
    versions = await queries.list_pipelines(session, code)
    if not versions:
        raise NotFound(what="pipeline", id=code)
    return Page(items=versions)


@router.get("/pipelines/{code}/history")
async def read_pipeline_history(code: str, session: Reading, query: OrderedPageQuery) -> Page[HistoryItem]:
    """Every fact of the pipeline, oldest first."""
    if not await queries.list_pipelines(session, code):
        raise NotFound(what="pipeline", id=code)
    return await history_page(partial(history, session), f"pipeline:{code}", query)
