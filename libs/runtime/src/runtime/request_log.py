"""What surrounds every request: its language, its log line, its metrics, and a problem for what nobody caught."""

import time

import structlog
from opentelemetry.trace import Span
from prometheus_client import Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.documentation import open_routes, route_template
from runtime.headers import header
from runtime.language import negotiate, speak
from runtime.logs import write_line
from runtime.metrics import IN_PROGRESS, REQUESTS, SECONDS
from runtime.principal import PRINCIPAL
from runtime.problems.answers import problem_response
from runtime.problems.failures import refusal_of, refusal_of_http
from runtime.problems.refusals import InternalError, Overloaded
from runtime.telemetry import QUIET_PATHS, describe, request_span

LARGEST_BODY = 32 * 1024 * 1024
BODIES_MOST = 8 * LARGEST_BODY
"""Bytes that the bodies of all requests of a process may take up together."""
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
"""The methods that are counted by name: a caller may make up any other, and each would be a time series."""

log = structlog.get_logger(__name__)


class RequestMiddleware:
    """Pure ASGI: Starlette's BaseHTTPMiddleware costs a task and a queue for each request.

    It takes in no more than the process can bear: requests beyond `most`, and bodies beyond `BODIES_MOST`, are refused
    (`Overloaded`) before anything is done for them. The open routes are answered all the same.
    """

    def __init__(self, app: ASGIApp, service: str, most: int) -> None:
        self.app, self.service, self._most = app, service, most
        self._in_progress = IN_PROGRESS.labels(service)
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._requests = self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        speak(negotiate(header(scope, b"accept-language") or ""))
        began, status, taken = time.perf_counter(), 0, 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        async def limited() -> Message:
            """Refuses a body when its bytes come, whatever Content-Length says. (Starlette's limit answers in plain
            text.)"""
            nonlocal taken
            message = await receive()
            size = len(message.get("body", b""))
            taken += size
            self._bytes += size
            if taken > LARGEST_BODY:
                raise HTTPException(413)
            if self._bytes > BODIES_MOST:
                raise HTTPException(503)
            return message

        self._requests += 1
        self._in_progress.inc()
        try:
            with request_span(scope) as span:
                try:
                    if self._requests > self._most and scope["path"] not in open_routes():
                        raise Overloaded
                    await self.app(scope, limited, watched)
                except Exception as failure:
                    if status:  # the answer has begun: cutting it off is all that is left to tell the caller
                        log.error("the answer broke off", error=type(failure).__name__, exc_info=True)
                        raise
                    await self._failed(failure, scope, receive, watched)
                self._record(span, scope, status, time.perf_counter() - began)
        finally:
            self._requests -= 1
            self._bytes -= taken
            self._in_progress.dec()

    async def _failed(self, failure: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        if isinstance(failure, HTTPException):
            refusal = refusal_of_http(failure, scope)
        else:
            refusal = refusal_of(failure)
            if isinstance(refusal, InternalError):
                log.error("request failed", code=refusal.code, error=type(failure).__name__, exc_info=failure)
            elif refusal.status >= 500 and refusal is not failure:
                # Without its trace: while something is away, every request says the same.
                log.error("request failed", code=refusal.code, error=type(failure).__name__)
        await problem_response(refusal, scope["path"])(scope, receive, send)

    def _series(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        """The time series of such requests; to find them by their labels costs more than to count in them."""
        key = method, route, status
        if (known := self._known.get(key)) is None:
            known = self._known[key] = (
                REQUESTS.labels(self.service, method, route, status),
                SECONDS.labels(self.service, method, route),
            )
        return known

    def _record(self, span: Span, scope: Scope, status: int, seconds: float) -> None:
        # The template: a path with its ids would give every record a time series of its own.
        route = route_template(scope)
        method = scope["method"] if scope["method"] in METHODS else "other"
        requests, durations = self._series(method, route, status)
        requests.inc()
        durations.observe(seconds)
        describe(span, scope, method, route, status)
        if scope["path"] not in QUIET_PATHS:
            principal = scope.get(PRINCIPAL)
            write_line(
                __name__,
                "request",
                method=method,
                route=route,
                status=status,
                milliseconds=round(seconds * 1000, 1),
                role=principal.role.value if principal else None,
            )
