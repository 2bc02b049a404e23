"""What can be asked of an incident."""

from uuid import UUID

from pydantic import Field

from contracts.dates import RequestInstant
from contracts.fields import ReasonCode
from runtime.requests import Request, Text


class Acknowledge(Request):
    """Takes it up."""


class Snooze(Request):
    """Lets it wait."""

    until: RequestInstant = Field(description="afterwards it is open again, and escalates")


class AssignIncident(Request):
    """Gives it to another."""

    assignee_id: UUID


class CompleteStep(Request):
    """A step of the response flow is done."""

    finding_code: ReasonCode = Field(examples=["competitor_price_cut"])
    note: Text | None = None


class Resolve(Request):
    """Says what came of it."""

    outcome_code: ReasonCode = Field(examples=["coaching"])
    note: Text | None = None
