"""Traces: a span for each request with the caller's W3C context as parent (FastAPI's own telemetry makes them)."""

from urllib.parse import parse_qsl, urlencode

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from starlette.types import Scope

from runtime.settings import Settings

QUIET_PATHS = frozenset({"/livez", "/readyz", "/metrics"})


class _QueryNamesOnly(SpanProcessor):
    """Keeps the values of query parameters out of spans: what somebody searched for may be a name."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        query = (span.attributes or {}).get("url.query")
        if query:
            names = [(name, "REDACTED") for name, _ in parse_qsl(str(query), keep_blank_values=True)]
            span.set_attribute("url.query", urlencode(names))


def configure_telemetry(service: str, settings: Settings) -> None:
    """Sets this process's tracer provider, once. Spans leave the process only when a collector is set.

    Without a collector traces are made all the same: logs, problems and events carry their ids.
    """
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: f"attain-{service}"}))
    provider.add_span_processor(_QueryNamesOnly())
    if settings.otlp_endpoint:
        # Imported only where it is used: it brings an HTTP client and protobuf into every process.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
        provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def native_telemetry() -> TelemetryConfig:
    """What FastAPI itself records: one span a request; its metrics and logs are ours already."""
    return {"metrics": False, "logs": False, "operation_spans": False, "exclude": _quiet}


def _quiet(scope: Scope) -> bool:
    return scope.get("path") in QUIET_PATHS
