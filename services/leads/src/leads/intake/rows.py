"""The rows that come in by the batch."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from contracts.fields import AddressCode, Code, ReasonCode
from contracts.leads import Intent
from contracts.opportunities import LossReason
from leads.leads.commands import (
    REGION,
    AssignLead,
    CaptureLead,
    ChangeIntent,
    ChangeLead,
    ClaimLead,
    ConvertLead,
    Discard,
    LogContact,
    Qualify,
    ReleaseLead,
)
from runtime import broken_rule
from runtime.batch import BatchOfVerbs
from runtime.requests import CurrencyCode, ExternalId, Moment, NonNegativeAmount, Request, Text

MOST_EXTRA = 100
"""Columns that mean nothing here."""


class OnLead(BaseModel, defer_build=True):
    """Which lead a verb is about, and at which version, if that matters."""

    lead_id: UUID
    version: int | None = Field(None, ge=0, description="as If-Match: refused when it stands at another")


class CaptureRow(CaptureLead, defer_build=True):
    verb: Literal["capture"]


class ChangeRow(ChangeLead, OnLead):
    verb: Literal["change"]


class QualifyRow(Qualify, OnLead):
    verb: Literal["qualify"]


class DiscardRow(Discard, OnLead):
    verb: Literal["discard"]


class ChangeIntentRow(ChangeIntent, OnLead):
    verb: Literal["change_intent"]


class AssignRow(AssignLead, OnLead):
    verb: Literal["assign"]


class ClaimRow(ClaimLead, OnLead):
    verb: Literal["claim"]


class ReleaseRow(ReleaseLead, OnLead):
    verb: Literal["release"]


class ConvertRow(ConvertLead, OnLead):
    verb: Literal["convert"]


class LogContactRow(LogContact, OnLead):
    verb: Literal["log_contact"]


VerbRow = Annotated[
    CaptureRow
    | ChangeRow
    | QualifyRow
    | DiscardRow
    | ChangeIntentRow
    | AssignRow
    | ClaimRow
    | ReleaseRow
    | ConvertRow
    | LogContactRow,
    Field(discriminator="verb"),
]


class VerbBatch(BatchOfVerbs[VerbRow]):
    """Verbs on leads, done in their order."""


class HistoryRow(Request):
    """A lead as another system has it, under its key there."""

    source: Code
    external_id: ExternalId
    captured_at: Moment
    channel: AddressCode = Field(description="defined on the way where it is unknown")
    campaign: AddressCode | None = None
    company: str | None = Field(None, min_length=1, max_length=200)
    credit_code: str | None = Field(None, max_length=40)
    contact_name: str | None = Field(None, min_length=1, max_length=200)
    phone: str | None = Field(None, min_length=1, max_length=60)
    email: str | None = Field(None, min_length=1, max_length=254)
    region: str = REGION
    product_line: Code | None = None
    level: Code | None = None
    intent: Intent = Intent.unknown
    owner_code: Code | None = Field(None, description="code of the person who works on it")
    remark: Text | None = None
    first_contact_at: Moment | None = None
    first_visit_at: Moment | None = None
    state: Literal["open", "qualified", "discarded", "converted"] = "open"
    discard_reason: ReasonCode | None = Field(None, description="`not_recorded` unless given")
    outcome: Literal["won", "lost"] | None = Field(None, description="how its opportunity ended")
    closed_at: Moment | None = Field(None, description="when it ended")
    amount: NonNegativeAmount | None = None
    currency: CurrencyCode | None = Field(None, description="the reporting currency unless given")
    loss_reason: LossReason | None = Field(None, description="`not_recorded` unless given")
    extra: dict[str, Any] = Field(
        default_factory=dict,
        max_length=MOST_EXTRA,
        description="columns that mean nothing here, kept as they are",
    )

    @model_validator(mode="after")
    def _ended_when_ended(self) -> Self:
        if (self.closed_at is None) is not (self.outcome is None):
            raise broken_rule(
                "closed_at_with_outcome",
                en="closed_at is needed when outcome is given, and only then",
                zh="填写 outcome 时必须填写 closed_at,否则不得填写",
            )
        if self.outcome is not None and self.state == "discarded":
            raise broken_rule(
                "outcome_of_discarded",
                en="a discarded lead has no outcome",
                zh="已废弃的线索不能有 outcome",
            )
        return self

    @property
    def key(self) -> tuple[str, str]:
        """Its key."""
        return self.source, self.external_id

    @property
    def converted(self) -> bool:
        """Whether it became an opportunity."""
        return self.state == "converted" or self.outcome is not None
