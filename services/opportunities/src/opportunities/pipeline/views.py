"""What is answered about opportunities and pipelines."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from contracts.money import Amount
from contracts.opportunities import Stage
from runtime import View


class OpportunityView(View):
    """An opportunity as it stands."""

    id: UUID
    title: str | None
    customer_id: UUID | None
    customer_name: str | None
    owner_id: UUID
    owner_name: str | None
    pipeline: str
    pipeline_version: int
    stage: str = Field(description="the stage that it stands in, or was closed from")
    stage_since: datetime
    state: str = Field(description="open, won, lost or voided")
    product_line: str | None
    channel: str | None
    amount: Amount | None = Field(description="expected; once won, as signed")
    currency: str
    expected_close_on: date | None
    opened_at: datetime
    closed_at: datetime | None
    loss_reason: str | None
    lead_id: UUID | None = Field(description="the lead that it was")
    imported: bool = Field(description="its last change was history from an import")
    source: str | None
    external_id: str | None


class PipelineView(View):
    """A version of a pipeline."""

    code: str
    pipeline_version: int
    name_en: str
    name_zh: str
    stages: list[Stage]
    allows_skip: bool
    allows_step_back: bool
    defined_at: datetime
