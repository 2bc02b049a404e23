"""The open routes of an SRE: is it alive, can it serve, what does it count."""

import asyncio
from typing import Annotated, Literal

import structlog
from fastapi import Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.responses import Response

from runtime.database import Database
from runtime.metrics import STALLED
from runtime.routes import Router
from runtime.transaction import CurrentDatabase
from runtime.workers import Crew

PING_SECONDS = 2.0

log = structlog.get_logger(__name__)

router = Router(tags=["health"], is_open=True)


class Liveness(BaseModel):
    """The event loop turns."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Whether requests should be sent here, and what stands in the way."""

    status: Literal["ready", "not_ready"]
    database: Literal["ok", "unreachable"]
    stalled_workers: dict[str, str]


async def _crew(request: Request) -> Crew:
    crew: Crew = request.app.state.crew
    return crew


@router.get("/livez")
async def read_liveness() -> Liveness:
    """Answers while the event loop turns; asks nothing else, so that a slow database restarts no pod."""
    return Liveness()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def read_readiness(
    response: Response, database: CurrentDatabase, crew: Annotated[Crew, Depends(_crew)]
) -> Readiness:
    """200 when the database answers and no worker is stuck; else 503."""
    reached = await _reaches(database)
    stalled = crew.stalled()
    ready = reached and not stalled and not crew.died
    response.status_code = 200 if ready else 503
    return Readiness(
        status="ready" if ready else "not_ready",
        database="ok" if reached else "unreachable",
        stalled_workers=stalled,
    )


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def read_metrics(request: Request, crew: Annotated[Crew, Depends(_crew)]) -> Response:
    """Counters and gauges in Prometheus's text format."""
    stalled = crew.stalled()
    for worker in crew.names:
        STALLED.labels(request.app.state.service, worker).set(worker in stalled)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _reaches(database: Database) -> bool:
    try:
        async with asyncio.timeout(PING_SECONDS):
            await database.ping()
    except Exception as error:
        log.warning("database unreachable", error=type(error).__name__)
        return False
    return True
