"""The rows of leads, their contacts, and the notes beside their facts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from contracts.companies import company_key
from contracts.leads import (
    ContactLogged,
    Intent,
    Lead,
    LeadAssigned,
    LeadCaptured,
    LeadConverted,
    LeadDiscarded,
    LeadOutcomeLearnt,
    LeadReleased,
    LeadState,
    Outcome,
)
from leads.leads.identity import Identity, identities
from leads.leads.rules import IMPORT, MANUAL, Standing
from leads.rows import KeyedRow, Row
from runtime.columns import INSTANT, JSON, MONEY, TEXT

LEAD_COLUMNS = {name: "id" if name == "lead_id" else name for name in Lead.model_fields}
"""The fields of a lead's facts and the columns that hold them."""

_WORKED_ON = "state in ('open', 'qualified')"


def _identity(column: str) -> Index:
    return Index(f"lead_{column}_key", column, unique=True, postgresql_where=text("state <> 'discarded'"))


class LeadRow(KeyedRow, table=True):
    """A lead as it stands. Contact name, phone, e-mail, remark and `extra` are in no event.

    `phone`, `email` and `credit_code` are normalised and name at most one lead that is not discarded; `phone_text`
    keeps what an import said and no number can be. `pooled_at`: since when it last lay in the pool, owned by nobody.
    """

    __tablename__ = "lead"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        _identity("phone"),
        _identity("email"),
        _identity("credit_code"),
        Index("lead_company", "company", postgresql_using="gin", postgresql_ops={"company": "gin_trgm_ops"}),
        Index(
            "lead_contact_name",
            "contact_name",
            postgresql_using="gin",
            postgresql_ops={"contact_name": "gin_trgm_ops"},
        ),
        Index("lead_owner_id", "owner_id", "captured_at", "id"),
        Index("lead_captured_at", "captured_at", "id"),
        Index("lead_last_contact_at", "last_contact_at", "id"),
        Index("lead_channel", "channel", "captured_at", "id"),
        Index("lead_company_key", "company_key"),
        Index("lead_pool", "captured_at", "id", postgresql_where=text(f"owner_id is null and {_WORKED_ON}")),
        Index(
            "lead_due",
            "touched_at",
            "id",
            postgresql_where=text(f"owner_id is not null and {_WORKED_ON} and touched_at is not null"),
        ),
        Index("lead_opportunity_id", "opportunity_id", unique=True),
    )

    owner_id: UUID | None = None
    channel: str = Field(sa_type=TEXT, foreign_key="channel.code")
    campaign: str | None = Field(default=None, sa_type=TEXT, foreign_key="campaign.code")
    company: str | None = Field(default=None, sa_type=TEXT)
    company_key: str | None = Field(default=None, sa_type=TEXT)
    credit_code: str | None = Field(default=None, sa_type=TEXT)
    product_line: str | None = Field(default=None, sa_type=TEXT)
    level: str | None = Field(default=None, sa_type=TEXT)
    intent: str = Field(sa_type=TEXT)
    state: str = Field(sa_type=TEXT)
    captured_on: date
    valid: bool
    validity_version: int
    imported: bool = Field(default=False, description="its last change was history from an import")

    contact_name: str | None = Field(default=None, sa_type=TEXT)
    phone: str | None = Field(default=None, sa_type=TEXT)
    phone_text: str | None = Field(default=None, sa_type=TEXT)
    email: str | None = Field(default=None, sa_type=TEXT)
    remark: str | None = Field(default=None, sa_type=TEXT)
    extra: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)

    captured_at: datetime = Field(sa_type=INSTANT)
    discard_reason: str | None = Field(default=None, sa_type=TEXT)
    assigned_at: datetime | None = Field(default=None, sa_type=INSTANT)
    assigned_by: str | None = Field(default=None, sa_type=TEXT, description="the rule that decided")
    pooled_at: datetime | None = Field(default=None, sa_type=INSTANT)
    released_at: datetime | None = Field(default=None, sa_type=INSTANT)
    touched_at: datetime | None = Field(
        default=None,
        sa_type=INSTANT,
        description="the last live assignment or contact: from it on the pool waits",
    )
    first_contact_at: datetime | None = Field(default=None, sa_type=INSTANT)
    last_contact_at: datetime | None = Field(default=None, sa_type=INSTANT)
    first_visit_at: datetime | None = Field(default=None, sa_type=INSTANT)
    converted_at: datetime | None = Field(default=None, sa_type=INSTANT)
    opportunity_id: UUID | None = None
    outcome: str | None = Field(default=None, sa_type=TEXT)
    outcome_at: datetime | None = Field(default=None, sa_type=INSTANT)
    outcome_amount: Decimal | None = Field(default=None, sa_type=MONEY)
    outcome_currency: str | None = Field(default=None, sa_type=TEXT)

    @property
    def identities(self) -> list[Identity]:
        """How it is known."""
        return identities(self.phone, self.email, self.credit_code)

    def standing(self) -> Standing:
        """The row as the rules see it."""
        values = {field: getattr(self, column) for field, column in LEAD_COLUMNS.items()}
        values |= {"intent": Intent(self.intent), "state": LeadState(self.state)}
        return Standing(
            Lead.model_construct(**values),
            self.captured_at,
            reachable=bool(self.phone or self.email),
            discard_reason=self.discard_reason,
            contacted=self.first_contact_at is not None,
            visited=self.first_visit_at is not None,
        )

    def take(self, event: Lead) -> None:
        """Makes the row what a fact says that was just recorded for it."""
        if event.company != self.__dict__.get("company"):
            self.company_key = company_key(event.company) if event.company else None
        for field, column in LEAD_COLUMNS.items():
            # An import sets them by the ten thousand, and a mapped attribute is slow to set.
            if (value := getattr(event, field)) != getattr(self, column, None):
                setattr(self, column, value)
        match event:
            case LeadCaptured():
                self.captured_at = self.latest
                self._owned(event, None)
            case LeadAssigned() | LeadReleased():
                self._owned(event, event.rule)
            case LeadDiscarded():
                self.discard_reason = event.reason_code
            case ContactLogged():
                self._contacted(event)
            case LeadConverted():
                self.converted_at, self.opportunity_id = self.latest, event.opportunity_id
                self.outcome = Outcome.open
            case LeadOutcomeLearnt():
                self.outcome, self.outcome_at = event.outcome, self.latest
                self.outcome_amount, self.outcome_currency = event.amount, event.currency

    def _owned(self, event: Lead, rule: str | None) -> None:
        if event.owner_id is None:
            self.pooled_at, self.assigned_by = self.latest, None
            if isinstance(event, LeadReleased):
                self.released_at = self.latest
        else:
            self.assigned_at = self.latest
            self.assigned_by = rule or (IMPORT if event.imported else MANUAL)
        self.touched_at = None if event.owner_id is None or event.imported else self.latest

    def _contacted(self, event: ContactLogged) -> None:
        self.first_contact_at = self.first_contact_at or self.latest
        self.last_contact_at = self.latest
        if event.first_visit:
            self.first_visit_at = self.latest
        if not event.imported and self.owner_id is not None:
            self.touched_at = self.latest


class Contact(Row, table=True):
    """A contact with a lead, or the attempt. `summary` is free text, which is in no event."""

    __table_args__ = (Index("contact_lead_id", "lead_id", "occurred_at", "id"),)

    id: UUID = Field(primary_key=True)
    lead_id: UUID = Field(foreign_key="lead.id")
    kind: str = Field(sa_type=TEXT)
    outcome: str = Field(sa_type=TEXT)
    occurred_at: datetime = Field(sa_type=INSTANT)
    logged_by_id: UUID | None = None
    summary: str | None = Field(default=None, sa_type=TEXT)


class Note(Row, table=True):
    """What a person wrote beside a fact. It is in no event, so that it can be erased."""

    event_id: UUID = Field(primary_key=True)
    lead_id: UUID = Field(foreign_key="lead.id", index=True)
    text: str = Field(sa_type=TEXT)
