"""The HTTP app of a service: its routes in the frame that all services share."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from runtime import health, me
from runtime.database import Database
from runtime.documentation import complete
from runtime.idempotency import REPLAYED, IdempotencyMiddleware
from runtime.problems import answers
from runtime.quick_reads import QuickReadMiddleware
from runtime.request_log import RequestMiddleware
from runtime.service import Service, Worker
from runtime.settings import Settings
from runtime.shortcuts import ShortcutMiddleware
from runtime.telemetry import configure_telemetry, no_telemetry
from runtime.tokens import Verifier
from runtime.workers import Crew, Housekeeping, LoopWatch

EXPOSED_HEADERS = ["ETag", "Location", "Link", "Retry-After", "Content-Disposition", "Attain-Token", REPLAYED]


def create_app(
    service: Service,
    settings: Settings,
    *,
    workers: bool = False,
    api: bool = True,
    on_death: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The app of a process. `workers` runs the service's workers in its lifespan, `api` serves its routes.

    `on_death` is called when a worker has died. Inside the lifespan `app.state` holds `database`, `verifier` and
    `crew`, and always `stopping`, which says whether the process has been told to stop: whoever lets a caller wait
    lets go of it then.
    """
    if workers or settings.otlp_endpoint:
        configure_telemetry(service.name, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings, name=f"attain-{service.name}", reading_schema=service.reading_schema)
        staff = _staff(service, settings, database) if workers else []
        crew = Crew([LoopWatch(), *staff], on_death=on_death, patience=settings.shutdown_seconds)
        app.state.service, app.state.settings = service.name, settings
        app.state.database, app.state.crew, app.state.verifier = database, crew, Verifier(settings)
        try:
            async with crew.working():
                yield
        finally:
            await database.close()

    app = FastAPI(
        title=service.title,
        description=service.description,
        version="1",
        lifespan=lifespan,
        redoc_url=None,
        middleware=_middleware(service, settings, api=api),
        telemetry=no_telemetry(),
    )
    app.state.stopping = lambda: False
    answers.install(app)
    # As they are: `include_router` would work out every route a second time, for what it adds to it.
    for router in (health.router, *((me.router, *service.routers) if api else ())):
        app.router.routes.extend(router.routes)
    complete(app)
    return app


def _staff(service: Service, settings: Settings, database: Database) -> list[Worker]:
    keep = timedelta(hours=settings.idempotency_keep_hours)
    return [Housekeeping(database, keep), *service.workers(settings, database)]


def _middleware(service: Service, settings: Settings, *, api: bool) -> list[Middleware]:
    """Outermost first. CORS outside, so that a browser may read every answer, failures too."""
    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Accept-Language", "If-Match", "Idempotency-Key", "Prefer",
                       "Attain-After", "traceparent", "tracestate"],
        expose_headers=EXPOSED_HEADERS,
        max_age=3600,
    )  # fmt: skip
    frame = [
        Middleware(RequestMiddleware, service=service.name, most=settings.concurrent_requests),
        Middleware(IdempotencyMiddleware),
    ]
    if api and service.shortcuts:
        frame.append(Middleware(ShortcutMiddleware, shortcuts=service.shortcuts))
    if api and service.quick_reads:
        frame.append(Middleware(QuickReadMiddleware, reads=service.quick_reads))
    return [cors, *frame] if settings.cors_origins else frame
