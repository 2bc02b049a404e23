"""How a contradiction is reported."""

from uuid import UUID

from pydantic import Field

from contracts.dates import RequestDay
from runtime.requests import FROM, TO, Request, Text


class ReportContradiction(Request):
    """Either a figure of attainment, named as its explanation is, or an opportunity."""

    metric: str | None = Field(None, description="code of the metric", examples=["sales_amount"])
    period: str | None = Field(None, description="code of a period of the calendar", examples=["2026-Q3"])
    starts_on: RequestDay | None = Field(None, description=FROM)
    ends_on: RequestDay | None = Field(None, description=TO)
    unit_id: UUID | None = None
    unit_code: str | None = None
    person_id: UUID | None = None
    person_code: str | None = None
    opportunity_id: UUID | None = None
    said: Text | None = Field(None, description="what you know instead; free text; stands in no event")
