"""What can be asked of an opportunity: the bodies of the verbs, alone and in a batch."""

from uuid import UUID

from pydantic import Field, model_validator

from contracts.dates import RequestDay
from contracts.fields import AddressCode, Code, ReasonCode
from contracts.opportunities import LossReason, Stage, Undone
from runtime import broken_rule
from runtime.requests import CurrencyCode, NonNegativeAmount, Request, Text, Title, Verb

DEFAULT_PIPELINE = "default"


class OpenOpportunity(Verb):
    """Opens an opportunity in the first stage of a pipeline's current version."""

    title: Title
    owner_id: UUID | None = Field(None, description="the caller unless given")
    customer_id: UUID | None = None
    pipeline: Code = DEFAULT_PIPELINE
    product_line: Code | None = None
    channel: Code | None = None
    amount: NonNegativeAmount | None = Field(None, description="expected amount")
    currency: CurrencyCode | None = Field(None, description="the reporting currency unless given")
    expected_close_on: RequestDay | None = None


class ChangeOpportunity(Verb):
    """Changes what is given and leaves the rest; null clears."""

    title: Title | None = None
    customer_id: UUID | None = None
    product_line: Code | None = None
    channel: Code | None = None
    amount: NonNegativeAmount | None = None
    currency: CurrencyCode | None = None
    expected_close_on: RequestDay | None = None

    @model_validator(mode="after")
    def _not_cleared(self) -> "ChangeOpportunity":
        for field in ("title", "currency"):
            if field in self.model_fields_set and getattr(self, field) is None:
                raise broken_rule("not_clearable", en=f"{field} cannot be null", zh=f"{field} 不能为空")
        return self


class ChangeStage(Verb):
    """Moves to the next stage; with a reason an authorised role may skip or step back."""

    stage: Code
    reason_code: ReasonCode | None = Field(None, description="why a stage is skipped or returned to")
    note: Text | None = None


class ChangeOwner(Verb):
    """Gives it to another person."""

    owner_id: UUID


class Win(Verb):
    """The contract is signed. Without an amount the expected one is taken."""

    amount: NonNegativeAmount | None = None
    currency: CurrencyCode | None = None


class Lose(Verb):
    """It is lost, for a reason of the list (S80)."""

    reason_code: LossReason
    note: Text | None = None


class Reopen(Verb):
    """A lost opportunity is taken up again."""

    reason_code: ReasonCode
    note: Text | None = None


class Void(Verb):
    """Undoes a wrong win, loss or opportunity."""

    undone: Undone
    reason_code: ReasonCode
    note: Text | None = None


class DefineStage(Stage):
    """A stage of a pipeline, in the order in which opportunities pass them."""

    expected_dwell_days: int = Field(ge=0, le=3_650, examples=[14])


class DefinePipeline(Request):
    """A new pipeline, or the next version of one; in force for the opportunities opened from now on."""

    code: AddressCode
    name_en: str = Field(min_length=1, max_length=200)
    name_zh: str = Field(min_length=1, max_length=200)
    stages: list[DefineStage] = Field(min_length=1, max_length=40)
    allows_skip: bool = False
    allows_step_back: bool = False
