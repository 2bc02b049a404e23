"""Trace context (W3C traceparent): from the request through ledger and Kafka to whoever hears the fact."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()
_TRACER = trace.get_tracer("messaging")


def current_traceparent() -> str | None:
    """The traceparent of the span in which this code runs, or None outside of one."""
    here = trace.get_current_span().get_span_context()
    # As the propagator writes it, which takes ten times as long: a batch states a thousand facts.
    return f"00-{here.trace_id:032x}-{here.span_id:016x}-{here.trace_flags:02x}" if here.is_valid else None


@contextmanager
def hearing(name: str, traceparents: Iterable[str | None], **attributes: str | int) -> Iterator[Span]:
    """A consumer's span. It is the child of the one trace that led here; of several it is linked to each."""
    contexts = [_context(each) for each in list(dict.fromkeys(filter(None, traceparents)))[:_MOST_LINKS]]
    parent = contexts[0] if len(contexts) == 1 else None
    links = [Link(trace.get_current_span(each).get_span_context()) for each in contexts]
    with _TRACER.start_as_current_span(
        name,
        context=parent,
        kind=SpanKind.CONSUMER,
        links=[] if parent else links,
        attributes={f"messaging.{key}": value for key, value in attributes.items()},
    ) as span:
        yield span


def _context(traceparent: str) -> Context:
    return _PROPAGATOR.extract({"traceparent": traceparent}, context=Context())


_MOST_LINKS = 32
"""A batch of thousands of events would make a span larger than the batch."""
