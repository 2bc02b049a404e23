"""The rows of pipelines, their versions, opportunities, and the notes beside their facts."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from contracts.opportunities import Deal, OpportunityLost, OpportunityOpened, PipelineDefined
from opportunities.pipeline.rules import Standing, State
from opportunities.pipeline.rules.standing import state_after
from opportunities.rows import KeyedRow, RootRow, Row
from runtime.columns import INSTANT, JSON, MONEY, TEXT

DEAL_COLUMNS = {name: "id" if name == "opportunity_id" else name for name in Deal.model_fields}
"""The fields of a deal and the columns that hold them."""


def standing_of(column: Callable[[str], Any]) -> Standing:
    """A row of opportunities as the rules see it, given the values of its columns."""
    deal = Deal.model_construct(**{field: column(name) for field, name in DEAL_COLUMNS.items()})
    return Standing(deal, State(column("state")), column("opened_event_id"), column("closed_event_id"))


class Pipeline(RootRow, table=True):
    """A pipeline by its code; `current_version` is what new opportunities are opened under."""

    code: str = Field(primary_key=True, sa_type=TEXT)
    current_version: int = 0

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return f"pipeline:{self.code}"


class PipelineVersion(Row, table=True):
    """One version of a pipeline, never changed: opportunities stay under the one they were opened with."""

    __tablename__ = "pipeline_version"

    pipeline: str = Field(primary_key=True, sa_type=TEXT, foreign_key="pipeline.code")
    version: int = Field(primary_key=True)
    definition: dict[str, Any] = Field(sa_type=JSON)
    defined_at: datetime = Field(sa_type=INSTANT)

    def rules(self) -> PipelineDefined:
        """The version as the rules read it."""
        return PipelineDefined.model_validate(self.definition)


class Opportunity(KeyedRow, table=True):
    """An opportunity as it stands. `title` and `source_row` hold free text, which is in no event."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["pipeline", "pipeline_version"], ["pipeline_version.pipeline", "pipeline_version.version"]
        ),
        UniqueConstraint("source", "external_id"),
        Index("opportunity_title", "title", postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}),
        Index("opportunity_owner_id_opened_at", "owner_id", "opened_at", "id"),
        Index("opportunity_opened_at", "opened_at", "id"),
        Index("opportunity_closed_at", "closed_at", "id"),
        Index("opportunity_expected_close_on", "expected_close_on", "id"),
        Index("opportunity_amount", "amount", "id"),
        Index("opportunity_stage_since", "stage_since", "id"),
        Index("opportunity_stage_state", "stage", "state"),
    )

    title: str | None = Field(default=None, sa_type=TEXT)
    customer_id: UUID | None = Field(default=None, foreign_key="customer.id", index=True)
    owner_id: UUID
    pipeline: str = Field(sa_type=TEXT)
    pipeline_version: int
    stage: str = Field(sa_type=TEXT)
    product_line: str | None = Field(default=None, sa_type=TEXT)
    channel: str | None = Field(default=None, sa_type=TEXT)
    amount: Decimal | None = Field(default=None, sa_type=MONEY)
    currency: str = Field(sa_type=TEXT)
    expected_close_on: date | None = None
    lead_id: UUID | None = Field(default=None, unique=True, description="the lead that it was")
    imported: bool = Field(default=False, description="its last change was history from an import")
    state: str = Field(default=State.open, sa_type=TEXT)
    opened_at: datetime = Field(sa_type=INSTANT)
    opened_event_id: UUID
    stage_since: datetime = Field(sa_type=INSTANT)
    closed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    closed_event_id: UUID | None = None
    loss_reason: str | None = Field(default=None, sa_type=TEXT)

    @classmethod
    def opened_by(cls, event: Deal, **own: Any) -> Self:
        """The row of what a fact opens, which is to be recorded and taken next."""
        deal = vars(event)
        return cls.before_opening(**{column: deal[field] for field, column in DEAL_COLUMNS.items()}, **own)

    def standing(self) -> Standing:
        """The row as the rules see it."""
        return standing_of(partial(getattr, self))

    def take(self, event: Deal, event_id: UUID) -> None:
        """Makes the row what a fact says that was just recorded for it."""
        if isinstance(event, OpportunityOpened):  # the row was made of it
            self.opened_at = self.stage_since = self.latest
            self.opened_event_id = event_id
            return
        before, entered = State(self.state), event.stage != self.stage
        for field, column in DEAL_COLUMNS.items():
            # A batch sets them by the thousand, and a mapped attribute is slow to set.
            if (value := getattr(event, field)) != getattr(self, column):
                setattr(self, column, value)
        if entered:
            self.stage_since = self.latest
        if (after := state_after(event, before)) is not before:
            self._stand(after, event, event_id)

    def _stand(self, state: State, event: Deal, event_id: UUID) -> None:
        self.state = state
        self.closed_at = None if state is State.open else self.latest
        self.closed_event_id = event_id if state in (State.won, State.lost) else None
        self.loss_reason = event.reason_code if isinstance(event, OpportunityLost) else None


class Note(Row, table=True):
    """What a person wrote beside a fact. It is in no event, so that it can be erased."""

    event_id: UUID = Field(primary_key=True)
    opportunity_id: UUID = Field(foreign_key="opportunity.id", index=True)
    text: str = Field(sa_type=TEXT)
