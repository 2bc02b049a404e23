"""Traces: a span for each request with the caller's W3C context as parent. (FastAPI's own costs a request more.)"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from fastapi.telemetry import TelemetryConfig
from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import Scope

from runtime.headers import header
from runtime.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

QUIET_PATHS = frozenset({"/livez", "/readyz", "/metrics"})

_PROPAGATOR = TraceContextTextMapPropagator()
_TRACER = trace.get_tracer("runtime")
_SAMPLED = TraceFlags(TraceFlags.SAMPLED | 0x02)  # 0x02: the trace id is random (W3C Trace Context, level 2)
_heard = False


def configure_telemetry(service: str, settings: Settings) -> None:
    """Sets this process's tracer provider, once. Spans leave the process only when a collector is set.

    Without a collector what a worker does has its ids all the same: the events that follow carry them. A process
    without workers needs it for a collector alone: `request_span` makes ids by itself.
    """
    # Imported only where they are used: the SDK is a twentieth of a start, the exporter brings an HTTP client too.
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider

    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    trace.set_tracer_provider(TracerProvider(resource=Resource.create({SERVICE_NAME: f"attain-{service}"})))
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
        hear_spans(BatchSpanProcessor(exporter))


def hear_spans(processor: "SpanProcessor") -> None:
    """Gives the spans of this process to the processor. What a request's span says is only recorded for somebody."""
    from opentelemetry.sdk.trace import TracerProvider

    global _heard
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(processor)
    _heard = True


def no_telemetry() -> TelemetryConfig:
    """What FastAPI itself records: nothing, spans, metrics and logs are ours."""
    return {"tracing": False, "metrics": False, "logs": False}


@contextmanager
def request_span(scope: Scope) -> Iterator[Span]:
    """The span of a request while it lasts; of probes and scrapes there is none."""
    if scope["path"] in QUIET_PATHS:
        yield trace.INVALID_SPAN
        return
    parent = _parent(scope)
    span = _TRACER.start_span(scope["method"], parent, SpanKind.SERVER) if _heard else _ids_only(parent)
    token = context.attach(trace.set_span_in_context(span, parent))
    try:
        yield span
    finally:
        context.detach(token)
        span.end()


def describe(span: Span, scope: Scope, method: str, route: str, status: int) -> None:
    """Says in the span what was asked and answered. The values of query parameters are kept out: what somebody
    searched for may be a name.
    """
    if not span.is_recording():
        return
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            "url.scheme": scope.get("scheme", "http"),
            "url.path": scope["path"],
        }
    )
    if query := scope["query_string"].decode("latin-1"):
        names = [(name, "REDACTED") for name, _ in parse_qsl(query, keep_blank_values=True)]
        span.set_attribute("url.query", urlencode(names))
    if status >= 500:
        span.set_attribute("error.type", str(status))
        span.set_status(StatusCode.ERROR)


def _parent(scope: Scope) -> Context:
    if (traceparent := header(scope, b"traceparent")) is None:
        return Context()
    carrier = {"traceparent": traceparent}
    if (tracestate := header(scope, b"tracestate")) is not None:
        carrier["tracestate"] = tracestate
    return _PROPAGATOR.extract(carrier, Context())


def _ids_only(parent: Context) -> Span:
    above = trace.get_current_span(parent).get_span_context()
    if above.is_valid:
        trace_id, flags, state = above.trace_id, above.trace_flags, above.trace_state
    else:
        trace_id, flags, state = _random(128), _SAMPLED, None
    return NonRecordingSpan(SpanContext(trace_id, _random(64), False, flags, state))


def _random(bits: int) -> int:
    """An id; 0 would be none."""
    return random.getrandbits(bits) or 1
