"""The problem as it is sent (RFC 9457), and how a refusal becomes one."""

from typing import Any, Literal

from opentelemetry import trace
from pydantic import BaseModel, Field

from contracts.refusal import Language, Refusal
from runtime.language import spoken

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "urn:attain:problem"

Place = Literal["body", "query", "path", "header"]


class FieldProblem(BaseModel):
    """One value that broke a rule."""

    place: Place = Field("body", description="where the value stood")
    pointer: str = Field(description="JSON Pointer to the value (RFC 6901)", examples=["/items/0/amount"])
    code: str = Field(description="the rule; stable", examples=["greater_than_equal"])
    detail: str = Field(description="what is wrong, in the language of the answer")
    allowed: dict[str, Any] | None = Field(
        None, description="what the rule would take", examples=[{"ge": "0"}]
    )


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(examples=[f"{TYPE_BASE}:stale_version"])
    code: str = Field(description="stable; see the code list", examples=["stale_version"])
    title: str
    status: int = Field(examples=[412])
    detail: str
    instance: str | None = Field(None, description="path of the request")
    errors: list[FieldProblem] | None = Field(None, description="one entry for each value that broke a rule")
    trace_id: str | None = Field(None, description="finds the request in logs and traces")


def problem(
    refusal: Refusal,
    *,
    instance: str | None = None,
    errors: list[FieldProblem] | None = None,
    language: Language | None = None,
) -> Problem:
    """The refusal in the language of the request (or the one given), with the trace that it happened in."""
    language = language or spoken()
    detail = refusal.detail(language)
    if errors is None and refusal.pointer is not None:
        errors = [FieldProblem(pointer=refusal.pointer, code=refusal.code, detail=detail)]
    return Problem(
        type=f"{TYPE_BASE}:{refusal.code}",
        code=refusal.code,
        title=refusal.title(language),
        status=refusal.status,
        detail=detail,
        instance=instance,
        errors=errors,
        trace_id=trace_id(),
    )


def trace_id() -> str | None:
    """The trace of the current request, 32 hexadecimal digits; None outside of one."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else None
