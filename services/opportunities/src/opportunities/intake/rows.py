"""The rows that come in by the batch."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from contracts.dates import RequestDay
from contracts.fields import Code
from contracts.opportunities import LossReason
from opportunities.activities.commands import LogInteraction
from opportunities.objections.commands import AnswerObjectionOf, RaiseObjection
from opportunities.payments.commands import RecordReceipt
from opportunities.pipeline.commands import (
    DEFAULT_PIPELINE,
    ChangeOpportunity,
    ChangeOwner,
    ChangeStage,
    Lose,
    OpenOpportunity,
    Reopen,
    Void,
    Win,
)
from runtime import broken_rule
from runtime.batch import BatchOfVerbs
from runtime.requests import CurrencyCode, ExternalId, Moment, NonNegativeAmount, Request, Title


class OnOpportunity(BaseModel, defer_build=True):
    """Which opportunity a verb is about, and at which version, if that matters."""

    opportunity_id: UUID
    version: int | None = Field(None, ge=0, description="as If-Match: refused when it stands at another")


class OpenRow(OpenOpportunity, defer_build=True):
    verb: Literal["open"]


class ChangeRow(ChangeOpportunity, OnOpportunity):
    verb: Literal["change"]


class ChangeStageRow(ChangeStage, OnOpportunity):
    verb: Literal["change_stage"]


class ChangeOwnerRow(ChangeOwner, OnOpportunity):
    verb: Literal["change_owner"]


class WinRow(Win, OnOpportunity):
    verb: Literal["win"]


class LoseRow(Lose, OnOpportunity):
    verb: Literal["lose"]


class ReopenRow(Reopen, OnOpportunity):
    verb: Literal["reopen"]


class VoidRow(Void, OnOpportunity):
    verb: Literal["void"]


class LogInteractionRow(LogInteraction, OnOpportunity):
    verb: Literal["log_interaction"]


class RaiseObjectionRow(RaiseObjection, OnOpportunity):
    verb: Literal["raise_objection"]


class AnswerObjectionRow(AnswerObjectionOf, OnOpportunity):
    verb: Literal["answer_objection"]


class RecordReceiptRow(RecordReceipt, OnOpportunity):
    verb: Literal["record_receipt"]


VerbRow = Annotated[
    OpenRow
    | ChangeRow
    | ChangeStageRow
    | ChangeOwnerRow
    | WinRow
    | LoseRow
    | ReopenRow
    | VoidRow
    | LogInteractionRow
    | RaiseObjectionRow
    | AnswerObjectionRow
    | RecordReceiptRow,
    Field(discriminator="verb"),
]


class VerbBatch(BatchOfVerbs[VerbRow]):
    """Verbs on opportunities, done in their order."""


class HistoryRow(Request):
    """An opportunity as another system has it, under its key there."""

    source: Code
    external_id: ExternalId
    title: Title | None = None
    owner_code: Code = Field(description="code of the person who owns it")
    customer_external_id: ExternalId | None = Field(
        None, description="key of the customer in the same source"
    )
    pipeline: Code = DEFAULT_PIPELINE
    product_line: Code | None = None
    channel: Code | None = None
    opened_at: Moment
    stage: Code | None = Field(None, description="stage that it stands in or was closed from; else the first")
    state: Literal["open", "won", "lost"] = "open"
    closed_at: Moment | None = None
    amount: NonNegativeAmount | None = None
    currency: CurrencyCode | None = Field(None, description="the reporting currency unless given")
    loss_reason: LossReason | None = Field(None, description="`not_recorded` unless given")
    expected_close_on: RequestDay | None = None

    @model_validator(mode="after")
    def _closed_when_closed(self) -> Self:
        if (self.closed_at is None) is not (self.state == "open"):
            raise broken_rule(
                "closed_at_with_state",
                en="closed_at is needed when state is won or lost, and only then",
                zh="state 为 won 或 lost 时必须填写 closed_at,否则不得填写",
            )
        if self.loss_reason is not None and self.state != "lost":
            raise broken_rule(
                "loss_reason_with_lost",
                en="loss_reason is allowed only when state is lost",
                zh="仅当 state 为 lost 时可以填写 loss_reason",
            )
        return self

    @property
    def key(self) -> tuple[str, str]:
        """Its key."""
        return self.source, self.external_id

    @property
    def customer_key(self) -> tuple[str, str] | None:
        """Its customer's key."""
        return (self.source, self.customer_external_id) if self.customer_external_id else None
