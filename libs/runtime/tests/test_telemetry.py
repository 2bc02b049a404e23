"""Every request is a span under its caller's, and carries no value that may be personal."""

from collections.abc import Iterator

import pytest
from httpx2 import AsyncClient
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime import Settings
from runtime.telemetry import configure_telemetry, hear_spans


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    configure_telemetry("books", Settings())
    exporter = InMemorySpanExporter()
    hear_spans(SimpleSpanProcessor(exporter))
    yield exporter
    exporter.shutdown()


async def test_a_request_is_a_span_named_by_its_route(
    spans: InMemorySpanExporter, client: AsyncClient
) -> None:
    spans.clear()
    parent = "b7ad6b7169203331"
    headers = {"traceparent": f"00-0af7651916cd43dd8448eb211c80319c-{parent}-01"}
    await client.get("/v1/books", params={"text": "张三", "limit": 3}, headers=headers)
    await client.get("/livez")
    (span,) = spans.get_finished_spans()
    assert span.name == "GET /v1/books"
    assert span.parent is not None
    assert trace.format_span_id(span.parent.span_id) == parent
    assert span.attributes is not None
    assert span.attributes["url.query"] == "text=REDACTED&limit=REDACTED"
    assert "张三" not in str(dict(span.attributes))
