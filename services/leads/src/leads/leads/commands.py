"""What can be asked of a lead: the bodies of the verbs, alone and in a batch."""

from uuid import UUID

from pydantic import Field, model_validator

from contracts.dates import RequestDay
from contracts.fields import AddressCode, Code, ReasonCode
from contracts.leads import ContactKind, ContactOutcome, Intent
from leads.leads.identity import DEFAULT_REGION
from runtime import broken_rule
from runtime.requests import CurrencyCode, NonNegativeAmount, Request, Text, Verb

REGION = Field(
    DEFAULT_REGION,
    pattern="^[A-Z]{2}$",
    description="ISO 3166-1: where a number without country code is dialled",
)


class CaptureLead(Verb):
    """A new lead. Who the contact is stays in this service."""

    channel: AddressCode
    campaign: AddressCode | None = None
    company: str | None = Field(None, min_length=1, max_length=200)
    credit_code: str | None = Field(
        None, max_length=40, description="unified social credit code 统一社会信用代码"
    )
    contact_name: str | None = Field(None, min_length=1, max_length=200)
    phone: str | None = Field(None, min_length=1, max_length=60)
    email: str | None = Field(None, min_length=1, max_length=254)
    region: str = REGION
    product_line: Code | None = None
    level: Code | None = None
    intent: Intent = Intent.unknown
    owner_id: UUID | None = Field(None, description="without one the rules of assignment decide")
    remark: Text | None = None


class ChangeLead(Verb):
    """Changes what is given and leaves the rest; null clears."""

    channel: AddressCode | None = None
    campaign: AddressCode | None = None
    company: str | None = Field(None, min_length=1, max_length=200)
    credit_code: str | None = Field(None, max_length=40)
    contact_name: str | None = Field(None, min_length=1, max_length=200)
    phone: str | None = Field(None, min_length=1, max_length=60)
    email: str | None = Field(None, min_length=1, max_length=254)
    region: str = REGION
    product_line: Code | None = None
    level: Code | None = None
    remark: Text | None = None

    @model_validator(mode="after")
    def _not_cleared(self) -> "ChangeLead":
        if "channel" in self.model_fields_set and self.channel is None:
            raise broken_rule("not_clearable", en="channel cannot be null", zh="channel 不能为空")
        return self


class ChangeIntent(Verb):
    """Judges the intent otherwise."""

    intent: Intent
    note: Text | None = None


class Qualify(Verb):
    """The lead is worth working on."""


class Discard(Verb):
    """It comes to nothing."""

    reason_code: ReasonCode = Field(examples=["no_need"])
    note: Text | None = None


class AssignLead(Verb):
    """Gives it to a person, or lets the rules of assignment decide."""

    owner_id: UUID | None = Field(None, description="without one the rules decide")


class ClaimLead(Request):
    """Takes it out of the pool."""


class ReleaseLead(Verb):
    """Back to the pool."""

    reason_code: ReasonCode = Field(examples=["no_contact"])


class ConvertLead(Verb):
    """It becomes an opportunity."""

    amount: NonNegativeAmount | None = Field(None, description="expected amount")
    currency: CurrencyCode | None = Field(None, description="the reporting currency unless given")
    expected_close_on: RequestDay | None = None


class LogContact(Verb):
    """A contact with the lead, or the attempt."""

    kind: ContactKind
    outcome: ContactOutcome = ContactOutcome.completed
    summary: Text | None = None
