"""Metrics over HTTP."""

from functools import partial
from typing import Annotated

from fastapi import Query, Response
from fastapi.exceptions import RequestValidationError

from messaging import history
from runtime import (
    CurrentPrincipal,
    HistoryItem,
    OptionalIfMatch,
    OrderedPageQuery,
    Page,
    PageQuery,
    Reading,
    Router,
    Transaction,
    history_page,
    stamp,
)
from targets.access import CONFIGURES
from targets.metrics import actions, queries
from targets.metrics.commands import MetricDefinition
from targets.metrics.queries import MetricFilter
from targets.metrics.views import MetricVersionView, MetricView

router = Router(prefix="/v1/metrics", tags=["metrics"])


@router.get("")
async def list_metrics(
    session: Reading, asked: Annotated[MetricFilter, Query()], page: PageQuery
) -> Page[MetricView]:
    """Metrics by text (code or name), kind, event type and whether they are core."""
    return await queries.metrics(session, asked, page)


@router.post("", status_code=201, dependencies=[CONFIGURES])
async def define_metric(
    asked: MetricDefinition,
    session: Transaction,
    principal: CurrentPrincipal,
    if_match: OptionalIfMatch,
    response: Response,
) -> MetricView:
    """A new metric, or the next version of a known one. Reports compute it over all of history, at once."""
    try:
        metric = await actions.define_metric(session, asked, if_match, principal.id)
    except actions.DefinitionFaulty as faulty:
        raise RequestValidationError(
            [
                {
                    "type": fault.code,
                    "loc": ("body", "definition", *fault.place),
                    "msg": fault.en,
                    "ctx": {"zh": fault.zh, **({"expected": fault.expected} if fault.expected else {})},
                }
                for fault in faulty.faults
            ]
        ) from faulty
    response.headers["Location"] = f"/v1/metrics/{metric.code}"
    stamp(response, metric)
    return await queries.metric_view(session, metric.code)


@router.get("/{code}")
async def read_metric(code: str, session: Reading, response: Response) -> MetricView:
    """A metric as it is computed now."""
    stamp(response, await queries.metric(session, code))
    return await queries.metric_view(session, code)


@router.get("/{code}/versions")
async def list_metric_versions(code: str, session: Reading) -> Page[MetricVersionView]:
    """Every definition that the metric had, oldest first."""
    return Page(items=await queries.versions(session, code))


@router.get("/{code}/history")
async def read_metric_history(code: str, session: Reading, page: OrderedPageQuery) -> Page[HistoryItem]:
    """Every fact about a metric."""
    return await history_page(partial(history, session), (await queries.metric(session, code)).root, page)
