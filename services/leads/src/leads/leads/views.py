"""What is answered about leads and contacts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.leads import ContactKind, ContactOutcome
from contracts.money import Amount
from runtime import View

PERSONAL = ("contact_name", "phone", "phone_text", "email", "remark")
"""What is hidden from those who may not learn who the contact is."""

_HIDDEN = "; null where it is hidden: in the pool until somebody claims it, and from programs"


class LeadView(View):
    """A lead as it stands."""

    id: UUID
    owner_id: UUID | None = Field(description="null: in the pool, or waiting for an assignment")
    owner_name: str | None
    state: str = Field(description="open, qualified, discarded or converted")
    channel: str
    campaign: str | None
    company: str | None
    credit_code: str | None
    contact_name: str | None = Field(description=f"who the contact is{_HIDDEN}")
    phone: str | None = Field(description=f"E.164{_HIDDEN}")
    phone_text: str | None = Field(description=f"what an import said and no number can be{_HIDDEN}")
    email: str | None = Field(description=f"normalised{_HIDDEN}")
    remark: str | None = Field(description=f"free text{_HIDDEN}")
    personal_hidden: bool = Field(description="who the contact is, is not shown to you")
    product_line: str | None
    level: str | None
    intent: str = Field(description="high, medium, low or unknown")
    valid: bool = Field(description="a valid lead 有效线索 by the version named")
    validity_version: int
    captured_at: datetime
    captured_on: date = Field(description="the business day of the capture")
    assigned_at: datetime | None
    assigned_by: str | None = Field(description="the rule that decided; manual, claim or import")
    pooled_at: datetime | None = Field(description="since when it lay in the pool last")
    first_contact_at: datetime | None
    first_response_seconds: int | None = Field(description="from the capture to the first contact")
    last_contact_at: datetime | None
    first_visit_at: datetime | None = Field(description="first completed visit, meeting or demo 初访")
    discard_reason: str | None
    converted_at: datetime | None
    opportunity_id: UUID | None
    outcome: str | None = Field(description="of its opportunity: open, won, lost or void")
    outcome_at: datetime | None
    outcome_amount: Amount | None = Field(description="signed, when won")
    outcome_currency: str | None
    imported: bool = Field(description="its last change was history from an import")
    source: str | None
    external_id: str | None
    extra: dict[str, Any] = Field(description="columns of an import that mean nothing here, as they were")


class CapturedLead(LeadView):
    """The lead of a capture."""

    matched: str | None = Field(
        description="phone, email or credit_code where the lead was there already and nothing was captured"
    )


class ContactView(BaseModel):
    """A contact with a lead, or the attempt."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    lead_id: UUID
    kind: ContactKind
    outcome: ContactOutcome
    occurred_at: datetime
    logged_by_id: UUID | None = Field(description="the person who logged it; null for a program")
    summary: str | None = Field(description="null where it is hidden")


class ContactAnswer(ContactView):
    """A contact that was just logged."""

    token: str = Field(description="consistency token: a report that is given it has heard the contact")
